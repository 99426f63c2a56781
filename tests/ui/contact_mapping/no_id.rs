use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate {
    id_candidate: u64,
    #[contact("firstname")]
    first_name: String,
}

fn main() {}
