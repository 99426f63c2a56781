//! Integrations inside of others.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Integration, Properties, Table};
use serde_json::{Value, json};

use super::Bot;
use crate::support::AddressBook;

#[derive(Default)]
struct Counter {
    count: AtomicU32,
}

#[derive(serde::Deserialize)]
struct Step {
    step: u32,
}

#[botmatic::integration]
impl Counter {
    /// Counts on.
    #[botmatic::action(pattern = r"count_(?<step>\d+)")]
    async fn count(&self, Captures(by): Captures<Step>, state: State<Self>) -> Result<u32, &'static str> {
        assert!(std::ptr::eq(self, &raw const *state));
        match by.step {
            0 => Err("no step"),
            step => Ok(self.count.fetch_add(step, Ordering::Relaxed) + step),
        }
    }

    #[botmatic::action("mark")]
    async fn mark(&self, who: ContactId, botmatic: Botmatic<Self>) -> botmatic_contact::Result<()> {
        botmatic.set_properties(&who, &Properties::from_iter([("marked", "yes")])).await
    }
}

/// An integration with a state, and with another one inside.
struct Club {
    name: &'static str,
}

impl Integration for Club {
    fn table() -> Table<Self> {
        #[botmatic::action("club")]
        async fn club(club: State<Club>) -> &'static str {
            club.name
        }

        Table::new().merge(Counter::default()).merge(club {})
    }
}

#[tokio::test]
async fn each_integration_has_its_own_state() {
    let bot = Bot::of(botmatic::builder(Club { name: "chess" })).await;
    assert_eq!(bot.ask("count_3", ()).await, json!(3));
    assert_eq!(bot.ask("count_4", ()).await, json!(7));
    assert_eq!(bot.ask("count_0", ()).await, json!({ "error": "no step" }));
    assert_eq!(bot.ask("club", ()).await, json!("chess"));
    let [pattern] = &bot.manifest().patterns[..] else { panic!("{:?}", bot.manifest()) };
    assert_eq!(pattern.description.as_deref(), Some("Counts on."));
}

#[tokio::test]
async fn integrations_are_inside_of_others_as_deep_as_one_likes() {
    struct City;

    impl Integration for City {
        fn table() -> Table<Self> {
            Table::new()
        }
    }

    let bot = Bot::of(botmatic::builder(City).handlers(Club { name: "go" })).await;
    assert_eq!(bot.ask("club", ()).await, json!("go"));
    assert_eq!(bot.ask("count_2", ()).await, json!(2));
    assert_eq!(bot.ask("count_2", ()).await, json!(4));
}

/// Writes down what became of contacts.
#[derive(Clone, Default)]
struct Watcher(Arc<Mutex<Vec<(Effect, String)>>>);

#[botmatic::on(contact_created)]
impl Watcher {
    async fn created(&self, Synced(outcome): Synced, contact: ContactCreated) -> String {
        let name = contact.contact.properties.get("firstname").and_then(Value::as_str).unwrap_or_default();
        let effect = outcome.unwrap().effect;
        self.0.lock().unwrap().push((effect, name.to_owned()));
        format!("saw {name}")
    }
}

#[tokio::test]
async fn an_integration_inside_sees_what_the_sync_made_of_an_event_and_reaches_botmatic() {
    let (simulator, token) = (Simulator::new(), Token::new("tok-alpha"));
    let watcher = Watcher::default();
    let service = botmatic::builder(AddressBook::default())
        .key_store(MemoryKeyStore::new())
        .platform(simulator.clone())
        .handlers(watcher.clone())
        .handlers(Counter::default())
        .build()
        .unwrap();
    simulator.connect(&token, service);
    assert!(simulator.install(&token).await.unwrap().success);
    let ada = simulator.create_contact(&token, Properties::from_iter([("firstname", "Ada")])).unwrap();
    tokio::select! {
        () = simulator.deliver(std::future::pending()) => {}
        () = simulator.settled() => {}
    }
    assert_eq!(*watcher.0.lock().unwrap(), [(Effect::Created, "Ada".to_owned())]);
    let said = simulator.action(&token, "mark", json!({ "contact_id": ada })).await.unwrap();
    assert!(said.success, "{said:?}");
    let contact = simulator.contact(&token, &ada).unwrap();
    assert_eq!(contact.properties.get("marked"), Some(&json!("yes")));
}
