use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on(install, replace)]
    async fn installed(&self) {}
}

fn main() {}
