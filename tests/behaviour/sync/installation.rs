//! `install` and `uninstall`.

use botmatic_contact::key_store::KeyStore;
use botmatic_contact::prelude::*;
use botmatic_contact::{Answer, PropertyKind};
use serde_json::{Value, json};

use super::{DONE, done_with};
use crate::support::{AddressBook, Parts, Person, World};

/// A world in which the token is known to Botmatic and nothing was installed yet.
fn fresh() -> World {
    World::over(Parts::new(AddressBook::default()), MemoryKeyStore::new())
}

async fn answer(world: &World, token: &str, event: &str, data: Value) -> Answer {
    let body = json!({ "event": event, "data": data }).to_string();
    world.service.handle(Some(Token::new(token)), body.as_bytes()).await
}

#[tokio::test]
async fn an_install_validates_the_token_then_creates_the_properties_then_calls_the_handler() {
    let world = fresh();
    assert_eq!(world.tell("install", Value::Null).await, DONE);
    assert_eq!(
        world.book.handled(),
        ["validated", "created firstname, email, city, score, member_since, greeting", "installed"]
    );
    let properties = world.simulator.properties(&world.token);
    let kinds: Vec<_> = properties.iter().map(|property| (&*property.name, property.kind)).collect();
    assert_eq!(
        kinds,
        [
            ("firstname", PropertyKind::Text),
            ("email", PropertyKind::Text),
            ("city", PropertyKind::Text),
            ("score", PropertyKind::Number),
            ("member_since", PropertyKind::Number),
            ("greeting", PropertyKind::Text),
        ]
    );
}

#[tokio::test]
async fn a_token_that_botmatic_does_not_know_is_not_installed() {
    let world = fresh();
    for token in ["forged", ""] {
        assert_eq!(answer(&world, token, "install", Value::Null).await, Answer::NotConfirmed);
        let event = answer(&world, token, "contact_created", json!({ "id": 1, "firstname": "Ada" })).await;
        assert_eq!(event, Answer::NotAuthorized);
    }
    assert_eq!(world.service.handle(None, br#"{"event":"install"}"#).await, Answer::NotConfirmed);
    assert!(!world.book.handled().contains(&"installed".to_owned()));
    assert!(world.service.botmatic(&Token::new("forged")).await.unwrap_err().is_unauthorized());
    assert_eq!(world.store.installation(Token::new("forged").installation()).await.unwrap(), None);
}

#[tokio::test]
async fn a_token_that_was_not_installed_is_not_served_even_if_botmatic_knows_it() {
    let world = fresh();
    let event = answer(&world, "tok-alpha", "contact_created", json!({ "id": 1, "firstname": "Ada" })).await;
    assert_eq!(event, Answer::NotAuthorized);
    assert_eq!(world.book.people(), []);
}

#[tokio::test]
async fn a_refusal_of_the_properties_is_a_failure_and_the_handler_is_not_called() {
    let world = fresh();
    world.line.refuse("create_properties", 503);
    let answer = world.tell("install", Value::Null).await;
    assert!(answer.contains(r#""success":false"#), "{answer}");
    assert!(!world.book.handled().contains(&"installed".to_owned()));

    world.line.heal();
    assert_eq!(world.tell("install", Value::Null).await, DONE);
    assert_eq!(world.book.handled().last().unwrap(), "installed");
}

#[tokio::test]
async fn a_handler_that_fails_makes_the_install_a_failure() {
    let world = fresh();
    world.book.fail_handlers();
    let answer = world.tell("install", Value::Null).await;
    assert_eq!(answer, r#"{"data":{"error":"the handler failed"},"type":"data","success":false}"#);
}

#[tokio::test]
async fn an_install_that_is_delivered_twice_keeps_the_pairs() {
    let world = World::with([]).await;
    world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
    assert_eq!(world.tell("install", Value::Null).await, DONE);
    assert_eq!(world.pairs().await.len(), 1);
    assert_eq!(world.simulator.properties(&world.token).len(), 6);
}

#[tokio::test]
async fn at_an_uninstall_everything_is_there_for_the_handler_and_gone_afterwards() {
    let world = World::with([]).await;
    world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
    let gate = world.book.gates.close("in uninstalled");
    let meanwhile = async {
        gate.reached().await;
        assert_eq!(world.pairs().await.len(), 1);
        assert!(world.service.botmatic(&world.token).await.is_ok());
        gate.open();
    };
    let (answer, ()) = tokio::join!(world.tell("uninstall", Value::Null), meanwhile);
    assert_eq!(answer, DONE);
    gone(&world).await;
    assert_eq!(world.book.people().len(), 1, "the people themselves stay");
}

#[tokio::test]
async fn an_uninstall_whose_handler_fails_removes_everything_and_says_that_it_failed() {
    let world = World::with([]).await;
    world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
    world.book.fail_handlers();
    let answer = world.tell("uninstall", Value::Null).await;
    assert_eq!(answer, r#"{"data":{"error":"the handler failed"},"type":"data","success":false}"#);
    gone(&world).await;
}

async fn gone(world: &World) {
    assert_eq!(world.pairs().await, []);
    assert_eq!(world.store.installation(world.token.installation()).await.unwrap(), None);
    let event =
        answer(world, "tok-alpha", "contact_created", json!({ "id": 9002, "firstname": "Bob" })).await;
    assert_eq!(event, Answer::NotAuthorized);
    // Who installs again begins anew.
    world.tell("install", Value::Null).await;
    assert_eq!(world.pairs().await, []);
}

#[tokio::test]
async fn a_token_that_is_known_here_is_uninstalled_even_if_botmatic_has_revoked_it() {
    let world = World::with([]).await;
    world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
    world.line.refuse("validate_token", 401);
    assert_eq!(world.tell("uninstall", Value::Null).await, DONE);
    assert_eq!(world.book.handled().last().unwrap(), "uninstalled");
    assert_eq!(world.pairs().await, []);
    // Now nobody knows it.
    assert_eq!(answer(&world, "tok-alpha", "uninstall", Value::Null).await, Answer::NotConfirmed);
}

#[tokio::test]
async fn an_uninstall_of_one_tenant_leaves_the_other_alone() {
    let world = World::with([]).await;
    let other = Token::new("tok-beta");
    world.simulator.connect(&other, world.service.clone());
    world.simulator.install(&other).await.unwrap();
    world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
    assert!(world.simulator.uninstall(&other).await.unwrap().success);
    assert_eq!(world.pairs().await.len(), 1);
    assert_eq!(world.tell("contact_updated", json!({ "id": 9001 })).await, done_with(4001));
}

#[tokio::test]
async fn a_late_uninstall_does_not_wipe_a_newer_installation() {
    for uninstalled_in_between in [false, true] {
        let world = World::with([]).await;
        let gate = world.book.gates.close("in uninstalled");
        let newer = async {
            gate.reached().await;
            if uninstalled_in_between {
                // The uninstall was delivered again, and that delivery came to its end.
                world.book.gates.clear();
                assert_eq!(world.tell("uninstall", Value::Null).await, DONE);
            }
            assert_eq!(world.tell("install", Value::Null).await, DONE);
            world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
            gate.open();
        };
        let (late, ()) = tokio::join!(world.tell("uninstall", Value::Null), newer);
        assert_eq!(late, DONE);
        assert_eq!(world.pairs().await, [("9001".to_owned(), "4001".to_owned())], "{uninstalled_in_between}");
        assert_eq!(world.tell("contact_updated", json!({ "id": 9001 })).await, done_with(4001));
    }
}

#[tokio::test]
async fn everybody_is_met_anew_after_an_uninstall_and_an_install() {
    let world = World::with([Person::named("Ada").email("ada@example.org").id(17)]).await;
    world.create_on_botmatic(&Person::named("Ada").email("ada@example.org"));
    let event = || json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org" });
    assert_eq!(world.tell("contact_created", event()).await, done_with(17));
    world.tell("uninstall", Value::Null).await;
    world.tell("install", Value::Null).await;
    assert_eq!(world.tell("contact_created", event()).await, done_with(17));
    assert_eq!(world.book.people().len(), 1);
}
