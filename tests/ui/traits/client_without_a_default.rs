use botmatic_contact::prelude::*;

#[path = "../crm.rs"]
mod crm;

use crm::{Account, Crm};

#[botmatic::integration]
impl Crm {
    #[botmatic::action("ping")]
    async fn ping(&self, _auth: Auth<Account>) {}
}

fn main() {
    let _service = botmatic::builder(Crm).key_store(MemoryKeyStore::new()).build();
}
