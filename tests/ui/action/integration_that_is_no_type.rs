use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::action("find_jobs", for = "Jobs")]
async fn find_jobs() {}

fn main() {
    let _find_jobs = find_jobs {};
}
