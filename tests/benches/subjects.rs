//! What is compared: a small service in memory, behind the framework and behind a bare axum handler that does the same
//! work: reads the body, checks the token, finds the handler, and answers; and for `contact_updated` finds the pair,
//! compares, writes the difference to the service, remembers what was agreed.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use botmatic_contact::Service;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The token of the installation that is served.
pub(crate) const TOKEN: &str = "tok-alpha";

/// The contacts that both know.
pub(crate) const CONTACTS: Range<u64> = 9000..9032;

#[derive(Debug, Clone, Serialize, Deserialize, ContactMapping)]
pub(crate) struct Person {
    #[contact(id)]
    #[serde(default)]
    id: u64,
    firstname: String,
    lastname: String,
    #[contact("email", email)]
    email: Option<String>,
    phone: Option<String>,
    score: Option<u32>,
}

#[derive(Deserialize)]
struct Forecast {
    city: String,
}

/// The service of both: people in memory.
#[derive(Default)]
pub(crate) struct People {
    people: Mutex<HashMap<u64, Person>>,
    next: AtomicU64,
}

impl ExternalApiConsumer for People {
    type Contact = Person;
    type Client = ();

    async fn create_contact(&self, _: &Auth, contact: Person) -> Result<ExternalId, ConsumerError> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.people.lock().unwrap().insert(id, Person { id, ..contact });
        Ok(id.into())
    }

    async fn get_contact(&self, _: &Auth, _: &ExternalId) -> Result<Option<Person>, ConsumerError> {
        Err(ConsumerError::unsupported("get_contact"))
    }

    async fn get_contact_by_email(&self, _: &Auth, _: &str) -> Result<Option<Person>, ConsumerError> {
        Ok(None)
    }

    async fn list_contacts(&self, _: &Auth, _: Page) -> Result<Vec<Person>, ConsumerError> {
        Ok(Vec::new())
    }

    async fn update_contact(
        &self,
        _: &Auth,
        id: &ExternalId,
        patch: PersonPatch,
    ) -> Result<(), ConsumerError> {
        let mut people = self.people.lock().unwrap();
        let person = people.get_mut(&id.as_str().parse()?).ok_or_else(ConsumerError::not_found)?;
        Ok(patch.apply(person)?)
    }

    async fn delete_contact(&self, _: &Auth, _: &ExternalId) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("delete_contact"))
    }
}

#[botmatic::integration]
impl People {
    #[botmatic::action("forecast")]
    async fn forecast(&self, Params(query): Params<Forecast>) -> String {
        format!("sunny in {}", query.city)
    }
}

/// What the bare handler keeps.
struct Bare {
    tokens: HashSet<String>,
    pairs: Mutex<HashMap<u64, (u64, Value)>>,
    people: People,
}

#[derive(Deserialize)]
struct Call {
    action: Option<String>,
    event: Option<String>,
    data: Value,
}

async fn bare(State(bare): State<Arc<Bare>>, headers: HeaderMap, body: Bytes) -> Response {
    let token =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if !token.is_some_and(|token| bare.tokens.contains(token)) {
        return (StatusCode::UNAUTHORIZED, "Not authorized").into_response();
    }
    let Ok(call) = serde_json::from_slice::<Call>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    match (call.action.as_deref(), call.event.as_deref()) {
        (Some("forecast"), _) => {
            let query: Forecast = serde_json::from_value(call.data).unwrap();
            let answer = format!("sunny in {}", query.city);
            Json(json!({ "data": answer, "type": "data", "success": true })).into_response()
        }
        (None, Some("contact_updated")) => {
            let mut pairs = bare.pairs.lock().unwrap();
            let contact = call.data["id"].as_u64().unwrap();
            let (external, agreed) = pairs.get_mut(&contact).unwrap();
            let said: Person = serde_json::from_value(call.data.clone()).unwrap();
            if *agreed != call.data {
                let mut people = bare.people.people.lock().unwrap();
                people.insert(*external, Person { id: *external, ..said });
                *agreed = call.data;
            }
            Json(json!({ "data": { "success": true }, "type": "data", "success": true })).into_response()
        }
        _ => StatusCode::FORBIDDEN.into_response(),
    }
}

/// The bare handler, with the pairs of [`CONTACTS`].
pub(crate) fn by_hand() -> Router {
    let bare_state = Bare {
        tokens: HashSet::from([TOKEN.to_owned()]),
        pairs: Mutex::new(CONTACTS.map(|id| (id, (id, contact(id, 0)))).collect()),
        people: People::default(),
    };
    Router::new().route("/", post(bare)).with_state(Arc::new(bare_state))
}

/// The framework, installed, with the pairs of [`CONTACTS`].
pub(crate) async fn ours() -> Service<People> {
    let token = Token::new(TOKEN);
    let simulator = Simulator::new();
    let builder = botmatic::builder(People::default()).key_store(MemoryKeyStore::new());
    let service = builder.platform(simulator.clone()).build().unwrap();
    simulator.connect(&token, service.clone());
    simulator.install(&token).await.unwrap();
    for id in CONTACTS {
        let call = json!({ "event": "contact_created", "data": contact(id, 0) }).to_string();
        service.handle(Some(token.clone()), call.as_bytes()).await;
    }
    service
}

fn contact(id: u64, score: u64) -> Value {
    json!({
        "id": id, "firstname": "Ada", "lastname": "Example", "email": format!("ada{id}@example.test"),
        "phone": "0612345678", "score": score,
    })
}

/// The body of an action.
pub(crate) fn action() -> String {
    json!({ "action": "forecast", "data": { "city": "Lyon", "contact_id": 9001 } }).to_string()
}

/// The body of an update. A score that the contact does not have yet makes it one that writes.
pub(crate) fn updated(id: u64, score: u64) -> String {
    json!({ "event": "contact_updated", "data": contact(id, score) }).to_string()
}
