use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("visits", read_only, write_only)]
    visits: Option<u32>,
}

fn main() {}
