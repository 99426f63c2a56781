use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("last_visit", read_only)]
    last_visit: u32,
}

fn main() {}
