use botmatic_contact::prelude::*;

#[derive(IdValue)]
enum CandidateId {
    Ada,
    Grace,
}

fn main() {}
