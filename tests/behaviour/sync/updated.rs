//! `contact_updated`.

use botmatic_contact::prelude::*;
use serde_json::json;

use super::{DONE, NOT_FOUND, done_with, failed};
use crate::support::{Asked, Person, World};

/// A world in which 9001 and 4001 are Ada.
async fn world() -> World {
    let world = World::with([]).await;
    let event =
        json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org", "city": "London", "score": 1 });
    assert_eq!(world.tell("contact_created", event).await, done_with(4001));
    world.book.take_writes();
    world
}

#[tokio::test]
async fn only_what_differs_is_written() {
    let world = world().await;
    let event =
        json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org", "city": "Paris", "score": 1 });
    assert_eq!(world.tell("contact_updated", event).await, DONE);
    assert_eq!(world.book.take_writes(), [Asked::Update(4001, json!({ "city": "Paris" }))]);
    assert_eq!(world.book.person(4001).unwrap().city.as_deref(), Some("Paris"));
    assert_eq!(world.writes_on_botmatic(), 0);
}

#[tokio::test]
async fn what_differs_from_nothing_is_an_echo_and_writes_nothing() {
    let world = world().await;
    for event in [
        json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org", "city": "London", "score": 1 }),
        // The same in other words: a number as text, an order of its own, something that is not mapped.
        json!({ "id": "9001", "score": "1.0", "shoe_size": 38, "city": "London", "firstname": "Ada" }),
        json!({ "id": 9001 }),
    ] {
        assert_eq!(world.tell("contact_updated", event).await, done_with(4001));
    }
    assert_eq!(world.book.asked(), []);
}

#[tokio::test]
async fn an_update_that_is_delivered_twice_is_written_once() {
    let world = world().await;
    let event = || json!({ "id": 9001, "city": "Paris" });
    assert_eq!(world.tell("contact_updated", event()).await, DONE);
    assert_eq!(world.tell("contact_updated", event()).await, done_with(4001));
    assert_eq!(world.book.take_writes().len(), 1);
}

#[tokio::test]
async fn a_field_that_is_cleared_is_cleared_and_one_that_is_absent_stays() {
    let world = world().await;
    assert_eq!(world.tell("contact_updated", json!({ "id": 9001, "city": null })).await, DONE);
    assert_eq!(world.book.take_writes(), [Asked::Update(4001, json!({ "city": null }))]);
    let ada = world.book.person(4001).unwrap();
    assert_eq!((ada.city, ada.score, ada.email.as_deref()), (None, Some(1.0), Some("ada@example.org")));

    // Clearing it again is no difference; an empty text is one.
    assert_eq!(world.tell("contact_updated", json!({ "id": 9001, "city": null })).await, done_with(4001));
    assert_eq!(world.book.take_writes(), []);
    assert_eq!(world.tell("contact_updated", json!({ "id": 9001, "city": "" })).await, DONE);
    assert_eq!(world.book.take_writes(), [Asked::Update(4001, json!({ "city": "" }))]);
}

#[tokio::test]
async fn a_required_field_that_is_cleared_is_refused_and_nothing_is_written() {
    let world = world().await;
    let answer =
        world.tell("contact_updated", json!({ "id": 9001, "firstname": null, "city": "Paris" })).await;
    assert!(answer.contains("`firstname` was cleared") && answer.contains(r#""success":false"#), "{answer}");
    assert_eq!(world.book.asked(), []);
    // What was right about it is not lost.
    assert_eq!(
        world.tell("contact_updated", json!({ "id": 9001, "firstname": "A", "city": "Paris" })).await,
        DONE
    );
    assert_eq!(
        world.book.take_writes(),
        [Asked::Update(4001, json!({ "first_name": "A", "city": "Paris" }))]
    );
}

#[tokio::test]
async fn an_unknown_contact_is_created() {
    let world = World::with([]).await;
    assert_eq!(
        world.tell("contact_updated", json!({ "id": 9001, "firstname": "Ada" })).await,
        done_with(4001)
    );
    assert_eq!(world.book.people(), [Person::named("Ada").id(4001)]);
    // The create that comes later changes nothing.
    assert_eq!(world.tell("contact_created", json!({ "id": 9001, "firstname": "A" })).await, done_with(4001));
    assert_eq!(world.book.people(), [Person::named("Ada").id(4001)]);
}

#[tokio::test]
async fn an_external_contact_that_is_gone_is_said_to_be_gone_and_nobody_is_invented() {
    let world = world().await;
    world.book.edit(4001, None);
    assert_eq!(world.tell("contact_updated", json!({ "id": 9001, "city": "Paris" })).await, NOT_FOUND);
    assert_eq!(world.book.people(), []);
    assert!(!world.book.asked().iter().any(|asked| matches!(asked, Asked::Create(_))));
}

#[tokio::test]
async fn an_update_that_fails_is_written_when_it_is_redelivered() {
    let world = world().await;
    let event = || json!({ "id": 9001, "city": "Paris" });
    world.book.fail("update_contact", || ConsumerError::failed("closed"));
    assert_eq!(world.tell("contact_updated", event()).await, failed("closed"));
    world.book.heal();
    assert_eq!(world.tell("contact_updated", event()).await, DONE);
    assert_eq!(world.book.person(4001).unwrap().city.as_deref(), Some("Paris"));
}

#[tokio::test]
async fn an_update_whose_snapshot_cannot_be_saved_is_a_failure_and_written_again() {
    let world = world().await;
    let event = || json!({ "id": 9001, "city": "Paris" });
    world.store.fail_commits(true);
    assert!(world.tell("contact_updated", event()).await.contains("the key store failed"));
    world.store.fail_commits(false);
    assert_eq!(world.tell("contact_updated", event()).await, DONE);
    assert_eq!(world.tell("contact_updated", event()).await, done_with(4001));
}

#[tokio::test]
async fn updates_are_told_apart_by_installation() {
    let mut world = world().await;
    let other = Token::new("tok-beta");
    world.simulator.connect(&other, world.service.clone());
    world.simulator.install(&other).await.unwrap();
    world.token = other;
    assert_eq!(
        world.tell("contact_updated", json!({ "id": 9001, "firstname": "Bob" })).await,
        done_with(4002)
    );
    assert_eq!(world.book.person(4001).unwrap().first_name, "Ada");
}
