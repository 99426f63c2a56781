//! `contact_deleted`, and what arrives after it.

use botmatic_contact::key_store::{KeyStore, Subject, Write};
use botmatic_contact::prelude::*;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{DONE, NOT_FOUND, done_with, failed};
use crate::support::{Asked, Person, World};

/// A world in which 9001 and 4001 are Ada.
async fn world() -> World {
    let world = World::with([]).await;
    assert_eq!(
        world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await,
        done_with(4001)
    );
    world.book.take_writes();
    world
}

async fn delete(world: &World) -> String {
    world.tell("contact_deleted", json!({ "contact_id": 9001 })).await
}

#[tokio::test]
async fn a_known_contact_is_deleted_outside_and_its_pair_forgotten() {
    let world = world().await;
    assert_eq!(delete(&world).await, DONE);
    assert_eq!(world.book.take_writes(), [Asked::Delete(4001)]);
    assert_eq!(world.book.people(), []);
    assert_eq!(world.pairs().await, []);
}

#[tokio::test]
async fn an_unknown_contact_is_not_found_and_nobody_is_asked() {
    let world = World::with([Person::named("Ada").id(9001)]).await;
    assert_eq!(delete(&world).await, NOT_FOUND);
    assert_eq!(world.book.asked(), []);
    assert_eq!(world.book.people().len(), 1);
    assert_eq!(world.tell("contact_deleted", json!({})).await, failed("no data"));
}

#[tokio::test]
async fn a_delete_that_is_delivered_twice_asks_once() {
    let world = world().await;
    assert_eq!(delete(&world).await, DONE);
    assert_eq!(delete(&world).await, NOT_FOUND);
    assert_eq!(world.book.take_writes(), [Asked::Delete(4001)]);
}

#[tokio::test]
async fn a_delete_that_fails_keeps_the_pair_and_is_done_when_redelivered() {
    let world = world().await;
    world.book.fail("delete_contact", || ConsumerError::failed("closed"));
    assert_eq!(delete(&world).await, failed("closed"));
    assert_eq!(world.pairs().await.len(), 1);
    world.book.heal();
    assert_eq!(delete(&world).await, DONE);
    assert_eq!(world.book.people(), []);
}

#[tokio::test]
async fn who_is_gone_outside_already_is_deleted() {
    let world = world().await;
    world.book.edit(4001, None);
    assert_eq!(delete(&world).await, DONE);
    assert_eq!(world.pairs().await, []);
}

#[tokio::test]
async fn what_was_said_before_a_delete_and_arrives_after_it_resurrects_nobody() {
    let world = world().await;
    assert_eq!(delete(&world).await, DONE);
    world.book.take_writes();
    for event in ["contact_updated", "contact_created"] {
        assert_eq!(
            world.tell(event, json!({ "id": 9001, "firstname": "Ada", "city": "Paris" })).await,
            NOT_FOUND
        );
    }
    assert_eq!(world.book.asked(), []);

    let botmatic = world.botmatic().await;
    assert!(botmatic.update_contact(Person::named("Ada").id(4001)).await.unwrap_err().is_not_found());
    assert!(botmatic.create_contact(Person::named("Ada").id(4001)).await.unwrap_err().is_not_found());
    assert_eq!(world.writes_on_botmatic(), 0);
}

#[tokio::test]
async fn a_deletion_is_remembered_for_a_month_and_no_longer() {
    for (days, answer) in [(29, NOT_FOUND.to_owned()), (31, done_with(4001))] {
        let world = World::with([]).await;
        let at = Timestamp::now() - SignedDuration::from_hours(24 * days);
        let subjects = [Subject::from(ContactId::from(9001_u64)), ExternalId::from(4001_u64).into()];
        let claim = world.store.claim(world.token.installation(), &subjects).await.unwrap();
        let deleted = Write::Deleted { contact: 9001_u64.into(), external: 4001_u64.into(), at };
        world.store.commit(&claim, vec![deleted]).await.unwrap();
        drop(claim);
        let event = json!({ "id": 9001, "firstname": "Ada" });
        assert_eq!(world.tell("contact_created", event).await, answer, "after {days} days");
    }
}

#[tokio::test]
async fn a_delete_of_somebody_who_is_just_being_created_waits_and_deletes() {
    let world = World::with([]).await;
    let gate = world.book.gates.close("after create_contact");
    let created = world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" }));
    let deleted = async {
        gate.reached().await;
        let (answer, ()) = tokio::join!(delete(&world), async {
            world.let_others_run().await;
            gate.open();
        });
        answer
    };
    assert_eq!(tokio::join!(created, deleted), (done_with(4001), DONE.to_owned()));
    assert_eq!(world.book.people(), []);
    assert_eq!(world.pairs().await, []);
}
