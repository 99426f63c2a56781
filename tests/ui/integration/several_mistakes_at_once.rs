use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("find_jobs")]
    fn find_jobs(&mut self) {}

    #[botmatic::action(patern = "set_.*")]
    async fn set(&self) {}

    #[botmatic::on("")]
    async fn installed(&self) {}
}

fn main() {}
