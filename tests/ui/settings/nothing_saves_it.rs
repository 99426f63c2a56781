use botmatic_contact::prelude::*;

#[derive(SettingsForm)]
struct Settings {
    api_key: Secret,
}

struct Crm;

#[botmatic::integration]
impl Crm {
    #[botmatic::settings("/settings")]
    async fn settings(&self) -> Settings {
        Settings { api_key: Secret::new("") }
    }
}

fn main() {}
