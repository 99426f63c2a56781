//! The recorded calls, made on ours. What the packages take and ours does not is not a call that can be written.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use botmatic_contact::key_store::{KeyStore, MemoryKeyStore, Pair, Write};
use botmatic_contact::prelude::*;
use botmatic_contact::{BotId, BotmaticApi, Clock, Error, Platform, Properties, Property, PropertyKind};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::Recording;
use super::crm::{Crm, Customer, Person};
use super::seen::{Outcome, Pairs};

/// A clock on which nobody waits: the first pause of an import is its end.
#[derive(Debug, Clone, Default)]
struct Impatient(Arc<Notify>);

#[async_trait]
impl Clock for Impatient {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, _: Duration) {
        self.0.notify_one();
        std::future::pending::<()>().await;
    }
}

/// What came of a call.
pub(super) struct Came {
    pub(super) result: Outcome,
    pub(super) pairs: Pairs,
    pub(super) page_size: Option<u64>,
}

impl Recording {
    pub(super) async fn call(&self, api: BotmaticApi) -> Came {
        match (self.module.as_str(), self.mappings_set.as_deref()) {
            ("js-api-client", _) => {
                let result = self.call_platform(&api).await;
                self.came_to(result.unwrap_or(Outcome::NotWritable))
            }
            ("js-contact", Some("crm")) => self.call_botmatic::<Person>(api).await,
            ("js-contact", Some("crm_custom_id")) => self.call_botmatic::<Customer>(api).await,
            // The derive insists on an id.
            ("js-contact", Some("crm_no_id_flag")) => self.came_to(Outcome::NotWritable),
            other => panic!("{other:?}"),
        }
    }

    /// A call of js-api-client: `None` if it cannot be written down.
    async fn call_platform(&self, api: &BotmaticApi) -> Option<Outcome> {
        let (token, args) = self.args.split_last()?;
        let token = &Token::new(typed::<String>(token)?);
        let one = args.first().unwrap_or(&Value::Null);
        Some(match self.call.as_str() {
            "createContact" => {
                outcome(api.create_contact(token, &typed(one)?).await.map(|id| json!({ "id": id })))
            }
            "createContacts" => {
                let results = api.create_contacts(token, &typed::<Vec<_>>(one)?).await;
                let one_each = |id: &Result<ContactId, Error>| match id {
                    Ok(id) => json!({ "success": true, "id": id }),
                    Err(_) => json!({ "success": false }),
                };
                for_each(&results, Value::from_iter(results.iter().map(one_each)))
            }
            "updateContact" => {
                let mut contact: Properties = typed(one)?;
                let id: ContactId = typed(&contact.remove("id")?)?;
                outcome(api.update_contact(token, &id, &contact).await.map(|()| Value::Null))
            }
            "updateContacts" => {
                #[derive(Deserialize)]
                struct Update {
                    contact_id: ContactId,
                    contact_props: Properties,
                }
                let updates = typed::<Vec<Update>>(one)?.into_iter();
                let updates: Vec<_> = updates.map(|one| (one.contact_id, one.contact_props)).collect();
                for_each(&api.update_contacts(token, &updates).await, Value::Null)
            }
            "deleteContact" => {
                let id: ContactId = typed(one)?;
                outcome(api.delete_contact(token, &id).await.map(|()| Value::Null))
            }
            "createProperty" => {
                outcome(api.create_properties(token, &[property(one)?]).await.map(|()| Value::Null))
            }
            "createProperties" => {
                let properties: Vec<_> = one.as_array()?.iter().map(property).collect::<Option<_>>()?;
                outcome(api.create_properties(token, &properties).await.map(|()| Value::Null))
            }
            "sendEventOnCampaign" => {
                let (event, contacts): (String, Vec<_>) = (typed(one)?, typed(&args[1])?);
                outcome(api.send_event_on_campaign(token, &event, &contacts).await.map(|()| Value::Null))
            }
            "getAllBots" => outcome(api.list_bots(token).await.map(Value::from)),
            "getBot" => outcome(api.get_bot(token, &typed(one)?).await),
            "updateBot" => {
                let id: BotId = typed(&one["id"])?;
                outcome(api.update_bot(token, &id, one).await.map(|()| Value::Null))
            }
            // There is no such call of Botmatic's API.
            "getContact" | "getContactByEmail" | "listContacts" | "listAllContacts" => return None,
            other => panic!("{other}"),
        })
    }

    /// A call that changed nothing here.
    fn came_to(&self, result: Outcome) -> Came {
        Came { result, pairs: self.pairs_before(), page_size: None }
    }

    /// A call of js-contact, with the pairs afterwards.
    async fn call_botmatic<C: ContactMapping + Clone + DeserializeOwned>(&self, api: BotmaticApi) -> Came {
        let Some(token) = self.args.last().and_then(typed::<String>).map(Token::new) else {
            return self.came_to(Outcome::NotWritable);
        };
        let (store, clock) = (self.store(&token).await, Impatient::default());
        let service = botmatic::builder(Crm::<C>::with(self.listed())).platform(api).clock(clock.clone());
        let service = service.key_store(Arc::clone(&store)).build().unwrap();
        let botmatic = service.botmatic(&token).await.unwrap();
        let result = self.call_handle(&botmatic, &clock).await.unwrap_or(Outcome::NotWritable);
        let kept = store.pairs(token.installation(), None, 1000).await.unwrap();
        let ids: BTreeSet<_> =
            kept.iter().map(|pair| (pair.contact.to_string(), pair.external.to_string())).collect();
        let by_external = ids.iter().map(|(contact, external)| (external.clone(), contact.clone())).collect();
        let page_size = botmatic.integration().page_size();
        Came { result, pairs: Pairs { by_contact: ids, by_external }, page_size }
    }

    async fn call_handle<C: ContactMapping + Clone + DeserializeOwned>(
        &self,
        botmatic: &Botmatic<Crm<C>>,
        clock: &Impatient,
    ) -> Option<Outcome> {
        let (_, args) = self.args.split_last()?;
        Some(match (self.call.as_str(), args) {
            ("createContact", [contact]) => {
                let created = botmatic.create_contact(typed(contact)?).await;
                outcome(created.map(|outcome| json!({ "id": outcome.contact })))
            }
            ("updateContact", [contact]) => {
                outcome(botmatic.update_contact(typed(contact)?).await.map(|_| Value::Null))
            }
            ("updateContacts", [contacts]) => {
                let report = botmatic.update_contacts(typed(contacts)?).await.unwrap();
                let through = report.created + report.updated + report.unchanged;
                let failed = report.failures.into_iter().map(|failure| Err(failure.error));
                let results: Vec<_> = (0..through).map(Ok).chain(failed).collect();
                for_each(&results, Value::Null)
            }
            ("deleteContact", [id]) => {
                outcome(botmatic.delete_contact(&typed(id)?).await.map(|_| Value::Null))
            }
            ("createProperty", [one]) => {
                outcome(botmatic.create_property(property(one)?).await.map(|()| Value::Null))
            }
            ("createProperties", [many]) => {
                let properties: Vec<_> = many.as_array()?.iter().map(property).collect::<Option<_>>()?;
                outcome(botmatic.create_properties(&properties).await.map(|()| Value::Null))
            }
            ("sendEventOnCampaign", [event, contacts]) => {
                let (event, contacts): (String, Vec<_>) = (typed(event)?, typed(contacts)?);
                outcome(botmatic.send_event_on_campaign(&event, &contacts).await.map(|()| Value::Null))
            }
            ("importContacts", []) => {
                let report = botmatic.import_all().until(clock.0.notified()).await.unwrap();
                let statuses: Vec<_> = report.failures.iter().map(|failure| failure.error.status()).collect();
                let through = report.created + report.updated + report.unchanged;
                Outcome::Done(match statuses.as_slice() {
                    [] => json!({ "contacts_count": through }),
                    _ => json!({ "contacts_count": through, "failures": statuses }),
                })
            }
            // More arguments than it takes.
            ("importContacts", _) => return None,
            other => panic!("{other:?}"),
        })
    }

    /// The contacts that the external service lists.
    fn listed<C: DeserializeOwned>(&self) -> Vec<C> {
        let contacts = match &self.consumer["contacts"] {
            Value::String(generated) => {
                let count: usize = generated.split(' ').next().unwrap().parse().unwrap();
                let contact = |i| json!({ "id": 1000 + i, "given_name": format!("Name{i}"), "email": format!("c{i}@example.test") });
                (0..count).map(contact).collect()
            }
            Value::Array(contacts) => contacts.clone(),
            _ => Vec::new(),
        };
        contacts.into_iter().map(|contact| serde_json::from_value(contact).unwrap()).collect()
    }

    async fn store(&self, token: &Token) -> Arc<MemoryKeyStore> {
        let store = Arc::new(MemoryKeyStore::new());
        store.save_installation(token, Timestamp::UNIX_EPOCH).await.unwrap();
        for (contact, external) in self.pairs_before().by_contact {
            let (contact, external): (ContactId, ExternalId) = (contact.into(), external.into());
            let subjects = [contact.clone().into(), external.clone().into()];
            let claim = store.claim(token.installation(), &subjects).await.unwrap();
            let pair = Pair::new(contact, external, Properties::new());
            store.commit(&claim, vec![Write::Pair(pair)]).await.unwrap();
        }
        store
    }
}

/// An argument of a type, if it is one.
fn typed<T: DeserializeOwned>(value: &Value) -> Option<T> {
    if value.get("$undefined").is_some() { None } else { serde_json::from_value(value.clone()).ok() }
}

fn property(value: &Value) -> Option<Property> {
    let kind = match value["type"].as_str()? {
        "text" => PropertyKind::Text,
        "number" => PropertyKind::Number,
        "date" => PropertyKind::Date,
        _ => return None,
    };
    Some(Property { name: typed::<String>(&value["name"])?.into(), ..Property::new("", kind) })
}

fn outcome(result: Result<Value, Error>) -> Outcome {
    match result {
        Ok(value) => Outcome::Done(value),
        Err(error) if error.is_not_found() && error.status().is_none() => Outcome::NotFound,
        Err(error) => Outcome::Failed(error.status()),
    }
}

/// Results for many: a failure if all of them failed in the same way. If only some did, it shows.
fn for_each<T>(results: &[Result<T, Error>], done: Value) -> Outcome {
    let statuses: BTreeSet<_> =
        results.iter().map(|result| result.as_ref().err().map(Error::status)).collect();
    match statuses.into_iter().collect::<Vec<_>>()[..] {
        [Some(status)] => Outcome::Failed(status),
        [_, _, ..] if done.is_null() => Outcome::Done(results.iter().map(Result::is_ok).collect()),
        _ => Outcome::Done(done),
    }
}
