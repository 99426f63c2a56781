//! What happens to an integration in its life.

use std::collections::BTreeSet;

use botmatic_contact::prelude::*;
use botmatic_contact::{Properties, PropertyKind};
use serde_json::{Value, json};

use crate::expected::{BROKEN, contact, properties};
use crate::world::World;

/// How many contacts there are at the beginning.
const PEOPLE: u64 = 320;

/// The id of a contact on Botmatic, from an answer.
fn contact_id(answer: &Value) -> ContactId {
    serde_json::from_value(answer["contact_id"].clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contacts_are_kept_in_step_with_a_real_json_server() {
    let mut world = World::start(&(1..=PEOPLE).map(contact).collect::<Vec<_>>()).await;
    let kinds = world.botmatic.properties(&world.token);
    let kind = |name: &str| kinds.iter().find(|property| property.name == name).unwrap().kind;
    assert_eq!((kinds.len(), kind("phone"), kind("school")), (10, PropertyKind::Text, PropertyKind::Text));
    assert_eq!((kind("signup_date"), kind("validation")), (PropertyKind::Date, PropertyKind::Number));

    everybody_is_imported_but_those_who_cannot_be(&world).await;
    changes_of_the_service_reach_botmatic(&world).await;
    changes_of_botmatic_reach_the_service(&world).await;
    somebody_on_both_sides_is_one(&world).await;
    bots_ask(&world).await;

    let status = world.integration.take().unwrap().end().await;
    assert_eq!(status.code(), Some(0));
    world.start_integration().await;
    after_a_restart_everybody_is_known(&world).await;
    assert_eq!(world.integration.take().unwrap().end().await.code(), Some(0));

    let log = world.log();
    assert!(log.contains("imported") && log.contains("listening"), "{log}");
    assert!(!log.contains("c4n4ry"), "{log}");
}

async fn everybody_is_imported_but_those_who_cannot_be(world: &World) {
    let before = world.crm.contacts().await;
    let (status, report) = world.tell("import", json!({})).await;
    assert_eq!((status, &report["success"], &report["interrupted"]), (200, &json!(false), &Value::Null));
    assert_eq!(report["created"], json!(PEOPLE - 3), "{report}");
    let failures = report["failures"].as_array().unwrap();
    let failed: BTreeSet<_> =
        failures.iter().map(|failure| failure["external_id"].as_u64().unwrap()).collect();
    assert_eq!(failed, BTreeSet::from(BROKEN));
    for failure in failures {
        let error = failure["error"].as_str().unwrap();
        assert!(error.contains("`signup_date`") && error.contains("2018-02-09 12:44:26"), "{error}");
    }
    world.settled().await;

    // Pages go to Botmatic side by side.
    let found = world.botmatic.contacts(&world.token);
    let mut found: Vec<_> = found.iter().map(|contact| world.on_botmatic(&contact.id).unwrap()).collect();
    let expected = (1..=PEOPLE).filter(|number| !BROKEN.contains(number));
    let mut expected: Vec<_> = expected.map(|number| properties(&contact(number))).collect();
    found.sort_by_key(ToString::to_string);
    expected.sort_by_key(ToString::to_string);
    for (found, expected) in found.into_iter().zip(expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(world.botmatic.contacts(&world.token).len() as u64, PEOPLE - 3);
    assert_eq!(world.crm.contacts().await, before, "the import has written to the service");

    let (_, report) = world.tell("import", json!({})).await;
    assert_eq!((&report["created"], &report["updated"]), (&json!(0), &json!(0)));
    assert_eq!(report["unchanged"], json!(PEOPLE - 3));
}

async fn changes_of_the_service_reach_botmatic(world: &World) {
    let added = world.crm.add(&json!({ "prenom": "Ngozi", "email": "ngozi@c4n4ry.test", "vu": true })).await;
    let (status, answer) = world.tell("contact-created", json!({ "contact": added })).await;
    assert_eq!((status, &answer["effect"]), (200, &json!("created")));
    assert_eq!(answer["external_id"], added["id"]);
    let id = contact_id(&answer);
    assert_eq!(world.on_botmatic(&id).unwrap(), properties(&added));
    let (status, answer) = world.tell("contact-created", json!({ "contact": added })).await;
    assert_eq!((status, &answer["effect"], contact_id(&answer)), (200, &json!("unchanged"), id.clone()));

    let members =
        json!({ "prenom": null, "nom": "Ọkọnkwọ", "validation": "7", "etablissement": { "a": [1] } });
    let changed = world.crm.change(&added["id"], &members).await;
    let (status, answer) = world.tell("contact-updated", json!({ "contact": changed })).await;
    assert_eq!((status, &answer["effect"]), (200, &json!("updated")));
    assert_eq!(world.on_botmatic(&id).unwrap(), properties(&changed));

    // A body that tells of one member says nothing of the others.
    let changed = world.crm.change(&added["id"], &json!({ "telephone": "0600000001" })).await;
    let told = json!({ "contact": { "id": added["id"], "telephone": "0600000001" } });
    let (status, answer) = world.tell("contact-updated", told).await;
    assert_eq!((status, &answer["effect"]), (200, &json!("updated")));
    assert_eq!(world.on_botmatic(&id).unwrap(), properties(&changed));
    world.settled().await;
    assert_eq!(world.crm.contact(&added["id"]).await.unwrap(), changed, "an echo was written");

    world.crm.delete(&added["id"]).await;
    let (status, answer) = world.tell("contact-deleted", json!({ "id": added["id"] })).await;
    assert_eq!((status, &answer["effect"]), (200, &json!("deleted")));
    assert!(world.on_botmatic(&id).is_none());
    assert_eq!(world.tell("contact-deleted", json!({ "id": added["id"] })).await.0, 404);
    assert_eq!(world.tell("contact-updated", json!({ "contact": changed })).await.0, 404);
    world.settled().await;
}

async fn changes_of_botmatic_reach_the_service(world: &World) {
    let count = world.crm.contacts().await.len();
    let said = Properties::from_iter([
        ("firstname", json!("Zofia")),
        ("email", json!("zofia@c4n4ry.test")),
        ("phone", json!("0048221234567")),
        ("signup_date", json!("2021-03-04T05:06:07.000Z")),
        ("validation", json!("3")),
        ("school", json!(r#"{"nom":"Lycée","code":"0012345"}"#)),
        ("color", json!("blue")),
    ]);
    let id = world.botmatic.create_contact(&world.token, said).unwrap();
    world.settled().await;
    let contacts = world.crm.contacts().await;
    assert_eq!(contacts.len(), count + 1);
    let created = contacts.last().unwrap();
    let external = created["id"].clone();
    assert_eq!(external, contacts[count - 1]["id"].as_u64().unwrap() + 1, "json-server has not given the id");
    let expected = json!({
        "id": external,
        "prenom": "Zofia",
        "email": "zofia@c4n4ry.test",
        "telephone": "0048221234567",
        "date_inscription": "2021-03-04 05:06:07",
        "validation": 3,
        "etablissement": { "nom": "Lycée", "code": "0012345" },
    });
    assert_eq!(*created, expected);

    let before = world.crm.change(&external, &json!({ "notes": [1], "telephone": "+48 22" })).await;
    let changes = Properties::from_iter([("lastname", json!("Ćwiklińska")), ("firstname", Value::Null)]);
    world.botmatic.update_contact(&world.token, &id, changes).unwrap();
    world.settled().await;
    let mut expected = before;
    expected["nom"] = "Ćwiklińska".into();
    expected["prenom"] = Value::Null;
    // What was not changed on Botmatic is left alone: members it does not know, and those that changed meanwhile.
    assert_eq!(world.crm.contact(&external).await.unwrap(), expected);

    world.botmatic.delete_contact(&world.token, &id).unwrap();
    world.settled().await;
    assert!(world.crm.contact(&external).await.is_none());
    // Somebody is gone on both sides already.
    let id =
        world.botmatic.create_contact(&world.token, Properties::from_iter([("lastname", "Bo")])).unwrap();
    world.settled().await;
    let external = world.crm.contacts().await.last().unwrap()["id"].clone();
    world.crm.delete(&external).await;
    world.botmatic.delete_contact(&world.token, &id).unwrap();
    world.settled().await;
    assert_eq!(world.tell("contact-deleted", json!({ "id": external })).await.0, 404);
}

async fn somebody_on_both_sides_is_one(world: &World) {
    let added = world.crm.add(&json!({ "prenom": "Ada", "email": "ada+1@c4n4ry.test", "compte": "7" })).await;
    let said = [("firstname", "Augusta"), ("lastname", "King"), ("email", "ada+1@c4n4ry.test")];
    let id = world.botmatic.create_contact(&world.token, Properties::from_iter(said)).unwrap();
    world.settled().await;
    let linked = world.crm.contact(&added["id"]).await.unwrap();
    let mut expected = added;
    expected["nom"] = "King".into();
    assert_eq!((&linked, world.crm.contacts().await.last()), (&expected, Some(&linked)));
    assert_eq!(world.on_botmatic(&id).unwrap(), properties(&linked));
}

async fn bots_ask(world: &World) {
    let asked = json!({ "text": "héhé", "list": [1, null], "contact_id": 1 });
    let said = world.botmatic.action(&world.token, "echo", asked.clone()).await.unwrap();
    assert_eq!((said.success, &said.data), (true, &asked));

    let (_, answer) = world.tell("contact-created", json!({ "contact": contact(1) })).await;
    let (id, external) = (contact_id(&answer), json!(1));
    for (action, member, value) in [
        ("set_firstname_Jean_Paul", "prenom", json!("Jean_Paul")),
        ("set_validation_42", "validation", json!(42)),
        ("set_signup_date_2020-01-02T03:04:05Z", "date_inscription", json!("2020-01-02 03:04:05")),
        ("set_phone_0600000002", "telephone", json!("0600000002")),
    ] {
        let said = world.botmatic.action(&world.token, action, json!({ "contact_id": id })).await.unwrap();
        assert!(said.success, "{action}: {:?}", said.error());
        world.settled().await;
        let now = world.crm.contact(&external).await.unwrap();
        assert_eq!(now[member], value, "{action}");
        assert_eq!(world.on_botmatic(&id).unwrap(), properties(&now), "{action}");
    }
    let about = json!({ "contact_id": id });
    let said = world.botmatic.action(&world.token, "set_color_blue", about.clone()).await.unwrap();
    assert!(said.success);
    assert_eq!(world.on_botmatic(&id).unwrap()["color"], "blue");
    let said = world.botmatic.action(&world.token, "set_validation_c4n4ry", about.clone()).await.unwrap();
    assert!(!said.success && said.error().unwrap().contains("`validation`"), "{:?}", said.error());
    assert!(!world.botmatic.action(&world.token, "sing", about).await.unwrap().success);
    world.settled().await;
}

async fn after_a_restart_everybody_is_known(world: &World) {
    let (on_botmatic, on_crm) = (world.botmatic.contacts(&world.token), world.crm.contacts().await);
    let (status, report) = world.tell("import", json!({})).await;
    assert_eq!((status, &report["created"], &report["updated"]), (200, &json!(0), &json!(0)), "{report}");
    assert_eq!(report["unchanged"].as_u64().unwrap() as usize, on_botmatic.len());
    assert_eq!(world.botmatic.contacts(&world.token), on_botmatic);
    assert_eq!(world.crm.contacts().await, on_crm);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_may_be_texts_and_nobody_has_to_have_an_address() {
    let people = ["é/1", "b?c=d", "c"].map(|id| json!({ "id": id, "nom": format!("named {id}") }));
    let world = World::start(&people).await;
    let (_, report) = world.tell("import", json!({})).await;
    assert_eq!((&report["created"], &report["success"]), (&json!(3), &json!(true)), "{report}");

    // json-server answers a query for addresses with everybody, as long as nobody has one.
    let said = Properties::from_iter([("lastname", "Bo"), ("email", "bo@c4n4ry.test")]);
    world.botmatic.create_contact(&world.token, said).unwrap();
    world.settled().await;
    let contacts = world.crm.contacts().await;
    assert_eq!((contacts.len(), &contacts[3]["nom"]), (4, &json!("Bo")));
    assert!(contacts[3]["id"].as_str().is_some_and(|id| !id.is_empty()), "{}", contacts[3]);

    for contact in world.botmatic.contacts(&world.token) {
        let changes = Properties::from_iter([("firstname", "new")]);
        world.botmatic.update_contact(&world.token, &contact.id, changes).unwrap();
    }
    world.settled().await;
    let contacts = world.crm.contacts().await;
    assert!(contacts.iter().all(|contact| contact["prenom"] == "new"), "{contacts:?}");
    for id in ["é/1", "b?c=d"] {
        let (status, answer) = world.tell("contact-deleted", json!({ "id": id })).await;
        assert_eq!((status, &answer["external_id"]), (200, &json!(id)));
    }
}
