use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::action("count")]
impl Jobs {
    async fn count(&self) {}
}

#[botmatic::action("ping")]
async fn ping() -> &'static str {
    "pong"
}

fn main() {
    let _service = botmatic::builder(Jobs).handlers(ping).build();
}
