use botmatic_contact::prelude::*;

struct Jobs;

impl Jobs {
    #[botmatic::on(install)]
    async fn installed(&self) {}
}

fn main() {}
