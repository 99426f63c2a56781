use botmatic_contact::prelude::*;

struct Jobs;

#[botmatic::integration]
impl Jobs {
    #[botmatic::on(contact_create)]
    async fn created(&self) {}
}

fn main() {}
