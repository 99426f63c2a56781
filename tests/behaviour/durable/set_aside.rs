//! What is given up: it can be listed, inspected, retried and dropped.

use botmatic_contact::SetAsideEvent;
use botmatic_contact::key_store::{Journal, MemoryKeyStore};
use botmatic_contact::prelude::*;
use serde_json::json;

use super::{DAY, HOUR, MINUTE, Machine, all_done, entries, names, take_down, tell, waiting};
use crate::support::{AddressBook, Parts, World};
use crate::sync::{DONE, done_with};

async fn listed(world: &World) -> Vec<SetAsideEvent> {
    world.botmatic().await.set_aside().list(None, 100).await.unwrap()
}

/// A world with an event of each of these that was set aside.
async fn with_events_of(ids: impl IntoIterator<Item = u64>) -> World {
    let mut world = Machine { patience: Some(DAY), ..Machine::new() }.installed().await;
    take_down(&world);
    for id in ids {
        assert_eq!(tell(&world, "contact_created", id, &format!("secret-{id}")).await, DONE);
    }
    world.work();
    tokio::time::sleep(DAY + HOUR).await;
    assert_eq!(waiting(&world).await, 0);
    world
}

#[tokio::test(start_paused = true)]
async fn what_has_failed_for_as_long_as_is_said_is_set_aside_with_the_reason() {
    let mut world = Machine { patience: Some(DAY), ..Machine::new() }.installed().await;
    take_down(&world);
    assert_eq!(tell(&world, "contact_created", 1, "secret-1").await, DONE);
    world.work();
    tokio::time::sleep(DAY - 10 * MINUTE).await;
    assert!(listed(&world).await.is_empty());
    tokio::time::sleep(30 * MINUTE).await;
    let [event] = &*listed(&world).await else { panic!("one event") };
    assert_eq!((&*event.event, event.contact.as_str()), ("contact_created", "1"));
    assert!(event.tries > 100, "{}", event.tries);
    assert_eq!(event.reason, "Consumer, transient");
    assert_eq!(event.data(), &json!({ "id": 1, "firstname": "secret-1" }));
    assert!(!format!("{event:?}").contains("secret"), "{event:?}");
    assert!(entries(&world, Journal::Accepted).await.is_empty());
    world.book.take_writes();
    tokio::time::sleep(DAY).await;
    assert!(world.book.asked().is_empty(), "it is left alone");
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_good_after_it_was_accepted_is_set_aside_and_the_next_one_moves_up() {
    let mut world = Machine::new().installed().await;
    tell(&world, "contact_created", 1, "Ada").await;
    take_down(&world);
    assert_eq!(tell(&world, "contact_updated", 1, "Bea").await, DONE);
    assert_eq!(world.tell("contact_deleted", json!({ "contact_id": 1 })).await, DONE);
    world.book.fail("update_contact", || ConsumerError::rejected("secret words"));
    world.book.fail("delete_contact", ConsumerError::not_found);
    world.work();
    all_done(&world, HOUR).await;
    let [event] = &*listed(&world).await else { panic!("one event") };
    assert_eq!((&*event.event, event.tries), ("contact_updated", 2));
    assert_eq!((&*event.reason, event.message()), ("Consumer, rejected", "secret words"));
    assert!(!format!("{event:?}").contains("secret"), "{event:?}");
    assert!(world.pairs().await.is_empty(), "the deletion moved up");
}

#[tokio::test(start_paused = true)]
async fn they_are_listed_page_by_page_in_the_order_in_which_they_were_accepted() {
    let world = with_events_of([5, 3, 9, 1, 7]).await;
    let botmatic = world.botmatic().await;
    let set_aside = botmatic.set_aside();
    let (mut contacts, mut after) = (Vec::new(), None);
    loop {
        let page = set_aside.list(after.as_deref(), 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        contacts.extend(page.into_iter().map(|event| event.contact.to_string()));
    }
    assert_eq!(contacts, ["5", "3", "9", "1", "7"]);
}

#[tokio::test(start_paused = true)]
async fn one_is_found_by_its_id_and_what_is_no_id_finds_nothing() {
    let world = with_events_of([1, 2]).await;
    let botmatic = world.botmatic().await;
    let set_aside = botmatic.set_aside();
    for event in listed(&world).await {
        assert_eq!(set_aside.get(&event.id).await.unwrap().unwrap().contact, event.contact);
    }
    for id in ["", "é", "0", "r", &"f".repeat(64)] {
        assert!(set_aside.get(id).await.unwrap().is_none(), "{id}");
        assert!(!set_aside.retry(id).await.unwrap() && !set_aside.drop(id).await.unwrap(), "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_is_retried_is_done_and_one_that_is_dropped_is_not() {
    let world = with_events_of([1, 2]).await;
    let botmatic = world.botmatic().await;
    let set_aside = botmatic.set_aside();
    world.book.heal();
    let [first, second] = &*listed(&world).await else { panic!("two events") };
    assert!(set_aside.retry(&first.id).await.unwrap());
    assert!(set_aside.drop(&second.id).await.unwrap());
    assert!(!set_aside.retry(&first.id).await.unwrap() && !set_aside.drop(&second.id).await.unwrap());
    assert!(listed(&world).await.is_empty());
    all_done(&world, MINUTE).await;
    assert_eq!(names(&world), ["secret-1"]);
    assert_eq!(tell(&world, "contact_created", 1, "secret-1").await, done_with(4001));
}

#[tokio::test(start_paused = true)]
async fn one_that_is_retried_and_fails_again_is_set_aside_again_after_the_whole_time() {
    let world = with_events_of([1]).await;
    let before = listed(&world).await.remove(0);
    let botmatic = world.botmatic().await;
    assert!(botmatic.set_aside().retry(&before.id).await.unwrap());
    tokio::time::sleep(DAY - 10 * MINUTE).await;
    assert!(listed(&world).await.is_empty());
    tokio::time::sleep(30 * MINUTE).await;
    let after = listed(&world).await.remove(0);
    assert!(after.accepted_at > before.accepted_at && after.tries > 100, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn they_go_with_the_installation() {
    let world = with_events_of([1]).await;
    assert!(world.simulator.uninstall(&world.token).await.unwrap().success);
    assert!(entries(&world, Journal::SetAside).await.is_empty());
}

#[tokio::test]
async fn a_service_that_is_not_durable_retries_nothing_and_says_so() {
    let world = World::over(Parts::new(AddressBook::default()), MemoryKeyStore::new());
    world.install().await;
    let botmatic = world.botmatic().await;
    assert!(botmatic.set_aside().list(None, 9).await.unwrap().is_empty());
    let error = botmatic.set_aside().retry("1").await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains(".durable()"), "{error}");
}
