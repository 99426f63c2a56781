use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    async fn find_jobs(&self) {}
}

fn main() {}
