use botmatic_contact::prelude::*;

#[path = "../crm.rs"]
mod crm;

use crm::Crm;

#[botmatic::integration]
impl Crm {
    #[botmatic::action("ping")]
    async fn ping(&self, _auth: Auth<String>) {}
}

fn main() {}
