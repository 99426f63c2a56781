use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::action("count")]
impl Jobs {
    async fn count(&self) {}
}

struct People;

#[botmatic::action("find_person")]
async fn find_person(_people: State<People>) {}

fn main() {
    let _service = botmatic::builder(Jobs).handlers(find_person {}).build();
}
