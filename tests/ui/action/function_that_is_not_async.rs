use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::action("find_jobs")]
fn find_jobs(_jobs: State<Jobs>) {}

#[botmatic::action("count")]
impl Jobs {
    async fn count(&self) {}
}

fn main() {
    let _service = botmatic::builder(Jobs).handlers(find_jobs {}).build();
}
