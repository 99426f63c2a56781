use botmatic_contact::prelude::*;

struct Jobs;

fn main() {
    let _service = botmatic::builder(Jobs).build();
}
