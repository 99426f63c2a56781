use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    first_name: String,
    #[contact("last_name")]
    first_name: Option<String>,
}

fn main() {}
