use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on(install)]
    async fn installed(&self, _who: ContactId) {}
}

fn main() {}
