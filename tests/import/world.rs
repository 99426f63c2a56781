//! Botmatic and the external service, over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use botmatic_contact::Token;
use botmatic_contact::simulator::{HttpEndpoint, Simulator};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The workspace.
pub(crate) const TOKEN: &str = "tok-alpha";

/// How long Botmatic wants no requests after so many.
const PAUSE: Duration = Duration::from_secs(1);

/// Who is called that Botmatic does not take.
const REFUSED: &str = "refused";

/// Both services.
pub(crate) struct World {
    simulator: Simulator,
    gate: Arc<Gate>,
    /// The pages that the external service was asked for since the importing process was started.
    listed: watch::Sender<Vec<u64>>,
    pub(crate) url: String,
    contacts: u64,
    _serving: JoinSet<()>,
}

/// What stands before Botmatic.
struct Gate {
    /// After how many requests there is a pause.
    often: u64,
    requests: AtomicU64,
    throttled: AtomicU64,
    pause: std::sync::Mutex<Option<Instant>>,
    created: watch::Sender<u64>,
}

/// One in a hundred: half of them have a value that cannot be written, Botmatic refuses the others.
pub(crate) fn is_broken(id: u64) -> bool {
    id % 100 == 42
}

/// A contact as the external service has it.
fn row(id: u64) -> Value {
    let name = if id % 200 == 42 { REFUSED.to_owned() } else { format!("Person {id}") };
    let visits = if id % 200 == 142 { json!("many") } else { json!(id % 50) };
    json!({
        "id": id,
        "name": name,
        "email": format!("p{id}@example.org"),
        "city": format!("City {}", id % 1000),
        "phone": format!("+33 1 {id:08}"),
        "visits": visits.to_string(),
    })
}

impl World {
    pub(crate) async fn open(contacts: u64) -> Self {
        let simulator = Simulator::new();
        let gate = Arc::new(Gate {
            often: (contacts / 200).max(100),
            requests: AtomicU64::new(0),
            throttled: AtomicU64::new(0),
            pause: std::sync::Mutex::new(None),
            created: watch::Sender::new(0),
        });
        let listed = watch::Sender::new(Vec::new());
        let note = listed.clone();
        let list = async move |Path((page, size)): Path<(u64, u64)>| {
            note.send_modify(|listed| listed.push(page));
            let first = (page - 1) * size + 1;
            Json((first..first + size).take_while(|id| *id <= contacts).map(row).collect::<Vec<_>>())
        };
        let botmatic = simulator.router().layer(from_fn_with_state(Arc::clone(&gate), pass));
        let routes = Router::new().route("/people/{page}/{size}", get(list)).merge(botmatic);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let delivering = simulator.clone();
        serving.spawn(async move { delivering.deliver(std::future::pending()).await });
        Self { simulator, gate, listed, url, contacts, _serving: serving }
    }

    /// The integration is there. It is told of what it missed while it imports.
    pub(crate) async fn meet(&self, url: &str) {
        let token = Token::new(TOKEN);
        self.simulator.connect(&token, HttpEndpoint::new(url).unwrap());
        if self.created() == 0 {
            assert!(self.simulator.install(&token).await.unwrap().success);
        }
    }

    /// Waits until there are more contacts than these.
    pub(crate) async fn has_created(&self, contacts: u64) {
        self.gate.created.subscribe().wait_for(|created| *created > contacts).await.unwrap();
    }

    /// Waits until a page is asked for that stands behind this one.
    pub(crate) async fn has_listed(&self, page: u64) {
        let is_behind = |listed: &Vec<u64>| listed.last().is_some_and(|last| *last > page);
        self.listed.subscribe().wait_for(is_behind).await.unwrap();
    }

    /// The pages that were asked for since the last time.
    pub(crate) fn take_listed(&self) -> Vec<u64> {
        self.listed.send_replace(Vec::new())
    }

    pub(crate) fn created(&self) -> u64 {
        *self.gate.created.borrow()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.gate.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn throttled(&self) -> u64 {
        self.gate.throttled.load(Ordering::Relaxed)
    }

    pub(crate) fn everybody_is_there_once(&self) {
        let mut times = vec![0_u8; usize::try_from(self.contacts).unwrap() + 1];
        for contact in self.simulator.contacts(&Token::new(TOKEN)) {
            let email = contact.properties.get("email").and_then(|email| email.as_str()).unwrap();
            let id: usize = email.trim_start_matches('p').split_once('@').unwrap().0.parse().unwrap();
            times[id] += 1;
        }
        for (id, times) in (1..).zip(&times[1..]) {
            assert_eq!(*times, u8::from(!is_broken(id)), "contact {id}");
        }
    }
}

/// Throttles, and refuses batches with somebody in them whom Botmatic does not take.
async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    if gate.is_closed() {
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "1")]).into_response();
    }
    let is_create = request.method() == Method::POST && request.uri().path().ends_with("/contacts");
    let (head, body) = request.into_parts();
    let body: Bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&body);
    if is_create && text.contains(REFUSED) {
        return (
            StatusCode::UNPROCESSABLE_ENTITY,
            Json(json!({ "success": false, "error": "no such name" })),
        )
            .into_response();
    }
    let people = text.matches("\"email\"").count() as u64;
    let answer = next.run(Request::from_parts(head, Body::from(body))).await;
    if is_create && answer.status().is_success() {
        gate.created.send_modify(|created| *created += people);
    }
    answer
}

impl Gate {
    fn is_closed(&self) -> bool {
        let mut pause = self.pause.lock().unwrap();
        let closed = pause.is_some_and(|end| Instant::now() < end);
        if closed {
            self.throttled.fetch_add(1, Ordering::Relaxed);
        } else {
            let is_time = (self.requests.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(self.often);
            *pause = is_time.then(|| Instant::now() + PAUSE);
        }
        closed
    }
}
