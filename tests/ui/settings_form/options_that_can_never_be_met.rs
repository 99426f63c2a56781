use botmatic_contact::prelude::*;

#[derive(SettingsForm)]
struct Settings {
    #[setting(min = 30, max = 10)]
    page_size: u32,
    #[setting(max_size = 0)]
    logo: Upload,
    #[setting(accept = "")]
    terms: Upload,
}

fn main() {}
