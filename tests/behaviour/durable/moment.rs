//! How long a call waits, and what becomes of its event when that is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use botmatic_contact::key_store::Journal;
use botmatic_contact::prelude::*;
use botmatic_contact::{Answer, SetAsideEvent, Table, event};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::{DAY, HOUR, MINUTE, Machine, SECOND, all_done, entries, names, take_down, tell, waiting};
use crate::support::{AddressBook, Asked, World};
use crate::sync::{DONE, done_with};

/// The same as [`tell`], while something else goes on.
fn telling(world: &World, event: &str, id: u64, name: &str) -> JoinHandle<Answer> {
    let (service, token) = (world.service.clone(), world.token.clone());
    let body = json!({ "event": event, "data": { "id": id, "firstname": name } }).to_string();
    tokio::spawn(async move { service.handle(Some(token), body.as_bytes()).await })
}

/// A world in which somebody works on what is left for later.
async fn attended(machine: &Machine) -> World {
    let mut world = machine.installed().await;
    world.work();
    world.let_others_run().await;
    world
}

#[tokio::test(start_paused = true)]
async fn what_takes_longer_than_a_moment_is_answered_with_success_and_gone_on_with() {
    let world = attended(&Machine::new()).await;
    let gate = world.book.gates.close("before create_contact");
    let begun = Instant::now();
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, DONE);
    assert_eq!(begun.elapsed(), 5 * SECOND);
    tokio::time::sleep(20 * SECOND).await;
    gate.open();
    all_done(&world, MINUTE).await;
    assert_eq!((names(&world), world.pairs().await.len()), (vec!["Ada".to_owned()], 1));
    assert_eq!(world.book.take_writes().len(), 1, "it was not begun anew");
}

#[tokio::test(start_paused = true)]
async fn the_next_event_of_a_contact_is_stored_while_the_one_before_it_is_worked_on() {
    let world = attended(&Machine::new()).await;
    let gate = world.book.gates.close("before create_contact");
    let calls = ["Ada", "Bea", "Cleo"].map(|name| telling(&world, "contact_created", 1, name));
    gate.reached().await;
    world.let_others_run().await;
    assert_eq!(waiting(&world).await, 3);
    gate.open();
    for call in calls {
        assert!(matches!(call.await.unwrap(), Answer::Reply(body) if body.ends_with(br#""success":true}"#)));
    }
    all_done(&world, MINUTE).await;
    assert_eq!(names(&world), ["Ada"], "they are told of in order");
}

#[tokio::test(start_paused = true)]
async fn of_two_events_that_come_at_one_moment_none_is_left_when_the_other_is_done() {
    let world = attended(&Machine::new()).await;
    let gate = world.book.gates.close("before create_contact");
    let calls = [("contact_created", "Ada"), ("contact_updated", "Bea")]
        .map(|(event, name)| telling(&world, event, 1, name));
    for call in calls {
        assert_eq!(call.await.unwrap(), Answer::Reply(DONE.into()));
    }
    gate.open();
    all_done(&world, MINUTE).await;
    assert_eq!(names(&world), ["Bea"]);
}

#[tokio::test(start_paused = true)]
async fn what_fails_for_good_when_success_was_answered_is_set_aside() {
    let world = attended(&Machine::new()).await;
    world.book.fail("create_contact", || ConsumerError::rejected("no such city"));
    let gate = world.book.gates.close("before create_contact");
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, DONE);
    gate.open();
    all_done(&world, MINUTE).await;
    let set_aside = world.botmatic().await.set_aside().list(None, 9).await.unwrap();
    assert_eq!(set_aside.iter().map(SetAsideEvent::message).collect::<Vec<_>>(), ["no such city"]);
}

#[tokio::test(start_paused = true)]
async fn who_finds_everybody_at_work_is_accepted_all_the_same() {
    let machine = Machine::new();
    let mut world = machine.start_with(|builder| builder.concurrency(1));
    world.install().await;
    world.work();
    let gate = world.book.gates.close("before create_contact");
    let first = telling(&world, "contact_created", 1, "Ada");
    gate.reached().await;
    assert_eq!(tell(&world, "contact_created", 2, "Bea").await, DONE);
    assert_eq!(first.await.unwrap(), Answer::Reply(DONE.into()));
    // The second has been taken up by who works, beside the calls.
    gate.open();
    gate.open();
    all_done(&world, MINUTE).await;
    assert_eq!(world.book.people().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_does_not_work_off_what_came_before_its_own_event() {
    let mut world = Machine::new().installed().await;
    take_down(&world);
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, DONE);
    tokio::time::sleep(HOUR).await;
    world.book.heal();
    world.book.take_writes();
    assert_eq!(tell(&world, "contact_updated", 1, "Bea").await, DONE);
    assert!(world.book.asked().is_empty() && waiting(&world).await == 2);
    world.work();
    all_done(&world, MINUTE).await;
    assert_eq!(names(&world), ["Bea"]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_would_go_on_for_goes_on_itself() {
    let world = Machine::new().installed().await;
    let gate = world.book.gates.close("before create_contact");
    let call = telling(&world, "contact_created", 1, "Ada");
    gate.reached().await;
    tokio::time::sleep(30 * SECOND).await;
    gate.open();
    assert_eq!(call.await.unwrap(), Answer::Reply(done_with(4001).into()));
    assert!(entries(&world, Journal::Accepted).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_or_never_ends_is_called_once() {
    for never_ends in [false, true] {
        let (machine, called) = (Machine::new(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&called);
        let mut world = machine.start_with(|builder| {
            builder.handlers(Table::<AddressBook>::new().on(event::contact_created, move |_| {
                count.fetch_add(1, Ordering::SeqCst);
                Box::pin(async move {
                    if never_ends {
                        std::future::pending::<()>().await;
                    }
                    panic!("a mistake in a handler")
                })
            }))
        });
        world.install().await;
        if never_ends {
            world.work();
        }
        let answer = tell(&world, "contact_created", 1, "Ada").await;
        let says = if never_ends { DONE } else { "the handler panicked" };
        assert!(answer.contains(says), "{answer}");
        tokio::time::sleep(DAY).await;
        assert_eq!(called.load(Ordering::SeqCst), 1);
        assert_eq!(names(&world), ["Ada"]);
        assert!(entries(&world, Journal::Accepted).await.is_empty());
        assert!(entries(&world, Journal::SetAside).await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_the_installation_ends_is_not_accepted() {
    let world = Machine::new().installed().await;
    let gate = world.store.gates.close("before installation");
    let call = telling(&world, "contact_created", 1, "Ada");
    // The first looks whether the token is served, the second whether it still is.
    gate.reached().await;
    gate.open();
    gate.reached().await;
    world.store.gates.clear();
    assert!(world.simulator.uninstall(&world.token).await.unwrap().success);
    gate.open();
    let Answer::Reply(answer) = call.await.unwrap() else { panic!("a reply") };
    assert!(String::from_utf8(answer).unwrap().contains("uninstalled"));
    assert!(entries(&world, Journal::Accepted).await.is_empty());
    assert_eq!(world.book.take_writes(), Vec::<Asked>::new());
}
