use botmatic_contact::prelude::*;

#[derive(SettingsForm)]
struct Settings {
    page_size: u32,
}

struct Crm;

#[botmatic::integration]
impl Crm {
    #[botmatic::settings("/settings")]
    async fn settings(&self) -> Settings {
        Settings { page_size: 30 }
    }

    #[botmatic::settings("/settings", save)]
    async fn save(&self, _settings: Settings) -> Result<u32, SettingsError> {
        Ok(1)
    }
}

fn main() {}
