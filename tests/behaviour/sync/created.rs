//! `contact_created`, for somebody whom the external service does not have.

use botmatic_contact::key_store::KeyStore;
use botmatic_contact::prelude::*;
use serde_json::json;

use super::{done_with, failed};
use crate::support::{Asked, Person, World};

fn ada() -> Person {
    Person::named("Ada").email("ada@example.org")
}

#[tokio::test]
async fn a_new_contact_is_created_outside_and_answered_with_its_external_id() {
    let world = World::with([]).await;
    let answer = world
        .tell("contact_created", json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org" }))
        .await;
    assert_eq!(answer, r#"{"data":{"success":true,"id":4001},"type":"data","success":true}"#);
    assert_eq!(world.book.asked(), [Asked::Find("ada@example.org".to_owned()), Asked::Create(ada())]);
    assert_eq!(world.book.people(), [ada().id(4001)]);
    assert_eq!(world.pairs().await, [("9001".to_owned(), "4001".to_owned())]);
    assert_eq!(world.full_pairs().await[0].snapshot, ada().to_properties().unwrap());
    assert_eq!(world.writes_on_botmatic(), 0);
    assert!(world.store.intents(world.token.installation()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_contact_that_is_known_is_left_alone_and_answered_with_the_known_id() {
    let world = World::with([]).await;
    world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
    world.book.take_writes();
    for data in
        [json!({ "id": 9001, "firstname": "Ada" }), json!({ "id": "9001", "firstname": "Somebody else" })]
    {
        assert_eq!(world.tell("contact_created", data).await, done_with(4001));
    }
    assert_eq!(world.book.asked(), []);
    assert_eq!(world.book.people(), [Person::named("Ada").id(4001)]);
    assert_eq!(world.pairs().await.len(), 1);
}

#[tokio::test]
async fn a_contact_without_an_email_address_is_created_without_a_lookup() {
    let world = World::with([Person::named("Ada").id(17)]).await;
    for (id, email) in [(9001, json!(null)), (9002, json!("")), (9003, json!("  "))] {
        let answer =
            world.tell("contact_created", json!({ "id": id, "firstname": "Ada", "email": email })).await;
        assert_eq!(answer, done_with(id - 9001 + 4001));
    }
    assert!(world.book.asked().iter().all(|asked| matches!(asked, Asked::Create(_))));
}

#[tokio::test]
async fn a_lookup_that_fails_creates_nobody_and_a_redelivery_does() {
    let world = World::with([]).await;
    let event = || json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org" });
    world.book.fail("get_contact_by_email", || ConsumerError::failed("the address book is closed"));
    assert_eq!(world.tell("contact_created", event()).await, failed("the address book is closed"));
    assert_eq!(world.book.take_writes(), []);
    assert_eq!(world.pairs().await, []);

    world.book.heal();
    assert_eq!(world.tell("contact_created", event()).await, done_with(4001));
    assert_eq!(world.book.people(), [ada().id(4001)]);
}

#[tokio::test]
async fn a_service_without_a_lookup_by_email_still_gets_new_contacts() {
    let world = World::with([]).await;
    world.book.fail("get_contact_by_email", || ConsumerError::unsupported("get_contact_by_email"));
    let event = json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org" });
    assert_eq!(world.tell("contact_created", event).await, done_with(4001));
}

#[tokio::test]
async fn a_create_that_is_refused_leaves_no_pair_and_no_intent() {
    let world = World::with([]).await;
    world.book.fail("create_contact", || ConsumerError::rejected("no such city"));
    let event = || json!({ "id": 9001, "firstname": "Ada" });
    assert_eq!(world.tell("contact_created", event()).await, failed("no such city"));
    assert_eq!(world.pairs().await, []);
    assert_eq!(world.store.intents(world.token.installation()).await.unwrap(), []);

    world.book.heal();
    assert_eq!(world.tell("contact_created", event()).await, done_with(4001));
}

#[tokio::test]
async fn a_create_that_fails_in_between_leaves_no_pair_and_is_done_once_when_redelivered() {
    let world = World::with([]).await;
    world.book.fail("create_contact", || ConsumerError::failed("timed out"));
    let event = || json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org" });
    assert_eq!(world.tell("contact_created", event()).await, failed("timed out"));
    assert_eq!(world.pairs().await, []);

    world.book.heal();
    assert_eq!(world.tell("contact_created", event()).await, done_with(4001));
    assert_eq!(world.tell("contact_created", event()).await, done_with(4001));
    assert_eq!(world.book.people(), [ada().id(4001)]);
    assert_eq!(world.store.intents(world.token.installation()).await.unwrap(), []);
}

#[tokio::test]
async fn nobody_is_created_while_the_key_store_cannot_write() {
    let world = World::with([]).await;
    world.store.fail_commits(true);
    let answer = world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
    assert_eq!(answer, failed("the key store failed; nothing of this call was saved"));
    assert_eq!(world.book.people(), []);

    world.store.fail_commits(false);
    world.tell("contact_created", json!({ "id": 9001, "firstname": "Ada" })).await;
    assert_eq!(world.book.people().len(), 1);
}

#[tokio::test]
async fn a_contact_that_does_not_fit_the_mapping_is_refused_by_the_propertys_name_alone() {
    let world = World::with([]).await;
    for data in [
        json!({ "id": 9001, "email": "canary@example.org" }),
        json!({ "id": 9001, "firstname": null }),
        json!({ "id": 9001, "firstname": ["canary"] }),
    ] {
        let answer = world.tell("contact_created", data).await;
        assert!(answer.contains("`firstname`") && answer.contains(r#""success":false"#), "{answer}");
        assert!(!answer.contains("canary"), "{answer}");
    }
    assert_eq!(world.book.take_writes(), []);
    assert_eq!(world.pairs().await, []);
}

#[tokio::test]
async fn an_event_without_a_contact_is_answered_with_what_is_missing() {
    let world = World::with([]).await;
    assert_eq!(world.tell("contact_created", json!(null)).await, failed("no data"));
    for data in [json!({ "firstname": "Ada" }), json!({ "id": null, "firstname": "Ada" })] {
        let answer = world.tell("contact_created", data).await;
        assert!(answer.contains("id") && answer.contains(r#""success":false"#), "{answer}");
    }
    assert_eq!(world.book.asked(), []);
}

#[tokio::test]
async fn what_is_not_mapped_stays_on_botmatic() {
    let world = World::with([]).await;
    world
        .tell("contact_created", json!({ "id": 9001, "firstname": "Ada", "shoe_size": 38, "score": "2.5" }))
        .await;
    assert_eq!(world.book.people(), [Person { score: Some(2.5), ..Person::named("Ada").id(4001) }]);
    assert_eq!(world.full_pairs().await[0].snapshot.get("shoe_size"), None);
}
