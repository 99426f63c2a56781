//! The service over HTTP: a router to mount into an axum app, or a server of its own.

#[cfg(feature = "settings")]
mod settings;
mod shutdown;

use std::future::{Future, poll_fn};
use std::io;
use std::panic::AssertUnwindSafe;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
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

/// Not an `async fn`, and its parts are boxed: small futures, of which axum makes one more, are allocated faster.
fn webhook<I: Integration>(
    State((service, tasks)): State<(Service<I>, TaskTracker)>,
    mut request: Request,
) -> impl Future<Output = Response> + Send {
    DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
    let token = bearer(request.headers());
    let is_json = is_json(request.headers());
    let body = Box::pin(Bytes::from_request(request, &()));
    async move {
        let body = match body.await {
            Ok(body) if is_json && !body.is_empty() => body,
            Ok(_) => Bytes::from_static(b"{}"),
            Err(rejection) => return rejection.into_response(),
        };
        let work = Box::pin(async move { service.handle(token, &body).await });
        match to_the_end(&tasks, work).await {
            Some(answer) => respond(answer),
            None => {
                // Its message may tell more than a log should hold; the panic hook has printed it.
                tracing::error!("a handler panicked");
                json(StatusCode::INTERNAL_SERVER_ERROR, FAILED.to_vec())
            }
        }
    }
}

/// Does a piece of work, and goes on with it when the caller hangs up; a panic takes nothing else along and gives
/// `None`. What need not wait for anything is done at once; only the rest becomes a task of its own.
async fn to_the_end<T: Send + 'static>(tasks: &TaskTracker, work: BoxFuture<'static, T>) -> Option<T> {
    let mut work = AssertUnwindSafe(work).catch_unwind();
    let at_once = poll_fn(|context| Poll::Ready(work.poll_unpin(context))).await;
    match at_once {
        Poll::Ready(done) => done.ok(),
        Poll::Pending => tasks.spawn(work).await.ok()?.ok(),
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
    answer(status, "application/json; charset=utf-8", body.into())
}

/// A fixed text, in the content type that Botmatic is used to.
fn text(status: StatusCode, text: &'static str) -> Response {
    answer(status, "text/html; charset=utf-8", text.into())
}

fn answer(status: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
