//! A service that asks to be left alone.

use botmatic_contact::prelude::*;

use super::{HOUR, MINUTE, Machine, SECOND, all_done, tell};
use crate::sync::DONE;

#[tokio::test(start_paused = true)]
async fn a_pause_holds_for_all_contacts_of_the_installation() {
    let mut world = Machine::new().installed().await;
    tell(&world, "contact_created", 1, "Ada").await;
    world.book.fail("create_contact", || ConsumerError::throttled(Some(HOUR)));
    assert_eq!(tell(&world, "contact_created", 2, "Bea").await, DONE);
    world.book.heal();
    world.book.take_writes();
    world.work();
    for id in 3..20 {
        assert_eq!(tell(&world, "contact_created", id, "Cleo").await, DONE);
        assert_eq!(tell(&world, "contact_updated", 1, &format!("Ada {id}")).await, DONE);
    }
    tokio::time::sleep(HOUR - SECOND).await;
    assert!(world.book.asked().is_empty(), "{:?}", world.book.asked());
    all_done(&world, MINUTE).await;
    assert_eq!(world.book.people().len(), 19);
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_for_no_other_installation() {
    let world = Machine::new().installed().await;
    let other = Token::new("tok-beta");
    world.simulator.connect(&other, world.service.clone());
    assert!(world.simulator.install(&other).await.unwrap().success);
    world.book.fail("create_contact", || ConsumerError::throttled(Some(HOUR)));
    assert_eq!(tell(&world, "contact_created", 1, "Ada").await, DONE);
    world.book.heal();
    let body = br#"{"event":"contact_created","data":{"id":1,"firstname":"Ada"}}"#;
    world.service.handle(Some(other), body).await;
    assert_eq!(world.book.people().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_not_everybody_comes_at_once() {
    let mut world = Machine::new().installed().await;
    world.book.fail("create_contact", || ConsumerError::throttled(Some(MINUTE)));
    let mut tried = Vec::new();
    tell(&world, "contact_created", 1, "Ada").await;
    world.work();
    let begun = tokio::time::Instant::now();
    while tried.len() < 10 {
        let before = world.book.asked().len();
        tokio::time::sleep(SECOND / 10).await;
        if world.book.asked().len() > before {
            tried.push(begun.elapsed());
        }
    }
    let pauses: Vec<_> = tried.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(pauses.iter().all(|pause| *pause >= MINUTE), "{pauses:?}");
    assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{pauses:?}");
}
