use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on(install)]
    const LIMIT: u8 = 3;
}

fn main() {}
