use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::action(pattern = r"set_(?<property>\w+")]
    async fn set(&self) {}
}

fn main() {}
