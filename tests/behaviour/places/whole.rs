//! Whole impl blocks as integrations with one handler.

use botmatic_contact::prelude::*;
use serde_json::json;

use super::Bot;

struct Ping<T> {
    answer: T,
}

#[botmatic::action("ping", crate = ::botmatic_contact)]
impl<T: Clone + Send + Sync + serde::Serialize + 'static> Ping<T> {
    const UNUSED: u8 = 0;

    /// Answers whoever asks.
    async fn ping(&self, Params(loud): Params<bool>) -> Result<T, &'static str> {
        if loud && Self::is_quiet() { Err("not so loud") } else { Ok(self.answer.clone()) }
    }

    fn is_quiet() -> bool {
        Self::UNUSED == 0
    }
}

struct Ear;

#[cfg(test)]
#[botmatic::on("noise")]
impl Ear {
    async fn heard(&self, Params(noise): Params<String>) -> usize {
        noise.len()
    }
}

#[cfg(not(test))]
#[botmatic::on("silence")]
impl Ear {
    async fn heard(&self, missing: Missing) {}
}

struct Length;

#[botmatic::action("length")]
impl Length {
    #[cfg(test)]
    async fn length(&self, Params(text): Params<String>) -> usize {
        text.len()
    }

    #[cfg_attr(all(), cfg(not(test)))]
    async fn length(&self, missing: Missing) {}
}

#[tokio::test]
async fn the_method_can_have_alternatives() {
    let bot = Bot::of(botmatic::builder(Length)).await;
    assert_eq!(bot.ask("length", "four").await, json!(4));
    assert_eq!(bot.manifest().actions.len(), 1);
}

#[tokio::test]
async fn a_block_with_one_method_is_an_integration() {
    let bot = Bot::of(botmatic::builder(Ping { answer: ["pong"] })).await;
    assert_eq!(bot.ask("ping", false).await, json!(["pong"]));
    assert_eq!(bot.ask("ping", true).await, json!({ "error": "not so loud" }));
    let [action] = &bot.manifest().actions[..] else { panic!("{:?}", bot.manifest()) };
    assert_eq!(action.description.as_deref(), Some("Answers whoever asks."));
    let bot = Bot::of(botmatic::builder(Ear)).await;
    assert_eq!(bot.tell("noise", "hello").await, json!(5));
    assert_eq!(Ear.heard(Params("a".to_owned())).await, 1);
}
