//! An integration whose settings page does what a test wants, and remembers what it was given.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::stage::{PATIENCE, serve};

/// The token of the installation.
pub(crate) const TOKEN: &str = "tok-alpha";

/// Shows these settings, and answers saves as it was told to.
pub(crate) struct Scripted<T> {
    settings: T,
    script: Arc<Script<T>>,
}

/// What is to be answered, and what was asked.
pub(crate) struct Script<T> {
    answers: Mutex<VecDeque<Answer>>,
    saved: Mutex<Vec<T>>,
    posted: Mutex<Vec<Posted>>,
}

/// The answer to one save.
pub(crate) enum Answer {
    /// What the method returns.
    Saved(Result<(), SettingsError>),
    /// Something that no method returns.
    Broken,
    /// No answer at all.
    Closed,
}

/// One request that posted the form.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    /// With the query.
    pub(crate) path: String,
    pub(crate) content_type: String,
    pub(crate) accept: String,
    pub(crate) body: String,
}

#[botmatic::integration]
impl<T: SettingsForm + Clone> Scripted<T> {
    #[botmatic::settings("/settings")]
    async fn settings(&self) -> T {
        self.settings.clone()
    }

    #[botmatic::settings("/settings", save)]
    async fn save(&self, settings: T) -> Result<(), SettingsError> {
        self.script.saved.lock().unwrap().push(settings);
        match self.script.answers.lock().unwrap().pop_front() {
            Some(Answer::Saved(saved)) => saved,
            _ => Ok(()),
        }
    }
}

/// A service that was started.
pub(crate) struct Started<T> {
    pub(crate) address: SocketAddr,
    pub(crate) script: Arc<Script<T>>,
}

impl<T: SettingsForm + Clone> Started<T> {
    /// Serves these settings to pages of that origin.
    pub(crate) async fn new(settings: T, origin: &str, answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = Mutex::new(answers.into_iter().collect());
        let script = Arc::new(Script { answers, saved: Mutex::default(), posted: Mutex::default() });
        let simulator = Simulator::new();
        let integration = Scripted { settings, script: Arc::clone(&script) };
        let service = botmatic::builder(integration).platform(simulator.clone()).settings_origin(origin);
        let service = service.endpoint("/webhook").build().unwrap();
        simulator.connect(&Token::new(TOKEN), service.clone());
        let routes = service.router().layer(from_fn_with_state(Arc::clone(&script), post::<T>));
        Self { address: serve(|_| routes).await, script }
    }

    /// The address of the page, as Botmatic opens it.
    pub(crate) fn page(&self) -> String {
        format!("http://{}/settings?token={TOKEN}", self.address)
    }

    pub(crate) fn saved(&self) -> Vec<T> {
        self.script.saved.lock().unwrap().clone()
    }

    /// What was posted, once it is so many requests.
    pub(crate) async fn wait_for_posts(&self, count: usize) -> Vec<Posted> {
        let arrived = async {
            while self.posted().len() < count {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, arrived).await.expect("all requests arrive");
        self.posted()
    }

    pub(crate) fn posted(&self) -> Vec<Posted> {
        self.script.posted.lock().unwrap().clone()
    }
}

/// Notes what is posted, and answers in the place of a service that is out of order.
async fn post<T>(Shared(script): Shared<Arc<Script<T>>>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap();
    let header =
        |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    script.posted.lock().unwrap().push(Posted {
        path: parts.uri.path_and_query().unwrap().to_string(),
        content_type: header(header::CONTENT_TYPE),
        accept: header(header::ACCEPT),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let broken = {
        let mut answers = script.answers.lock().unwrap();
        if matches!(answers.front(), Some(Answer::Saved(_))) { None } else { answers.pop_front() }
    };
    match broken {
        Some(Answer::Closed) => std::panic::resume_unwind(Box::new("the connection is closed")),
        Some(_) => (StatusCode::INTERNAL_SERVER_ERROR, "boom").into_response(),
        None => next.run(Request::from_parts(parts, Body::from(body))).await,
    }
}

/// The page as it was served, without the headers that go with it.
pub(crate) async fn page_without_policy(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}
