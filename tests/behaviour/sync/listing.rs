//! A listing that an import reads, and that breaks off. Under virtual time.

use std::time::Duration;

use botmatic_contact::prelude::*;
use tokio::time::Instant;

use crate::support::{Asked, Person, World};

/// Four pages, the last of which is not full.
async fn world() -> World {
    World::with((1..=95).map(|id| Person::named(&format!("p{id}")).id(id))).await
}

#[tokio::test(start_paused = true)]
async fn a_page_that_cannot_be_read_for_a_while_is_read_later() {
    type Fails = fn() -> ConsumerError;
    let cases: [(Fails, u32, u64); 3] = [
        (|| ConsumerError::failed("the address book fell down"), 4, 15),
        (|| ConsumerError::throttled(None), 6, 63),
        (|| ConsumerError::throttled(Some(Duration::from_secs(600))), 5, 3000),
    ];
    for (fails, times, seconds) in cases {
        let world = world().await;
        let botmatic = world.botmatic().await;
        let (since, begun) = (world.book.asked().len(), Instant::now());
        let gate = world.book.gates.close("before list_contacts");
        let (report, ()) = tokio::join!(botmatic.import_all().into_future(), async {
            gate.reached().await;
            gate.open();
            gate.reached().await;
            world.book.fail_times(times, "list_contacts", fails);
            world.book.gates.clear();
            gate.open();
        });
        let report = report.unwrap();
        assert_eq!((report.created, report.is_complete()), (95, true));
        let twos = vec![2; times as usize + 1];
        let expected = [&[1], &twos[..], &[3, 4, 5]].concat();
        assert_eq!(world.book.asked()[since..], expected.into_iter().map(Asked::List).collect::<Vec<_>>());
        let about = Duration::from_secs(seconds)..Duration::from_secs(seconds + u64::from(times));
        assert!(about.contains(&begun.elapsed()), "{:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_begins_at_its_beginning_again_is_not_read_for_ever() {
    let world = world().await;
    world.book.begins_anew();
    let botmatic = world.botmatic().await;
    let gate = world.book.gates.close("before list_contacts");
    let (report, ()) = tokio::join!(botmatic.import_all().into_future(), async {
        gate.reached().await;
        gate.open();
        gate.reached().await;
        world.book.fail_times(1, "list_contacts", || ConsumerError::failed("the address book fell down"));
        world.book.gates.clear();
        gate.open();
    });
    let report = report.unwrap();
    let why = report.interrupted.as_ref().unwrap().to_string();
    assert!(why.contains("have `list_all_contacts` begin where it is asked to"), "{why}");
    assert_eq!((report.created, report.failures.len()), (30, 0));
}
