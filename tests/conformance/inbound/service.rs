//! The integration of the recordings, written with ours: its handlers, its external service, and who may call.

use std::future::pending;
use std::sync::Mutex;
use std::time::Duration;

use botmatic_contact::prelude::*;
use botmatic_contact::{
    Call, ContactMapping, HandlerFuture, HasData, Integration, Message, Properties, Reply, Table, Value,
    event,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use super::recording::{Consumer, Handler, Recording, TOO_DEEP, heard};

macro_rules! mapping_set {
    ($(#[$docs:meta])* $name:ident, $id:ident: $type:ty) => {
        $(#[$docs])*
        #[derive(Serialize, Deserialize, ContactMapping)]
        pub(super) struct $name {
            #[contact(id)]
            $id: $type,
            #[contact("firstname")]
            given_name: Option<String>,
            #[contact("lastname")]
            family_name: Option<String>,
            #[contact("email", email)]
            email: Option<String>,
            #[contact("phone")]
            mobile: Option<String>,
            #[contact("zip")]
            postal_code: Option<String>,
            #[contact("signup_date", with = sql)]
            registered_at: Option<String>,
            #[contact("score")]
            score: Option<i64>,
            #[contact("company", json)]
            company: Option<Value>,
        }
    };
}

mapping_set!(
    /// The contact of the recordings.
    Crm,
    id: u64
);
mapping_set!(
    /// The same under another name of the id, which is text.
    CrmCustomId,
    customer_no: String
);

/// Dates as the external service writes them.
mod sql {
    #[expect(clippy::ptr_arg, reason = "the form of the function is given")]
    pub(super) fn to_botmatic(date: &String) -> jiff::Timestamp {
        let date = date.parse::<jiff::civil::DateTime>().unwrap_or_default();
        date.to_zoned(jiff::tz::TimeZone::UTC).map_or(jiff::Timestamp::UNIX_EPOCH, |date| date.timestamp())
    }

    #[expect(clippy::unnecessary_wraps, reason = "the form of the function is given")]
    pub(super) fn from_botmatic(moment: jiff::Timestamp) -> Result<String, std::convert::Infallible> {
        Ok(moment.strftime("%Y-%m-%d %H:%M:%S").to_string())
    }
}

/// A contact of either kind, as the external service keeps it: as JSON.
pub(super) trait Kept: Serialize + DeserializeOwned + ContactMapping<Patch: Serialize> {
    const ID: &'static str;
    fn id(text: &str) -> Value;
}

impl Kept for Crm {
    const ID: &'static str = "id";
    fn id(text: &str) -> Value {
        text.parse::<u64>().unwrap().into()
    }
}

impl Kept for CrmCustomId {
    const ID: &'static str = "customer_no";
    fn id(text: &str) -> Value {
        text.into()
    }
}

/// The integration, with all that happened to it.
pub(super) struct Replay<C> {
    contacts: Mutex<Vec<Map<String, Value>>>,
    behaviour: Consumer,
    called: Mutex<Vec<Value>>,
    heard: Mutex<Vec<Value>>,
    contact: std::marker::PhantomData<fn() -> C>,
}

impl<C: Kept> Replay<C> {
    pub(super) fn new(recording: &Recording) -> Self {
        let behaviour = recording.setup.consumer.clone();
        let contacts = behaviour.contacts.iter().cloned().map(|mut contact| {
            let id = text(&contact[C::ID]);
            contact.insert(C::ID.to_owned(), C::id(&id));
            contact
        });
        Self {
            contacts: Mutex::new(contacts.collect()),
            behaviour,
            called: Mutex::default(),
            heard: Mutex::default(),
            contact: std::marker::PhantomData,
        }
    }

    /// What both sides would agree on about a contact, had they ever spoken of it.
    pub(super) fn agreed(&self, id: &ExternalId) -> Properties {
        let contact = self.find(is::<C>(id)).unwrap_or_default();
        contact.map(|contact| contact.to_properties().unwrap()).unwrap_or_default()
    }

    pub(super) fn called(&self) -> Vec<Value> {
        self.called.lock().unwrap().clone()
    }

    pub(super) fn heard(&self) -> Vec<Value> {
        self.heard.lock().unwrap().clone()
    }

    /// Notes a call, and does first what the recorded service did.
    async fn call(&self, method: &str, call: Value) -> Result<(), ConsumerError> {
        self.called.lock().unwrap().push(call);
        // A slow service, as it was recorded; the test itself waits for answers alone.
        if let Some(delay) = self.behaviour.delay_ms {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        let Some((how, what)) = self.behaviour.fail.get(method).and_then(|fail| fail.iter().next()) else {
            return Ok(());
        };
        match how.as_str() {
            "never" => pending().await,
            "throw_error" => Err(ConsumerError::failed(text(what))),
            "returns" => Err(ConsumerError::failed(what["error"].as_str().unwrap_or("no id").to_owned())),
            _ => Err(ConsumerError::failed("nothing was returned")),
        }
    }

    fn find(&self, fits: impl Fn(&Map<String, Value>) -> bool) -> Result<Option<C>, ConsumerError> {
        let found = self.contacts.lock().unwrap().iter().find(|contact| fits(contact)).cloned();
        Ok(found.map(|contact| serde_json::from_value(contact.into())).transpose()?)
    }
}

/// A value without the quotes of a text.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn is<C: Kept>(id: &ExternalId) -> impl Fn(&Map<String, Value>) -> bool {
    |contact| text(&contact[C::ID]) == id.as_str()
}

/// A contact as the external service gets it: without its id, and without what it does not have.
fn shown<C: Kept>(contact: &C) -> Map<String, Value> {
    let Ok(Value::Object(mut members)) = serde_json::to_value(contact) else {
        panic!("a contact is an object")
    };
    members.retain(|name, value| name != C::ID && !value.is_null());
    members
}

impl<C: Kept> ExternalApiConsumer for Replay<C> {
    type Contact = C;
    type Client = Value;

    async fn create_contact(&self, _: &Auth<Value>, contact: C) -> Result<ExternalId, ConsumerError> {
        let mut kept = shown(&contact);
        self.call("createContact", json!(["createContact", kept])).await?;
        let mut contacts = self.contacts.lock().unwrap();
        let id =
            701 + contacts.iter().filter(|contact| text(&contact[C::ID]).starts_with("70")).count() as u64;
        kept.insert(C::ID.to_owned(), C::id(&id.to_string()));
        contacts.push(kept);
        Ok(id.into())
    }

    async fn get_contact(&self, _: &Auth<Value>, id: &ExternalId) -> Result<Option<C>, ConsumerError> {
        self.call("getContact", json!(["getContact", id.as_str()])).await?;
        self.find(is::<C>(id))
    }

    async fn get_contact_by_email(&self, _: &Auth<Value>, email: &str) -> Result<Option<C>, ConsumerError> {
        self.call("getContactByEmail", json!(["getContactByEmail", email])).await?;
        self.find(|contact| contact.get("email").and_then(Value::as_str) == Some(email))
    }

    async fn list_contacts(&self, _: &Auth<Value>, page: Page) -> Result<Vec<C>, ConsumerError> {
        self.call("listContacts", json!(["listContacts", page.number])).await?;
        Ok(Vec::new())
    }

    async fn update_contact(
        &self,
        _: &Auth<Value>,
        id: &ExternalId,
        patch: C::Patch,
    ) -> Result<(), ConsumerError> {
        let patch = serde_json::to_value(&patch)?;
        self.call("updateContact", json!(["updateContact", id.as_str(), patch])).await?;
        let mut contacts = self.contacts.lock().unwrap();
        let contact = contacts.iter_mut().find(|contact| is::<C>(id)(contact));
        let contact = contact.ok_or_else(ConsumerError::not_found)?;
        contact.extend(patch.as_object().cloned().unwrap_or_default());
        Ok(())
    }

    async fn delete_contact(&self, _: &Auth<Value>, id: &ExternalId) -> Result<(), ConsumerError> {
        self.call("deleteContact", json!(["deleteContact", id.as_str()])).await?;
        let mut contacts = self.contacts.lock().unwrap();
        let place = contacts.iter().position(is::<C>(id)).ok_or_else(ConsumerError::not_found)?;
        contacts.remove(place);
        Ok(())
    }
}

impl<C: Kept> Integration for Replay<C> {
    const HAS_CONSUMER: bool = false;

    fn table() -> Table<Self> {
        Table::new()
    }
}

/// The handlers of a recording. Patterns of events do not exist here: those handlers are left out.
pub(super) fn handlers<C: Kept>(recording: &Recording) -> Table<Replay<C>> {
    recording.setup.handlers.iter().fold(Table::new(), |table, handler| {
        let name = handler.name.clone().unwrap_or_default();
        let is_pattern = name.contains(|letter: char| r".+*?[]()|\".contains(letter));
        match (handler.on.as_str(), name.as_str()) {
            ("install", _) => table.on(event::install, answering(handler)),
            ("uninstall", _) => table.on(event::uninstall, answering(handler)),
            ("action", _) if is_pattern => table.pattern(name, answering(handler)),
            ("action", _) => table.action(name, answering(handler)),
            ("event", "contact_updated") => table.replace(event::contact_updated, answering(handler)),
            ("event", "user_reply") => table.on(event::user_reply, answering(handler)),
            ("event", "bot_reply") => table.on(event::bot_reply, answering(handler)),
            _ => table,
        }
    })
}

/// A handler that notes what it gets, and then does as it was recorded.
fn answering<C: Kept, K: HasData + 'static>(
    handler: &Handler,
) -> impl for<'a> Fn(Call<'a, Replay<C>, K>) -> HandlerFuture<'a> + Send + Sync + 'static {
    let (label, does, is_action) = (handler.label(), handler.does.clone(), handler.on == "action");
    move |call| {
        let (label, does) = (label.clone(), does.clone());
        Box::pin(async move {
            let message = call.extract::<Message>().await;
            let client =
                call.extract::<Auth<Value>>().await.map(|auth| auth.client().clone()).unwrap_or_default();
            let body = match &message {
                Ok(message) => body(message, is_action),
                Err(_) => json!(TOO_DEEP),
            };
            let heard = heard(&label, &body, &call.token().expose().into(), &client);
            call.integration().heard.lock().unwrap().push(heard.clone());
            let Some((how, what)) = does.iter().next() else { panic!("a behaviour") };
            if how == "echo" {
                message?;
            }
            behave(how, what, &heard).await
        })
    }
}

/// A call, put together again. Whether there were no data or null is not known to a handler.
fn body(message: &Message, is_action: bool) -> Value {
    let mut body =
        Map::from_iter([(if is_action { "action" } else { "event" }.to_owned(), json!(message.name))]);
    if !message.data.is_null() {
        body.insert("data".to_owned(), message.data.clone());
    }
    body.extend(message.members.clone());
    body.into()
}

/// What the recorded handler did, as one writes it here: an object that was resolved gives the data and the type of the
/// answer, anything else is the data; what was thrown or rejected is an error.
async fn behave(how: &str, what: &Value, heard: &Value) -> Result<Reply, botmatic_contact::Rejection> {
    let data =
        |data: &Value| Reply::data(data).map_err(|error| botmatic_contact::Rejection::new(error.to_string()));
    Ok(match how {
        "resolve" | "resolve_frozen" | "returns_plain" => match what.as_object() {
            Some(object) if object.is_empty() => Reply::done(),
            Some(object) => {
                let kind = object.get("type").and_then(Value::as_str).unwrap_or("data").to_owned();
                data(object.get("data").unwrap_or(&Value::Null))?.with_type(kind)
            }
            None => data(what)?,
        },
        "resolve_buffer" => data(what)?,
        "resolve_undefined" | "returns_undefined" => Reply::done(),
        "resolve_null" => data(&Value::Null)?,
        "resolve_bigint" => data(&json!({ "n": 10 }))?,
        "resolve_date" => data(&json!("1970-01-01T00:00:00.000Z"))?,
        "echo" => {
            let mut auth = json!({ "token": heard["token"] });
            if let Some(client) = heard.get("client") {
                auth["client"] = client.clone();
            }
            data(&json!({ "data": heard["body"], "auth": auth }))?
        }
        "reject" if what.get("data").is_some() => data(&what["data"])?.failed(),
        "reject" | "reject_error" | "throws_synchronously" => Reply::failure(&text(what)),
        "reject_error_with_fields" => Reply::failure(&text(&what["message"])),
        "reject_undefined" | "reject_null" => Reply::failure("rejected"),
        "never_settles" => pending().await,
        other => panic!("an unknown behaviour: {other}"),
    })
}

/// The authorizer of a recording: what resolves to a client serves, what rejects does not, what throws is an error.
pub(super) async fn authorize(how: &str, token: &str) -> Result<Option<Value>, std::io::Error> {
    match how {
        "resolve_true" | "returns_true_without_promise" => Ok(Some(Value::Null)),
        "resolve_client" => Ok(Some(json!({ "id": "client-1", "plan": "demo" }))),
        "by_table" => Ok((token == "tok-alpha").then(|| json!({ "id": "client-1" }))),
        "a_string" => Ok((token == "tok-alpha").then_some(Value::Null)),
        "resolve_undefined" | "resolve_null" | "reject_string" | "reject_error" | "reject_undefined" => {
            Ok(None)
        }
        "throws_synchronously" => Err(std::io::Error::other("auth broke")),
        "never_settles" => pending().await,
        other => panic!("an unknown way to authorize: {other}"),
    }
}
