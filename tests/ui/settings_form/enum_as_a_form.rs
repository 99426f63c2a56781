use botmatic_contact::prelude::*;

#[derive(SettingsForm)]
enum Settings {
    Simple,
    Full,
}

fn main() {}
