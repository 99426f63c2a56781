use botmatic_contact::prelude::*;

struct Jobs;

struct Job;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("find_job")]
    async fn find_job(&self) -> Job {
        Job
    }
}

fn main() {}
