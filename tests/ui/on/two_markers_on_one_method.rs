use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on(install)]
    #[botmatic::action("install")]
    async fn installed(&self) {}
}

fn main() {}
