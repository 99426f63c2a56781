//! `contact_created`, for somebody whom the external service has already: found by e-mail, and linked.

use botmatic_contact::prelude::*;
use serde_json::json;

use super::{done_with, failed};
use crate::support::{Asked, Person, World};

fn known_outside() -> Person {
    Person { score: Some(5.0), ..Person::named("Ada Lovelace").email("ada@example.org").id(17) }
}

#[tokio::test]
async fn both_sides_are_merged_and_nothing_is_cleared() {
    let world = World::with([known_outside(), Person::named("Bystander").id(18)]).await;
    let bystander = world.create_on_botmatic(&Person::named("Bystander"));
    let id = world.create_on_botmatic(&Person::named("Ada").email("ada@example.org").city("London"));

    let answer = world
        .tell(
            "contact_created",
            json!({ "id": id, "firstname": "Ada", "email": "ada@example.org", "city": "London", "score": null }),
        )
        .await;
    assert_eq!(answer, done_with(17));

    // Where both had a value the external one counts; what only one had, the other got.
    let merged = known_outside().city("London");
    assert_eq!(world.book.person(17), Some(merged.clone()));
    assert_eq!(world.book.take_writes(), [Asked::Update(17, json!({ "city": "London" }))]);
    assert_eq!(
        world.on_botmatic(&id),
        json!({ "firstname": "Ada Lovelace", "email": "ada@example.org", "city": "London", "score": 5.0 })
    );
    assert_eq!(
        world.on_botmatic(&bystander),
        json!({ "firstname": "Bystander" }),
        "Botmatic's own id was patched"
    );
    assert_eq!(world.requests("update contact"), 1);
    assert_eq!(world.pairs().await, [(id.to_string(), "17".to_owned())]);
    assert_eq!(world.full_pairs().await[0].snapshot, merged.to_properties().unwrap());
}

#[tokio::test]
async fn who_is_the_same_on_both_sides_is_linked_without_a_write() {
    let world = World::with([known_outside()]).await;
    world.create_on_botmatic(&known_outside());
    let mut event = serde_json::to_value(known_outside().to_properties().unwrap()).unwrap();
    event["id"] = json!(9001);
    assert_eq!(world.tell("contact_created", event).await, done_with(17));
    assert_eq!((world.book.take_writes(), world.writes_on_botmatic()), (vec![], 0));
    assert_eq!(world.pairs().await.len(), 1);
}

#[tokio::test]
async fn who_is_linked_stays_as_each_side_spells_it() {
    let world = World::with([known_outside()]).await;
    let spelt = Person { first_name: "ADA LOVELACE".to_owned(), ..known_outside() };
    let id = world.create_on_botmatic(&spelt);
    let event = json!({ "id": id, "firstname": "ADA LOVELACE", "email": "ada@example.org", "score": 5.0 });
    assert_eq!(world.tell("contact_created", event.clone()).await, done_with(17));
    // What either says of it later is no news.
    assert_eq!(world.tell("contact_updated", event).await, done_with(17));
    world.botmatic().await.update_contact(known_outside()).await.unwrap();
    assert_eq!((world.book.take_writes(), world.writes_on_botmatic()), (vec![], 0));
}

#[tokio::test]
async fn what_a_link_wrote_is_not_written_again_before_it_is_heard_of() {
    let world = World::with([known_outside()]).await;
    let id = world.create_on_botmatic(&Person::named("Ada").email("ada@example.org"));
    let event = json!({ "id": id, "firstname": "Ada", "email": "ada@example.org" });
    assert_eq!(world.tell("contact_created", event).await, done_with(17));
    assert_eq!(world.requests("update contact"), 1);

    // The next word may be about to come, and this would overwrite it.
    let told = world.botmatic().await.update_contact(known_outside()).await.unwrap();
    assert_eq!(told.effect, Effect::Unchanged);
    assert_eq!(world.requests("update contact"), 1);
}

#[tokio::test]
async fn who_is_found_though_a_deletion_was_told_is_linked_where_the_service_cannot_say_otherwise() {
    let world = World::with([known_outside()]).await;
    world.botmatic().await.delete_contact(&17_u64.into()).await.unwrap_err();
    world.book.fail("get_contact", || ConsumerError::unsupported("get_contact"));
    let id = world.create_on_botmatic(&Person::named("Ada").email("ada@example.org"));
    let event = json!({ "id": id, "firstname": "Ada", "email": "ada@example.org" });
    assert_eq!(world.tell("contact_created", event).await, done_with(17));
}

#[tokio::test]
async fn a_link_is_not_saved_before_both_sides_hold_the_same() {
    for broken in ["botmatic", "outside"] {
        let world = World::with([known_outside()]).await;
        world.create_on_botmatic(&Person::named("Ada").email("ada@example.org").city("London"));
        let event =
            || json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org", "city": "London" });
        match broken {
            "botmatic" => world.line.refuse("update_contact", 503),
            _ => world.book.fail("update_contact", || ConsumerError::failed("closed")),
        }
        assert!(world.tell("contact_created", event()).await.contains(r#""success":false"#));
        assert_eq!(world.pairs().await, [], "{broken}");

        world.line.heal();
        world.book.heal();
        assert_eq!(world.tell("contact_created", event()).await, done_with(17));
        assert_eq!(world.book.people(), [known_outside().city("London")]);
        assert_eq!(world.on_botmatic(&9001_u64.into())["firstname"], "Ada Lovelace");
    }
}

#[tokio::test]
async fn who_is_paired_with_somebody_else_already_is_a_conflict_that_names_both_and_writes_nothing() {
    let world = World::with([known_outside()]).await;
    let botmatic = world.botmatic().await;
    botmatic.create_contact(known_outside()).await.unwrap();
    let id = world.create_on_botmatic(&Person::named("Ada").email("ada@example.org").city("London"));
    let (held, before) = (world.on_botmatic(&id), world.writes_on_botmatic());

    let event = json!({ "id": id, "firstname": "Ada", "email": "ada@example.org", "city": "London" });
    let answer = world.tell("contact_created", event).await;
    let expected = "the external contact 17 with this e-mail address is already paired with contact 9001; merge or \
                    delete one of the two on Botmatic";
    assert_eq!(answer, failed(expected));
    assert_eq!(world.book.take_writes(), []);
    assert_eq!(world.writes_on_botmatic(), before);
    assert_eq!(world.on_botmatic(&id), held);
    assert_eq!(world.pairs().await, [("9001".to_owned(), "17".to_owned())]);
}

#[tokio::test]
async fn an_update_of_somebody_unknown_links_as_a_create_does() {
    let world = World::with([known_outside()]).await;
    world.create_on_botmatic(&Person::named("Ada").email("ada@example.org"));
    let event = json!({ "id": 9001, "firstname": "Ada", "email": "ada@example.org" });
    assert_eq!(world.tell("contact_updated", event).await, done_with(17));
    assert_eq!(world.book.people(), [known_outside()]);
    assert_eq!(world.pairs().await, [("9001".to_owned(), "17".to_owned())]);
}
