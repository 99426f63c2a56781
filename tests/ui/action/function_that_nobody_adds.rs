#![deny(dead_code)]

use botmatic_contact::prelude::*;

#[botmatic::action("ping")]
async fn ping() -> &'static str {
    "pong"
}

fn main() {
    let _called = ping();
}
