//! Integrations of several blocks, and what is found only where everything is together.

use botmatic_contact::prelude::*;
use botmatic_contact::{Handlers, Table};
use serde_json::json;

use super::Bot;

pub(crate) struct Agency<T> {
    jobs: Vec<T>,
}

#[botmatic::integration(parts(jobs, #[cfg(test)] replies, #[cfg(not(test))] nothing))]
impl<T: Clone + Send + Sync + serde::Serialize + 'static> Agency<T> {
    #[botmatic::action("count")]
    async fn count(&self) -> usize {
        self.jobs.len()
    }
}

/// Parts can be in other modules, and the main block does not import them.
mod elsewhere {
    use super::*;

    #[botmatic::integration(part = jobs, crate = ::botmatic_contact)]
    impl<T: Clone + Send + Sync + serde::Serialize + 'static> Agency<T> {
        /// Lists the jobs.
        #[botmatic::action("jobs")]
        async fn list(&self) -> Vec<T> {
            self.jobs.clone()
        }

        #[cfg(not(test))]
        #[botmatic::action("never")]
        async fn never(&self, missing: Missing) {}
    }

    #[cfg(test)]
    #[botmatic::integration(part = replies)]
    impl<T: Clone + Send + Sync + serde::Serialize + 'static> Agency<T> {
        #[botmatic::on("reply")]
        async fn heard(&self, Params(text): Params<String>) -> String {
            format!("{text} at {} jobs", self.count().await)
        }
    }
}

#[tokio::test]
async fn the_blocks_of_a_type_are_one_integration() {
    let bot = Bot::of(botmatic::builder(Agency { jobs: vec!["cook"] })).await;
    assert_eq!(bot.ask("count", ()).await, json!(1));
    assert_eq!(bot.ask("jobs", ()).await, json!(["cook"]));
    assert_eq!(bot.tell("reply", "hello").await, json!("hello at 1 jobs"));
    let [_, jobs] = &bot.manifest().actions[..] else { panic!("{:?}", bot.manifest()) };
    assert_eq!((jobs.name.as_str(), jobs.description.as_deref()), ("jobs", Some("Lists the jobs.")));
}

struct Twice;

const FIRST: u32 = line!() + 1;
#[botmatic::integration(parts(again))]
impl Twice {
    #[botmatic::action("wave")]
    async fn wave(&self) {}
}

const SECOND: u32 = line!() + 1;
#[botmatic::integration(part = again)]
impl Twice {
    #[botmatic::action("wave")]
    async fn wave_too(&self) {}
}

const NOISE: u32 = line!() + 1;
#[botmatic::on("noise")]
async fn noise() {}

/// Why a service is not built.
fn refused(handlers: impl Handlers<Twice>) -> String {
    let error =
        botmatic::builder(Twice).base_url("http://127.0.0.1:9").handlers(handlers).build().unwrap_err();
    assert!(error.is_configuration());
    error.to_string()
}

#[tokio::test]
async fn what_has_two_handlers_is_told_with_the_places_of_both() {
    let [first, second, noise_at] = [FIRST, SECOND, NOISE].map(|line| format!("{}:{line}:1", file!()));
    assert_eq!(
        refused(Table::new().merge(noise {}).merge(noise {})),
        format!(
            "the action `wave` has two handlers, at {first} and at {second}; the event `noise` has two handlers, both \
             at {noise_at}: keep one"
        ),
    );
}

#[test]
fn a_part_is_a_table_of_its_type() {
    assert!(format!("{:?}", Twice::again()).contains("wave"));
    drop((Twice.wave(), Twice.wave_too()));
}
