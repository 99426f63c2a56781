use botmatic_contact::prelude::*;

#[derive(serde::Deserialize)]
struct Number {
    number: u32,
}

struct Counter;

#[botmatic::integration]
impl Counter {
    #[botmatic::action(pattern = r"num_(\d+)")]
    async fn count(&self, Captures(Number { number }): Captures<Number>) -> u32 {
        number
    }
}

fn main() {}
