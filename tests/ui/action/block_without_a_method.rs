use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::action("find_jobs")]
impl Jobs {
    fn find(&self) {}
}

fn main() {
    let _service = botmatic::builder(Jobs).build();
}
