//! How an import runs: several requests at once, one import at a time, cancelled, cut short and gone on with. Under
//! virtual time, with people enough for many pages.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use botmatic_contact::key_store::{Journal, KeyStore, Pair, Subject, Write};
use botmatic_contact::prelude::*;
use botmatic_contact::{ImportProgress, ImportReport};
use futures_util::{FutureExt, StreamExt};
use tokio::time::{Instant, advance, sleep, timeout};

use crate::support::{AddressBook, Asked, Parts, Person, World};

/// How long Botmatic takes for a request here.
const LATENCY: Duration = Duration::from_millis(20);

const HOUR: Duration = Duration::from_secs(60 * 60);

fn person(id: u64) -> Person {
    let person = Person::named(&format!("p{id}")).id(id);
    if id.is_multiple_of(2) { person } else { person.email(&format!("p{id}@example.org")) }
}

/// Twenty pages.
async fn world() -> World {
    let world = World::with((1..=600).map(person)).await;
    world.line.takes(LATENCY);
    world
}

fn window(requests: usize) -> NonZeroUsize {
    NonZeroUsize::new(requests).unwrap()
}

/// Runs an import as long as it is given, and drops it then.
async fn cut_short(world: &World, after: Duration) {
    let botmatic = world.botmatic().await;
    assert!(timeout(after, botmatic.import_all().into_future()).await.is_err(), "it was over before");
}

/// How many went through, how many failed, and how many of them were done before.
fn counts(report: &ImportReport) -> (u64, usize, u64) {
    (report.created + report.updated + report.unchanged, report.failures.len(), report.resumed)
}

/// Which pages were listed since the last time.
fn listed(world: &World, since: usize) -> Vec<u32> {
    let asked = world.book.asked().into_iter().skip(since);
    asked.filter_map(|asked| if let Asked::List(page) = asked { Some(page) } else { None }).collect()
}

async fn everybody_is_there_once(world: &World, people: usize) {
    assert_eq!(world.simulator.contacts(&world.token).len(), people);
    assert_eq!(world.pairs().await.len(), people);
    let installation = world.token.installation();
    assert_eq!(world.store.intents(installation).await.unwrap(), []);
    assert_eq!(world.store.entries(installation, Journal::Imports, None, 9).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn as_many_requests_are_under_way_as_the_window_says() {
    for (requests, rounds) in [(1, 20), (3, 7), (4, 5), (10, 2)] {
        let world = world().await;
        let begun = Instant::now();
        let report = world.botmatic().await.import_all().window(window(requests)).await.unwrap();
        assert_eq!(counts(&report), (600, 0, 0));
        assert_eq!(world.line.most_at_once(), requests);
        assert_eq!(begun.elapsed(), LATENCY * rounds, "with {requests} at once");
        everybody_is_there_once(&world, 600).await;
    }
}

#[tokio::test(start_paused = true)]
async fn pages_are_read_ahead_and_not_all_of_them() {
    let world = world().await;
    let gate = world.line.gates.close("before create_contacts");
    let botmatic = world.botmatic().await;
    let mut import = botmatic.import_all().window(window(2)).start();
    assert!(import.next().now_or_never().is_none());
    sleep(LATENCY).await;
    assert!(import.next().now_or_never().is_none());
    gate.reached().await;
    assert_eq!(
        world.book.asked(),
        [1, 2, 3, 4, 5, 6].map(Asked::List),
        "two with Botmatic, two ready, two read"
    );
}

#[tokio::test(start_paused = true)]
async fn an_import_tells_how_far_it_is_how_fast_it_is_and_how_long_it_will_take() {
    let world = world().await;
    world.book.edit(45, Some(Person { score: Some(f64::NAN), ..person(45) }));
    let botmatic = world.botmatic().await;
    let mut import = botmatic.import_all().window(window(2)).start();
    let mut last: Option<ImportProgress> = None;
    let mut steps = 0;
    while let Some(now) = import.next().await {
        assert!(last.is_none_or(|last| last.done < now.done && last.failed <= now.failed));
        if now.done == 300 {
            // Five rounds of 20 ms for half of them.
            assert_eq!((now.failed, now.total), (1, Some(600)));
            assert!((now.rate - 3000.0).abs() < 1.0, "{}", now.rate);
            assert_eq!(now.remaining.unwrap().as_millis(), 100);
        }
        last = Some(now);
        steps += 1;
    }
    let last = last.unwrap();
    assert_eq!((last.done, last.failed, last.remaining), (600, 1, Some(Duration::ZERO)));
    assert!(steps >= 10, "{steps}");
    let report = import.report().await.unwrap();
    assert_eq!(counts(&report), (599, 1, 0));

    let list = (1..=45).map(person).collect();
    let mut import = botmatic.import_contacts(list).start();
    assert_eq!(import.next().await.unwrap().total, Some(45));
    assert_eq!(counts(&import.report().await.unwrap()), (45, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_import_finishes_what_is_under_way_and_the_next_one_goes_on() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    let report = botmatic.import_all().until(sleep(LATENCY * 5 / 2)).await.unwrap();
    assert!(report.interrupted.as_ref().unwrap().is_cancelled() && !report.is_complete());
    // Three rounds of four, and the four that were ready.
    let (through, ..) = counts(&report);
    assert!((360..=480).contains(&through), "{through}");
    assert_eq!(world.pairs().await.len() as u64, through);
    assert_eq!(world.simulator.contacts(&world.token).len() as u64, through);
    assert_eq!(world.store.intents(world.token.installation()).await.unwrap(), []);

    let since = world.book.asked().len();
    let report = botmatic.import_all().await.unwrap();
    assert_eq!(counts(&report), (600, 0, through - 30));
    let first = u32::try_from(through / 30).unwrap();
    assert_eq!(
        listed(&world, since),
        (first..=21).collect::<Vec<_>>(),
        "the last page that was done, and the rest"
    );
    everybody_is_there_once(&world, 600).await;
}

#[tokio::test(start_paused = true)]
async fn cancelling_an_import_that_has_nothing_more_to_begin_changes_nothing() {
    let world = World::with((1..=30).map(person)).await;
    world.line.takes(LATENCY);
    let report = world.botmatic().await.import_all().until(sleep(LATENCY / 2)).await.unwrap();
    assert!(report.is_complete());
}

#[tokio::test(start_paused = true)]
async fn an_import_that_was_cut_short_goes_on_and_tells_of_all_that_failed() {
    let mut world = world().await;
    for id in [17, 100, 333] {
        world.book.edit(id, Some(Person { score: Some(f64::NAN), ..person(id) }));
    }
    cut_short(&world, LATENCY * 7 / 2).await;
    // Botmatic tells of those whose creation was not answered.
    world.deliver();
    world.quiet().await;
    let known = world.pairs().await.len();
    assert!((11 * 30..20 * 30).contains(&known), "{known}");

    let (since, requests) = (world.book.asked().len(), world.requests("create contacts"));
    let report = world.botmatic().await.import_all().await.unwrap();
    let (through, failed, resumed) = counts(&report);
    assert_eq!((through, failed), (597, 3));
    let failed: Vec<_> = report.failures.iter().map(|one| one.external_id.clone().unwrap()).collect();
    assert_eq!(failed, [17_u64, 100, 333].map(ExternalId::from));
    assert!(
        report.failures.iter().all(|one| one.error.is_mapping() && one.error.to_string().contains("`score`"))
    );
    assert!(resumed >= 11 * 30 - 30, "{resumed}");
    let first = u32::try_from(resumed / 30).unwrap() + 1;
    assert_eq!(listed(&world, since), (first..=21).collect::<Vec<_>>());
    assert!(world.requests("create contacts") - requests <= 8, "only who was not created is");
    world.quiet().await;
    everybody_is_there_once(&world, 597).await;
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_has_moved_is_read_from_the_beginning() {
    // All who stand behind those who are gone move up: who stood on a page that was not read, stands on one that was. If
    // half of them are gone, the page on which the import had stopped is there no more.
    for gone in [5..=5, 1..=300] {
        let mut world = world().await;
        cut_short(&world, LATENCY * 9 / 2).await;
        world.deliver();
        world.quiet().await;
        gone.clone().for_each(|id| world.book.edit(id, None));
        let left = 600 - gone.count();
        let since = world.book.asked().len();
        let report = world.botmatic().await.import_all().await.unwrap();
        assert_eq!(counts(&report), (left as u64, 0, 0));
        let listed = listed(&world, since);
        let pages = u32::try_from(left.div_ceil(30) + 1).unwrap();
        assert_eq!(listed[1..], (1..=pages).collect::<Vec<_>>(), "after a look at where it had stopped");
        let known: Vec<u64> =
            world.pairs().await.into_iter().map(|(_, external)| external.parse().unwrap()).collect();
        let passed_over = world.book.people().into_iter().find(|person| !known.contains(&person.id));
        assert_eq!(passed_over, None);
    }
}

#[tokio::test(start_paused = true)]
async fn an_import_that_was_cut_short_long_ago_is_not_gone_on_with() {
    for (age, asked_for, goes_on) in [
        (HOUR / 2, None, true),
        (HOUR + LATENCY, None, false),
        (2 * HOUR, Some(3 * HOUR), true),
        (Duration::ZERO, Some(Duration::ZERO), false),
        (HOUR, Some(Duration::MAX), true),
    ] {
        let world = world().await;
        let botmatic = world.botmatic().await;
        let report = botmatic.import_all().until(sleep(LATENCY)).await.unwrap();
        assert!(report.interrupted.unwrap().is_cancelled());
        advance(age + Duration::from_millis(1)).await;
        let import = botmatic.import_all();
        let import = match asked_for {
            Some(longest) => import.resume_within(longest),
            None => import,
        };
        let report = import.await.unwrap();
        assert_eq!(report.resumed > 0, goes_on, "{age:?}");
        everybody_is_there_once(&world, 600).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_import_runs_at_a_time_for_an_installation() {
    let world = world().await;
    let other = Token::new("tok-beta");
    world.simulator.connect(&other, world.service.clone());
    assert!(world.simulator.install(&other).await.unwrap().success);
    let (botmatic, elsewhere) = (world.botmatic().await, world.service.botmatic(&other).await.unwrap());

    let gate = world.line.gates.close("before create_contacts");
    let mut running = botmatic.import_all().window(window(1)).start();
    let meanwhile = async {
        gate.reached().await;
        for refused in [botmatic.import_all(), botmatic.import_contacts(vec![person(700)])] {
            let begun = Instant::now();
            let error = refused.await.unwrap_err();
            assert!(error.is_busy() && error.to_string().contains("another import"), "{error}");
            assert!(begun.elapsed() < Duration::from_secs(5));
        }
        world.line.gates.clear();
        let report = botmatic.update_contacts(vec![person(700)]).await.unwrap();
        assert_eq!(counts(&report), (1, 0, 0));
        assert_eq!(counts(&elsewhere.import_all().await.unwrap()), (600, 0, 0));
        gate.open();
    };
    let (_, ()) = tokio::join!(async { while running.next().await.is_some() {} }, meanwhile);
    assert_eq!(counts(&running.report().await.unwrap()), (600, 0, 0));
    assert_eq!(counts(&botmatic.import_all().await.unwrap()), (600, 0, 0));
    everybody_is_there_once(&world, 601).await;
}

#[tokio::test(start_paused = true)]
async fn batches_that_are_about_the_same_people_do_not_wait_for_each_other_in_a_circle() {
    let mut world = world().await;
    world.deliver();
    let botmatic = world.botmatic().await;
    // Everybody comes several times, in one order and in the other, on pages that are under way at once.
    let people: Vec<_> = (0..10)
        .flat_map(|turn| (1..=90).map(move |place| person(if turn % 2 == 0 { place } else { 91 - place })))
        .collect();
    let begun = Instant::now();
    let report = botmatic.import_contacts(people).window(window(8)).await.unwrap();
    assert_eq!((report.created, counts(&report)), (90, (900, 0, 0)));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    world.quiet().await;
    everybody_is_there_once(&world, 90).await;
}

#[tokio::test(start_paused = true)]
async fn who_differs_is_not_written_while_somebody_works_on_his_counterpart() {
    let world = World::with((1..=30).map(person)).await;
    let botmatic = world.botmatic().await;
    botmatic.import_all().await.unwrap();
    for id in [3, 17] {
        world.book.edit(id, Some(person(id).city("Paris")));
    }
    let of_17 = world.full_pairs().await.into_iter().find(|pair| pair.external == 17_u64.into()).unwrap();
    let claim = world.store.claim(world.token.installation(), &[of_17.contact.into()]).await.unwrap();
    let mut import = botmatic.import_all().start();
    assert!(timeout(LATENCY, import.next()).await.is_err(), "it waits");
    assert_eq!(world.requests("update contacts"), 0);
    drop(claim);
    let report = import.report().await.unwrap();
    assert_eq!((report.updated, report.unchanged, report.is_complete()), (2, 28, true));
    assert_eq!(world.requests("update contacts"), 1);
}

#[tokio::test(start_paused = true)]
async fn one_who_got_another_counterpart_meanwhile_is_not_left_there_twice() {
    let world = World::with((1..=30).map(person)).await;
    let gate = world.line.gates.close("after create_contacts");
    let botmatic = world.botmatic().await;
    let (report, ()) = tokio::join!(botmatic.import_all().into_future(), async {
        gate.reached().await;
        let subjects = [Subject::from(ContactId::from(7777_u64))];
        let claim = world.store.claim(world.token.installation(), &subjects).await.unwrap();
        let pair = Pair::new(7777_u64.into(), 17_u64.into(), person(17).to_properties().unwrap());
        world.store.commit(&claim, vec![Write::Pair(pair)]).await.unwrap();
        gate.open();
    });
    let report = report.unwrap();
    assert_eq!(counts(&report), (30, 0, 0));
    assert_eq!(world.pairs().await.len(), 30);
    assert_eq!((world.requests("delete contact"), world.simulator.contacts(&world.token).len()), (1, 29));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_fails_after_all_that_may_overtake_it_does_not_hold_up_the_import() {
    let world = World::with((1..=75 * 30).map(person)).await;
    world.line.takes(LATENCY);
    let botmatic = world.botmatic().await;
    let gate = world.line.gates.close("before create_contacts");
    let import = timeout(HOUR, botmatic.import_all().into_future());
    let (report, ()) = tokio::join!(import, async {
        for _ in 0..4 {
            gate.reached().await;
        }
        world.line.gates.clear();
        (0..3).for_each(|_| gate.open());
        // The fourth stands there until as many have overtaken it as may.
        while world.pairs().await.len() < (3 + 63) * 30 {
            sleep(LATENCY).await;
        }
        world.line.refuse("create_contacts", 503);
        gate.open();
        sleep(LATENCY / 2).await;
        world.line.heal();
    });
    let report = report.expect("nothing more is begun").unwrap();
    assert_eq!(counts(&report), (74 * 30, 30, 0));
    assert!(report.interrupted.is_none());
}

#[tokio::test(start_paused = true)]
async fn whether_an_import_is_gone_on_with_does_not_depend_on_a_clock_that_was_put_back() {
    for (within, goes_on) in [(Duration::ZERO, false), (HOUR, true)] {
        let parts = Parts::new(AddressBook::with((1..=600).map(person)));
        let store = Arc::new(MemoryKeyStore::new());
        let world = World::over(parts.clone(), Arc::clone(&store));
        world.install().await;
        world.line.takes(LATENCY);
        // The clock of a world begins with the present time, however much of this one's has passed.
        advance(HOUR).await;
        let report = world.botmatic().await.import_all().until(sleep(LATENCY * 5 / 2)).await.unwrap();
        assert!(report.interrupted.unwrap().is_cancelled());
        world.kill().await;
        let world = World::over(parts, store);
        let report = world.botmatic().await.import_all().resume_within(within).await.unwrap();
        assert_eq!(report.resumed > 0, goes_on, "{within:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_import_is_not_gone_on_with_by_another_installation() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    let import = botmatic.import_all().until(sleep(LATENCY * 5 / 2));
    let (report, ()) = tokio::join!(import.into_future(), async {
        while world.pairs().await.len() < 120 {
            sleep(LATENCY).await;
        }
        // The pairs go, and what is done after that is not written down any more.
        assert!(world.simulator.uninstall(&world.token).await.unwrap().success);
        world.install().await;
    });
    let why = report.unwrap().interrupted.unwrap();
    assert!(why.is_unauthorized(), "{why}");
    let report = world.botmatic().await.import_all().await.unwrap();
    assert_eq!(counts(&report), (600, 0, 0));
    assert_eq!(world.pairs().await.len(), 600);
}

#[tokio::test(start_paused = true)]
async fn a_window_may_be_larger_than_anything() {
    let world = World::with((1..=300 * 30).map(person)).await;
    world.line.takes(LATENCY);
    let report = world.botmatic().await.import_all().window(NonZeroUsize::MAX).await.unwrap();
    assert_eq!(counts(&report), (9000, 0, 0));
    assert_eq!(world.line.most_at_once(), 256);
}
