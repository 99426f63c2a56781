//! Properties that go one way: what the external service lets only be read is never written there, and what it only
//! takes is never written to Botmatic, nor cleared there.

use botmatic_contact::key_store::KeyStore;
use botmatic_contact::prelude::*;
use botmatic_contact::{Access, Effect};
use serde_json::{Value, json};

use super::done_with;
use crate::support::{AddressBook, Asked, Person, World};

fn ada() -> Person {
    Person { member_since: Some(1843), ..Person::named("Ada").email("ada@example.org") }
}

/// A world in which Ada has come to Botmatic from outside.
async fn known() -> World {
    let mut world = World::with([ada().id(17)]).await;
    world.botmatic().await.create_contact(ada().id(17)).await.unwrap();
    world.deliver();
    world.quiet().await;
    world
}

fn id() -> ContactId {
    9001_u64.into()
}

async fn updated(world: &World, properties: Value) -> Vec<Asked> {
    let mut data = json!({ "id": 9001 });
    data.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
    assert!(world.tell("contact_updated", data).await.contains(r#""success":true"#));
    world.book.take_writes()
}

#[tokio::test]
async fn the_mapping_and_the_manifest_say_which_way_a_property_goes() {
    let one_way = Person::PROPERTIES.iter().filter(|property| property.access != Access::ReadWrite);
    let one_way: Vec<_> = one_way.map(|property| (property.name.as_ref(), property.access)).collect();
    assert_eq!(one_way, [("member_since", Access::ReadOnly), ("greeting", Access::WriteOnly)]);

    let manifest = serde_json::to_value(World::with([]).await.service.manifest()).unwrap();
    let properties = manifest["properties"].as_array().unwrap();
    let accesses: Vec<_> = properties.iter().map(|property| &property["access"]).collect();
    assert_eq!(accesses, ["read_write", "read_write", "read_write", "read_write", "read_only", "write_only"]);
}

#[tokio::test]
async fn a_contact_of_botmatics_is_created_outside_with_what_may_be_written_there() {
    let world = World::with([]).await;
    let said = json!({ "id": 9001, "firstname": "Ada", "member_since": 1, "greeting": "Hello" });
    for _ in 0..2 {
        assert_eq!(world.tell("contact_created", said.clone()).await, done_with(4001));
    }
    let created = Person::named("Ada").greeting("Hello");
    assert_eq!(world.book.take_writes(), [Asked::Create(created)]);
    // Said again, it is nothing new.
    assert_eq!(world.tell("contact_updated", said).await, done_with(4001));
    assert_eq!((world.book.take_writes(), world.writes_on_botmatic()), (vec![], 0));
}

#[tokio::test]
async fn what_is_read_only_goes_to_botmatic_and_is_cleared_there() {
    let world = known().await;
    assert_eq!(world.on_botmatic(&id())["member_since"], 1843);
    let botmatic = world.botmatic().await;
    for since in [Some(1844), None] {
        let person = Person { member_since: since, ..ada() };
        world.book.edit(17, Some(person.clone()));
        for effect in [Effect::Updated, Effect::Unchanged] {
            assert_eq!(botmatic.update_contact(person.clone().id(17)).await.unwrap().effect, effect);
        }
        assert_eq!(world.on_botmatic(&id())["member_since"], json!(since));
        world.quiet().await;
    }
    assert_eq!(world.book.take_writes(), []);
}

#[tokio::test]
async fn what_botmatic_says_of_what_is_read_only_stays_there() {
    let world = known().await;
    for said in [json!(1), Value::Null, json!("no number")] {
        assert_eq!(updated(&world, json!({ "member_since": said })).await, []);
    }
    let changes = json!({ "member_since": 1, "city": "London" });
    assert_eq!(updated(&world, changes).await, [Asked::Update(17, json!({ "city": "London" }))]);
    assert_eq!(world.book.person(17).unwrap().member_since, Some(1843));
}

#[tokio::test]
async fn a_create_that_is_told_of_somebody_known_adds_what_only_the_service_tells() {
    let world = World::with([]).await;
    world.create_on_botmatic(&Person::named("Ada"));
    assert_eq!(
        world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await,
        done_with(4001)
    );
    let botmatic = world.botmatic().await;
    let registered = |name, since| Person { member_since: Some(since), ..Person::named(name).id(4001) };
    let told_late = registered("Agatha", 1);
    for (told, effect) in [
        (registered("Ada", 1843), Effect::Updated),
        (registered("Ada", 1843), Effect::Unchanged),
        (told_late, Effect::Unchanged),
    ] {
        assert_eq!(botmatic.create_contact(told).await.unwrap().effect, effect);
        assert_eq!(world.on_botmatic(&id()), json!({ "firstname": "Ada", "member_since": 1843 }));
    }
}

#[tokio::test]
async fn what_is_write_only_goes_outside_once_and_is_cleared_there() {
    let world = known().await;
    for said in [json!("Hello"), Value::Null] {
        let changes = json!({ "greeting": said });
        assert_eq!(updated(&world, changes.clone()).await, [Asked::Update(17, changes.clone())]);
        assert_eq!(updated(&world, changes).await, [], "said again");
    }
}

#[tokio::test]
async fn what_is_write_only_is_neither_set_nor_cleared_on_botmatic() {
    let world = known().await;
    world.edit_on_botmatic(&id(), json!({ "greeting": "Hello" }));
    world.quiet().await;
    assert_eq!(world.book.take_writes(), [Asked::Update(17, json!({ "greeting": "Hello" }))]);

    let botmatic = world.botmatic().await;
    let writes = world.writes_on_botmatic();
    for person in [ada(), ada().greeting("told")] {
        let outcome = botmatic.update_contact(person.id(17)).await.unwrap();
        assert_eq!(outcome.effect, Effect::Unchanged);
        let report = botmatic.import_all().await.unwrap();
        assert_eq!((report.unchanged, report.is_complete()), (1, true));
    }
    assert_eq!(world.on_botmatic(&id())["greeting"], "Hello");
    assert_eq!(world.writes_on_botmatic(), writes);
}

#[tokio::test]
async fn an_import_brings_what_is_read_only_and_not_what_is_write_only() {
    let world = World::with([ada().greeting("told").id(17)]).await;
    let report = world.botmatic().await.import_all().await.unwrap();
    assert_eq!((report.created, report.is_complete()), (1, true));
    assert_eq!(
        world.on_botmatic(&id()),
        json!({ "firstname": "Ada", "email": "ada@example.org", "member_since": 1843 })
    );
}

#[tokio::test]
async fn who_is_linked_by_e_mail_gets_on_each_side_what_only_the_other_tells() {
    let world = World::with([ada().id(17)]).await;
    world.create_on_botmatic(&Person::named("Ada").email("ada@example.org"));
    let said = json!({
        "id": 9001, "firstname": "Ada", "email": "ada@example.org", "member_since": 1, "greeting": "Hello"
    });
    assert_eq!(world.tell("contact_created", said).await, done_with(17));
    assert_eq!(world.book.take_writes(), [Asked::Update(17, json!({ "greeting": "Hello" }))]);
    assert_eq!(world.on_botmatic(&id())["member_since"], 1843);
    assert_eq!(world.book.person(17), Some(ada().greeting("Hello").id(17)));
    let agreed = &world.full_pairs().await[0].snapshot;
    assert_eq!(
        (agreed.get("member_since"), agreed.get("greeting")),
        (Some(&1843.into()), Some(&"Hello".into()))
    );
}

#[tokio::test]
async fn between_two_that_tell_of_every_write_the_writing_stops() {
    let mut world = World::of(AddressBook::default().registering()).await;
    world.reflect().await;
    world.deliver();
    let person = Person::named("Ada").greeting("Hello");
    let mut properties = person.to_properties().unwrap();
    properties.set("greeting", "Hello");
    let id = world.simulator.create_contact(&world.token, properties).unwrap();
    world.quiet().await;
    assert_eq!(world.book.take_writes(), [Asked::Create(person)]);
    assert_eq!(world.writes_on_botmatic(), 1, "since when the book knows her");
    let held = json!({ "firstname": "Ada", "greeting": "Hello", "member_since": 2026 });
    assert_eq!(world.on_botmatic(&id), held);
    assert_eq!((world.pairs().await.len(), world.book.people().len()), (1, 1));

    world.edit_on_botmatic(&id, json!({ "greeting": "Good morning", "member_since": 1 }));
    world.quiet().await;
    assert_eq!(world.book.take_writes(), [Asked::Update(4001, json!({ "greeting": "Good morning" }))]);
    assert_eq!(world.writes_on_botmatic(), 1);
}

#[tokio::test]
async fn a_create_is_recognised_by_what_both_sides_tell() {
    // The address book tells of her before it has answered, with something of its own.
    let mut world = World::of(AddressBook::default().registering()).await;
    world.reflect().await;
    let gate = world.book.gates.close("after create_contact");
    world.deliver();
    let mut properties = Person::named("Ada").to_properties().unwrap();
    properties.set("greeting", "Hello");
    let id = world.simulator.create_contact(&world.token, properties).unwrap();
    gate.reached().await;
    world.let_others_run().await;
    gate.open();
    world.quiet().await;
    assert_eq!((world.simulator.contacts(&world.token).len(), world.pairs().await.len()), (1, 1));
    assert_eq!(world.on_botmatic(&id)["member_since"], 2026);

    // Botmatic's answer is lost, and its event tells of her.
    let mut world = World::with([ada().id(17)]).await;
    let botmatic = world.botmatic().await;
    world.line.lose_answers("create_contact");
    assert!(botmatic.create_contact(ada().id(17)).await.unwrap_err().is_platform());
    world.line.heal();
    world.deliver();
    world.quiet().await;
    assert_eq!(world.pairs().await.len(), 1);
    assert_eq!(botmatic.update_contact(ada().id(17)).await.unwrap().effect, Effect::Unchanged);
    assert_eq!(world.book.people().len(), 1);
    assert_eq!(world.store.intents(world.token.installation()).await.unwrap(), []);
}

#[tokio::test]
async fn who_is_recognised_brings_what_only_botmatic_tells() {
    for event in ["contact_created", "contact_updated"] {
        let world = World::with([ada().id(17)]).await;
        world.line.lose_answers("create_contact");
        let botmatic = world.botmatic().await;
        assert!(botmatic.create_contact(ada().id(17)).await.unwrap_err().is_platform());
        let told = json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org", "greeting": "Hello" });
        for _ in 0..2 {
            assert!(world.tell(event, told.clone()).await.contains(r#""success":true"#), "{event}");
        }
        assert_eq!(world.book.take_writes(), [Asked::Update(17, json!({ "greeting": "Hello" }))], "{event}");
    }
}
