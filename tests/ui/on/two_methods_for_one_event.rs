use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on(install)]
    async fn installed(&self) {}

    #[botmatic::on(install)]
    async fn welcome(&self, _install: Install) {}
}

fn main() {}
