use botmatic_contact::prelude::*;

struct Shop;

struct Account;

#[botmatic::integration]
impl Shop {
    #[botmatic::action("open")]
    async fn open(&self) {}
}

async fn account(_: Token) -> std::io::Result<Option<Account>> {
    Ok(Some(Account))
}

fn main() {
    let _service = botmatic::builder(Shop).authorize_with(account).build();
}
