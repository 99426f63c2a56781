use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[cfg_attr(all(), botmatic::action("find_jobs"))]
    async fn find_jobs(&self) {}

    #[botmatic::on(install)]
    async fn installed(&self) {}
}

fn main() {}
