use botmatic_contact::prelude::*;

#[botmatic::action("find_jobs")]
async fn find_jobs<T>(Params(_query): Params<T>) {}

fn main() {}
