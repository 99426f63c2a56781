//! What is done about a failure of the external service, by its kind and by what was being done.

use std::time::Duration;

use botmatic_contact::key_store::{KeyStore, MemoryKeyStore};
use botmatic_contact::prelude::*;
use serde_json::json;
use tokio::time::Instant;

use super::{DONE, done_with, failed};
use crate::support::{AddressBook, Asked, Overloaded, Parts, Person, World};

/// A kind of failure, and what becomes of it where it does not pass.
struct Case {
    error: fn() -> ConsumerError,
    /// How often somebody is read, changed or deleted, and how long that takes, in milliseconds.
    repeated: (usize, u64),
    /// The same for creating.
    created: (usize, u64),
    says: &'static str,
}

impl Case {
    /// Nobody is gone where nobody is named.
    fn of(&self, operation: &str) -> Self {
        let Self { error, repeated, created, says } = *self;
        let names_nobody = matches!(operation, "get_contact_by_email" | "create_contact");
        if names_nobody && error().is_not_found() {
            return Self { error, repeated: (2, 500), created, says: "though that names nobody" };
        }
        Self { error, repeated, created, says }
    }
}

const THROTTLED: &str = "the external service takes no more requests at the moment; try again";

fn cases() -> [Case; 11] {
    let case = |error, repeated, created, says| Case { error, repeated, created, says };
    let once = (1, 0);
    let soon = |wait: u64| (3, 2 * wait);
    [
        case(|| ConsumerError::failed("timed out"), (2, 500), once, "timed out"),
        case(|| std::fmt::Error.into(), (2, 500), once, "the external service could not be asked"),
        case(|| ConsumerError::throttled(None), soon(500), soon(500), THROTTLED),
        case(|| ConsumerError::from_status(429, Some("0")), soon(500), soon(500), THROTTLED),
        case(|| ConsumerError::from_status(503, Some("5")), soon(5000), soon(5000), THROTTLED),
        case(|| ConsumerError::from_status(429, Some("30")), once, once, "try again in 30 s"),
        case(|| Overloaded.into(), soon(1000), soon(1000), THROTTLED),
        case(|| ConsumerError::unauthorized("old key"), once, once, "not accept our credentials: old key"),
        case(|| ConsumerError::already_exists(17_u64), once, once, "has this contact already, as 17"),
        case(|| ConsumerError::rejected("no such city"), once, once, "no such city"),
        case(ConsumerError::not_found, once, once, "resource not found"),
    ]
}

/// A world in which 9001 and 4001 are Ada.
async fn world() -> World {
    let world = World::with([]).await;
    assert_eq!(
        world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await,
        done_with(4001)
    );
    world.book.take_writes();
    world
}

fn events() -> [(&'static str, &'static str, serde_json::Value); 4] {
    let new = json!({ "id": 9002, "firstname": "Bob", "email": "bob@example.org" });
    [
        ("get_contact_by_email", "contact_created", new.clone()),
        ("create_contact", "contact_created", new),
        ("update_contact", "contact_updated", json!({ "id": 9001, "city": "Paris" })),
        ("delete_contact", "contact_deleted", json!({ "contact_id": 9001 })),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_stays_is_tried_as_often_as_its_kind_deserves_and_told() {
    for (number, case) in cases().into_iter().enumerate() {
        for (operation, event, data) in events() {
            let case = case.of(operation);
            let world = world().await;
            world.book.fail(operation, case.error);
            let before = world.book.asked().len();
            let began = Instant::now();
            let answer = world.tell(event, data).await;
            let at = format!("case {number}, {operation}: {answer}");
            if operation == "delete_contact" && (case.error)().is_not_found() {
                assert_eq!(answer, DONE, "{at}");
                continue;
            }
            assert!(answer.contains(case.says) && answer.contains(r#""success":false"#), "{at}");
            let (times, milliseconds) =
                if operation == "create_contact" { case.created } else { case.repeated };
            // Not everybody asks again at the same moment.
            let (took, least) = (began.elapsed(), Duration::from_millis(milliseconds));
            let jitter = Duration::from_millis(250) * (u32::try_from(times).unwrap() - 1);
            assert!(took >= least + jitter && took <= least + 2 * jitter, "{at}: {took:?}");
            let asked = world.book.asked().split_off(before);
            let looked = usize::from(operation == "create_contact");
            let read = asked.iter().filter(|asked| matches!(asked, Asked::Get(_))).count();
            assert_eq!(asked.len() - looked - read, times, "{at}: {asked:?}");
            assert_eq!(world.pairs().await.len(), 1, "{at}");
            // Where it is certain that nobody was created, nothing remains of the attempt.
            let intents = world.store.intents(world.token.installation()).await.unwrap().len();
            let is_transient = (case.error)().is_transient() || (case.error)().is_not_found();
            let uncertain = operation == "create_contact" && is_transient && case.created.0 == 1;
            assert_eq!(intents, usize::from(uncertain), "{at}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_passes_is_not_noticed_where_the_same_can_be_asked_again() {
    for case in cases() {
        for (operation, event, data) in events() {
            let world = world().await;
            let (times, _) = if operation == "create_contact" { case.created } else { case.repeated };
            world.book.fail_times(u32::try_from(times).unwrap() - 1, operation, case.error);
            let answer = world.tell(event, data).await;
            assert!(answer.contains(r#""success":true"#), "{operation}, {}: {answer}", case.says);
            let people = if operation == "delete_contact" { 0 } else { world.pairs().await.len() };
            assert_eq!(world.book.people().len(), people);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_never_answered_is_given_up_and_what_it_asked_for_is_said() {
    for (operation, event, data) in events() {
        let world = world().await;
        let _gate = world.book.gates.close(&format!("before {operation}"));
        let began = Instant::now();
        let answer = world.tell(event, data).await;
        assert!(answer.contains(&format!("not answered `{operation}` within 60s")), "{answer}");
        let (is_create, took) = (operation == "create_contact", began.elapsed().as_secs());
        assert_eq!(took, if is_create { 60 } else { 120 }, "{operation}");
        // The contact may have been created.
        let intents = world.store.intents(world.token.installation()).await.unwrap().len();
        assert_eq!(intents, usize::from(is_create));
        world.book.gates.clear();
        world.book.heal();
    }
}

#[tokio::test(start_paused = true)]
async fn how_long_a_request_may_take_is_said_on_the_builder() {
    let (parts, limit) = (Parts::new(AddressBook::default()), Duration::from_secs(3));
    let world = World::built(parts, MemoryKeyStore::new(), |builder| builder.request_limit(limit));
    world.install().await;
    let _gate = world.book.gates.close("before create_contact");
    let began = Instant::now();
    let answer = world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
    assert!(answer.contains("`create_contact` within 3s"), "{answer}");
    assert_eq!(began.elapsed(), limit);
}

/// What a library says of a request, with its address.
#[derive(Debug)]
struct Unreachable;

impl std::fmt::Display for Unreachable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("error sending request for url (http://crm/people?email=ada%40example.org)")
    }
}

impl std::error::Error for Unreachable {}

#[tokio::test(start_paused = true)]
async fn what_an_error_from_elsewhere_says_is_no_answer_and_stays_its_cause() {
    let world = world().await;
    world.book.fail("get_contact_by_email", || Unreachable.into());
    let data = json!({ "id": 9002, "firstname": "Bob", "email": "ada@example.org" });
    let answer = world.tell("contact_created", data).await;
    assert!(answer.contains("could not be asked") && !answer.contains("ada"), "{answer}");

    let error = || ConsumerError::from(Unreachable);
    assert!(!error().to_string().contains("ada"), "{}", error());
    let handlers: Box<dyn std::error::Error + Send + Sync> = error().into();
    let callers = botmatic_contact::Error::from(error());
    for error in [&*handlers, &callers as &dyn std::error::Error] {
        assert!(!error.to_string().contains("ada") && error.source().unwrap().is::<Unreachable>(), "{error}");
    }
}

#[tokio::test]
async fn who_is_there_already_is_adopted_and_both_sides_hold_the_same() {
    let ada = Person::named("Ada").city("London").id(17);
    let world = World::with([ada.clone()]).await;
    let contact = world.create_on_botmatic(&Person::named("Ada").email("ada@example.org"));
    world.book.fail("create_contact", || ConsumerError::already_exists(17_u64));
    let event = || json!({ "id": contact, "firstname": "Ada", "email": "ada@example.org" });
    assert_eq!(world.tell("contact_created", event()).await, done_with(17));
    assert_eq!(world.book.people(), [ada.email("ada@example.org")]);
    assert_eq!(world.on_botmatic(&contact)["city"], "London");
    assert_eq!(world.pairs().await, [(contact.to_string(), "17".to_owned())]);
    assert_eq!(world.store.intents(world.token.installation()).await.unwrap(), []);

    world.book.take_writes();
    assert_eq!(world.tell("contact_created", event()).await, done_with(17));
    assert_eq!(world.book.asked(), []);
}

#[tokio::test]
async fn whose_create_was_done_and_not_answered_is_adopted_when_it_is_tried_again() {
    let world = World::with([]).await;
    let contact = world.create_on_botmatic(&Person::named("Ada"));
    let event = || json!({ "id": contact, "firstname": "Ada" });
    world.book.fail("create_contact", || ConsumerError::failed("timed out"));
    assert_eq!(world.tell("contact_created", event()).await, failed("timed out"));
    // Who arrived there, and is written otherwise there.
    world.book.edit(4001, Some(Person::named("ADA")));
    world.book.fail("create_contact", || ConsumerError::already_exists(4001_u64));
    assert_eq!(world.tell("contact_created", event()).await, done_with(4001));
    assert_eq!(world.book.people().len(), 1);
    assert_eq!(world.pairs().await, [("9001".to_owned(), "4001".to_owned())]);
}

#[tokio::test]
async fn who_is_there_already_and_has_another_counterpart_is_not_adopted() {
    let world = world().await;
    world.book.fail("create_contact", || ConsumerError::already_exists(4001_u64));
    let answer = world.tell("contact_created", json!({ "id": 9002, "firstname": "Bob" })).await;
    assert!(answer.contains("already paired with contact 9001"), "{answer}");
    assert_eq!(world.pairs().await.len(), 1);
    assert_eq!(world.book.take_writes(), [Asked::Create(Person::named("Bob"))]);
}

#[tokio::test(start_paused = true)]
async fn an_import_waits_for_a_listing_as_long_as_it_is_asked_to_for_an_hour() {
    let world = world().await;
    world.book.fail("list_contacts", || ConsumerError::throttled(Some(Duration::from_secs(60))));
    let began = Instant::now();
    let report = world.botmatic().await.import_all().await.unwrap();
    let about = Duration::from_secs(60 * 60)..Duration::from_secs(61 * 60);
    assert!(about.contains(&began.elapsed()), "{:?}", began.elapsed());
    let error = report.interrupted.unwrap();
    assert!(error.is_transient() && error.is_consumer(), "{error:?}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
    assert!(error.to_string().ends_with("try again in 60 s"), "{error}");
}

#[tokio::test]
async fn whether_the_same_may_go_through_later_is_said() {
    let later = |error: fn() -> ConsumerError| botmatic_contact::Error::from(error()).is_transient();
    let expected = [true, true, true, true, true, true, true, false, false, false, false];
    // That an error of another type is explained is the consumer's doing, which has not been asked here.
    assert_eq!(cases().map(|case| later(case.error)), expected);
    assert!(botmatic_contact::Error::key_store("full").is_transient());
    assert!(botmatic_contact::Error::claim_lost().is_transient());
    assert!(botmatic_contact::Error::paired_otherwise().is_transient());
    for (status, transient) in
        [(400, false), (401, false), (404, false), (408, true), (429, true), (500, true)]
    {
        assert_eq!(botmatic_contact::Error::platform(Some(status), "").is_transient(), transient, "{status}");
    }
    assert!(botmatic_contact::Error::platform(None, "no answer").is_transient());
    for gone in [404, 410] {
        assert!(botmatic_contact::Error::platform(Some(gone), "").is_not_found());
    }
}

#[tokio::test]
async fn a_status_says_which_kind_it_is() {
    type Asks = fn(&ConsumerError) -> bool;
    let kinds: [(&str, Asks); 7] = [
        ("transient", ConsumerError::is_transient),
        ("throttled", ConsumerError::is_throttled),
        ("unauthorized", ConsumerError::is_unauthorized),
        ("not found", ConsumerError::is_not_found),
        ("rejected", ConsumerError::is_rejected),
        ("already exists", ConsumerError::is_already_exists),
        ("unsupported", ConsumerError::is_unsupported),
    ];
    for status in 300..600 {
        let expected = match status {
            401 | 403 => "unauthorized",
            404 | 410 => "not found",
            429 => "throttled",
            408 | 425 => "transient",
            400..500 => "rejected",
            _ => "transient",
        };
        let error = ConsumerError::from_status(status, None);
        let is: Vec<_> = kinds.iter().filter(|(_, asks)| asks(&error)).map(|(name, _)| *name).collect();
        assert_eq!(is, [expected], "{status}");
        assert_eq!(error.retry_after(), None);
    }
    let seconds =
        |header| ConsumerError::from_status(503, Some(header)).retry_after().map(|wait| wait.as_secs());
    assert_eq!(
        ["7", " 7 ", "soon", "-1", "", "Wed, 21 Oct 2015 07:28:00 GMT"].map(seconds),
        [Some(7), Some(7), None, None, None, None]
    );
    assert!(seconds("Mon, 21 Oct 2999 07:28:00 GMT").is_some_and(|wait| wait > 1_000_000_000));
    assert!(ConsumerError::from_status(503, Some("soon")).is_transient());
}
