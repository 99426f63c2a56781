use botmatic_contact::prelude::*;

#[derive(Debug, ContactMapping)]
struct Candidate {
    #[contact(id)]
    id: u64,
    name: String,
}

fn main() {
    assert_round_trip!(Candidate);
}
