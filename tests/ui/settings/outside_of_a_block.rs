use botmatic_contact::prelude::*;

struct Crm;

impl Crm {
    #[botmatic::settings("/settings")]
    async fn settings(&self) {}
}

fn main() {}
