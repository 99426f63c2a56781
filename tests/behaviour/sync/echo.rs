//! Two services that tell of every write, also of ours: when people stop editing, writing stops.

use botmatic_contact::prelude::*;
use serde_json::{Value, json};

use crate::support::{AddressBook, Asked, Person, World};

/// A world in which both sides tell of every change.
async fn mirrored(book: AddressBook) -> World {
    let mut world = World::of(book).await;
    world.reflect().await;
    world.deliver();
    world
}

/// Asserts that both sides hold the same, pair by pair, and nobody else; and that no webhook failed.
async fn agree(world: &World) {
    world.quiet().await;
    let pairs = world.full_pairs().await;
    assert_eq!(pairs.len(), world.book.people().len());
    assert_eq!(pairs.len(), world.simulator.contacts(&world.token).len());
    for pair in pairs {
        let person = world.book.person(pair.external.as_str().parse().unwrap()).unwrap();
        let contact = world.simulator.contact(&world.token, &pair.contact).unwrap();
        let held = Person::from_properties(&contact.properties).unwrap();
        assert_eq!(held, person.clone().id(0));
        assert_eq!(pair.snapshot, person.to_properties().unwrap());
    }
    let failures: Vec<_> =
        world.book.handled().into_iter().filter(|what| what.starts_with("webhook")).collect();
    assert_eq!(failures, [""; 0]);
}

#[tokio::test]
async fn who_is_created_on_botmatic_is_written_once_outside_and_never_back() {
    for person in [Person::named("Ada"), Person::named("Ada").email("ada@example.org")] {
        let world = mirrored(AddressBook::default()).await;
        world.create_on_botmatic(&person);
        agree(&world).await;
        assert_eq!(world.book.take_writes(), [Asked::Create(person)]);
        assert_eq!(world.writes_on_botmatic(), 0);
    }
}

#[tokio::test]
async fn who_is_created_outside_is_written_once_on_botmatic_and_never_back() {
    for person in [Person::named("Ada"), Person::named("Ada").email("ada@example.org")] {
        let world = mirrored(AddressBook::default()).await;
        world.book.edit(17, Some(person));
        agree(&world).await;
        assert_eq!(world.book.take_writes(), []);
        assert_eq!(world.writes_on_botmatic(), 1);
    }
}

#[tokio::test]
async fn each_edit_is_one_write_on_the_other_side() {
    let world = mirrored(AddressBook::default()).await;
    let id = world.create_on_botmatic(&Person::named("Ada").email("ada@example.org"));
    agree(&world).await;
    world.book.take_writes();

    for round in 0..5 {
        let city = format!("Paris {round}");
        world.edit_on_botmatic(&id, json!({ "city": city }));
        agree(&world).await;
        assert_eq!(world.book.take_writes(), [Asked::Update(4001, json!({ "city": city }))]);
        assert_eq!(world.writes_on_botmatic(), round, "nothing comes back");

        let person = world.book.person(4001).unwrap();
        world
            .book
            .edit(4001, Some(Person { score: Some(f64::from(u32::try_from(round).unwrap())), ..person }));
        agree(&world).await;
        assert_eq!(world.book.take_writes(), []);
        assert_eq!(world.writes_on_botmatic(), round + 1);
    }
    world.edit_on_botmatic(&id, json!({ "city": null }));
    agree(&world).await;
    assert_eq!(world.book.take_writes(), [Asked::Update(4001, json!({ "city": null }))]);
    assert_eq!(world.writes_on_botmatic(), 5);
}

#[tokio::test]
async fn a_delete_on_either_side_is_one_delete_on_the_other() {
    let world = mirrored(AddressBook::default()).await;
    let one = world.create_on_botmatic(&Person::named("Ada"));
    agree(&world).await;
    world.create_on_botmatic(&Person::named("Bob"));
    agree(&world).await;
    world.book.take_writes();

    world.simulator.delete_contact(&world.token, &one).unwrap();
    agree(&world).await;
    assert_eq!(world.book.take_writes(), [Asked::Delete(4001)]);
    assert_eq!(world.writes_on_botmatic(), 0);
    world.book.edit(4002, None);
    agree(&world).await;
    assert_eq!(world.book.take_writes(), []);
    assert_eq!(world.writes_on_botmatic(), 1);
    assert_eq!(world.pairs().await, []);
}

/// What both sides hold of somebody, each in its own spelling; and how often either was written since this was asked last.
async fn spelt(world: &World, property: &str) -> (Value, Value, usize, u64) {
    world.quiet().await;
    let on_botmatic = world.on_botmatic(&9001_u64.into())[property].clone();
    let outside = world.book.person(4001).unwrap().to_properties().unwrap();
    let outside = outside.get(property).cloned().unwrap_or_default();
    (on_botmatic, outside, world.book.take_writes().len(), world.writes_on_botmatic())
}

#[tokio::test]
async fn a_service_that_tidies_what_it_is_given_keeps_its_spelling_and_nobody_writes_again() {
    let world = mirrored(AddressBook::default().tidy()).await;
    let id = world.create_on_botmatic(&Person::named("Ada").email("Ada@Example.ORG"));
    let as_created = ("Ada@Example.ORG".into(), "ada@example.org".into(), 1, 0);
    assert_eq!(spelt(&world, "email").await, as_created);

    // Botmatic says the whole contact, in its spelling, and only what is new goes out.
    world.edit_on_botmatic(&id, json!({ "score": 3 }));
    world.quiet().await;
    assert_eq!(world.book.take_writes(), [Asked::Update(4001, json!({ "score": 3.0 }))]);
    world.edit_on_botmatic(&id, json!({ "email": "LOVELACE@example.org" }));
    let edited = ("LOVELACE@example.org".into(), "lovelace@example.org".into(), 1, 0);
    assert_eq!(spelt(&world, "email").await, edited);

    // What somebody spells otherwise there, when all is quiet, is a change.
    let person = world.book.person(4001).unwrap();
    world.book.edit(4001, Some(Person { email: Some("Lovelace@Example.org".to_owned()), ..person }));
    let respelt = ("Lovelace@Example.org".into(), "Lovelace@Example.org".into(), 0, 1);
    assert_eq!(spelt(&world, "email").await, respelt);
}

#[tokio::test]
async fn a_service_that_tidies_somebody_without_an_email_address_is_recognised_too() {
    let world = mirrored(AddressBook::default().tidy()).await;
    let gate = world.book.gates.close("after create_contact");
    world.create_on_botmatic(&Person::named("Ada").city("London"));
    gate.reached().await;
    // The webhook, with the city as it is now, comes before the answer.
    world.let_others_run().await;
    gate.open();
    assert_eq!(spelt(&world, "city").await, ("London".into(), "LONDON".into(), 1, 0));
}

#[tokio::test]
async fn a_link_is_quiet_after_one_write_on_each_side() {
    let outside = Person::named("Ada Lovelace").email("ada@example.org").id(17);
    let world = mirrored(AddressBook::with([outside])).await;
    world.create_on_botmatic(&Person::named("Ada").email("ada@example.org").city("London"));
    agree(&world).await;
    assert_eq!(world.book.take_writes(), [Asked::Update(17, json!({ "city": "London" }))]);
    assert_eq!(world.writes_on_botmatic(), 1);
}

#[tokio::test]
async fn an_import_comes_back_as_events_and_writes_nothing_more() {
    let people = (1..=95).map(|id| Person::named(&format!("p{id}")).id(id));
    let world = mirrored(AddressBook::with(people)).await;
    let report = world.botmatic().await.import_all().await.unwrap();
    assert_eq!((report.created, report.is_complete()), (95, true));
    agree(&world).await;
    assert_eq!(world.book.take_writes(), []);
    assert_eq!(world.writes_on_botmatic(), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_people_who_edit_at_once_on_both_sides_end_as_one_pair_each_with_one_write_per_edit() {
    const PEOPLE: u64 = 40;
    let world = mirrored(AddressBook::default()).await;
    for number in 0..PEOPLE {
        let person = Person::named(&format!("p{number}"));
        let person = if number % 3 == 0 { person } else { person.email(&format!("p{number}@example.org")) };
        if number % 2 == 0 {
            world.create_on_botmatic(&person);
        } else {
            world.book.edit(number, Some(person));
        }
    }
    agree(&world).await;
    assert_eq!(world.full_pairs().await.len() as u64, PEOPLE);
    assert_eq!((world.book.take_writes().len() as u64, world.writes_on_botmatic()), (PEOPLE / 2, PEOPLE / 2));

    for (number, pair) in world.full_pairs().await.into_iter().enumerate() {
        let city = format!("city {number}");
        if number % 2 == 0 {
            world.edit_on_botmatic(&pair.contact, json!({ "city": city }));
        } else {
            let id = pair.external.as_str().parse().unwrap();
            let person = world.book.person(id).unwrap();
            world.book.edit(id, Some(person.city(&city)));
        }
    }
    agree(&world).await;
    assert_eq!((world.book.take_writes().len() as u64, world.writes_on_botmatic()), (PEOPLE / 2, PEOPLE));
}
