use botmatic_contact::prelude::*;

struct School;

#[derive(PropertyValue)]
struct Education(School);

fn main() {}
