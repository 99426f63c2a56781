use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("set")]
    async fn set(&self, Captures(_): Captures<(String, String)>) {}
}

fn main() {}
