//! Whose installation it is, and whose contacts: what an integration and those inside of it have to agree on.

use botmatic_contact::prelude::*;
use botmatic_contact::{Error, Integration, Table};
use serde_json::json;

use super::Bot;
use crate::support::AddressBook;

/// How much somebody has booked.
#[derive(Default)]
struct Plan {
    seats: u32,
}

/// Somebody who has no default.
struct Guest(String);

struct Desk;

impl HasClient for Desk {
    type Client = Plan;
}

#[botmatic::integration]
impl Desk {
    #[botmatic::action("seats")]
    async fn seats(&self, auth: Auth<Plan>) -> u32 {
        auth.client().seats
    }
}

struct Door;

impl HasClient for Door {
    type Client = Guest;
}

#[botmatic::action("enter")]
impl Door {
    async fn enter(&self, auth: Auth<Guest>) -> String {
        format!("Welcome, {}", auth.client().0)
    }
}

/// An integration without clients.
struct House;

impl Integration for House {
    fn table() -> Table<Self> {
        Table::new()
    }
}

fn refused<T: std::fmt::Debug>(built: Result<T, Error>, words: &[&str]) {
    let error = built.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
}

#[tokio::test]
async fn whoever_has_no_authorizer_is_served_with_the_default_client() {
    let bot = Bot::of(botmatic::builder(Desk)).await;
    assert_eq!(bot.ask("seats", ()).await, json!(0));
}

#[test]
fn a_client_that_has_no_default_needs_an_authorizer() {
    refused(botmatic::builder(Door).build(), &["clients::Guest`", ".authorize_with(…)", "`Default`"]);
    let guest = async |_: Token| Ok::<_, Error>(Some(Guest("Ada".to_owned())));
    botmatic::builder(Door).authorize_with(guest).build().unwrap();
}

#[tokio::test]
async fn an_integration_inside_has_the_client_of_the_whole() {
    let bot = Bot::of(botmatic::builder(Desk).handlers(House)).await;
    assert_eq!(bot.ask("seats", ()).await, json!(0));

    struct Office;

    impl HasClient for Office {
        type Client = Plan;
    }

    #[botmatic::action("office")]
    impl Office {
        async fn office(&self) {}
    }

    let bot = Bot::of(botmatic::builder(Office).handlers(Desk)).await;
    assert_eq!(bot.ask("seats", ()).await, json!(0));
}

#[test]
fn an_integration_inside_with_another_client_is_refused_by_both_names() {
    let names = ["clients::Door`", "clients::Guest`", "clients::Desk`", "clients::Plan`", "`type Client`"];
    refused(botmatic::builder(Desk).handlers(Door).build(), &names);
    let seats = async |_: Token| Ok::<_, Error>(Some(Plan { seats: 3 }));
    refused(botmatic::builder(Desk).authorize_with(seats).handlers(Door).build(), &names);
    refused(botmatic::builder(Desk).accept_any_token().handlers(Door).build(), &names);
    refused(botmatic::builder(House).handlers(Desk).build(), &["`()`", "clients::House`", "clients::Desk`"]);

    // However deep it is.
    let deep = Table::<House>::new().merge(Nested);
    refused(botmatic::builder(House).handlers(deep).build(), &["clients::Door`"]);
}

struct Nested;

impl Integration for Nested {
    fn table() -> Table<Self> {
        Table::new().merge(Door)
    }
}

struct Greedy;

#[botmatic::on(contact_created, replace)]
impl Greedy {
    async fn created(&self, _contact: ContactCreated) {}
}

#[test]
fn an_integration_inside_cannot_switch_off_the_sync_of_the_whole() {
    let synced = botmatic::builder(AddressBook::default()).key_store(MemoryKeyStore::new());
    refused(
        synced.handlers(Greedy).build(),
        &["clients::Greedy`", "`contact_created`", "AddressBook`", "`replace`"],
    );
    botmatic::builder(House).handlers(Greedy).build().unwrap();
}
