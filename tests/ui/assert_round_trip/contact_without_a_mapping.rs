use botmatic_contact::prelude::*;

#[derive(Debug, PartialEq)]
struct Candidate {
    id: u64,
    name: String,
}

fn main() {
    assert_round_trip!(Candidate);
}
