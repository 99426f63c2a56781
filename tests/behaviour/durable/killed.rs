//! A process that is killed anywhere in a call, and another over the same store: what was accepted is done, once.

use botmatic_contact::key_store::Journal;
use serde_json::json;

use super::{HOUR, Machine, all_done, entries, names, take_down, tell, waiting};
use crate::sync::DONE;

/// The places where it is killed: before or after a commit of the store, which is counted from 0, or while the service
/// is asked.
const PLACES: [(&str, usize); 10] = [
    ("before commit", 0),
    ("after commit", 0),
    ("before commit", 1),
    ("after commit", 1),
    ("before create_contact", 0),
    ("after create_contact", 0),
    ("before commit", 2),
    ("after commit", 2),
    ("before commit", 3),
    ("after commit", 3),
];

async fn killed_at(machine: &Machine, place: &str, number: usize) {
    let world = machine.installed().await;
    let gates = if place.ends_with("commit") { &world.store.gates } else { &world.book.gates };
    let gate = gates.close(place);
    let (service, token) = (world.service.clone(), world.token.clone());
    let body = json!({ "event": "contact_created", "data": { "id": 1, "firstname": "Ada" } }).to_string();
    let call = tokio::spawn(async move { service.handle(Some(token), body.as_bytes()).await });
    for _ in 0..number {
        gate.reached().await;
        gate.open();
    }
    gate.reached().await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    world.kill().await;
}

async fn killed_anywhere(machine: fn() -> Machine) {
    for (place, number) in PLACES {
        let machine = machine();
        killed_at(&machine, place, number).await;
        let mut world = machine.start();
        world.work();
        all_done(&world, HOUR).await;
        // What had not come to the store was not accepted.
        let accepted = usize::from((place, number) != PLACES[0]);
        assert_eq!(names(&world).len(), accepted, "{place} {number}");
        assert_eq!(world.pairs().await.len(), accepted, "{place} {number}");
        assert!(entries(&world, Journal::SetAside).await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_accepted_event_is_done_once_wherever_the_process_was_killed() {
    killed_anywhere(Machine::new).await;
}

#[tokio::test(start_paused = true)]
async fn an_accepted_event_is_done_once_wherever_the_process_was_killed_over_a_file() {
    killed_anywhere(Machine::with_file).await;
}

#[tokio::test(start_paused = true)]
async fn what_waited_to_be_tried_again_waits_on_after_a_restart() {
    let machine = Machine::with_file();
    let mut world = machine.installed().await;
    take_down(&world);
    for (event, name) in [("contact_created", "Ada"), ("contact_updated", "Bea"), ("contact_updated", "Cleo")]
    {
        assert_eq!(tell(&world, event, 1, name).await, DONE);
    }
    world.work();
    tokio::time::sleep(HOUR).await;
    world.kill().await;
    world = machine.start();
    assert_eq!(waiting(&world).await, 3);
    world.work();
    world.book.heal();
    all_done(&world, HOUR).await;
    assert_eq!(names(&world), ["Cleo"]);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_killed_while_it_tries_again_does_nothing_twice() {
    for (place, number) in PLACES {
        let machine = Machine::new();
        let mut world = machine.installed().await;
        take_down(&world);
        for (event, name) in [("contact_created", "Ada"), ("contact_updated", "Bea")] {
            assert_eq!(tell(&world, event, 1, name).await, DONE);
        }
        world.book.heal();
        let gates = if place.ends_with("commit") { &world.store.gates } else { &world.book.gates };
        let gate = gates.close(place);
        world.work();
        for _ in 0..number {
            gate.reached().await;
            gate.open();
        }
        gate.reached().await;
        world.kill().await;
        world = machine.start();
        world.work();
        all_done(&world, HOUR).await;
        assert_eq!(names(&world), ["Bea"], "{place} {number}");
        assert_eq!(world.pairs().await.len(), 1, "{place} {number}");
    }
}
