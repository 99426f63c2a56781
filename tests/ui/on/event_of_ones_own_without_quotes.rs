use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on(custom)]
    async fn heard(&self) {}
}

fn main() {}
