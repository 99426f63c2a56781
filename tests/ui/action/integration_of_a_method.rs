use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("find_jobs", for = Jobs)]
    async fn find_jobs(&self) {}
}

fn main() {}
