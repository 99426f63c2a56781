use botmatic_contact::prelude::*;

struct Jobs;
struct People;

#[botmatic::action("count")]
async fn count(#[cfg(any())] _jobs: State<Jobs>, #[cfg(all())] _people: State<People>) {}

fn main() {
    let _count = count {};
}
