use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
#[contact(email)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    email: String,
}

fn main() {}
