use botmatic_contact::prelude::*;

#[derive(PropertyValue)]
struct Salary {
    amount: u64,
    currency: String,
}

#[derive(PropertyValue)]
struct Nothing;

fn main() {}
