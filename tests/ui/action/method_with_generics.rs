use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("find_jobs")]
    async fn find_jobs<T: Send>(&self, Params(_): Params<T>) {}

    #[botmatic::action("count")]
    async fn count(&self, _token: impl Into<Token>) {}
}

fn main() {}
