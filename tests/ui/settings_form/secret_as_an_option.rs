use botmatic_contact::prelude::*;

#[derive(SettingsForm)]
struct Settings {
    #[setting(secret)]
    api_key: String,
    #[setting(kind = password)]
    password: String,
}

fn main() {}
