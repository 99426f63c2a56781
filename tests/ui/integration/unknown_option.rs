use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration(crat = ::botmatic_contact)]
impl Jobs {
    #[botmatic::on(install)]
    async fn installed(&self) {}
}

fn main() {}
