use botmatic_contact::prelude::*;

struct School {
    name: String,
}

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    school: School,
}

fn main() {}
