use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on("birthday", replace)]
    async fn birthday(&self) {}
}

fn main() {}
