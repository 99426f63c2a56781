use botmatic_contact::prelude::*;

#[derive(IdValue)]
struct CandidateId(f64);

fn main() {}
