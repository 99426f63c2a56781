use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("email", email, read_only)]
    email: Option<String>,
}

fn main() {}
