//! Replays what Botmatic sent to the endpoint: one service per recording, built as the recorded one was, the same bytes
//! over a socket, and everything that can be noticed afterwards.

mod botmatic;
mod prepare;
mod recording;
mod service;
mod wire;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use botmatic_contact::{Integration, Service, Value, botmatic as ours};
use futures_util::stream::{self, StreamExt};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tower::ServiceExt;

use self::botmatic::botmatic;
use self::prepare::Store;
use self::recording::{Recording, Request};
use self::service::{Crm, CrmCustomId, Kept, Replay, authorize, handlers};
use crate::differences::INBOUND;
use crate::fake::{self, Fake};
use crate::recordings;
use crate::tally::{Replayed, settle};

/// How long a caller waits for what never comes to an end.
const LIMIT: Duration = Duration::from_secs(2);

/// After so long the test has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// All that could be noticed. Headers that say nothing to Botmatic are not in it, nor is the order of members.
#[derive(Debug, PartialEq)]
pub(crate) struct Observed {
    pub(crate) answers: Vec<Answer>,
    /// What Botmatic was asked.
    pub(crate) asked: Vec<Asked>,
    /// What the external service was asked.
    pub(crate) consumer: Vec<Value>,
    /// What the handlers were given.
    pub(crate) heard: Vec<Value>,
    /// The pairs afterwards, as the recorded store wrote them: both ways, under the token.
    pub(crate) pairs: BTreeMap<String, String>,
}

/// What came back for one request.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Said {
        status: u16,
        content_type: String,
        body: Said,
    },
    /// The connection was closed, or left open, without an answer.
    None,
    /// There was no service to ask: building it failed, and this is why.
    Unbuilt(String),
}

#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    Json(Value),
    Text(String),
}

impl Answer {
    pub(crate) fn said(status: u16, content_type: &str, body: &str) -> Self {
        let json =
            if content_type.starts_with("application/json") { serde_json::from_str(body).ok() } else { None };
        let body = json.map_or_else(|| Said::Text(body.to_owned()), Said::Json);
        Self::Said { status, content_type: content_type.to_owned(), body }
    }
}

/// One request to Botmatic. Its other headers are compared where its API is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    /// JSON, or the text of a form.
    pub(crate) body: Value,
}

impl Asked {
    fn new(method: &str, path: &str, authorization: Option<String>, body: &str) -> Self {
        // A space in a form may be written in two ways.
        let body = serde_json::from_str(body).unwrap_or_else(|_| json!(body.replace('+', "%20")));
        Self { method: method.to_owned(), path: path.to_owned(), authorization, body }
    }
}

#[tokio::test]
async fn the_endpoint_answers_and_acts_as_recorded_or_as_the_table_of_differences_says() {
    let recordings = recordings::inbound::<Value>().into_iter();
    let recordings = recordings.filter(|one| !one["name"].as_str().unwrap().starts_with("settings"));
    let recordings = recordings.map(|one| serde_json::from_value::<Recording>(one).unwrap());
    let replayed: Vec<_> = stream::iter(recordings)
        .map(async |recording| {
            let observed = async {
                match recording.setup.mappings.as_deref() {
                    Some("crm_custom_id") => replay::<CrmCustomId>(&recording).await,
                    _ => replay::<Crm>(&recording).await,
                }
            };
            let observed = timeout(PATIENCE, observed).await;
            let observed =
                observed.unwrap_or_else(|_| panic!("`{}` does not come to an end", recording.name));
            Replayed { name: recording.title(), recorded: recording.observed(), observed }
        })
        .buffer_unordered(32)
        .collect()
        .await;
    settle("the endpoint", &replayed, INBOUND);

    // Which variant of the package was recorded is nothing that ours could know.
    let observed = |name: &str| &replayed.iter().find(|one| one.name == name).unwrap().observed;
    let unpatched = replayed.iter().filter_map(|one| Some((one, one.name.strip_suffix(" (unpatched)")?)));
    for (one, name) in unpatched {
        assert_eq!(&one.observed, observed(&format!("{name} (patched)")), "{name}");
    }
}

async fn replay<C: Kept>(recording: &Recording) -> Observed {
    let botmatic = botmatic(recording.botmatic_answers.clone()).await;
    let replay = Replay::<C>::new(recording);
    let store = Store::new(recording, |external| replay.agreed(external)).await;
    let mut observed = match build(replay, recording, &botmatic, &store) {
        Err(error) => Observed {
            answers: vec![Answer::Unbuilt(error)],
            asked: Vec::new(),
            consumer: Vec::new(),
            heard: Vec::new(),
            pairs: BTreeMap::new(),
        },
        Ok(service) => {
            let answers = answers(recording, &service).await;
            let replay = service.integration();
            let (consumer, heard) = (replay.called(), replay.heard());
            Observed { answers, asked: Vec::new(), consumer, heard, pairs: BTreeMap::new() }
        }
    };
    let asked = |asked: &fake::Asked| {
        let authorization = asked.headers.get("authorization").cloned();
        Asked::new(&asked.method, &asked.path, authorization, &asked.body)
    };
    observed.asked = botmatic.asked().iter().map(asked).collect();
    if recording.has_contacts() {
        observed.pairs = store.pairs().await;
    }
    observed
}

/// A service as the recorded one was.
fn build<C: Kept>(
    replay: Replay<C>,
    recording: &Recording,
    botmatic: &Fake,
    store: &Arc<Store>,
) -> Result<Service<Replay<C>>, String> {
    let builder = ours::builder(replay)
        .base_url(botmatic.url())
        .handlers(handlers(recording))
        .endpoint(recording.setup.endpoint.as_deref().unwrap_or("/"));
    let builder = if recording.never_ends() { builder.time_limit(LIMIT) } else { builder };
    let auth = recording.auth().to_owned();
    let accepts_all = auth == "none";
    let authorizer = move |token: botmatic_contact::Token| {
        let auth = auth.clone();
        async move { authorize(&auth, token.expose()).await }
    };
    let service = match (accepts_all, recording.has_contacts()) {
        (true, true) => builder.accept_any_token().key_store(Arc::clone(store)).build(),
        (true, false) => builder.accept_any_token().build(),
        (false, true) => builder.authorize_with(authorizer).key_store(Arc::clone(store)).build(),
        (false, false) => builder.authorize_with(authorizer).build(),
    };
    service.map_err(|error| error.to_string())
}

async fn answers<I: Integration>(recording: &Recording, service: &Service<I>) -> Vec<Answer> {
    let requests = recording.requests();
    if recording.setup.second.is_some() {
        let both = catch_unwind(AssertUnwindSafe(|| service.router().merge(service.router())));
        return vec![both.map_or(Answer::Unbuilt("one endpoint, two services".to_owned()), |_| Answer::None)];
    }
    if requests
        .iter()
        .any(|request| request.content_length > Some(request.bytes().len()) && !request.client_ends)
    {
        let (router, request) = (service.router(), requests[0].clone());
        return vec![std::thread::spawn(move || without_the_rest(router, &request)).join().unwrap()];
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let serving = tokio::spawn({
        let service = service.clone();
        async move { service.serve_with(listener, Router::new(), async { drop(ended.await) }).await }
    });
    let answers = if recording.is_pipelined() {
        wire::exchange(address, &requests).await
    } else {
        let exchanges = requests.chunks(1).map(|request| wire::exchange(address, request));
        let together = if recording.sent_at_once { requests.len() } else { 1 };
        let answers: Vec<_> = stream::iter(exchanges).buffered(together).collect().await;
        answers.into_iter().flatten().collect()
    };
    drop(end);
    serving.abort();
    answers
}

/// What is answered to a body that does not arrive as a whole, when time has passed.
fn without_the_rest(router: Router, request: &Request) -> Answer {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let begun = stream::iter([Ok::<_, std::io::Error>(request.bytes())]).chain(stream::pending());
        let mut sent = axum::http::Request::builder().method(&*request.method).uri(&request.path);
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        let answer = router.oneshot(sent.body(Body::from_stream(begun)).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let content_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        Answer::said(status, &content_type, &String::from_utf8_lossy(&body))
    })
}
