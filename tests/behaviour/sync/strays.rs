//! Creates that seemed to have failed and were begun again: who turns up later may be the one that was created first, and
//! may be somebody else.

use std::time::Duration;

use botmatic_contact::key_store::{Half, Intent, KeyStore, MemoryKeyStore, Write};
use botmatic_contact::{Clock, Properties};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::done_with;
use crate::support::{AddressBook, Parts, Person, TokiosClock, World};

/// The integration created Ada on Botmatic twice: who was created first turns up as 9002, if ever.
async fn created_twice(ada: &Person) -> World {
    let world = World::with([ada.clone()]).await;
    world.line.refuse("create_contact", 503);
    world.botmatic().await.create_contact(ada.clone()).await.unwrap_err();
    world.line.heal();
    world.botmatic().await.create_contact(ada.clone()).await.unwrap();
    assert_eq!(world.pairs().await, [("9001".to_owned(), ada.id.to_string())]);
    world
}

async fn turns_up(world: &World, person: &Person, says: Value) -> (String, bool) {
    let id = world.create_on_botmatic(person);
    let mut data = says;
    data["id"] = json!(id.as_str());
    let answer = world.tell("contact_created", data).await;
    (answer, world.simulator.contact(&world.token, &id).is_some())
}

#[tokio::test(start_paused = true)]
async fn who_was_created_once_too_often_is_deleted_when_he_turns_up() {
    let ada = Person::named("Ada").id(17).email("ada@example.org");
    let world = created_twice(&ada).await;
    let says = json!({ "firstname": "Ada", "email": "ada@example.org" });
    let (answer, is_there) = turns_up(&world, &ada, says).await;
    assert!(answer.contains("resource not found") && !is_there, "{answer}");
    assert_eq!(world.pairs().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_deleted_for_an_email_address_that_others_have_too() {
    let ada = Person::named("Ada").id(17).email("office@example.org");
    let world = created_twice(&ada).await;
    let bob = Person::named("Bob").email("office@example.org");
    let says = json!({ "firstname": "Bob", "email": "office@example.org" });
    let (answer, is_there) = turns_up(&world, &bob, says).await;
    assert!(answer.contains("already paired") && is_there, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_deleted_for_a_first_name() {
    let ada = Person::named("Ada").id(17);
    let world = created_twice(&ada).await;
    let (answer, is_there) = turns_up(&world, &ada, json!({ "firstname": "Ada" })).await;
    assert!(answer == done_with(4001) && is_there, "{answer}");
    assert_eq!(world.book.people().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn after_a_quarter_of_an_hour_it_is_somebody_else() {
    let ada = Person::named("Ada").id(17).email("ada@example.org");
    let world = created_twice(&ada).await;
    tokio::time::advance(Duration::from_secs(16 * 60)).await;
    let says = json!({ "firstname": "Ada", "email": "ada@example.org" });
    let (answer, is_there) = turns_up(&world, &ada, says).await;
    assert!(answer.contains("already paired") && is_there, "{answer}");
}

/// Begins to create a counterpart for an external contact, and never ends.
async fn begins_to_create(world: &World, number: u64, at: Timestamp) {
    let half = Half::External(number.into());
    let claim = world.store.claim(world.token.installation(), &[half.clone().into()]).await.unwrap();
    let properties = Properties::from_iter([("firstname", format!("Person {number}"))]).into();
    let intent = Write::Intent(Intent { half, properties, at });
    world.store.commit(&claim, vec![intent]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(claim);
}

#[tokio::test(start_paused = true)]
async fn somebody_unknown_waits_for_those_who_were_being_created_and_not_for_all_that_come_after() {
    let clock = TokiosClock::new();
    let parts = Parts::new(AddressBook::default());
    let world = World::built(parts, MemoryKeyStore::new(), |builder| builder.clock(clock.clone()));
    world.install().await;
    let others = async {
        // As an import does: there are always some.
        for number in 1.. {
            tokio::join!(
                begins_to_create(&world, 2 * number, clock.now()),
                begins_to_create(&world, 2 * number + 1, clock.now()),
            );
        }
    };
    let told = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada", "city": "London" })).await
    };
    tokio::select! {
        () = others => unreachable!("they never end"),
        answer = told => assert_eq!(answer, done_with(4001)),
        () = tokio::time::sleep(Duration::from_secs(20)) => panic!("she waits for ever"),
    }
}
