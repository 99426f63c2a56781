use botmatic_contact::prelude::*;

struct Jobs;

macro_rules! find {
    () => {
        #[botmatic::action("find_jobs")]
        async fn find_jobs(&self) {}
    };
}

#[botmatic::integration]
impl Jobs {
    find! {}

    #[botmatic::on(install)]
    async fn installed(&self) {}
}

fn main() {}
