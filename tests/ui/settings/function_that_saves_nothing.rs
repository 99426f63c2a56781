use botmatic_contact::prelude::*;

#[botmatic::settings("/settings", save)]
async fn save() {}

fn main() {}
