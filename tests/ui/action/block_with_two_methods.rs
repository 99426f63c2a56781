use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::action("find_jobs")]
impl Jobs {
    async fn find(&self) {}

    async fn count(&self) {}
}

fn main() {
    let _service = botmatic::builder(Jobs).build();
}
