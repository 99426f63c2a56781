//! Contact events over the router: the sync, the handlers beside it, and who is served at all.

use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Effect, Service, Value};
use serde_json::json;

use crate::crm::Crm;
use crate::requests::{Call, TOKEN};

/// Its handlers watch what the sync does.
pub(crate) enum Watching {}

#[botmatic::integration]
impl Crm<Watching> {
    #[botmatic::on(contact_created)]
    async fn created(&self, event: ContactCreated, id: ContactId, Synced(outcome): Synced) {
        let (effect, people) = (outcome.map(|outcome| outcome.effect), self.people().len());
        self.note(format!(
            "{} {id} {:?} {people}",
            event.contact.id,
            effect.map_err(|error| error.to_string())
        ));
    }

    #[botmatic::on(contact_deleted)]
    async fn deleted(&self, event: ContactDeleted, Synced(outcome): Synced) -> Result<Value, String> {
        let gone = event.contact_id;
        match outcome {
            Ok(outcome) if outcome.effect == Effect::Deleted => Ok(json!({ "bye": gone })),
            Ok(_) => Err("not deleted".to_owned()),
            Err(error) => Err(format!("seen: {error}")),
        }
    }

    #[botmatic::action("ping")]
    async fn ping(&self) -> &'static str {
        "pong"
    }
}

/// Its handlers take the sync over.
enum Replacing {}

#[botmatic::integration]
impl Crm<Replacing> {
    #[botmatic::on(contact_created, replace)]
    async fn created(&self, event: ContactCreated) {
        self.note(format!("instead: {}", event.contact.id));
    }

    #[botmatic::on(contact_deleted, replace)]
    async fn deleted(&self, _synced: Synced) {
        self.note("never");
    }
}

/// A service whose token Botmatic knows, not installed yet.
pub(crate) fn watching() -> (Simulator, Service<Crm<Watching>>) {
    serving(Crm::new())
}

/// The same for any service of this kind.
pub(crate) fn serving<M: Send + Sync + 'static>(crm: Crm<M>) -> (Simulator, Service<Crm<M>>)
where
    Crm<M>: botmatic_contact::Integration,
{
    let simulator = Simulator::new();
    let builder = botmatic::builder(crm).platform(simulator.clone());
    let service = builder.key_store(MemoryKeyStore::new()).build().unwrap();
    simulator.connect(&Token::new(TOKEN), service.clone());
    (simulator, service)
}

/// Installs the service under the token of these tests.
pub(crate) async fn install<I: botmatic_contact::Integration>(service: &Service<I>) {
    assert_eq!(Call::event("install", Value::Null).send(&service.router()).await.status, 200);
}

#[tokio::test]
async fn only_installed_tokens_are_served_where_installations_are_kept() {
    let (simulator, service) = watching();
    let router = service.router();
    let ping = || Call::action("ping", Value::Null);
    simulator.connect(&Token::new("tok-beta"), service.clone());

    assert_eq!(ping().send(&router).await.status, 401, "Botmatic knows the token, but nobody installed");
    install(&service).await;
    assert_eq!(ping().send(&router).await.data(), "pong");
    assert_eq!(ping().token("tok-beta").send(&router).await.status, 401);
    let created = Call::event("contact_created", json!({ "id": 1, "name": "Ada" }));
    assert_eq!(created.token("tok-beta").send(&router).await.status, 401);
    assert!(service.integration().people().is_empty());

    assert_eq!(Call::event("uninstall", Value::Null).send(&router).await.status, 200);
    assert_eq!(ping().send(&router).await.status, 401);
}

#[tokio::test]
async fn the_properties_of_the_mapping_exist_when_install_has_been_answered() {
    let (simulator, service) = watching();
    install(&service).await;
    let properties = simulator.properties(&Token::new(TOKEN));
    let names: Vec<_> = properties.iter().map(|property| property.name.as_ref()).collect();
    assert_eq!(names, ["name", "email", "born"]);
}

#[tokio::test]
async fn a_handler_of_a_contact_event_runs_after_the_sync_and_sees_its_outcome() {
    let (_, service) = watching();
    install(&service).await;
    let router = service.router();
    let created = || Call::event("contact_created", json!({ "id": 9, "name": "Ada", "email": "ada@x.test" }));
    assert_eq!(created().send(&router).await.data(), json!({ "success": true, "id": 1 }));
    assert_eq!(service.integration().heard(), [r#"9 9 Ok(Created) 1"#]);
    assert_eq!(created().send(&router).await.data(), json!({ "success": true, "id": 1 }));
    assert_eq!(service.integration().heard(), [r#"9 9 Ok(Unchanged) 1"#]);

    let deleted = || Call::event("contact_deleted", json!({ "contact_id": "9" }));
    assert_eq!(deleted().send(&router).await.data(), json!({ "bye": "9" }), "what the handler says is said");
}

#[tokio::test]
async fn a_failure_of_the_sync_is_the_answer_whatever_the_handler_says() {
    let (_, service) = watching();
    install(&service).await;
    let router = service.router();
    let nobody = Call::event("contact_deleted", json!({ "contact_id": 77 })).send(&router).await;
    assert_eq!(nobody.refusal(), "resource not found");
    let unfit = Call::event("contact_created", json!({ "id": 9, "email": "ada@x.test" })).send(&router).await;
    let reason = unfit.refusal();
    assert!(reason.contains("`name` is absent"), "{reason}");
    assert!(service.integration().people().is_empty());
    assert_eq!(service.integration().heard().len(), 1, "the handler was told");
}

#[tokio::test]
async fn replace_takes_the_sync_over() {
    let (simulator, service) = serving(Crm::<Replacing>::new());
    install(&service).await;
    let before = simulator.requests();
    let router = service.router();
    let answer = Call::event("contact_created", json!({ "id": 9, "name": "Ada" })).send(&router).await;
    assert_eq!(answer.data(), json!({ "success": true }));
    assert_eq!(service.integration().heard(), ["instead: 9"]);
    assert!(service.integration().people().is_empty());
    assert_eq!(simulator.requests(), before);

    let answer = Call::event("contact_deleted", json!({ "contact_id": 9 })).send(&router).await;
    assert!(answer.refusal().starts_with("nothing was synced"));
    assert!(service.integration().heard().is_empty());

    let answer = Call::event("contact_updated", json!({ "id": 9, "name": "Ada" })).send(&router).await;
    assert_eq!(answer.data(), json!({ "success": true, "id": 1 }), "the sync of the others stays");
}

#[tokio::test]
async fn a_contact_event_without_a_contact_says_no_data() {
    let (_, service) = watching();
    install(&service).await;
    let router = service.router();
    for event in ["contact_created", "contact_updated", "contact_deleted"] {
        let without = Call::new(json!({ "event": event }).to_string()).send(&router).await;
        assert_eq!(without.refusal(), "no data", "{event}");
        for data in [Value::Null, json!("some text"), json!(""), json!(false), json!(0), json!(7), json!([1])]
        {
            let answer = Call::event(event, data.clone()).send(&router).await;
            assert_eq!(answer.refusal(), "no data", "{event} {data}");
        }
    }
    for data in [json!({}), json!({ "contact_id": null }), json!({ "id": 9 })] {
        let answer = Call::event("contact_deleted", data.clone()).send(&router).await;
        assert_eq!(answer.refusal(), "no data", "{data}");
    }
}

#[tokio::test]
async fn a_contact_with_an_id_of_another_kind_is_refused_without_repeating_it() {
    let (_, service) = watching();
    install(&service).await;
    let router = service.router();
    for id in [json!(null), json!(""), json!(1.5), json!(["s3cret"]), json!({ "s3cret": 1 })] {
        for event in ["contact_created", "contact_updated"] {
            let contact = json!({ "id": id, "name": "s3cret" });
            let reason = Call::event(event, contact).send(&router).await.refusal();
            assert!(reason.starts_with("data: ") && !reason.contains("s3cret"), "{event} {id}: {reason}");
        }
    }
    assert!(service.integration().people().is_empty());
}
