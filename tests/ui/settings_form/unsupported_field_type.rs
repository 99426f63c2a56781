use botmatic_contact::prelude::*;

struct Color;

#[derive(SettingsForm)]
struct Settings {
    color: Color,
}

fn main() {}
