//! The handle: what changed on the external service is brought to Botmatic.

use botmatic_contact::key_store::KeyStore;
use botmatic_contact::{Effect, Outcome, Property, PropertyKind};
use serde_json::json;

use crate::support::{Person, World};

fn ada() -> Person {
    Person::named("Ada").email("ada@example.org").city("London").id(17)
}

fn outcome(effect: Effect) -> Outcome {
    Outcome { effect, contact: 9001_u64.into(), external: 17_u64.into() }
}

/// A world in which Ada has come to Botmatic from outside.
async fn world() -> World {
    let world = World::with([ada()]).await;
    let created = world.botmatic().await.create_contact(ada()).await.unwrap();
    assert_eq!(created, outcome(Effect::Created));
    world
}

#[tokio::test]
async fn a_contact_is_created_once_on_botmatic() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    assert_eq!(
        world.on_botmatic(&9001_u64.into()),
        json!({ "firstname": "Ada", "email": "ada@example.org", "city": "London" })
    );
    assert_eq!(botmatic.create_contact(ada()).await.unwrap(), outcome(Effect::Unchanged));
    assert_eq!(world.writes_on_botmatic(), 1);
    assert_eq!(world.pairs().await, [("9001".to_owned(), "17".to_owned())]);
    assert_eq!(world.book.asked(), [], "the external service is not asked about what it told");
}

#[tokio::test]
async fn an_update_writes_only_what_differs() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    // Somebody on Botmatic has changed something else; it stays.
    world.edit_on_botmatic(&9001_u64.into(), json!({ "firstname": "Countess" }));
    let updated = botmatic.update_contact(ada().city("Paris")).await.unwrap();
    assert_eq!(updated, outcome(Effect::Updated));
    assert_eq!(
        world.on_botmatic(&9001_u64.into()),
        json!({ "firstname": "Countess", "email": "ada@example.org", "city": "Paris" })
    );
    assert_eq!(world.requests("update contact"), 1);
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    botmatic.update_contact(ada().city("Paris")).await.unwrap();
    assert_eq!(botmatic.update_contact(ada().city("Paris")).await.unwrap(), outcome(Effect::Unchanged));
    assert_eq!(world.requests("update contact"), 1);
}

#[tokio::test]
async fn a_field_that_the_contact_has_no_more_is_cleared_on_botmatic() {
    let world = world().await;
    let updated = world.botmatic().await.update_contact(Person { city: None, ..ada() }).await.unwrap();
    assert_eq!(updated, outcome(Effect::Updated));
    assert_eq!(
        world.on_botmatic(&9001_u64.into()),
        json!({ "firstname": "Ada", "email": "ada@example.org", "city": null })
    );
}

#[tokio::test]
async fn an_update_of_somebody_unknown_creates() {
    let world = World::with([ada()]).await;
    let botmatic = world.botmatic().await;
    assert_eq!(botmatic.update_contact(ada()).await.unwrap(), outcome(Effect::Created));
    assert_eq!(botmatic.update_contact(ada()).await.unwrap(), outcome(Effect::Unchanged));
    assert_eq!(world.simulator.contacts(&world.token).len(), 1);
}

#[tokio::test]
async fn several_contacts_are_updated_in_one_request() {
    let people = || (1..=5).map(|id| Person::named(&format!("p{id}")).id(id));
    let world = World::with(people()).await;
    let botmatic = world.botmatic().await;
    let report = botmatic.update_contacts(people().collect()).await.unwrap();
    assert_eq!((report.created, report.updated, report.is_complete()), (5, 0, true));
    let report =
        botmatic.update_contacts(people().map(|person| person.city("Paris")).collect()).await.unwrap();
    assert_eq!((report.created, report.updated, report.is_complete()), (0, 5, true));
    assert_eq!((world.requests("create contacts"), world.requests("update contacts")), (1, 1));
    assert_eq!(world.simulator.contacts(&world.token)[2].properties.get("city").unwrap(), "Paris");
}

#[tokio::test]
async fn a_delete_deletes_on_botmatic_once() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    assert_eq!(botmatic.delete_contact(&17_u64.into()).await.unwrap(), outcome(Effect::Deleted));
    assert!(botmatic.delete_contact(&17_u64.into()).await.unwrap_err().is_not_found());
    assert!(botmatic.delete_contact(&18_u64.into()).await.unwrap_err().is_not_found());
    assert_eq!(world.requests("delete contact"), 1);
    assert!(world.simulator.contacts(&world.token).is_empty());
    assert_eq!(world.pairs().await, []);
    // What was said before and arrives late does not bring her back.
    assert!(botmatic.update_contact(ada()).await.unwrap_err().is_not_found());
    assert!(world.simulator.contacts(&world.token).is_empty());
}

#[tokio::test]
async fn who_is_gone_on_botmatic_is_not_found_when_updated_and_deleted_when_deleted() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    world.simulator.delete_contact(&world.token, &9001_u64.into()).unwrap();
    assert!(botmatic.update_contact(ada().city("Paris")).await.unwrap_err().is_not_found());
    assert!(world.simulator.contacts(&world.token).is_empty(), "nobody is invented");
    assert_eq!(botmatic.delete_contact(&17_u64.into()).await.unwrap(), outcome(Effect::Deleted));
    assert_eq!(world.pairs().await, []);
}

#[tokio::test]
async fn a_delete_that_botmatic_does_not_answer_keeps_the_pair() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    world.line.refuse("delete_contact", 503);
    assert!(botmatic.delete_contact(&17_u64.into()).await.unwrap_err().is_platform());
    assert_eq!(world.pairs().await.len(), 1);
    world.line.heal();
    assert_eq!(botmatic.delete_contact(&17_u64.into()).await.unwrap(), outcome(Effect::Deleted));
}

#[tokio::test]
async fn a_delete_of_who_is_gone_on_botmatic_ends_the_pair() {
    for gone in [404, 410] {
        let world = world().await;
        world.line.refuse("delete_contact", gone);
        let deleted = world.botmatic().await.delete_contact(&17_u64.into()).await;
        assert_eq!(deleted.unwrap(), outcome(Effect::Deleted), "{gone}");
        assert_eq!(world.pairs().await, []);
    }
}

#[tokio::test]
async fn a_create_that_botmatic_refuses_leaves_nothing_and_can_be_repeated() {
    let world = World::with([ada()]).await;
    let botmatic = world.botmatic().await;
    world.line.refuse("create_contact", 422);
    assert!(botmatic.create_contact(ada()).await.unwrap_err().is_platform());
    assert_eq!(world.store.intents(world.token.installation()).await.unwrap(), []);
    world.line.heal();
    assert_eq!(botmatic.create_contact(ada()).await.unwrap(), outcome(Effect::Created));
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_recognised_by_its_event() {
    for person in [ada(), Person { email: None, ..ada() }] {
        let mut world = World::with([person.clone()]).await;
        let botmatic = world.botmatic().await;
        world.line.lose_answers("create_contact");
        assert!(botmatic.create_contact(person.clone()).await.unwrap_err().is_platform());
        world.line.heal();
        world.deliver();
        world.quiet().await;
        assert_eq!(world.pairs().await, [("9001".to_owned(), "17".to_owned())]);
        assert_eq!(botmatic.create_contact(person.clone()).await.unwrap(), outcome(Effect::Unchanged));
        assert_eq!(world.book.people(), [person]);
        assert_eq!(world.simulator.contacts(&world.token).len(), 1);
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_written_is_an_error_that_names_the_property() {
    let world = World::with([]).await;
    let broken = Person { score: Some(f64::NAN), ..ada() };
    let error = world.botmatic().await.create_contact(broken).await.unwrap_err();
    assert!(error.is_mapping() && error.to_string().contains("`score`"), "{error}");
    assert_eq!(world.writes_on_botmatic(), 0);
}

#[tokio::test]
async fn a_mapped_property_that_a_handler_sets_on_botmatic_reaches_the_external_service() {
    let mut world = world().await;
    world.deliver();
    world.quiet().await;
    let changes = botmatic_contact::Properties::from_iter([("city", "Turin"), ("mood", "fine")]);
    world.botmatic().await.set_properties(&9001_u64.into(), &changes).await.unwrap();
    world.quiet().await;
    assert_eq!(world.book.person(17).unwrap().city.as_deref(), Some("Turin"));
    assert_eq!(world.on_botmatic(&9001_u64.into())["mood"], "fine");
}

#[tokio::test]
async fn properties_are_created_once() {
    let world = World::with([]).await;
    let botmatic = world.botmatic().await;
    let mood = Property::new("mood", PropertyKind::Text);
    botmatic.create_property(mood.clone()).await.unwrap();
    botmatic.create_properties(&[mood.clone(), Property::new("since", PropertyKind::Date)]).await.unwrap();
    let names: Vec<_> =
        world.simulator.properties(&world.token).into_iter().map(|property| property.name).collect();
    assert_eq!(names, ["firstname", "email", "city", "score", "member_since", "greeting", "mood", "since"]);
}

#[tokio::test]
async fn campaigns_and_bots_are_reached_through_the_handle() {
    let world = world().await;
    let botmatic = world.botmatic().await;
    botmatic.send_event_on_campaign("welcome", &[9001_u64.into()]).await.unwrap();
    let runs = world.simulator.campaign_runs(&world.token);
    assert_eq!((runs.len(), runs[0].event.as_str()), (1, "welcome"));
    assert!(botmatic.send_event_on_campaign("welcome", &[1_u64.into()]).await.unwrap_err().is_not_found());

    let bot = json!({ "id": "b1", "name": "Greeter" });
    world.simulator.add_bot(&world.token, bot.clone()).unwrap();
    assert_eq!(botmatic.list_bots().await.unwrap(), std::slice::from_ref(&bot));
    assert_eq!(botmatic.get_bot(&"b1".into()).await.unwrap(), bot);
    let draft = json!({ "id": "b1", "name": "Greeter, revised" });
    botmatic.update_bot(&"b1".into(), &draft).await.unwrap();
    assert_eq!(botmatic.get_bot(&"b1".into()).await.unwrap(), draft);
    assert!(botmatic.get_bot(&"b2".into()).await.unwrap_err().is_not_found());
}
