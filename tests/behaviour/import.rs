//! Bringing all contacts of the external service to Botmatic: page by page, again and again, with some of them broken.

use std::num::NonZeroUsize;

use botmatic_contact::key_store::{KeyStore, Subject};
use botmatic_contact::prelude::*;
use botmatic_contact::{ImportReport, Result};
use serde_json::json;

use crate::support::{Asked, Person, World};

/// One request at a time.
const ONE: NonZeroUsize = NonZeroUsize::new(1).unwrap();

fn person(id: u64) -> Person {
    let person = Person::named(&format!("p{id}")).id(id);
    if id.is_multiple_of(2) { person } else { person.email(&format!("p{id}@example.org")) }
}

async fn import(world: &World) -> ImportReport {
    world.botmatic().await.import_all().await.unwrap()
}

/// How many were created, updated and left as they were, and how many failed.
fn counts(report: &ImportReport) -> (u64, u64, u64, usize) {
    (report.created, report.updated, report.unchanged, report.failures.len())
}

/// Who failed, by id, in order.
fn failed(report: &ImportReport) -> Vec<&str> {
    report.failures.iter().map(|failure| failure.external_id.as_ref().unwrap().as_str()).collect()
}

#[tokio::test]
async fn an_import_goes_page_by_page_and_says_how_far_it_is() {
    let world = World::with((1..=65).map(person)).await;
    let botmatic = world.botmatic().await;
    let mut progress = Vec::new();
    let report =
        botmatic.import_all().on_progress(|now| progress.push((now.done, now.failed))).await.unwrap();
    assert_eq!(counts(&report), (65, 0, 0, 0));
    assert!(report.is_complete() && report.interrupted.is_none());
    assert_eq!(progress, [(30, 0), (60, 0), (65, 0)]);
    assert_eq!(world.book.asked(), [1, 2, 3, 4].map(Asked::List));
    assert_eq!(world.requests("create contacts"), 3);
    assert_eq!(world.writes_on_botmatic(), 3);
    assert_eq!(world.pairs().await.len(), 65);

    for (contact, id) in world.simulator.contacts(&world.token).into_iter().zip(1..) {
        assert_eq!(Person::from_properties(&contact.properties).unwrap(), person(id).id(0));
    }
}

#[tokio::test]
async fn a_service_without_contacts_is_imported_without_a_request() {
    let world = World::with([]).await;
    assert_eq!(counts(&import(&world).await), (0, 0, 0, 0));
    assert_eq!(world.writes_on_botmatic(), 0);
}

#[tokio::test]
async fn an_import_that_is_run_again_writes_nothing() {
    let world = World::with((1..=65).map(person)).await;
    import(&world).await;
    let before = world.writes_on_botmatic();
    assert_eq!(counts(&import(&world).await), (0, 0, 65, 0));
    assert_eq!(world.writes_on_botmatic(), before);
    assert_eq!(world.simulator.contacts(&world.token).len(), 65);
}

#[tokio::test]
async fn what_has_changed_is_updated_in_one_request_per_page_and_new_ones_are_created() {
    let world = World::with((1..=65).map(person)).await;
    import(&world).await;
    for id in [3, 7, 20, 64] {
        world.book.edit(id, Some(person(id).city("Paris")));
    }
    world.book.edit(66, Some(person(66)));
    assert_eq!(counts(&import(&world).await), (1, 4, 61, 0));
    assert_eq!((world.requests("update contacts"), world.requests("create contacts")), (2, 4));
    assert_eq!(world.requests("update contact"), 0);
    assert_eq!(world.on_botmatic(&world.full_pairs().await[2].contact)["city"], "Paris");
}

#[tokio::test]
async fn a_broken_record_is_reported_by_id_and_reason_and_the_rest_goes_through() {
    let broken = |id| Person { score: Some(f64::NAN), ..person(id) };
    let refused = |id| Person { first_name: "refused".to_owned(), ..person(id) };
    let world = World::with((1..=100).map(|id| match id {
        17 => broken(id),
        42 => refused(id),
        _ => person(id),
    }))
    .await;
    let report = import(&world).await;
    assert_eq!(counts(&report), (98, 0, 0, 2));
    assert_eq!(failed(&report), ["17", "42"]);
    assert!(report.failures[0].error.is_mapping());
    assert!(report.failures[0].error.to_string().contains("`score`"));
    assert!(report.failures[1].error.is_platform());
    assert!(report.interrupted.is_none() && !report.is_complete());
    assert_eq!(world.store.intents(world.token.installation()).await.unwrap(), []);

    // Mended, they are the only ones that are written.
    let before = world.writes_on_botmatic();
    world.book.edit(17, Some(person(17)));
    world.book.edit(42, Some(person(42)));
    assert_eq!(counts(&import(&world).await), (2, 0, 98, 0));
    assert_eq!(world.writes_on_botmatic(), before + 2, "they are on two pages");
}

#[tokio::test]
async fn who_is_gone_on_botmatic_does_not_keep_the_rest_of_the_page_from_being_updated() {
    let world = World::with((1..=30).map(person)).await;
    import(&world).await;
    let gone = world.full_pairs().await.into_iter().find(|pair| pair.external == 7_u64.into()).unwrap();
    world.simulator.delete_contact(&world.token, &gone.contact).unwrap();
    for id in 1..=30 {
        world.book.edit(id, Some(person(id).city("Paris")));
    }
    let report = import(&world).await;
    assert_eq!(failed(&report), ["7"]);
    assert!(report.failures[0].error.is_not_found());
    assert_eq!(counts(&report), (0, 29, 0, 1));
    assert!(
        world
            .simulator
            .contacts(&world.token)
            .iter()
            .all(|contact| { contact.properties.get("city").is_some_and(|city| city == "Paris") })
    );
}

#[tokio::test]
async fn who_was_deleted_before_is_reported_and_not_brought_back() {
    let world = World::with((1..=3).map(person)).await;
    import(&world).await;
    world.botmatic().await.delete_contact(&2_u64.into()).await.unwrap();
    let report = import(&world).await;
    assert_eq!((counts(&report), failed(&report)), ((0, 0, 2, 1), vec!["2"]));
    assert!(report.failures[0].error.is_not_found());
    assert_eq!(world.simulator.contacts(&world.token).len(), 2);
}

#[tokio::test]
async fn one_who_comes_twice_is_imported_once() {
    let world = World::with([]).await;
    let botmatic = world.botmatic().await;
    let twice = vec![person(1), person(2), person(1).city("Paris"), person(2), person(3)];
    let report = botmatic.import_contacts(twice).await.unwrap();
    assert_eq!(counts(&report), (3, 0, 2, 0));
    assert_eq!(world.simulator.contacts(&world.token).len(), 3);
    assert_eq!(
        world.on_botmatic(&9001_u64.into())["city"],
        json!(null),
        "of those with the same id the first"
    );
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_fails_interrupts_the_import_and_the_next_one_completes_it() {
    let world = World::with((1..=95).map(person)).await;
    let botmatic = world.botmatic().await;
    let gate = world.book.gates.close("before list_contacts");
    let (report, ()) = tokio::join!(botmatic.import_all().into_future(), async {
        for page in 1..=3 {
            gate.reached().await;
            if page == 3 {
                world.book.fail("list_contacts", || ConsumerError::failed("the address book fell down"));
                world.book.gates.clear();
            }
            gate.open();
        }
    });
    let report = report.unwrap();
    assert_eq!(counts(&report), (60, 0, 0, 0));
    assert_eq!(report.interrupted.as_ref().unwrap().to_string(), "the address book fell down");
    assert!(!report.is_complete());

    world.book.heal();
    let report = import(&world).await;
    assert_eq!((counts(&report), report.resumed), ((65, 0, 30, 0), 30), "who was done before is among them");
    assert!(report.is_complete());
    assert_eq!(world.requests("create contacts"), 4, "no page was repeated");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_botmatic_refuses_is_reported_and_the_next_import_makes_up_for_it() {
    let world = World::with((1..=65).map(person)).await;
    let botmatic = world.botmatic().await;
    let gate = world.line.gates.close("before create_contacts");
    let running = botmatic.import_all().window(ONE);
    let (report, ()) = tokio::join!(running.into_future(), async {
        for page in 1..=3 {
            gate.reached().await;
            if page == 2 {
                world.line.refuse("create_contacts", 503);
            } else {
                world.line.heal();
            }
            gate.open();
        }
    });
    let report = report.unwrap();
    assert_eq!(counts(&report), (35, 0, 0, 30));
    assert_eq!(failed(&report), (31..=60).map(|id| id.to_string()).collect::<Vec<_>>());

    world.line.gates.clear();
    world.line.heal();
    assert_eq!(counts(&import(&world).await), (30, 0, 35, 0));
    assert_eq!(world.simulator.contacts(&world.token).len(), 65);
}

#[tokio::test]
async fn a_page_whose_answer_was_lost_is_recognised_by_its_events() {
    let mut world = World::with((1..=3).map(person)).await;
    world.line.lose_answers("create_contacts");
    assert_eq!(counts(&import(&world).await), (0, 0, 0, 3));
    world.line.heal();
    world.deliver();
    world.quiet().await;
    assert_eq!(world.pairs().await.len(), 3);
    assert_eq!(world.book.people().len(), 3, "nobody was created a second time");
    assert_eq!(counts(&import(&world).await), (0, 0, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn an_import_stops_when_botmatic_is_out_of_reach() {
    let world = World::with((1..=300).map(person)).await;
    world.line.refuse("create_contacts", 503);
    let report = import(&world).await;
    assert!(report.interrupted.as_ref().unwrap().is_platform());
    assert_eq!(failed(&report).len(), 90, "three pages in a row are enough to know");
    world.line.heal();
    let report = import(&world).await;
    assert_eq!((counts(&report), report.resumed), ((300, 0, 0, 0), 0), "none of them counts as done");
}

#[tokio::test]
async fn an_import_stops_when_the_key_store_cannot_write() {
    let world = World::with((1..=65).map(person)).await;
    world.store.fail_commits(true);
    let report = import(&world).await;
    assert!(report.interrupted.as_ref().unwrap().is_key_store());
    assert_eq!(world.writes_on_botmatic(), 0, "nobody is created whom we could not remember");
    world.store.fail_commits(false);
    assert_eq!(counts(&import(&world).await), (65, 0, 0, 0));
}

#[tokio::test]
async fn nobody_is_missing_from_the_report_where_the_key_store_fails_in_between() {
    let world = World::with((1..=65).map(person)).await;
    let gate = world.line.gates.close("after create_contacts");
    let botmatic = world.botmatic().await;
    let (report, ()) = tokio::join!(botmatic.import_all().window(ONE).into_future(), async {
        gate.reached().await;
        world.store.fail_commits(true);
        world.line.gates.clear();
        gate.open();
    });
    let report = report.unwrap();
    assert!(report.interrupted.as_ref().unwrap().is_key_store());
    assert_eq!(world.simulator.contacts(&world.token).len(), 60);
    assert_eq!(
        (counts(&report), failed(&report).len()),
        ((0, 0, 0, 60), 60),
        "nobody of them could be saved"
    );
}

#[tokio::test(start_paused = true)]
async fn one_who_is_being_worked_on_for_too_long_is_reported_and_the_rest_goes_through() -> Result<()> {
    let world = World::with((1..=65).map(person)).await;
    let subjects = [Subject::from(ExternalId::from(17_u64))];
    let stuck = world.store.claim(world.token.installation(), &subjects).await?;
    let report = import(&world).await;
    assert_eq!((counts(&report), failed(&report)), ((64, 0, 0, 1), vec!["17"]));
    assert!(report.failures[0].error.is_busy());
    drop(stuck);
    assert_eq!(counts(&import(&world).await), (1, 0, 64, 0));
    Ok(())
}
