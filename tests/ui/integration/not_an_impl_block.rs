use botmatic_contact::prelude::*;

#[botmatic::integration]
struct Jobs;

fn main() {}
