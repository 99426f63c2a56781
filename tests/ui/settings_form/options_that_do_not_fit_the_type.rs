use botmatic_contact::prelude::*;

#[derive(SettingsForm)]
struct Settings {
    #[setting(kind = email)]
    page_size: u32,
    #[setting(min = 1)]
    name: String,
    #[setting(max = 300)]
    level: Option<u8>,
    #[setting(accept = ".pdf")]
    newsletter: bool,
}

fn main() {}
