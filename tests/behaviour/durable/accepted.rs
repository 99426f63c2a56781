//! What is answered, and when.

use botmatic_contact::key_store::Journal;
use botmatic_contact::prelude::*;
use serde_json::json;

use super::{DAY, HOUR, Machine, all_done, entries, names, take_down, tell, waiting};
use crate::support::Asked;
use crate::sync::{DONE, NOT_FOUND, done_with, failed};

#[tokio::test(start_paused = true)]
async fn what_succeeds_at_once_is_answered_as_always_and_leaves_nothing_behind() {
    let world = Machine::new().installed().await;
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, done_with(4001));
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, done_with(4001));
    assert_eq!(tell(&world, "contact_updated", 1, "Eve").await, DONE);
    assert_eq!(world.tell("contact_deleted", json!({ "contact_id": 1 })).await, DONE);
    assert_eq!(world.tell("contact_deleted", json!({ "contact_id": 1 })).await, NOT_FOUND);
    assert!(entries(&world, Journal::Accepted).await.is_empty());
    assert!(entries(&world, Journal::SetAside).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_event_is_in_the_store_before_anything_is_asked_of_the_service() {
    let world = Machine::new().installed().await;
    let gate = world.book.gates.close("before create_contact");
    let (service, token) = (world.service.clone(), world.token.clone());
    let body = json!({ "event": "contact_created", "data": { "id": 1, "firstname": "Ada" } }).to_string();
    let call = tokio::spawn(async move { service.handle(Some(token), body.as_bytes()).await });
    gate.reached().await;
    assert_eq!(waiting(&world).await, 1);
    gate.open();
    call.await.unwrap();
    assert_eq!(waiting(&world).await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_fails_in_passing_is_answered_with_success_and_done_later() {
    let mut world = Machine::new().installed().await;
    take_down(&world);
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, DONE);
    assert_eq!(waiting(&world).await, 1);
    world.work();
    tokio::time::sleep(HOUR).await;
    assert_eq!((names(&world).len(), waiting(&world).await), (0, 1));
    world.book.heal();
    all_done(&world, HOUR).await;
    assert_eq!(names(&world), ["Ada"]);
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, done_with(4001));
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_good_is_answered_so_and_not_kept() {
    let mut world = Machine::new().installed().await;
    world.book.fail("create_contact", || ConsumerError::rejected("no such city"));
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, failed("no such city"));
    world.book.heal();
    for incomplete in [json!({ "id": 1 }), json!({ "firstname": "nobody" }), json!(null)] {
        let answer = world.tell("contact_created", incomplete).await;
        assert!(answer.ends_with(r#""success":false}"#), "{answer}");
    }
    assert!(entries(&world, Journal::Accepted).await.is_empty());
    world.work();
    tokio::time::sleep(DAY).await;
    assert!(names(&world).is_empty() && entries(&world, Journal::SetAside).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_stored_is_not_accepted() {
    let world = Machine::new().installed().await;
    world.store.fail_commits(true);
    let answer = tell(&world, "contact_created", 1, "Ada").await;
    assert_eq!(answer, failed("the key store failed; nothing of this call was saved"));
    assert!(world.book.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_a_store_that_fails_later_does_not_hear_of_is_done_again_and_changes_nothing() {
    let mut world = Machine::new().installed().await;
    let gate = world.book.gates.close("before create_contact");
    let (service, token) = (world.service.clone(), world.token.clone());
    let body = json!({ "event": "contact_created", "data": { "id": 1, "firstname": "Ada" } }).to_string();
    let call = tokio::spawn(async move { service.handle(Some(token), body.as_bytes()).await });
    gate.reached().await;
    world.store.fail_commits(true);
    gate.open();
    assert_eq!(call.await.unwrap(), botmatic_contact::Answer::Reply(DONE.into()));
    assert_eq!(waiting(&world).await, 1);
    world.store.fail_commits(false);
    world.book.gates.clear();
    world.work();
    all_done(&world, HOUR).await;
    assert_eq!(names(&world), ["Ada"]);
    assert_eq!(world.pairs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_events_of_a_contact_wait_for_each_other_and_those_of_others_do_not() {
    let mut world = Machine::new().installed().await;
    tell(&world, "contact_created", 1, "Ada").await;
    world.book.take_writes();
    world.book.fail("update_contact", super::down);
    assert_eq!(tell(&world, "contact_updated", 1, "Bea").await, DONE);
    let asked = world.book.asked().len();
    assert_eq!(tell(&world, "contact_updated", 1, "Cleo").await, DONE);
    assert_eq!(world.book.asked().len(), asked, "neither is due");
    assert_eq!(waiting(&world).await, 2);
    assert_eq!(tell(&world, "contact_created", 2, "Dora").await, done_with(4002));
    let names_written = |asked: Vec<Asked>| -> Vec<String> {
        let name = |asked| match asked {
            Asked::Update(_, patch) => patch["first_name"].as_str().unwrap().to_owned(),
            Asked::Create(person) => person.first_name,
            other => panic!("{other:?}"),
        };
        let mut names: Vec<_> = asked.into_iter().map(name).collect();
        names.dedup();
        names
    };
    assert_eq!(names_written(world.book.take_writes()), ["Bea", "Dora"]);
    world.book.heal();
    world.work();
    all_done(&world, HOUR).await;
    assert_eq!(names_written(world.book.take_writes()), ["Bea", "Cleo"]);
    assert_eq!(names(&world), ["Cleo", "Dora"]);
}
