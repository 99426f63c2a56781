//! Several who work on the accepted events of one store, or wait for it.

use botmatic_contact::key_store::{Journal, KeyStore, Write};

use super::{DAY, HOUR, MINUTE, Machine, SECOND, all_done, entries, names, take_down, tell, waiting};
use crate::sync::DONE;

#[tokio::test(start_paused = true)]
async fn what_is_under_way_goes_on_while_the_store_is_being_read() {
    let machine = Machine::new();
    let mut world = machine.start_with(|builder| builder.request_limit(HOUR));
    world.install().await;
    take_down(&world);
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, DONE);
    world.book.heal();
    let gate = world.book.gates.close("before create_contact");
    world.work();
    gate.reached().await;
    let reading = world.store.gates.close("before installation");
    tokio::time::sleep(2 * MINUTE).await;
    reading.reached().await;
    gate.open();
    for _ in 0..10 {
        tokio::time::sleep(SECOND).await;
    }
    assert_eq!((names(&world).len(), waiting(&world).await), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn lines_that_another_process_is_at_are_passed_over() {
    let machine = Machine::new();
    let mut one = machine.installed().await;
    let mut other = machine.start();
    take_down(&one);
    for id in 1..=12 {
        assert_eq!(tell(&one, "contact_created", id, "Ada").await, DONE);
    }
    tokio::time::sleep(MINUTE).await;
    one.book.heal();
    let gate = one.book.gates.close("before create_contact");
    one.work();
    for _ in 0..4 {
        gate.reached().await;
    }
    one.book.gates.clear();
    other.work();
    tokio::time::sleep(5 * SECOND).await;
    assert_eq!(one.book.people().len(), 8);
    for _ in 0..4 {
        gate.open();
    }
    all_done(&one, MINUTE).await;
    assert_eq!(one.book.people().len(), 12);
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_last_comes_last_though_the_clock_of_another_process_is_fast() {
    let machine = Machine::new();
    let mut one = machine.installed().await;
    let fast = machine.start_with(|builder| builder.clock(machine.clock.fast_by(HOUR)));
    take_down(&one);
    assert_eq!(tell(&fast, "contact_updated", 1, "Ada").await, DONE);
    for name in ["Bea", "Cleo", "Dora"] {
        assert_eq!(tell(&one, "contact_updated", 1, name).await, DONE);
    }
    one.book.heal();
    one.work();
    all_done(&one, 2 * HOUR).await;
    assert_eq!(names(&one), ["Dora"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_an_installation_that_has_ended_is_not_tried_for_ever() {
    let mut world = Machine::new().installed().await;
    take_down(&world);
    for name in ["Ada", "Bea"] {
        tell(&world, "contact_created", 1, name).await;
    }
    world.book.heal();
    let gate = world.book.gates.close("before create_contact");
    world.work();
    gate.reached().await;
    let left = entries(&world, Journal::Accepted).await;
    assert!(world.simulator.uninstall(&world.token).await.unwrap().success);
    let claim = world.store.claim(world.token.installation(), &[]).await.unwrap();
    let left = left.into_iter().map(|entry| Write::Put(Journal::Accepted, entry)).collect();
    world.store.commit(&claim, left).await.unwrap();
    world.book.gates.clear();
    let asked = world.book.asked().len();
    gate.open();
    tokio::time::sleep(DAY).await;
    assert_eq!(world.book.asked().len(), asked);
    assert_eq!(waiting(&world).await, 2, "nothing is written any more");
}
