use botmatic_contact::prelude::*;

#[derive(PropertyValue)]
#[property(rename_al = "snake_case")]
enum Status {
    #[property(rename = "active")]
    Active,
}

#[derive(PropertyValue)]
#[property(rename_all = "snake-case")]
enum Gender {
    Female,
    Male,
}

fn main() {}
