//! The service over HTTP: a router to mount into an axum app, or a server of its own.

#[cfg(feature = "settings")]
mod settings;
mod shutdown;

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio_util::task::TaskTracker;

use crate::error::{Error, Kind, Result};
use crate::integration::{Answer, Integration, Service};
use crate::token::Token;
use crate::wire::webhook::FAILED;

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 102_400;

/// How long a server that was asked to end waits for what is in flight.
const GRACE: Duration = Duration::from_secs(30);

impl<I: Integration> Service<I> {
    /// The routes of the service, to be merged into an axum app or nested in one. The endpoint's path is that of
    /// [`Builder::endpoint`](crate::Builder::endpoint); a settings page has a path of its own.
    pub fn router(&self) -> Router {
        self.tracked_router(TaskTracker::new())
    }

    fn tracked_router(&self, tasks: TaskTracker) -> Router {
        #[cfg(feature = "settings")]
        let settings = settings::routes(self, &tasks);
        #[cfg(not(feature = "settings"))]
        let settings = Router::new();
        Router::new()
            .route(self.endpoint(), post(webhook::<I>))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state((self.clone(), tasks))
            .merge(settings)
    }

    /// Serves on an address until the process is asked to end (SIGTERM, or Ctrl-C): then no new connection is taken,
    /// what is in flight is answered, and this returns.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn serve(&self, address: impl ToSocketAddrs) -> Result<()> {
        let listener = TcpListener::bind(address).await.map_err(|source| {
            Error::new(Kind::Io, "cannot listen on that address: is it free, and ours to use?")
                .with_source(source)
        })?;
        self.serve_with(listener, Router::new(), shutdown::asked_to_end()).await
    }

    /// Serves on a listener, together with routes of your own, until `end` comes to an end.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve_with(
        &self,
        listener: TcpListener,
        routes: Router,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let tasks = TaskTracker::new();
        let app = self.tracked_router(tasks.clone()).merge(routes);
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, endpoint = self.endpoint(), "listening");
        }
        shutdown::serve(listener, app, end, GRACE)
            .await
            .map_err(|source: io::Error| Error::new(Kind::Io, "the listener failed").with_source(source))?;
        // A caller may have gone without waiting for its answer; what it asked for is brought to an end all the same.
        tasks.close();
        let _ = tokio::time::timeout(GRACE, tasks.wait()).await;
        Ok(())
    }
}

async fn webhook<I: Integration>(
    State((service, tasks)): State<(Service<I>, TaskTracker)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = bearer(&headers);
    let body = if is_json(&headers) { body } else { Bytes::from_static(b"{}") };
    // In a task of its own the work goes on when the caller hangs up, and a handler that panics takes nothing along.
    let work = tasks.spawn(async move {
        let body = if body.is_empty() { &b"{}"[..] } else { &body };
        service.handle(token, body).await
    });
    match work.await {
        Ok(answer) => respond(answer),
        Err(_) => {
            // Its message may tell more than a log should hold; the panic hook has printed it.
            tracing::error!("a handler panicked");
            json(StatusCode::INTERNAL_SERVER_ERROR, FAILED.to_vec())
        }
    }
}

/// What stands in the `Authorization` header: after `Bearer`, or all of it where there is no scheme.
fn bearer(headers: &HeaderMap) -> Option<Token> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        Some(_) => return None,
        None => value,
    };
    Some(Token::new(token))
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn respond(answer: Answer) -> Response {
    match answer {
        Answer::Reply(body) => json(StatusCode::OK, body),
        Answer::NotConfirmed => text(StatusCode::UNAUTHORIZED, "Not authorized."),
        Answer::NotAuthorized => text(StatusCode::UNAUTHORIZED, "Not authorized"),
        Answer::TryAgain => text(StatusCode::SERVICE_UNAVAILABLE, "Try again later"),
        Answer::NotACall => text(StatusCode::FORBIDDEN, "Bad Request"),
        Answer::Malformed(why) => (StatusCode::BAD_REQUEST, why).into_response(),
    }
}

fn json(status: StatusCode, body: Vec<u8>) -> Response {
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// A fixed text, in the content type that Botmatic is used to.
fn text(status: StatusCode, text: &'static str) -> Response {
    let content_type = HeaderValue::from_static("text/html; charset=utf-8");
    (status, [(header::CONTENT_TYPE, content_type)], text).into_response()
}
