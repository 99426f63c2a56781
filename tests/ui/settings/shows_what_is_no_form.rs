use botmatic_contact::prelude::*;

struct Settings;

struct Crm;

#[botmatic::integration]
impl Crm {
    #[botmatic::settings("/settings")]
    async fn settings(&self) -> Settings {
        Settings
    }

    #[botmatic::settings("/settings", save)]
    async fn save(&self, _settings: Settings) {}
}

fn main() {}
