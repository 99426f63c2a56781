use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on(user_reply)]
    async fn heard(&self, _synced: Synced) {}
}

fn main() {}
