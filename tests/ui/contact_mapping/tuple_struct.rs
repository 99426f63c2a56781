use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Candidate(u64, String);

fn main() {}
