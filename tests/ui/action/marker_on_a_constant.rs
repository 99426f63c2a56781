use botmatic_contact::prelude::*;

#[botmatic::action("limit")]
const LIMIT: u8 = 3;

fn main() {}
