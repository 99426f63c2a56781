use botmatic_contact::prelude::*;

struct Jobs;

struct Query;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("find_jobs")]
    async fn find_jobs(&self, _query: Params<Query>) {}
}

fn main() {}
