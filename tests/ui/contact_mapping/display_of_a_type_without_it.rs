use botmatic_contact::prelude::*;

struct Colour;

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("colour", display)]
    colour: Colour,
}

fn main() {}
