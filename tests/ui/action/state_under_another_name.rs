use botmatic_contact::prelude::*;

struct Crm;

type Shared = State<Crm>;

#[botmatic::action("count")]
async fn count(_crm: Shared) {}

fn main() {
    let _count = count {};
}
