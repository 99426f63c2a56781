//! What changed on the external service without a word: planned, looked at, and done.

use std::time::Duration;

use botmatic_contact::key_store::RedbKeyStore;
use botmatic_contact::prelude::*;
use botmatic_contact::{Error, PlannedChange, ReconcilePlan, ReconcileReport, Result, WhenGone};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{AddressBook, Asked, Parts, Person, World};

fn person(id: u64) -> Person {
    Person::named(&format!("p{id}")).id(id).city("London")
}

/// A world in which all of these people have come to Botmatic.
async fn world(people: std::ops::RangeInclusive<u64>) -> World {
    let world = World::with(people.map(person)).await;
    assert!(world.botmatic().await.import_all().await.unwrap().is_complete());
    world
}

async fn plan(world: &World) -> Result<ReconcilePlan> {
    world.botmatic().await.reconcile().plan().await
}

async fn apply(world: &World, plan: &ReconcilePlan) -> Result<ReconcileReport> {
    world.botmatic().await.reconcile().apply(plan).await
}

/// How many are to be created and updated, and how many are gone.
fn counts(plan: &ReconcilePlan) -> (u64, u64, u64) {
    (plan.created(), plan.updated(), plan.gone())
}

/// How many were created, updated, unlinked, deleted and left as they were, and how many failed.
fn done(report: &ReconcileReport) -> (u64, u64, u64, u64, u64, usize) {
    let ReconcileReport { created, updated, unlinked, deleted, unchanged, failures, .. } = report;
    (*created, *updated, *unlinked, *deleted, *unchanged, failures.len())
}

/// Takes people out of the book.
fn remove(world: &World, ids: impl IntoIterator<Item = u64>) {
    ids.into_iter().for_each(|id| world.book.edit(id, None));
}

#[tokio::test]
async fn where_nothing_has_changed_nothing_is_planned() {
    let world = world(1..=65).await;
    let plan = plan(&world).await.unwrap();
    assert!(plan.is_empty() && plan.left_out().is_empty());
    assert_eq!(plan.to_string(), "0 to create, 0 to update, 0 gone, 0 left out; of 65 contacts and 65 pairs");
    assert_eq!(done(&apply(&world, &plan).await.unwrap()), (0, 0, 0, 0, 0, 0));
}

#[tokio::test]
async fn who_was_edited_outside_without_a_word_is_found_and_brought_up_to_date() {
    let world = world(1..=65).await;
    world.book.edit(40, Some(Person { city: None, ..person(40).email("p40@example.org") }));
    let found = plan(&world).await.unwrap();
    let changes: Vec<_> = found.changes().collect();
    let [PlannedChange::Update { external, contact, properties, .. }] = changes[..] else {
        panic!("{changes:?}")
    };
    assert_eq!((external.as_str(), &properties[..]), ("40", &["email".to_owned(), "city".to_owned()][..]));

    let report = apply(&world, &found).await.unwrap();
    assert_eq!(done(&report), (0, 1, 0, 0, 0, 0));
    assert!(report.is_complete());
    assert_eq!(
        world.on_botmatic(contact),
        json!({ "firstname": "p40", "email": "p40@example.org", "city": null })
    );
    assert!(plan(&world).await.unwrap().is_empty());
    assert_eq!(done(&apply(&world, &found).await.unwrap()), (0, 0, 0, 0, 1, 0), "done already");
}

#[tokio::test]
async fn who_was_created_outside_without_a_word_is_created_on_botmatic() {
    let world = world(1..=3).await;
    world.book.edit(7, Some(person(7)));
    let found = plan(&world).await.unwrap();
    assert_eq!(counts(&found), (1, 0, 0));
    assert_eq!(done(&apply(&world, &found).await.unwrap()), (1, 0, 0, 0, 0, 0));
    assert_eq!(world.simulator.contacts(&world.token).len(), 4);
    assert!(plan(&world).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_is_gone_outside_is_unlinked_and_stays_on_botmatic() {
    let mut world = world(1..=3).await;
    world.deliver();
    world.quiet().await;
    let pair = world.full_pairs().await.remove(1);
    remove(&world, [2]);
    let found = plan(&world).await.unwrap();
    let changes: Vec<_> = found.changes().collect();
    assert!(
        matches!(&changes[..], [PlannedChange::Gone { external, contact, .. }] if *external == pair.external && *contact == pair.contact),
        "{changes:?}"
    );
    let before = world.writes_on_botmatic();
    assert_eq!(done(&apply(&world, &found).await.unwrap()), (0, 0, 1, 0, 0, 0));
    assert_eq!(world.writes_on_botmatic(), before);
    assert_eq!(world.on_botmatic(&pair.contact)["city"], "London");
    assert_eq!(world.pairs().await.len(), 2);
    // An edit that comes after it does not bring them back.
    world.edit_on_botmatic(&pair.contact, json!({ "city": "Paris" }));
    world.quiet().await;
    assert_eq!((world.book.people().len(), world.pairs().await.len()), (2, 2));
    assert!(plan(&world).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_is_gone_outside_is_deleted_on_botmatic_if_that_is_asked_for() {
    let world = world(1..=3).await;
    remove(&world, [2]);
    let found = plan(&world).await.unwrap();
    let botmatic = world.botmatic().await;
    let report = botmatic.reconcile().when_gone(WhenGone::Delete).apply(&found).await.unwrap();
    assert_eq!(done(&report), (0, 0, 0, 1, 0, 0));
    assert_eq!((world.simulator.contacts(&world.token).len(), world.pairs().await.len()), (2, 2));
    let again = botmatic.reconcile().when_gone(WhenGone::Delete).apply(&found).await.unwrap();
    assert_eq!(done(&again), (0, 0, 0, 0, 1, 0));
    assert!(botmatic.update_contact(person(2)).await.unwrap_err().is_not_found(), "deleted stays deleted");
}

#[tokio::test]
async fn a_plan_is_made_where_nothing_can_be_written() {
    let world = world(1..=65).await;
    remove(&world, [2]);
    world.book.edit(3, Some(person(3).city("Paris")));
    world.book.edit(66, Some(person(66)));
    world.book.take_writes();
    let (writes, pairs) = (world.writes_on_botmatic(), world.full_pairs().await);
    world.store.fail_commits(true);
    let found = plan(&world).await.unwrap();
    assert_eq!(counts(&found), (1, 1, 1));
    assert_eq!((world.writes_on_botmatic(), world.full_pairs().await), (writes, pairs));
    assert_eq!(world.book.take_writes(), []);
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_breaks_off_is_no_plan() {
    for breaks_at in 1..=4 {
        let world = world(1..=65).await;
        remove(&world, [1, 64, 65]);
        let botmatic = world.botmatic().await;
        let gate = world.book.gates.close("before list_contacts");
        let (plan, ()) = tokio::join!(botmatic.reconcile().plan(), async {
            for page in 1..=breaks_at {
                gate.reached().await;
                if page == breaks_at {
                    world.book.fail("list_contacts", || ConsumerError::failed("the address book fell down"));
                    world.book.gates.clear();
                }
                gate.open();
            }
        });
        assert_eq!(plan.unwrap_err().to_string(), "the address book fell down");
        assert_eq!(world.pairs().await.len(), 65, "page {breaks_at}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_fails_for_a_while_is_gone_on_with_where_it_broke_off() {
    let world = world(1..=65).await;
    remove(&world, [65]);
    let gate = world.book.gates.close("before list_contacts");
    let (since, begun) = (world.book.asked().len(), Instant::now());
    let (found, ()) = tokio::join!(plan(&world), async {
        gate.reached().await;
        gate.open();
        gate.reached().await;
        world.book.fail_times(4, "list_contacts", || ConsumerError::failed("the address book fell down"));
        world.book.gates.clear();
        gate.open();
    });
    assert_eq!(counts(&found.unwrap()), (0, 0, 1));
    let asked = world.book.asked().split_off(since);
    assert_eq!(asked[..8], [1, 2, 2, 2, 2, 2, 3, 4].map(Asked::List));
    let about = Duration::from_secs(15)..Duration::from_secs(18);
    assert!(about.contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

/// Makes a plan while somebody on the first page is deleted, so that one of the second page is passed over.
async fn plan_of_shifting_pages(world: &World) -> ReconcilePlan {
    let botmatic = world.botmatic().await;
    let gate = world.book.gates.close("before list_contacts");
    let (plan, ()) = tokio::join!(botmatic.reconcile().plan(), async {
        gate.reached().await;
        gate.open();
        gate.reached().await;
        remove(world, [1]);
        world.book.gates.clear();
        gate.open();
    });
    plan.unwrap()
}

#[tokio::test]
async fn who_is_passed_over_while_pages_shift_is_not_gone() {
    let world = world(1..=65).await;
    // The one who will be passed over.
    world.book.edit(31, Some(person(31).city("Paris")));
    let found = plan_of_shifting_pages(&world).await;
    assert_eq!(counts(&found), (0, 1, 0), "and what was edited is found all the same");
    assert_eq!(world.book.asked().last(), Some(&Asked::Get(31)));
    assert_eq!(
        counts(&plan(&world).await.unwrap()),
        (0, 1, 1),
        "who was deleted meanwhile is found the next time"
    );
}

#[tokio::test]
async fn where_nobody_can_be_looked_up_a_second_listing_tells_who_is_gone() {
    let world = world(1..=65).await;
    world.book.fail("get_contact", || ConsumerError::unsupported("get_contact"));
    remove(&world, [50]);
    let found = plan_of_shifting_pages(&world).await;
    let gone: Vec<_> = found.changes().map(|change| change.external_id().as_str()).collect();
    assert_eq!(gone, ["50"], "31 is on a page of the second listing, and 1 was on one of the first");
    let report = apply(&world, &found).await.unwrap();
    assert_eq!(done(&report), (0, 0, 0, 0, 0, 1));
    assert!(report.failures[0].error().to_string().contains("no `get_contact`"), "{report:?}");
    assert_eq!(world.pairs().await.len(), 65);
}

#[tokio::test]
async fn who_was_paired_after_their_page_was_read_is_not_gone() {
    let world = world(1..=65).await;
    let botmatic = world.botmatic().await;
    let gate = world.book.gates.close("before list_contacts");
    let (plan, ()) = tokio::join!(botmatic.reconcile().plan(), async {
        gate.reached().await;
        gate.open();
        gate.reached().await;
        world.book.edit(0, Some(person(0)));
        botmatic.create_contact(person(0)).await.unwrap();
        world.book.gates.clear();
        gate.open();
    });
    assert_eq!(counts(&plan.unwrap()), (0, 0, 0));
}

#[tokio::test]
async fn who_cannot_be_looked_up_at_the_moment_is_left_out() {
    let world = world(1..=3).await;
    remove(&world, [2]);
    world.book.fail("get_contact", || ConsumerError::failed("503"));
    let found = plan(&world).await.unwrap();
    assert_eq!((counts(&found), found.left_out().len()), ((0, 0, 0), 1));
    assert_eq!(found.left_out()[0].external_id, Some(2_u64.into()));
    assert!(found.left_out()[0].error().is_consumer());
}

#[tokio::test]
async fn who_was_deleted_before_and_whose_values_do_not_fit_is_left_out() {
    let world = world(1..=3).await;
    world.botmatic().await.delete_contact(&2_u64.into()).await.unwrap();
    world.book.edit(3, Some(Person { score: Some(f64::NAN), ..person(3) }));
    let found = plan(&world).await.unwrap();
    assert!(found.is_empty());
    let [deleted, broken] = found.left_out() else { panic!("{found:?}") };
    assert!(deleted.external_id == Some(2_u64.into()) && deleted.error().is_not_found());
    assert!(broken.external_id == Some(3_u64.into()) && broken.error().is_mapping());
}

#[tokio::test]
async fn a_sweep_has_to_be_confirmed() {
    // So many pairs, and how many of them may end without being asked for.
    for (pairs, allowed) in [(1, 1), (3, 1), (20, 2), (29, 2), (500, 50), (700, 50)] {
        let world = world(1..=pairs).await;
        remove(&world, 1..=allowed.min(pairs - 1));
        let within = plan(&world).await.unwrap();
        let report = apply(&world, &within).await.unwrap();
        assert_eq!(report.unlinked, within.gone(), "{within}");
    }
    for (pairs, gone) in [(3, 2), (20, 3), (29, 3), (500, 51), (700, 51), (65, 65)] {
        let world = world(1..=pairs).await;
        remove(&world, 1..=gone);
        world.book.edit(1000, Some(person(1000)));
        let sweep = plan(&world).await.unwrap();
        let refused = apply(&world, &sweep).await.unwrap_err();
        assert!(refused.is_unconfirmed(), "{refused:?}");
        let text = refused.to_string();
        assert!(text.starts_with(&format!("{gone} of {pairs} pairs")), "{text}");
        assert!(text.contains(&format!("`.allow_gone({gone})`")), "{text}");

        let botmatic = world.botmatic().await;
        let fewer = botmatic.reconcile().allow_gone(gone - 1).apply(&sweep).await;
        assert!(fewer.unwrap_err().is_unconfirmed());
        assert_eq!(world.pairs().await.len() as u64, pairs, "nothing is done of what is refused");
        let report = botmatic.reconcile().allow_gone(gone).apply(&sweep).await.unwrap();
        assert_eq!(done(&report), (1, 0, gone, 0, 0, 0));
    }
}

#[tokio::test]
async fn an_old_plan_does_what_is_right_by_now() {
    let world = world(1..=65).await;
    let botmatic = world.botmatic().await;
    for id in [10, 11, 12] {
        world.book.edit(id, Some(person(id).city("Paris")));
    }
    remove(&world, [20, 21, 22]);
    world.book.edit(70, Some(person(70)));
    world.book.edit(71, Some(person(71)));
    let old = plan(&world).await.unwrap();
    assert_eq!(counts(&old), (2, 3, 3));

    // Edited back, edited once more, gone; come back as they were, deleted and told of; told of, gone.
    world.book.edit(10, Some(person(10)));
    world.book.edit(11, Some(person(11).city("Turin")));
    remove(&world, [12, 71]);
    world.book.edit(20, Some(person(20).city("Rome")));
    botmatic.delete_contact(&21_u64.into()).await.unwrap();
    botmatic.create_contact(person(70)).await.unwrap();

    assert_eq!(done(&apply(&world, &old).await.unwrap()), (0, 1, 1, 0, 6, 0));
    let pairs = world.full_pairs().await;
    let city = |id: u64| {
        let pair = pairs.iter().find(|pair| pair.external == id.into())?;
        Some(world.on_botmatic(&pair.contact)["city"].clone())
    };
    assert_eq!([10, 11, 12].map(city), ["London", "Turin", "London"].map(|city| Some(json!(city))));
    assert_eq!([20, 21, 22].map(|id| city(id).is_some()), [true, false, false]);

    // What became of the others is found by the next one.
    let found = plan(&world).await.unwrap();
    assert_eq!(counts(&found), (0, 1, 1));
    assert_eq!(done(&apply(&world, &found).await.unwrap()), (0, 1, 1, 0, 0, 0));
    assert!(plan(&world).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_comes_back_while_a_plan_is_done_keeps_their_pair() {
    let world = world(1..=20).await;
    remove(&world, [2]);
    let old = plan(&world).await.unwrap();
    let gate = world.book.gates.close("before get_contact");
    let (report, ()) = tokio::join!(apply(&world, &old), async {
        gate.reached().await;
        // Whoever comes back now is asked for under the claim.
        world.book.edit(2, Some(person(2)));
        gate.open();
    });
    assert_eq!(done(&report.unwrap()), (0, 0, 0, 0, 1, 0));
    assert_eq!(world.pairs().await.len(), 20);
}

#[tokio::test]
async fn a_plan_of_another_installation_is_refused() {
    let world = world(1..=3).await;
    world.book.edit(1, Some(person(1).city("Paris")));
    let found = plan(&world).await.unwrap();
    let other = Token::new("tok-beta");
    world.simulator.connect(&other, world.service.clone());
    assert!(world.simulator.install(&other).await.unwrap().success);
    let refused = world.service.botmatic(&other).await.unwrap().reconcile().apply(&found).await;
    assert!(refused.unwrap_err().is_configuration());
    assert!(world.simulator.contacts(&other).is_empty());
}

#[tokio::test]
async fn what_goes_wrong_with_one_is_reported_and_the_rest_goes_through() {
    let world = world(1..=30).await;
    for id in 1..=5 {
        world.book.edit(id, Some(person(id).city("Paris")));
    }
    let gone = world.full_pairs().await.into_iter().find(|pair| pair.external == 3_u64.into()).unwrap();
    world.simulator.delete_contact(&world.token, &gone.contact).unwrap();
    let report = apply(&world, &plan(&world).await.unwrap()).await.unwrap();
    assert_eq!(done(&report), (0, 4, 0, 0, 0, 1));
    assert_eq!(report.failures[0].external_id, Some(3_u64.into()));
    assert!(report.failures[0].error().is_not_found() && report.interrupted.is_none());
}

#[tokio::test]
async fn many_who_fail_for_reasons_of_their_own_do_not_keep_the_rest_from_going_through() {
    let world = world(1..=60).await;
    for id in 1..=60 {
        world.book.edit(id, Some(person(id).city("Paris")));
    }
    for pair in world.full_pairs().await.into_iter().take(30) {
        world.simulator.delete_contact(&world.token, &pair.contact).unwrap();
    }
    let found = plan(&world).await.unwrap();
    let report = apply(&world, &found).await.unwrap();
    assert_eq!(done(&report), (0, 30, 0, 0, 0, 30));
    assert!(report.interrupted.is_none(), "{report:?}");
}

#[tokio::test]
async fn where_a_service_is_out_of_reach_the_rest_is_not_tried() {
    for (key_store, tried) in [(false, 10), (true, 1)] {
        let world = world(1..=65).await;
        for id in 1..=65 {
            world.book.edit(id, Some(person(id).city("Paris")));
        }
        let found = plan(&world).await.unwrap();
        if key_store {
            world.store.fail_commits(true);
        } else {
            world.line.refuse("update_contact", 503);
        }
        let report = apply(&world, &found).await.unwrap();
        assert_eq!(report.interrupted.as_ref().map(Error::is_key_store), Some(key_store));
        // Those that had begun are finished.
        assert!((tried..tried + 8).contains(&report.failures.len()), "{}", report.failures.len());
        world.line.heal();
        world.store.fail_commits(false);
        let report = apply(&world, &found).await.unwrap();
        assert_eq!((report.updated, report.is_complete()), (65, true));
    }
}

#[tokio::test]
async fn a_plan_shows_ids_and_names_and_no_values() {
    let world = world(1..=20).await;
    world.book.edit(1, Some(person(1).city("Secret City")));
    world.book.edit(99, Some(person(99).city("Secret City")));
    world.book.edit(3, Some(Person { score: Some(f64::NAN), ..person(3).city("Secret City") }));
    remove(&world, [2, 4]);
    world.book.fail_times(1, "get_contact", || ConsumerError::rejected("nobody lives in Secret City"));
    let found = plan(&world).await.unwrap();
    assert_eq!(
        found.to_string(),
        "1 to create, 1 to update, 1 gone, 2 left out; of 19 contacts and 20 pairs"
    );
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!((&json["contacts"], &json["pairs"]), (&json!(19), &json!(20)));
    assert_eq!(json["changes"][0]["update"]["external"], 1);
    assert_eq!(json["changes"][0]["update"]["properties"], json!(["city"]));
    assert_eq!(json["changes"][1]["gone"]["external"], 4);
    assert_eq!(json["changes"][2], json!({ "create": { "external": 99 } }));
    assert_eq!(json["left_out"][0]["external_id"], 3);
    assert_eq!(json["left_out"][1]["error"], "Consumer, rejected");
    assert!(found.left_out()[1].error().to_string().contains("Secret City"), "it is there for whoever asks");
    for text in [format!("{found:?}"), found.to_string(), json.to_string()] {
        assert!(!text.contains("Secret") && !text.contains("London"), "{text}");
    }
}

#[tokio::test]
async fn a_reconcile_is_work_for_a_task() {
    let world = world(1..=3).await;
    let botmatic = world.botmatic().await;
    let task = tokio::spawn(async move {
        let plan = botmatic.reconcile().plan().await?;
        botmatic.reconcile().apply(&plan).await
    });
    assert!(task.await.unwrap().unwrap().is_complete());
}

#[tokio::test]
async fn a_plan_whose_doing_was_killed_is_done_by_doing_it_again() {
    for place in
        ["before delete_contact", "after delete_contact", "after update_contact", "after create_contact"]
    {
        let parts = Parts::new(AddressBook::with((1..=20).map(person)));
        let folder = tempfile::tempdir().unwrap();
        let start = async || {
            // A commit that was under way when the process was killed may still be at the file.
            let store = loop {
                match RedbKeyStore::open(folder.path().join("pairs.redb")) {
                    Ok(store) => break store,
                    Err(_) => tokio::task::yield_now().await,
                }
            };
            World::over(parts.clone(), store)
        };
        let world = start().await;
        world.install().await;
        assert!(world.botmatic().await.import_all().await.unwrap().is_complete());
        for id in [4, 5] {
            world.book.edit(id, Some(person(id).city("Paris")));
        }
        world.book.edit(21, Some(person(21)));
        remove(&world, [2, 3]);
        let found = plan(&world).await.unwrap();
        assert_eq!(counts(&found), (1, 2, 2));

        let gate = parts.line.gates.close(place);
        let botmatic = world.botmatic().await;
        let task = tokio::spawn(async move {
            let report = botmatic.reconcile().when_gone(WhenGone::Delete).apply(&found).await;
            (found, report)
        });
        gate.reached().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        world.kill().await;

        let mut world = start().await;
        world.deliver();
        world.quiet().await;
        // The old plan went with the process; a new one finds what is left.
        let rest = plan(&world).await.unwrap();
        let botmatic = world.botmatic().await;
        let report = botmatic.reconcile().when_gone(WhenGone::Delete).apply(&rest).await.unwrap();
        assert!(report.is_complete(), "{place}: {report:?}");
        world.quiet().await;
        assert!(plan(&world).await.unwrap().is_empty(), "{place}");
        assert_eq!(world.simulator.contacts(&world.token).len(), 19, "{place}");
        assert_eq!((world.pairs().await.len(), world.book.people().len()), (19, 19), "{place}");
        world.kill().await;
    }
}
