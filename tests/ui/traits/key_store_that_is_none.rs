use botmatic_contact::prelude::*;

#[path = "../crm.rs"]
mod crm;

use crm::{Account, Crm};

#[botmatic::integration]
impl Crm {
    #[botmatic::action("ping")]
    async fn ping(&self) {}
}

async fn authorize(_: Token) -> Result<Option<Account>, std::io::Error> {
    Ok(Some(Account))
}

fn main() {
    let _service = botmatic::builder(Crm).key_store("pairs.redb").authorize_with(authorize).build();
}
