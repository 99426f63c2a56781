use botmatic_contact::prelude::*;

#[derive(PropertyValue)]
enum Status {
    Active,
    OnLeave { until: u32 },
    Left(u32),
}

fn main() {}
