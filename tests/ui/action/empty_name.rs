use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("")]
    async fn find_jobs(&self) {}
}

fn main() {}
