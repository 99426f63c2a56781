use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action(pattern = r"find_(?<what>\w+)")]
    async fn find(&self) {}

    #[botmatic::action(pattern = r"find_(?<what>\w+)")]
    async fn search(&self) {}
}

fn main() {}
