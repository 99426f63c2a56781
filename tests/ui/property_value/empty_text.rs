use botmatic_contact::prelude::*;

#[derive(PropertyValue)]
enum Status {
    Active,
    #[property("")]
    Unknown,
}

fn main() {}
