use botmatic_contact::prelude::*;

struct Settings;

struct Crm;

#[botmatic::settings("/settings")]
async fn settings(_crm: State<Crm>) -> Settings {
    Settings
}

fn main() {}
