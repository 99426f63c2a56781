//! What is tried again, and when.

use std::time::Duration;

use botmatic_contact::key_store::Journal;
use botmatic_contact::prelude::*;
use serde_json::json;

use super::{DAY, HOUR, MINUTE, Machine, SECOND, all_done, down, entries, names, take_down, tell, waiting};
use crate::support::Asked;
use crate::sync::DONE;

#[tokio::test(start_paused = true)]
async fn after_an_hour_without_the_service_everything_arrives_once_and_in_order() {
    let mut world = Machine::new().installed().await;
    for id in 1..=3 {
        tell(&world, "contact_created", id, "before").await;
    }
    world.work();
    take_down(&world);
    for round in 0..12 {
        for id in 1..=6 {
            let event = if round == 0 && id > 3 { "contact_created" } else { "contact_updated" };
            assert_eq!(tell(&world, event, id, &format!("{id} round {round}")).await, DONE);
        }
        tokio::time::sleep(5 * MINUTE).await;
    }
    world.tell("contact_deleted", json!({ "contact_id": 3 })).await;
    assert_eq!(waiting(&world).await, 12 * 6 + 1);
    world.book.take_writes();
    world.book.heal();
    let took = all_done(&world, HOUR).await;
    assert!(took <= 11 * MINUTE, "{took:?}");

    let written = world.book.take_writes();
    let of = |id: u64| -> Vec<String> {
        let name = |asked: &Asked| match asked {
            Asked::Create(person) if person.first_name.starts_with(&id.to_string()) => {
                Some(person.first_name.clone())
            }
            Asked::Update(_, patch) => patch["first_name"]
                .as_str()
                .filter(|name| name.starts_with(&id.to_string()))
                .map(str::to_owned),
            _ => None,
        };
        written.iter().filter_map(name).collect()
    };
    for id in 1..=6 {
        assert_eq!(of(id), (0..12).map(|round| format!("{id} round {round}")).collect::<Vec<_>>());
    }
    let deleted = written.iter().rposition(|asked| matches!(asked, Asked::Delete(4003)));
    let changed = written.iter().rposition(|asked| matches!(asked, Asked::Update(4003, _)));
    assert!(deleted > changed, "{written:?}");
    assert_eq!(written.len(), 12 * 6 + 1);
    assert_eq!(world.book.people().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_down_is_asked_less_and_less_often() {
    let mut world = Machine::new().installed().await;
    take_down(&world);
    tell(&world, "contact_created", 1, "Ada").await;
    world.work();
    let mut asked = Vec::new();
    for _ in 0..4 {
        let before = world.book.asked().len();
        tokio::time::sleep(HOUR).await;
        asked.push(world.book.asked().len() - before);
    }
    // Each try asks twice, for whom an earlier one may have created.
    assert!(asked[0] > asked[1] && asked[0] < 48, "{asked:?}");
    assert!(asked[1..].iter().all(|asked| (12..=24).contains(asked)), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_asks_for_a_pause_gets_it() {
    let mut world = Machine::new().installed().await;
    world.book.fail("create_contact", || ConsumerError::throttled(Some(HOUR)));
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, DONE);
    world.book.heal();
    world.book.take_writes();
    world.work();
    tokio::time::sleep(HOUR - SECOND).await;
    assert!(world.book.asked().is_empty());
    all_done(&world, MINUTE).await;
    assert_eq!(names(&world), ["Ada"]);
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_knows_no_address_for_a_while_loses_nothing() {
    for operation in ["create_contact", "get_contact_by_email", "list_contacts"] {
        let mut world = Machine::new().installed().await;
        if operation == "list_contacts" {
            world.book.fail("create_contact", down);
        } else {
            world.book.fail(operation, || ConsumerError::from_status(404, None));
        }
        let data = json!({ "id": 1, "firstname": "Ada", "email": "ada@example.org" });
        assert_eq!(world.tell("contact_created", data).await, DONE, "{operation}");
        world.book.fail(operation, || ConsumerError::from_status(410, None));
        world.work();
        tokio::time::sleep(HOUR).await;
        assert_eq!((names(&world).len(), waiting(&world).await), (0, 1), "{operation}");
        world.book.heal();
        all_done(&world, HOUR).await;
        assert_eq!(names(&world), ["Ada"], "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_try_that_does_not_come_to_its_end_is_broken_off() {
    let mut world = Machine::new().installed().await;
    let gate = world.book.gates.close("before create_contact");
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, DONE);
    gate.reached().await;
    world.book.gates.clear();
    world.work();
    all_done(&world, HOUR).await;
    assert_eq!(names(&world), ["Ada"]);
}

#[tokio::test(start_paused = true)]
async fn what_panics_is_tried_again_and_takes_nothing_else_along() {
    let mut world = Machine::new().installed().await;
    world.book.fail("create_contact", || panic!("a mistake in the consumer"));
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, DONE);
    world.work();
    tokio::time::sleep(MINUTE).await;
    assert_eq!(waiting(&world).await, 1);
    world.book.heal();
    all_done(&world, HOUR).await;
    assert_eq!(names(&world), ["Ada"]);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_waiting_contacts_are_read_a_few_at_a_time_and_no_oftener_than_they_are_tried() {
    let mut world = Machine::new().installed().await;
    take_down(&world);
    for id in 1..=1_000 {
        let email = format!("{id}@example.org");
        world.tell("contact_created", json!({ "id": id, "firstname": "Ada", "email": email })).await;
    }
    let read = world.store.entries_read();
    assert!(read <= 3_000, "{read} entries were read to accept 1000");
    let asked = world.book.asked().len();
    world.work();
    tokio::time::sleep(HOUR).await;
    let (read, tries) = (world.store.entries_read() - read, world.book.asked().len() - asked);
    assert!(tries > 6_000 && read < 20 * tries, "{read} entries were read for {tries} tries");
    world.book.take_writes();
    world.book.heal();
    all_done_at_last(&world).await;
    assert_eq!(world.book.people().len(), 1_000);
    assert_eq!(world.book.take_writes().len(), 1_000);
}

/// The same as [`all_done`], reading less.
async fn all_done_at_last(world: &crate::support::World) {
    for _ in 0..60 {
        tokio::time::sleep(MINUTE).await;
        if entries(world, Journal::Accepted).await.is_empty() {
            return;
        }
    }
    panic!("{} are waiting", waiting(world).await);
}

#[tokio::test(start_paused = true)]
async fn of_two_processes_over_one_store_each_works_on_what_the_other_does_not() {
    let machine = Machine::new();
    let mut one = machine.installed().await;
    let mut other = machine.start();
    take_down(&one);
    for id in 1..=50 {
        for name in ["first", "then"] {
            let world = if id % 2 == 0 { &one } else { &other };
            let event = if name == "first" { "contact_created" } else { "contact_updated" };
            assert_eq!(tell(world, event, id, &format!("{name} {id}")).await, DONE);
        }
    }
    one.work();
    other.work();
    tokio::time::sleep(10 * MINUTE).await;
    one.book.heal();
    one.book.take_writes();
    all_done(&one, HOUR).await;
    let written = one.book.take_writes();
    assert_eq!(written.len(), 100);
    assert!(names(&one).iter().all(|name| name.starts_with("then")), "{:?}", names(&one));
    assert_eq!(one.book.people().len(), 50);
}

#[tokio::test(start_paused = true)]
async fn the_events_of_a_contact_are_tried_by_one_at_a_time() {
    let mut world = Machine::new().installed().await;
    tell(&world, "contact_created", 1, "Ada").await;
    world.book.fail("update_contact", || ConsumerError::throttled(Some(HOUR)));
    assert_eq!(tell(&world, "contact_updated", 1, "Bea").await, DONE);
    world.book.take_writes();
    let gate = world.book.gates.close("before update_contact");
    world.work();
    tokio::time::sleep(HOUR + SECOND).await;
    gate.reached().await;
    // It comes while the first one is being tried, and looks when that has failed once more.
    let (service, token) = (world.service.clone(), world.token.clone());
    let body = json!({ "event": "contact_updated", "data": { "id": 1, "firstname": "Cleo" } }).to_string();
    let call = tokio::spawn(async move { service.handle(Some(token), body.as_bytes()).await });
    tokio::time::sleep(SECOND).await;
    world.book.gates.clear();
    gate.open();
    assert_eq!(call.await.unwrap(), botmatic_contact::Answer::Reply(DONE.into()));
    assert_eq!(world.book.take_writes().len(), 1);
    assert_eq!(waiting(&world).await, 2);
}

#[tokio::test(start_paused = true)]
async fn what_waits_when_the_installation_ends_is_forgotten_and_does_not_come_back() {
    let mut world = Machine::new().installed().await;
    take_down(&world);
    tell(&world, "contact_created", 1, "Ada").await;
    let gate = world.book.gates.close("before list_contacts");
    world.work();
    gate.reached().await;
    // In the middle of the second try.
    assert!(world.simulator.uninstall(&world.token).await.unwrap().success);
    gate.open();
    world.book.gates.clear();
    tokio::time::sleep(DAY).await;
    assert!(entries(&world, Journal::Accepted).await.is_empty());
    assert!(entries(&world, Journal::SetAside).await.is_empty());
    assert!(world.book.people().is_empty() && world.pairs().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn work_ends_when_it_is_told_to_with_what_is_under_way() {
    let world = Machine::new().installed().await;
    take_down(&world);
    for id in 1..=2 {
        tell(&world, "contact_created", id, "Ada").await;
    }
    world.book.heal();
    let gate = world.book.gates.close("before create_contact");
    let (end, ended) = tokio::sync::oneshot::channel();
    let service = world.service.clone();
    let work = tokio::spawn(async move { service.work(async { ended.await.unwrap() }).await });
    gate.reached().await;
    end.send(()).unwrap();
    gate.open();
    gate.open();
    tokio::time::timeout(Duration::from_secs(60), work).await.expect("it ends").unwrap();
    assert!(!names(&world).is_empty());
    assert_eq!(waiting(&world).await, 2 - names(&world).len());
}
