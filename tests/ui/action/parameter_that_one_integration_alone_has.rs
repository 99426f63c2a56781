use botmatic_contact::prelude::*;
use botmatic_contact::{Call, FromCall, Rejection};

struct Crm;

struct Database;

impl<K: Send + Sync> FromCall<Crm, K> for Database {
    async fn from_call(_: Call<'_, Crm, K>) -> Result<Self, Rejection> {
        Ok(Database)
    }
}

#[botmatic::action("count")]
async fn count(_database: Database) {}

fn main() {
    let _count = count {};
}
