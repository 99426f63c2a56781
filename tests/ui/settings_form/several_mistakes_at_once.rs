use botmatic_contact::prelude::*;

#[derive(SettingsForm)]
struct Settings {
    #[setting(lable = "API key")]
    api_key: Secret,
    #[setting(min = 100, max = 1)]
    page_size: u32,
    token: String,
}

fn main() {}
