use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("phone")]
    mobile: String,
    phone: Option<String>,
}

fn main() {}
