//! An integration that is generic, some of whose handlers are only there under conditions.

use std::sync::Mutex;

use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Answer, Message, Rejection, Service};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::Person;

/// A service that only notes what it was asked to do.
struct Register<P, const FIRST_ID: u64> {
    created: Mutex<Vec<P>>,
}

#[botmatic::integration]
impl<P, const FIRST_ID: u64> Register<P, FIRST_ID>
where
    P: ContactMapping + Clone + DeserializeOwned,
{
    #[botmatic::on(contact_created)]
    async fn created(&self, ContactCreated { contact, .. }: ContactCreated, synced: Option<Synced>) -> Value {
        let outcome = synced.and_then(|Synced(outcome)| outcome.ok());
        json!([contact.id, outcome.map(|outcome| outcome.external)])
    }

    #[botmatic::on(contact_updated, replace)]
    async fn updated(&self, synced: Option<Synced>, who: Result<ContactId, Rejection>) -> Value {
        json!([synced.is_none(), who.map_err(|rejection| rejection.to_string())])
    }

    #[botmatic::action("first")]
    async fn first(&self, wanted: Option<Params<P>>) -> Result<Value, MappingFailed> {
        let first = wanted.map(|Params(wanted)| wanted);
        let first = first.or_else(|| self.created.lock().unwrap().first().cloned());
        let properties = first.ok_or(MappingFailed)?.to_properties().map_err(|_| MappingFailed)?;
        Ok(json!(properties))
    }

    #[cfg(not(test))]
    #[botmatic::action("never")]
    async fn never(&self, absent: Absent) {}

    #[cfg(test)]
    #[botmatic::action("always")]
    async fn always(&self, #[cfg(not(test))] absent: Absent, #[cfg(test)] message: Message) -> String {
        message.name
    }

    #[cfg(not(test))]
    #[botmatic::action("either")]
    async fn either(&self) -> Absent {}

    #[cfg(test)]
    #[botmatic::action("either")]
    async fn or(&self) -> u64 {
        FIRST_ID
    }
}

#[derive(Debug)]
struct MappingFailed;

impl From<MappingFailed> for Box<dyn std::error::Error + Send + Sync> {
    fn from(MappingFailed: MappingFailed) -> Self {
        "nobody to show".into()
    }
}

impl<P: ContactMapping + Clone, const FIRST_ID: u64> ExternalApiConsumer for Register<P, FIRST_ID> {
    type Contact = P;
    type Client = ();

    async fn create_contact(&self, _: &Auth, contact: P) -> Result<ExternalId, ConsumerError> {
        self.created.lock().unwrap().push(contact);
        Ok(FIRST_ID.into())
    }

    async fn get_contact(&self, _: &Auth, _: &ExternalId) -> Result<Option<P>, ConsumerError> {
        Ok(self.created.lock().unwrap().first().cloned())
    }

    async fn get_contact_by_email(&self, _: &Auth, _: &str) -> Result<Option<P>, ConsumerError> {
        Ok(None)
    }

    async fn list_contacts(&self, _: &Auth, _: Page) -> Result<Vec<P>, ConsumerError> {
        Ok(Vec::new())
    }

    async fn update_contact(&self, _: &Auth, _: &ExternalId, _: P::Patch) -> Result<(), ConsumerError> {
        panic!("the handler takes this over")
    }

    async fn delete_contact(&self, _: &Auth, _: &ExternalId) -> Result<(), ConsumerError> {
        Err(ConsumerError::not_found())
    }
}

type Installed = Service<Register<Person, 4001>>;

async fn installed() -> Installed {
    let (simulator, token) = (Simulator::new(), Token::new("tok-alpha"));
    let register = Register { created: Mutex::default() };
    let builder = botmatic::builder(register).platform(simulator.clone());
    let service = builder.key_store(MemoryKeyStore::new()).build().unwrap();
    simulator.connect(&token, service.clone());
    assert!(simulator.install(&token).await.unwrap().success);
    service
}

async fn call(service: &Installed, what: &str, name: &str, data: Value) -> Value {
    let body = json!({ what: name, "data": data }).to_string();
    match service.handle(Some(Token::new("tok-alpha")), body.as_bytes()).await {
        Answer::Reply(body) => serde_json::from_slice::<Value>(&body).unwrap()["data"].take(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_handlers_and_the_consumer_of_a_generic_integration_are_found() {
    let service = installed().await;
    assert_eq!(call(&service, "action", "first", Value::Null).await["error"], "nobody to show");
    let ada = json!({ "id": 7, "firstname": "Ada" });
    assert_eq!(call(&service, "event", "contact_created", ada).await, json!([7, 4001]));
    assert_eq!(call(&service, "action", "first", Value::Null).await["firstname"], "Ada");
    let grace = json!({ "id": 0, "first_name": "Grace" });
    assert_eq!(call(&service, "action", "first", grace).await["firstname"], "Grace");
}

#[tokio::test]
async fn a_handler_that_replaces_the_sync_runs_instead_of_it() {
    let service = installed().await;
    let ada = json!({ "id": 7, "firstname": "Ada" });
    call(&service, "event", "contact_created", ada.clone()).await;
    assert_eq!(call(&service, "event", "contact_updated", ada).await, json!([true, { "Ok": 7 }]));
    let nobody = json!({ "firstname": "Grace" });
    let refused = json!([true, { "Err": "data: the contact has no `id`" }]);
    assert_eq!(call(&service, "event", "contact_updated", nobody).await, refused);
}

#[tokio::test]
async fn a_handler_and_a_parameter_are_there_under_their_condition() {
    let service = installed().await;
    assert_eq!(call(&service, "action", "always", Value::Null).await, "always");
    assert_eq!(call(&service, "action", "either", Value::Null).await, 4001);
    let never = json!({ "error": "No action \"never\" defined" });
    assert_eq!(call(&service, "action", "never", Value::Null).await, never);
}
