use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
enum Candidate {
    Known { id: u64 },
    Unknown,
}

fn main() {}
