use botmatic_contact::prelude::*;

#[derive(PropertyValue)]
enum Rank {
    Junior,
    Senior,
}

#[derive(ContactMapping)]
struct Candidate {
    #[contact(id)]
    id_candidate: u64,
    #[contact("rank", default)]
    rank: Rank,
}

fn main() {}
