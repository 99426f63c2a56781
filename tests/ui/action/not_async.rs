use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action("find_jobs")]
    fn find_jobs(&self) -> u8 {
        1
    }
}

fn main() {}
