//! Whatever is posted to the endpoint is answered with a status that it is known to answer with, and the service goes on
//! serving.
//!
//! The first byte of an input says how the rest is sent: see [`request`].

#![no_main]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::{HttpEndpoint, Simulator};
use botmatic_contact::{Message, Value};
use libfuzzer_sys::fuzz_target;
use serde::{Deserialize, Serialize};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

const TOKEN: &str = "tok-alpha";

/// After so many calls everything begins anew, so that what the services remember stays small.
const CALLS: u32 = 1000;

#[derive(Clone, Serialize, Deserialize, ContactMapping)]
struct Person {
    #[contact(id)]
    id: u64,
    #[contact("name")]
    name: String,
    #[contact("email", email)]
    email: Option<String>,
    #[contact("score")]
    score: Option<f64>,
    #[contact("company", json)]
    company: Option<Value>,
}

/// With contacts.
#[derive(Default)]
struct Crm(Mutex<BTreeMap<String, Person>>);

impl ExternalApiConsumer for Crm {
    type Contact = Person;
    type Client = ();

    async fn create_contact(&self, _: &Auth, person: Person) -> Result<ExternalId, ConsumerError> {
        let mut people = self.0.lock().unwrap();
        let id = people.len() as u64 + 1;
        people.insert(id.to_string(), Person { id, ..person });
        Ok(id.into())
    }

    async fn get_contact(&self, _: &Auth, id: &ExternalId) -> Result<Option<Person>, ConsumerError> {
        Ok(self.0.lock().unwrap().get(id.as_str()).cloned())
    }

    async fn get_contact_by_email(&self, _: &Auth, email: &str) -> Result<Option<Person>, ConsumerError> {
        let people = self.0.lock().unwrap();
        Ok(people.values().find(|person| person.email.as_deref() == Some(email)).cloned())
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
        let mut people = self.0.lock().unwrap();
        Ok(patch.apply(people.get_mut(id.as_str()).ok_or_else(ConsumerError::not_found)?)?)
    }

    async fn delete_contact(&self, _: &Auth, id: &ExternalId) -> Result<(), ConsumerError> {
        self.0.lock().unwrap().remove(id.as_str()).map(drop).ok_or_else(ConsumerError::not_found)
    }
}

#[botmatic::integration]
impl Crm {
    #[botmatic::action("ping")]
    async fn ping(&self) {}

    #[botmatic::on(contact_created)]
    async fn created(&self, _: ContactCreated, _: ContactId) {}
}

/// Without contacts.
struct Parrot;

#[derive(Deserialize)]
struct Order {
    count: u32,
}

#[botmatic::integration]
impl Parrot {
    #[botmatic::action("ping")]
    async fn ping(&self) {}

    #[botmatic::action("go")]
    async fn go(&self, message: Message) -> Value {
        message.data
    }

    #[botmatic::action(pattern = r"order_(?<count>\d+)|(?<dish>soup)")]
    async fn order(&self, Captures(order): Captures<Order>) -> u32 {
        order.count
    }

    #[botmatic::on(user_reply)]
    async fn heard(&self, reply: UserReply) -> String {
        reply.text
    }

    #[botmatic::on(bot_reply)]
    async fn said(&self, reply: BotReply) -> Value {
        reply.content
    }
}

/// Both services, and how many calls they have had.
struct World {
    runtime: Runtime,
    routers: [Router; 2],
    calls: u32,
}

impl World {
    fn new() -> Self {
        let simulator = Simulator::new();
        let parrot = botmatic::builder(Parrot).platform(simulator.clone()).build().unwrap();
        let crm = botmatic::builder(Crm::default()).platform(simulator.clone());
        let crm = crm.key_store(MemoryKeyStore::new()).build().unwrap();
        // Nothing is ever delivered there; a service would keep the simulator, and the simulator the service.
        simulator.connect(&Token::new(TOKEN), HttpEndpoint::new("http://127.0.0.1:9").unwrap());
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, routers: [parrot.router(), crm.router()], calls: 0 }
    }

    fn send(&self, service: usize, request: Request<Body>) -> StatusCode {
        let answer = self.routers[service].clone().oneshot(request);
        self.runtime.block_on(answer).unwrap().status()
    }
}

fn call(body: &'static str) -> Request<Body> {
    request(0, body.as_bytes())
}

/// By bits of the first byte: whether there is a token, JSON is declared, the body is said to be compressed and how, and
/// whether the first line is the `Authorization` header.
fn request(form: u8, input: &[u8]) -> Request<Body> {
    let mut request = Request::builder().method("POST").uri("/");
    let mut body = input;
    if form & 32 != 0 {
        let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
        if let Ok(value) = HeaderValue::from_bytes(&input[..end]) {
            request = request.header(header::AUTHORIZATION, value);
        }
        body = &input[end..];
    } else if form & 2 == 0 {
        request = request.header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    }
    if form & 4 == 0 {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request = match form & 24 {
        8 => request.header(header::CONTENT_ENCODING, "gzip"),
        16 => request.header(header::CONTENT_ENCODING, "deflate"),
        24 => request.header(header::CONTENT_ENCODING, "br"),
        _ => request,
    };
    request.body(Body::from(body.to_vec())).unwrap()
}

thread_local! {
    static WORLD: RefCell<World> = RefCell::new(World::new());
}

fuzz_target!(|input: &[u8]| {
    let Some((form, input)) = input.split_first() else { return };
    WORLD.with_borrow_mut(|world| {
        if world.calls >= CALLS {
            *world = World::new();
        }
        world.calls += 1;
        let service = usize::from(form & 1);
        let status = world.send(service, request(*form, input));
        assert!(matches!(status.as_u16(), 200 | 400 | 401 | 403 | 413 | 415), "{status}");
        assert_eq!(world.send(service, call(r#"{"event":"install"}"#)), StatusCode::OK);
        assert_eq!(world.send(service, call(r#"{"action":"ping"}"#)), StatusCode::OK);
    });
});
