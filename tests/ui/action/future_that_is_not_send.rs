use botmatic_contact::prelude::*;

struct Jobs;

struct Search(*const u8);

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("find_jobs")]
    async fn find_jobs(&self) -> usize {
        let jobs = Search(std::ptr::null());
        self.more().await;
        jobs.0.addr()
    }

    async fn more(&self) {}
}

fn main() {}
