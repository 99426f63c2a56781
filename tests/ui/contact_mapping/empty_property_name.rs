use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("")]
    first_name: String,
    #[contact(" city")]
    city: String,
}

fn main() {}
