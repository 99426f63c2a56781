use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration(part = "search")]
impl Jobs {
    #[botmatic::action("find_jobs")]
    async fn find(&self) {}
}

fn main() {}
