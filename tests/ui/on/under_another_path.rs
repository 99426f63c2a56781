use botmatic_contact::botmatic::on;
use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[on(install)]
    async fn installed(&self) {}

    #[botmatic::on(uninstall)]
    async fn gone(&self) {}
}

fn main() {}
