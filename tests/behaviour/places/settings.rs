//! The halves of a settings page, wherever they come from.

use std::sync::{Arc, Mutex};

use botmatic_contact::prelude::*;
use botmatic_contact::{Integration, Table};
use serde_json::json;

use super::Bot;

#[derive(Clone, SettingsForm)]
struct Settings {
    greeting: String,
    /// Kept where it is left empty, so that saving asks what is shown.
    key: Secret,
}

fn settings(greeting: &str) -> Settings {
    Settings { greeting: greeting.to_owned(), key: Secret::new("k-stored") }
}

#[derive(Clone, SettingsForm)]
struct Other {
    greeting: String,
}

/// What was saved, or the first settings.
#[derive(Clone)]
struct Desk(Arc<Mutex<Settings>>);

impl Integration for Desk {
    fn table() -> Table<Self> {
        Table::new()
    }
}

fn desk() -> Desk {
    Desk(Arc::new(Mutex::new(settings("hello"))))
}

#[botmatic::settings("/settings")]
async fn shown(desk: State<Desk>) -> Settings {
    desk.0.lock().unwrap().clone()
}

#[botmatic::settings("/settings", save)]
async fn saved(entered: Settings, desk: State<Desk>, token: Token) -> Result<(), SettingsError> {
    assert_eq!(token.expose(), "tok-alpha");
    if entered.greeting == "no" {
        return Err(SettingsError::field("greeting", "Say something else."));
    }
    *desk.0.lock().unwrap() = entered;
    Ok(())
}

#[botmatic::settings("/settings", save)]
async fn saved_elsewhere(_entered: Other) {}

#[botmatic::settings("/other", save)]
async fn saved_at_another_path(_entered: Settings) {}

/// The same page, of two blocks with one method each.
struct Showing(Desk);

#[botmatic::settings("/settings")]
impl Showing {
    async fn show(&self) -> Settings {
        self.0.0.lock().unwrap().clone()
    }
}

struct Saving(Desk);

#[botmatic::settings("/settings", save)]
impl Saving {
    async fn save(&self, entered: Settings) {
        *self.0.0.lock().unwrap() = entered;
    }
}

/// The same page, of two blocks of one type.
struct Split(Desk);

#[botmatic::integration(parts(saving))]
impl Split {
    #[botmatic::settings("/settings")]
    async fn show(&self) -> Result<Settings, SettingsError> {
        Ok(self.0.0.lock().unwrap().clone())
    }
}

#[botmatic::integration(part = saving)]
impl Split {
    #[botmatic::settings("/settings", save)]
    async fn save(&self, entered: Settings) {
        *self.0.0.lock().unwrap() = entered;
    }
}

/// A block that shows what a function saves.
struct Half(Desk);

#[botmatic::integration]
impl Half {
    #[botmatic::settings("/settings")]
    async fn show(&self) -> Settings {
        self.0.0.lock().unwrap().clone()
    }
}

#[botmatic::settings("/settings", save)]
async fn saved_by_a_function(entered: Settings, half: State<Half>) {
    *half.0.0.lock().unwrap() = entered;
}

/// A page whose methods have alternatives.
struct Conditional(Desk);

#[botmatic::integration]
impl Conditional {
    #[cfg(test)]
    #[botmatic::settings("/settings")]
    async fn show(&self) -> Settings {
        self.0.0.lock().unwrap().clone()
    }

    #[cfg(not(test))]
    #[botmatic::settings("/settings")]
    async fn show(&self) -> Missing {}

    #[cfg(test)]
    #[botmatic::settings("/settings", save)]
    async fn save(&self, entered: Settings) {
        *self.0.0.lock().unwrap() = entered;
    }

    #[cfg(not(test))]
    #[botmatic::settings("/settings", save)]
    async fn save(&self, missing: Missing) {}
}

/// The page shows what it was told and saves what is entered; a secret that is left empty stays.
async fn works<I: Integration>(bot: Bot<I>, desk: &Desk) {
    assert!(bot.page().await.contains("value=\"hello\""), "{}", bot.page().await);
    assert_eq!(bot.submit(json!({ "greeting": "good day", "key": "" })).await, json!({ "success": true }));
    let kept = desk.0.lock().unwrap().clone();
    assert_eq!((kept.greeting.as_str(), kept.key.expose()), ("good day", "k-stored"));
    assert!(bot.page().await.contains("value=\"good day\""));
    assert_eq!(bot.manifest().settings.unwrap().fields.len(), 2);
}

#[tokio::test]
async fn the_halves_of_a_page_can_be_functions() {
    let desk = desk();
    let bot = Bot::of(botmatic::builder(desk.clone()).handlers(saved {}).handlers(shown {})).await;
    let refused = bot.submit(json!({ "greeting": "no", "key": "" })).await;
    assert_eq!(refused["errorFields"], json!({ "greeting": "Say something else." }));
    works(bot, &desk).await;
}

#[tokio::test]
async fn the_halves_of_a_page_can_be_whole_blocks_inside_of_another_integration() {
    let (own, desk) = (desk(), desk());
    let halves = Table::new().merge(Showing(desk.clone())).merge(Saving(desk.clone()));
    works(Bot::of(botmatic::builder(own).handlers(halves)).await, &desk).await;
}

#[tokio::test]
async fn the_halves_of_a_page_can_be_in_several_blocks_of_a_type() {
    let desk = desk();
    works(Bot::of(botmatic::builder(Split(desk.clone()))).await, &desk).await;
}

#[tokio::test]
async fn a_function_can_save_what_a_block_shows() {
    let desk = desk();
    let service = botmatic::builder(Half(desk.clone())).handlers(saved_by_a_function {});
    works(Bot::of(service).await, &desk).await;
}

#[tokio::test]
async fn the_methods_of_a_page_can_have_alternatives() {
    let desk = desk();
    works(Bot::of(botmatic::builder(Conditional(desk.clone()))).await, &desk).await;
}

#[test]
fn halves_that_make_no_page_are_refused_when_the_service_is_built() {
    let refused = |table: Table<Desk>| {
        let error =
            botmatic::builder(desk()).base_url("http://127.0.0.1:9").handlers(table).build().unwrap_err();
        assert!(error.is_configuration());
        error.to_string()
    };
    let half =
        botmatic::builder(Half(desk())).base_url("http://127.0.0.1:9").build().unwrap_err().to_string();
    assert!(half.contains("nothing saves it: add one with"), "{half}");
    let table = Table::new;
    for (halves, expected) in [
        (table().merge(shown {}), "is shown, by the handler at tests/behaviour/places/settings.rs:"),
        (
            table().merge(shown {}),
            "nothing saves it: add one with `#[botmatic::settings(\"/settings\", save)]`",
        ),
        (table().merge(saved {}), "nothing shows it: add one with `#[botmatic::settings(\"/settings\")]`"),
        (
            table().merge(saved {}).merge(shown {}).merge(saved {}),
            "what saves the settings page `/settings` has two handlers",
        ),
        (
            table().merge(shown {}).merge(saved_at_another_path {}),
            "`/settings` and `/other` are two settings pages",
        ),
        (table().merge(shown {}).merge(saved_elsewhere {}), "shows `behaviour::places::settings::Settings`"),
        (table().merge(shown {}).merge(saved_elsewhere {}), "saves `behaviour::places::settings::Other`"),
    ] {
        let refused = refused(halves);
        assert!(refused.contains(expected), "{refused}");
    }
}
