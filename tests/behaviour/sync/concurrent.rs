//! Events and calls that meet: one person stays one pair.

use std::time::Duration;

use botmatic_contact::key_store::{
    Half, Intent, KeyStore, MemoryKeyStore, Pair, RedbKeyStore, Subject, Write,
};
use botmatic_contact::{ContactId, Effect, ExternalId, Properties};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::json;

use super::{DONE, done_with};
use crate::support::{AddressBook, Asked, Parts, Person, World};

const ROUNDS: u64 = 50;

/// Delivers each of many new contacts 16 times at once, as a create and (every other time) as an update.
async fn delivered_many_times_at_once(world: &World) {
    for round in 0..ROUNDS {
        let id = 9001 + round;
        let email = (round % 2 == 0).then(|| format!("p{round}@example.org"));
        let answers = (0..16).map(|delivery| {
            let event = if delivery % 2 == 0 { "contact_created" } else { "contact_updated" };
            let body = json!({ "event": event, "data": { "id": id, "firstname": "Ada", "email": email } });
            let (service, token) = (world.service.clone(), world.token.clone());
            tokio::spawn(async move { service.handle(Some(token), body.to_string().as_bytes()).await })
        });
        let answers: Vec<_> = join_all(answers).await.into_iter().map(Result::unwrap).collect();
        let expected = botmatic_contact::Answer::Reply(done_with(4001 + round).into_bytes());
        assert!(answers.iter().all(|answer| *answer == expected), "{answers:?}");
    }
    assert_eq!(world.book.take_writes().len() as u64, ROUNDS, "one create each and nothing else");
    assert_eq!(world.book.people().len() as u64, ROUNDS);
    assert_eq!(world.pairs().await.len() as u64, ROUNDS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_deliveries_at_once_of_one_new_contact_make_one_external_contact_and_one_pair() {
    delivered_many_times_at_once(&World::with([]).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_deliveries_at_once_make_one_pair_in_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = RedbKeyStore::open(folder.path().join("pairs.redb")).unwrap();
    let world = World::over(Parts::new(AddressBook::default()), store);
    world.install().await;
    delivered_many_times_at_once(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_calls_at_once_for_one_new_external_contact_make_one_on_botmatic() {
    let world = World::with([]).await;
    for round in 0..ROUNDS {
        let person = Person::named("Ada").id(100 + round);
        let person = if round % 2 == 0 { person } else { person.email(&format!("p{round}@example.org")) };
        let calls = (0..16).map(|call| {
            let (service, token, person) = (world.service.clone(), world.token.clone(), person.clone());
            tokio::spawn(async move {
                let botmatic = service.botmatic(&token).await.unwrap();
                match call % 3 {
                    0 => botmatic.create_contact(person).await.map(|_| ()),
                    1 => botmatic.update_contact(person).await.map(|_| ()),
                    _ => botmatic
                        .update_contacts(vec![person])
                        .await
                        .map(|report| assert!(report.is_complete())),
                }
            })
        });
        for called in join_all(calls).await {
            called.unwrap().unwrap();
        }
    }
    assert_eq!(world.writes_on_botmatic(), ROUNDS);
    assert_eq!(world.simulator.contacts(&world.token).len() as u64, ROUNDS);
    assert_eq!(world.pairs().await.len() as u64, ROUNDS);
}

#[tokio::test]
async fn who_is_created_on_both_sides_at_once_with_one_email_is_linked_when_the_event_is_first() {
    let ada = Person::named("Ada").email("ada@example.org");
    let world = World::with([ada.clone().id(17)]).await;
    world.create_on_botmatic(&ada);
    let botmatic = world.botmatic().await;
    let gate = world.book.gates.close("before get_contact_by_email");
    let event =
        world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org" }));
    let webhook = async {
        gate.reached().await;
        let (outcome, ()) = tokio::join!(botmatic.create_contact(ada.clone().id(17)), async {
            world.let_others_run().await;
            gate.open();
        });
        outcome.unwrap().effect
    };
    assert_eq!(tokio::join!(event, webhook), (done_with(17), Effect::Unchanged));
    assert_eq!((world.book.take_writes(), world.writes_on_botmatic()), (vec![], 0));
    assert_eq!(world.pairs().await, [("9001".to_owned(), "17".to_owned())]);
}

#[tokio::test]
async fn who_is_created_on_both_sides_at_once_with_one_email_is_a_conflict_when_the_webhook_is_first() {
    // Botmatic cannot be asked for an e-mail address, so it has two contacts now; the answer to the event says which.
    let ada = Person::named("Ada").email("ada@example.org");
    let world = World::with([ada.clone().id(17)]).await;
    let id = world.create_on_botmatic(&ada);
    let botmatic = world.botmatic().await;
    let gate = world.line.gates.close("before create_contact");
    let webhook = botmatic.create_contact(ada.clone().id(17));
    let event = async {
        gate.reached().await;
        let event = json!({ "id": id, "firstname": "Ada", "email": "ada@example.org" });
        let (answer, ()) = tokio::join!(world.tell("contact_created", event), async {
            world.let_others_run().await;
            gate.open();
        });
        answer
    };
    let (outcome, answer) = tokio::join!(webhook, event);
    let outcome = outcome.unwrap();
    assert_eq!(outcome.effect, Effect::Created);
    assert!(answer.contains(&format!("already paired with contact {}", outcome.contact)), "{answer}");
    assert_eq!(world.pairs().await, [(outcome.contact.to_string(), "17".to_owned())]);
    assert_eq!(world.book.people().len(), 1);
}

#[tokio::test]
async fn two_spellings_of_one_email_address_do_not_slip_past_each_other() {
    let world = World::with([]).await;
    let gate = world.book.gates.close("before create_contact");
    let first =
        world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada", "email": "Ada@Example.org" }));
    let second = async {
        gate.reached().await;
        let event = json!({ "id": 9002, "firstname": "Ada", "email": "ada@example.org" });
        let (answer, ()) = tokio::join!(world.tell("contact_created", event), async {
            world.let_others_run().await;
            gate.open();
            gate.open();
        });
        answer
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first, done_with(4001));
    assert!(second.contains("already paired with contact 9001"), "{second}");
    assert_eq!(world.book.people().len(), 1);
}

#[tokio::test]
async fn an_event_that_looks_around_while_our_create_is_answered_still_recognises_it() {
    let world = World::with([Person::named("Ada").id(17)]).await;
    let botmatic = world.botmatic().await;
    let answer = world.line.gates.close("after create_contact");
    let event = async {
        answer.reached().await;
        // The event has found no pair, and looks for intents only after the create has become one.
        let look = world.store.gates.close("before intents");
        let (told, ()) =
            tokio::join!(world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })), async {
                look.reached().await;
                answer.open();
                world.let_others_run().await;
                assert_eq!(world.pairs().await.len(), 1);
                world.store.gates.clear();
                look.open();
            });
        told
    };
    let (created, told) = tokio::join!(botmatic.create_contact(Person::named("Ada").id(17)), event);
    assert_eq!((created.unwrap().effect, told), (Effect::Created, done_with(17)));
    assert_eq!(world.pairs().await, [("9001".to_owned(), "17".to_owned())]);
    assert_eq!(world.book.people().len(), 1);
}

#[tokio::test]
async fn a_webhook_that_looks_around_while_our_create_is_answered_still_recognises_it() {
    let world = World::with([]).await;
    let botmatic = world.botmatic().await;
    let answer = world.book.gates.close("after create_contact");
    let webhook = async {
        answer.reached().await;
        let look = world.store.gates.close("before intents");
        let (told, ()) = tokio::join!(botmatic.create_contact(Person::named("Ada").id(4001)), async {
            look.reached().await;
            answer.open();
            world.let_others_run().await;
            assert_eq!(world.pairs().await.len(), 1);
            world.store.gates.clear();
            look.open();
        });
        told.unwrap().effect
    };
    let event = world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" }));
    assert_eq!(tokio::join!(event, webhook), (done_with(4001), Effect::Unchanged));
    assert_eq!(world.pairs().await, [("9001".to_owned(), "4001".to_owned())]);
    assert_eq!(world.writes_on_botmatic(), 0);
}

#[tokio::test]
async fn an_import_that_meets_somebody_who_is_just_being_created_does_not_forget_how_he_is_now() {
    let world = World::with([]).await;
    let botmatic = world.botmatic().await;
    let id = world.create_on_botmatic(&Person::named("Ada"));
    let answer = world.book.gates.close("after create_contact");
    let import = async {
        answer.reached().await;
        let ada = world.book.person(4001).unwrap().city("Paris");
        world.book.edit(4001, Some(ada));
        let (report, ()) = tokio::join!(botmatic.import_all().into_future(), async {
            world.let_others_run().await;
            answer.open();
        });
        report.unwrap()
    };
    let event = world.tell("contact_created", json!({ "id": id, "firstname": "Ada" }));
    let (told, report) = tokio::join!(event, import);
    assert_eq!(told, done_with(4001));
    assert_eq!((report.created, report.updated, report.unchanged, report.is_complete()), (0, 1, 0, true));
    assert_eq!(world.on_botmatic(&id)["city"], "Paris");
}

#[tokio::test]
async fn an_edit_on_botmatic_before_our_create_is_answered_is_not_forgotten() {
    let mut world = World::with([]).await;
    world.deliver();
    let ada = Person::named("Ada").city("London").id(17);
    world.book.edit(17, Some(ada.clone()));
    let botmatic = world.botmatic().await;
    let gate = world.line.gates.close("after create_contact");
    let meanwhile = async {
        gate.reached().await;
        world.quiet().await;
        world.edit_on_botmatic(&9001_u64.into(), json!({ "city": "Paris" }));
        world.let_others_run().await;
        gate.open();
        world.quiet().await;
        assert_eq!(world.book.person(17), Some(ada.clone().city("Paris")));
    };
    let (created, ()) = tokio::join!(botmatic.create_contact(ada.clone()), meanwhile);
    created.unwrap();
    // Were the create's own view taken for the agreed one, this would look like an echo.
    world.edit_on_botmatic(&9001_u64.into(), json!({ "city": "London" }));
    world.quiet().await;
    assert_eq!(world.book.person(17), Some(ada));
    assert_eq!(world.pairs().await.len(), 1);
}

#[tokio::test]
async fn an_edit_outside_before_our_create_is_answered_is_not_forgotten() {
    let mut world = World::with([]).await;
    world.reflect().await;
    let id = world.create_on_botmatic(&Person::named("Ada").city("London"));
    let gate = world.book.gates.close("after create_contact");
    let meanwhile = async {
        gate.reached().await;
        world.book.all_told().await;
        let ada = world.book.person(4001).unwrap();
        world.book.edit(4001, Some(ada.city("Paris")));
        world.let_others_run().await;
        gate.open();
        world.book.all_told().await;
        assert_eq!(world.on_botmatic(&id)["city"], "Paris");
    };
    let event = world.tell("contact_created", json!({ "id": id, "firstname": "Ada", "city": "London" }));
    let (answer, ()) = tokio::join!(event, meanwhile);
    assert_eq!(answer, done_with(4001));
    let ada = world.book.person(4001).unwrap();
    world.book.edit(4001, Some(ada.city("London")));
    world.book.all_told().await;
    assert_eq!(world.on_botmatic(&id)["city"], "London");
}

#[tokio::test]
async fn a_delete_on_botmatic_before_our_create_is_answered_leaves_no_pair_behind() {
    let mut world = World::with([Person::named("Ada").id(17)]).await;
    world.deliver();
    let botmatic = world.botmatic().await;
    let gate = world.line.gates.close("after create_contact");
    let meanwhile = async {
        gate.reached().await;
        world.quiet().await;
        world.simulator.delete_contact(&world.token, &9001_u64.into()).unwrap();
        world.let_others_run().await;
        gate.open();
        world.quiet().await;
    };
    let (created, ()) = tokio::join!(botmatic.create_contact(Person::named("Ada").id(17)), meanwhile);
    created.unwrap();
    assert_eq!(world.pairs().await, []);
    assert_eq!(world.book.people(), []);
}

#[tokio::test]
async fn updates_of_one_contact_come_one_after_the_other() {
    let world = World::with([]).await;
    world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
    world.book.take_writes();
    let gate = world.book.gates.close("before update_contact");
    let first = world.tell("contact_updated", json!({ "id": 9001, "city": "Paris" }));
    let second = async {
        gate.reached().await;
        let (answer, ()) =
            tokio::join!(world.tell("contact_updated", json!({ "id": 9001, "city": "Paris" })), async {
                world.let_others_run().await;
                gate.open();
            });
        answer
    };
    assert_eq!(tokio::join!(first, second), (DONE.to_owned(), done_with(4001)));
    assert_eq!(world.book.take_writes(), [Asked::Update(4001, json!({ "city": "Paris" }))]);
}

#[tokio::test(start_paused = true)]
async fn who_waits_too_long_for_somebody_elses_work_is_asked_to_try_again() {
    let world = World::over(Parts::new(AddressBook::default()), MemoryKeyStore::new());
    world.install().await;
    let subjects = [Subject::from(ContactId::from(9001_u64))];
    let stuck = world.store.claim(world.token.installation(), &subjects).await.unwrap();
    let began = tokio::time::Instant::now();
    let body = json!({ "event": "contact_created", "data": { "id": 9001, "firstname": "Ada" } }).to_string();
    let answer = world.service.handle(Some(world.token.clone()), body.as_bytes()).await;
    assert_eq!(answer, botmatic_contact::Answer::TryAgain);
    assert_eq!(began.elapsed().as_secs(), Duration::from_secs(30).as_secs());
    assert_eq!(world.book.asked(), []);
    drop(stuck);
    assert_eq!(
        world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await,
        done_with(4001)
    );
}

#[tokio::test(start_paused = true)]
async fn an_intent_left_behind_does_not_make_claims_wait_in_a_circle() {
    let ada = Person::named("Ada").email("ada@example.org").id(17);
    let world = World::with([ada.clone()]).await;
    let botmatic = world.botmatic().await;
    let installation = world.token.installation();
    {
        // Left behind by a create whose answer was lost; Botmatic tidied the values.
        let half = Half::External(17_u64.into());
        let claim = world.store.claim(installation, &[half.clone().into()]).await.unwrap();
        let properties = Properties::from_iter([("firstname", "ada")]).into();
        world
            .store
            .commit(&claim, vec![Write::Intent(Intent { half, properties, at: Timestamp::UNIX_EPOCH })])
            .await
            .unwrap();
    }
    let somebody = [Subject::Email("ada@example.org".to_owned())];
    let held = world.store.claim(installation, &somebody).await.unwrap();
    let began = tokio::time::Instant::now();
    let event =
        world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org" }));
    let webhook = async {
        world.let_others_run().await;
        let (outcome, ()) = tokio::join!(botmatic.update_contact(ada.clone()), async {
            world.let_others_run().await;
            drop(held);
        });
        outcome
    };
    let (told, outcome) = tokio::join!(event, webhook);
    assert!(began.elapsed() < Duration::from_secs(1), "{:?} {told} {outcome:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn who_got_a_counterpart_while_one_waited_is_worked_on_together_with_it() {
    let world = World::with([Person::named("Ada").id(17)]).await;
    let installation = world.token.installation();
    let (ada, her_entry) = (ContactId::from(9001_u64), ExternalId::from(17_u64));
    let claim_of = async |half: Half| world.store.claim(installation, &[half.into()]).await.unwrap();
    let first = claim_of(ada.clone().into()).await;
    let update = async { world.tell("contact_updated", json!({ "id": 9001, "city": "Paris" })).await };
    let others = async {
        world.let_others_run().await;
        let snapshot = Properties::from_iter([("firstname", "Ada")]);
        let pair = Pair::new(ada.clone(), her_entry.clone(), snapshot);
        world.store.commit(&first, vec![Write::Pair(pair)]).await.unwrap();
        let second = claim_of(her_entry.clone().into()).await;
        drop(first);
        world.let_others_run().await;
        assert_eq!(world.book.take_writes(), [], "somebody else is at work on the entry");
        drop(second);
    };
    assert_eq!(tokio::join!(update, others), (DONE.to_owned(), ()));
    assert_eq!(world.book.take_writes(), [Asked::Update(17, json!({ "city": "Paris" }))]);
}
