use botmatic_contact::prelude::*;

struct Jobs;

struct NoJobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("find_jobs")]
    async fn find_jobs(&self) -> Result<u8, NoJobs> {
        Err(NoJobs)
    }
}

fn main() {}
