use botmatic_contact::prelude::*;

struct Jobs;

impl Jobs {
    #[botmatic::action("find_jobs")]
    async fn find_jobs() {}
}

fn main() {}
