use botmatic_contact::prelude::*;

#[derive(PropertyValue)]
enum Status {}

fn main() {}
