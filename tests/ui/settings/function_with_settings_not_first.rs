use botmatic_contact::prelude::*;

#[derive(SettingsForm)]
struct Settings {
    name: String,
}

struct Crm;

#[botmatic::settings("/settings", save)]
async fn save(_crm: State<Crm>, _settings: Settings) {}

fn main() {}
