use botmatic_contact::prelude::*;

struct Greeter;

#[botmatic::integration]
impl Greeter {
    #[botmatic::on(install)]
    async fn installed(&self, botmatic: Botmatic<Self>) -> botmatic_contact::Result<()> {
        botmatic.import_all().await.map(|_report| ())
    }
}

fn main() {}
