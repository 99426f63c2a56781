use botmatic_contact::prelude::*;

struct Jobs<'a> {
    cities: &'a [String],
}

#[botmatic::integration]
impl<'a> Jobs<'a> {
    #[botmatic::action("count")]
    async fn count(&self) -> usize {
        self.cities.len()
    }
}

fn main() {}
