use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on("")]
    async fn seat_taken(&self) {}
}

fn main() {}
