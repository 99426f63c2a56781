//! A process that is killed in the middle of a create, and started again over the same file: nobody is there twice.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use botmatic_contact::key_store::RedbKeyStore;
use botmatic_contact::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use super::done_with;
use crate::support::{AddressBook, Parts, Person, World};

/// What outlives the process: both services, and the file.
struct Machine {
    parts: Parts,
    folder: TempDir,
}

impl Machine {
    fn new(people: impl IntoIterator<Item = Person>) -> Self {
        Self { parts: Parts::new(AddressBook::with(people)), folder: tempfile::tempdir().unwrap() }
    }

    fn start(&self) -> World {
        let open = || RedbKeyStore::open(self.folder.path().join("pairs.redb"));
        // What was reading the file when the "process" was killed may still be at it.
        let begun = Instant::now();
        let mut store = open();
        while store.is_err() && begun.elapsed() < Duration::from_secs(20) {
            std::thread::yield_now();
            store = open();
        }
        World::over(self.parts.clone(), store.unwrap())
    }
}

fn people() -> [Person; 3] {
    let ada = || Person::named("Ada").city("London");
    // What goes one way the other side does not tell, so nobody is recognised by it.
    let one_way = Person { member_since: Some(1843), ..ada().greeting("Hello") };
    [ada(), ada().email("ada@example.org"), one_way]
}

/// Delivers `contact_created` and ends the process where `place` is in the address book. Returns the machine.
async fn killed_in_create(person: &Person, place: &str) -> Machine {
    let machine = Machine::new([Person::named("Bystander").id(4000), Person::named("Ada").id(3999)]);
    machine.parts.book.registers();
    let world = machine.start();
    world.install().await;
    world.create_on_botmatic(person);
    let gate = machine.parts.book.gates.close(place);
    let (service, token, body) = (world.service.clone(), world.token.clone(), created(person));
    let task = tokio::spawn(async move { service.handle(Some(token), body.to_string().as_bytes()).await });
    gate.reached().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    world.kill().await;
    machine
}

fn created(person: &Person) -> serde_json::Value {
    let mut data = serde_json::to_value(person.to_properties().unwrap()).unwrap();
    data["id"] = json!(9001);
    data["greeting"] = json!(person.greeting);
    json!({ "event": "contact_created", "data": data })
}

#[tokio::test]
async fn an_event_that_was_cut_short_before_the_create_is_done_when_redelivered() {
    for person in people() {
        let machine = killed_in_create(&person, "before create_contact").await;
        assert_eq!(machine.parts.book.people().len(), 2);
        let world = machine.start();
        for _ in 0..2 {
            assert_eq!(
                world.tell("contact_created", created(&person)["data"].clone()).await,
                done_with(4001)
            );
        }
        assert_eq!(world.book.people().len(), 3);
        assert_eq!(world.pairs().await, [("9001".to_owned(), "4001".to_owned())]);
    }
}

#[tokio::test]
async fn an_event_that_was_cut_short_after_the_create_creates_nobody_again_when_redelivered() {
    for person in people() {
        let machine = killed_in_create(&person, "after create_contact").await;
        assert_eq!(machine.parts.book.people().len(), 3);
        let world = machine.start();
        for _ in 0..2 {
            assert_eq!(
                world.tell("contact_created", created(&person)["data"].clone()).await,
                done_with(4001)
            );
        }
        assert_eq!(world.book.people().len(), 3, "{person:?}");
        assert_eq!(world.pairs().await, [("9001".to_owned(), "4001".to_owned())]);
    }
}

#[tokio::test]
async fn an_event_that_was_cut_short_after_the_create_is_recognised_by_the_services_webhook() {
    for person in people() {
        let machine = killed_in_create(&person, "after create_contact").await;
        let world = machine.start();
        let told = machine.parts.book.person(4001).unwrap();
        world.botmatic().await.create_contact(told).await.unwrap();
        assert_eq!(world.pairs().await, [("9001".to_owned(), "4001".to_owned())]);
        assert_eq!(world.writes_on_botmatic(), 1, "since when the book knows her");
        assert_eq!(world.on_botmatic(&9001_u64.into())["member_since"], 2026);
        assert_eq!(world.tell("contact_created", created(&person)["data"].clone()).await, done_with(4001));
        assert_eq!(world.book.people().len(), 3);
    }
}

#[tokio::test]
async fn an_event_that_was_cut_short_after_the_create_is_recognised_by_an_import() {
    for person in people() {
        let machine = killed_in_create(&person, "after create_contact").await;
        let world = machine.start();
        let report = world.botmatic().await.import_all().await.unwrap();
        assert!(report.is_complete());
        assert_eq!(
            (report.created, report.updated),
            (2, 1),
            "the bystanders, and since when the book knows her"
        );
        assert_eq!(world.on_botmatic(&9001_u64.into())["member_since"], 2026);
        assert_eq!(world.simulator.contacts(&world.token).len(), 3);
        assert_eq!(world.tell("contact_created", created(&person)["data"].clone()).await, done_with(4001));
        assert_eq!(world.book.people().len(), 3);
    }
}

/// Calls the handle for a new external contact and ends the process where `place` is on the line to Botmatic.
async fn killed_in_call(person: &Person, place: &str) -> Machine {
    let machine = Machine::new([person.clone()]);
    let world = machine.start();
    world.install().await;
    let gate = machine.parts.line.gates.close(place);
    let (botmatic, contact) = (world.botmatic().await, person.clone());
    let task = tokio::spawn(async move { botmatic.create_contact(contact).await });
    gate.reached().await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    world.kill().await;
    machine
}

#[tokio::test]
async fn a_call_that_was_cut_short_before_the_create_is_done_when_repeated() {
    for person in people() {
        let person = person.id(17);
        let machine = killed_in_call(&person, "before create_contact").await;
        let mut world = machine.start();
        world.deliver();
        world.quiet().await;
        for _ in 0..2 {
            world.botmatic().await.create_contact(person.clone()).await.unwrap();
        }
        world.quiet().await;
        assert_eq!(world.simulator.contacts(&world.token).len(), 1);
        assert_eq!(world.book.people(), [person]);
        assert_eq!(world.pairs().await, [("9001".to_owned(), "17".to_owned())]);
    }
}

#[tokio::test]
async fn a_call_that_was_cut_short_after_the_create_is_recognised_by_botmatics_event() {
    for person in people() {
        let person = person.id(17);
        let machine = killed_in_call(&person, "after create_contact").await;
        let mut world = machine.start();
        world.deliver();
        world.quiet().await;
        assert_eq!(world.pairs().await, [("9001".to_owned(), "17".to_owned())]);
        world.botmatic().await.create_contact(person.clone()).await.unwrap();
        let report = world.botmatic().await.import_all().await.unwrap();
        assert_eq!((report.created, report.unchanged), (0, 1));
        world.quiet().await;
        assert_eq!(world.simulator.contacts(&world.token).len(), 1);
        assert_eq!(world.book.people(), [person]);
    }
}

#[tokio::test]
async fn an_import_that_was_killed_goes_on_where_it_stopped() {
    let machine = Machine::new((1..=95).map(|id| {
        let person = Person::named(&format!("p{id}")).id(id);
        if id % 2 == 0 { person } else { person.email(&format!("p{id}@example.org")) }
    }));
    let mut world = machine.start();
    world.install().await;
    let gate = machine.parts.line.gates.close("after create_contacts");
    let botmatic = world.botmatic().await;
    let import = tokio::spawn(async move { botmatic.import_all().window(NonZeroUsize::MIN).await });
    gate.reached().await;
    gate.open();
    gate.reached().await;
    let saved = async { while world.pairs().await.len() < 30 {} };
    tokio::time::timeout(Duration::from_secs(20), saved).await.expect("the first page is never saved");
    // The second page is on Botmatic, but nobody here knows its ids.
    import.abort();
    assert!(import.await.unwrap_err().is_cancelled());
    world.kill().await;

    world = machine.start();
    world.deliver();
    world.quiet().await;
    let report = world.botmatic().await.import_all().await.unwrap();
    world.quiet().await;
    assert!(report.is_complete());
    assert_eq!((report.created, report.unchanged), (35, 60));
    assert_eq!(world.simulator.contacts(&world.token).len(), 95);
    assert_eq!(world.pairs().await.len(), 95);
    assert_eq!(world.book.people().len(), 95);
    assert_eq!(world.requests("create contacts"), 4, "at most one page was repeated");
}
