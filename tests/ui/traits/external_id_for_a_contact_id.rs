use botmatic_contact::prelude::*;
use botmatic_contact::Properties;

struct Greeter;

#[botmatic::integration]
impl Greeter {
    #[botmatic::action("greet")]
    async fn greet(&self, botmatic: Botmatic<Self>) -> botmatic_contact::Result<()> {
        botmatic.set_properties(&ExternalId::from(4001_u64), &Properties::new()).await
    }
}

fn main() {}
