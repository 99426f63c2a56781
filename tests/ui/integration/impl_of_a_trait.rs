use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Default for Jobs {
    fn default() -> Self {
        Jobs
    }
}

fn main() {}
