use botmatic_contact::prelude::*;

#[derive(SettingsForm)]
struct Settings {
    api_key: Secret,
}

#[derive(SettingsForm)]
struct Others {
    name: String,
}

struct Crm;

#[botmatic::integration]
impl Crm {
    #[botmatic::settings("/settings")]
    async fn settings(&self) -> Settings {
        Settings { api_key: Secret::new("") }
    }

    #[botmatic::settings("/settings", save)]
    async fn save(&self, _others: Others) {}
}

fn main() {}
