use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on("contact_created")]
    async fn created(&self, _created: ContactCreated) {}
}

fn main() {}
