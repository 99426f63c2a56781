use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
struct Nobody;

#[derive(ContactMapping)]
struct NobodyEither {}

fn main() {}
