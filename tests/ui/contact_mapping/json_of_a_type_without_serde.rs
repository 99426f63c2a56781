use botmatic_contact::prelude::*;

struct School;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("school", json)]
    school: School,
}

fn main() {}
