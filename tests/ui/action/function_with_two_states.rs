use botmatic_contact::prelude::*;

struct Jobs;
struct People;

#[botmatic::action("find_person")]
async fn find_person(_people: State<People>, _jobs: State<Jobs>) {}

fn main() {}
