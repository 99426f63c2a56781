use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("email", emial)]
    email: String,
    #[contact(firstname)]
    first_name: String,
}

fn main() {}
