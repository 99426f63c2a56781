//! An import that Botmatic throttles, or that does not reach it for a while. Under virtual time.

use std::time::Duration;

use botmatic_contact::ImportReport;
use botmatic_contact::key_store::KeyStore;
use tokio::time::{Instant, sleep};

use crate::support::{Person, World};

const LATENCY: Duration = Duration::from_millis(20);

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Twenty pages.
async fn world() -> World {
    let world = World::with((1..=600).map(|id| Person::named(&format!("p{id}")).id(id))).await;
    world.line.takes(LATENCY);
    world
}

/// How many were created, how many failed, and how many of all were done before.
fn counts(report: &ImportReport) -> (u64, usize, u64) {
    (report.created, report.failures.len(), report.resumed)
}

async fn everybody_is_there_once(world: &World) {
    assert_eq!(world.simulator.contacts(&world.token).len(), 600);
    assert_eq!(world.pairs().await.len(), 600);
    assert_eq!(world.store.intents(world.token.installation()).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn an_import_that_is_throttled_waits_and_nobody_is_left_out() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    let before = world.line.requests();
    let (report, ()) = tokio::join!(botmatic.import_all().into_future(), async {
        sleep(LATENCY * 3 / 2).await;
        world.line.refuse("create_contacts", 429);
        sleep(Duration::from_secs(100)).await;
        let vain = world.line.requests() - before - 4;
        // Eight batches were under way; then one after 1, 2, 4, 8, 16 and 32 seconds each.
        assert_eq!(vain, 8 + 6, "all of them wait, and one finds out");
        world.line.heal();
    });
    let report = report.unwrap();
    assert_eq!((counts(&report), report.is_complete()), ((600, 0, 0), true));
    everybody_is_there_once(&world).await;
}

#[tokio::test(start_paused = true)]
async fn updates_that_are_throttled_are_made_later() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    botmatic.import_all().await.unwrap();
    for id in 1..=100 {
        world.book.edit(id, Some(Person::named(&format!("p{id}")).id(id).city("Paris")));
    }
    world.line.refuse("update_contacts", 429);
    let (report, ()) = tokio::join!(botmatic.import_all().into_future(), async {
        sleep(Duration::from_secs(10)).await;
        world.line.heal();
    });
    let report = report.unwrap();
    assert_eq!((report.updated, report.unchanged, report.is_complete()), (100, 500, true), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn an_import_that_is_throttled_for_an_hour_says_so_and_the_next_one_creates_everybody_at_once() {
    let world = world().await;
    world.line.refuse("create_contacts", 429);
    let botmatic = world.botmatic().await;
    let begun = Instant::now();
    let report = botmatic.import_all().await.unwrap();
    assert_eq!(report.interrupted.as_ref().unwrap().status(), Some(429));
    assert_eq!(counts(&report), (0, 0, 0), "who was never let through has not failed");
    assert!((HOUR * 9 / 10..=HOUR * 11 / 10).contains(&begun.elapsed()), "{:?}", begun.elapsed());

    world.line.heal();
    let begun = Instant::now();
    assert_eq!(counts(&botmatic.import_all().await.unwrap()), (600, 0, 0));
    assert!(begun.elapsed() < LATENCY * 6, "who was refused need not be waited for");
    everybody_is_there_once(&world).await;
}

#[tokio::test(start_paused = true)]
async fn an_import_can_be_cancelled_in_a_pause_and_is_gone_on_with() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    let begun = Instant::now();
    let import = botmatic.import_all().until(sleep(Duration::from_secs(100)));
    let (report, ()) = tokio::join!(import.into_future(), async {
        sleep(LATENCY * 5 / 2).await;
        world.line.refuse("create_contacts", 429);
    });
    let report = report.unwrap();
    assert!(report.interrupted.as_ref().unwrap().is_cancelled());
    assert_eq!(begun.elapsed(), Duration::from_secs(100));
    assert_eq!(counts(&report), (240, 0, 0));
    world.line.heal();
    let report = botmatic.import_all().await.unwrap();
    assert_eq!((report.created, report.unchanged, report.resumed), (600 - 30, 30, 240 - 30));
    everybody_is_there_once(&world).await;
}

#[tokio::test(start_paused = true)]
async fn what_hits_all_requests_at_once_does_not_end_an_import() {
    let world = world().await;
    world.line.refuse("create_contacts", 503);
    let botmatic = world.botmatic().await;
    let (report, ()) = tokio::join!(botmatic.import_all().into_future(), async {
        sleep(LATENCY * 3 / 2).await;
        world.line.heal();
    });
    let report = report.unwrap();
    assert!(report.interrupted.is_none(), "{report:?}");
    assert_eq!(counts(&report), (480, 120, 0), "the four that were with Botmatic failed");
}

#[tokio::test(start_paused = true)]
async fn who_hands_over_changes_is_told_at_once_of_those_who_are_throttled() {
    let world = world().await;
    world.line.refuse("create_contacts", 429);
    let people = (1..=2).map(|id| Person::named("new").id(id)).collect();
    let begun = Instant::now();
    let report = world.botmatic().await.update_contacts(people).await.unwrap();
    assert_eq!(begun.elapsed(), LATENCY);
    assert_eq!((counts(&report), report.interrupted.unwrap().status()), ((0, 2, 0), Some(429)));
}
