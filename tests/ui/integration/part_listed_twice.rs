use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration(parts(search, search))]
impl Jobs {
    #[botmatic::action("count")]
    async fn count(&self) {}
}

#[botmatic::integration(part = search)]
impl Jobs {
    #[botmatic::action("find_jobs")]
    async fn find(&self) {}
}

fn main() {
    let _service = botmatic::builder(Jobs).build();
}
