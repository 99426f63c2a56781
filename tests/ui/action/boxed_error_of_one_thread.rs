use std::error::Error;

use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("find_jobs")]
    async fn find_jobs(&self) -> Result<u8, Box<dyn Error>> {
        Ok("3".parse()?)
    }
}

fn main() {}
