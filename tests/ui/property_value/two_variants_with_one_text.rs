use botmatic_contact::prelude::*;

#[derive(PropertyValue)]
#[property(rename_all = "lowercase")]
enum Status {
    Active,
    #[property("active")]
    Working,
}

fn main() {}
