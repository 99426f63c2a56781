//! The service over HTTP: a router to mount into an axum app, or a server of its own.

mod body;
mod path;
#[cfg(feature = "settings")]
mod settings;
mod shutdown;

use std::future::{Future, poll_fn};
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;
use tower::util::MapRequest;
use tracing::Instrument;

pub use self::shutdown::asked_to_end;
use crate::agenda::Acceptance;
use crate::error::{Error, Kind, Result};
use crate::integration::{Answer, Integration, Service};
use crate::token::Token;
use crate::wire::webhook::{FAILED, HEALTHY, answer_of_failure};

/// Where [`Service::serve`] answers who asks for its health, unless the builder says where.
pub(crate) const HEALTH: &str = "/health";

/// After how many seconds somebody may come again for whom there was no room, or who cannot be told from others.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// How long a server that was asked to end waits for what is in flight.
const GRACE: Duration = Duration::from_secs(30);

impl<I: Integration> Service<I> {
    /// The routes of the service, for an axum app: the endpoint, with or without a slash at its end, the settings page,
    /// and the health route if the builder was [told of one](crate::Builder::health). Letter case counts, as in all of
    /// axum.
    ///
    /// Merge them, nest them under a prefix, or do so with several services whose endpoints differ:
    ///
    /// ```
    /// # use axum::Router;
    /// # use botmatic_contact::prelude::*;
    /// # struct Weather;
    /// # #[botmatic::integration]
    /// # impl Weather {
    /// #     #[botmatic::action("forecast")]
    /// #     async fn forecast(&self) -> &'static str { "sunny" }
    /// # }
    /// # struct News;
    /// # #[botmatic::integration]
    /// # impl News {
    /// #     #[botmatic::action("headlines")]
    /// #     async fn headlines(&self) -> &'static str { "none" }
    /// # }
    /// let weather = botmatic::builder(Weather).endpoint("/weather").build()?;
    /// let news = botmatic::builder(News).endpoint("/news").build()?;
    /// let app: Router = Router::new()
    ///     .merge(weather.router()) // POST /weather
    ///     .nest("/bots", news.router()); // POST /bots/news
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    ///
    /// An endpoint of `/` that is nested is the prefix itself. Where a path is served twice already, axum panics when
    /// the routers are merged and names the method and the path: give each service its own
    /// [`endpoint`](crate::Builder::endpoint) and settings page, and one of them at most a health route.
    pub fn router(&self) -> Router {
        self.tracked_router(TaskTracker::new(), self.served().health.as_deref())
    }

    fn tracked_router(&self, tasks: TaskTracker, health: Option<&str>) -> Router {
        #[cfg(feature = "settings")]
        let settings = settings::routes(self, &tasks);
        #[cfg(not(feature = "settings"))]
        let settings = Router::new();
        let endpoint = self.endpoint();
        let mut router = Router::new().route(endpoint, post(webhook::<I>));
        if let Some(also) = path::with_slash(endpoint) {
            router = router.route(&also, post(webhook::<I>));
        }
        if let Some(health) = health {
            router = router.route(health, get(healthy));
        }
        router.with_state((self.clone(), tasks)).merge(settings)
    }

    /// Serves on an address until the process is asked to end (SIGTERM, or Ctrl-C): then no new connection is taken,
    /// what is in flight is answered, and this returns.
    ///
    /// Letter case does not matter in the endpoint's path. `/health` is answered too, unless the builder
    /// [says another path](crate::Builder::health).
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn serve(&self, address: impl ToSocketAddrs) -> Result<()> {
        let listener = TcpListener::bind(address).await.map_err(|source| {
            Error::new(Kind::Io, "cannot listen on that address: is it free, and ours to use?")
                .with_source(source)
        })?;
        let health = self.served().health.as_deref().unwrap_or(HEALTH);
        self.serve_all(listener, Router::new(), Some(health), asked_to_end()).await
    }

    /// Serves on a listener, together with routes of your own, until `end` comes to an end. Letter case does not matter
    /// in the endpoint's path; health is answered where the builder says. The same method of the same path among your
    /// routes is a mistake at which axum panics, as in [`router`](Self::router).
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve_with(
        &self,
        listener: TcpListener,
        routes: Router,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        self.serve_all(listener, routes, self.served().health.as_deref(), end).await
    }

    async fn serve_all(
        &self,
        listener: TcpListener,
        routes: Router,
        health: Option<&str>,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let tasks = TaskTracker::new();
        let app = self.tracked_router(tasks.clone(), health).merge(routes);
        // Paths are rewritten before the routes are looked at, so this is a layer around another router.
        let service = self.clone();
        let spell = move |mut request: Request| {
            if let Some(uri) = path::as_configured(service.endpoint(), request.uri()) {
                *request.uri_mut() = uri;
            }
            request
        };
        let app = MapRequest::new(app, spell);
        if let Ok(address) = listener.local_addr() {
            tracing::info!(%address, endpoint = self.endpoint(), "listening");
        }
        let (ending, ended) = oneshot::channel();
        let end = async move {
            end.await;
            let _ = ending.send(());
        };
        // It ends with the server, in whatever way that ends.
        let work = self.clone();
        tasks.spawn(
            async move { work.work(async { ended.await.unwrap_or_default() }).await }.in_current_span(),
        );
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
    request: Request,
) -> impl Future<Output = Response> + Send {
    let token = bearer(request.headers());
    let limit = service.served().time_limit;
    let text = Box::pin(body::read(request));
    async move {
        let text = match text.await {
            Ok(text) => text,
            Err(refusal) => return refusal.into_response(),
        };
        let acceptance = limit.map(|_| Arc::<Acceptance>::default());
        let has_say = acceptance.clone();
        let work = Box::pin(async move { service.answer(token, &text, has_say).await });
        match to_the_end(&tasks, work, limit).await {
            Work::Done(answer) => respond(answer),
            Work::Panicked => json(StatusCode::INTERNAL_SERVER_ERROR, FAILED.to_vec()),
            Work::GoesOn if acceptance.is_some_and(|acceptance| acceptance.take()) => respond(Answer::done()),
            Work::GoesOn => json(StatusCode::OK, answer_of_failure("this takes too long; it goes on")),
        }
    }
}

/// What became of a piece of work.
enum Work<T> {
    Done(T),
    Panicked,
    /// It is not at its end, but the caller has waited long enough.
    GoesOn,
}

/// Does a piece of work, and goes on with it when the caller hangs up or has waited long enough; a panic takes nothing
/// else along. What need not wait for anything is done at once; only the rest becomes a task of its own.
async fn to_the_end<T: Send + 'static>(
    tasks: &TaskTracker,
    work: BoxFuture<'static, T>,
    limit: Option<Duration>,
) -> Work<T> {
    let mut work = AssertUnwindSafe(work).catch_unwind().map(|done| {
        done.map_or_else(
            |_| {
                // Its message may tell more than a log should hold; the panic hook has printed it.
                tracing::error!("a handler panicked");
                Work::Panicked
            },
            Work::Done,
        )
    });
    if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(work.poll_unpin(context))).await {
        return done;
    }
    let mut task = tasks.spawn(work.in_current_span());
    let Some(limit) = limit else { return task.await.unwrap_or(Work::Panicked) };
    if let Ok(done) = tokio::time::timeout(limit, &mut task).await {
        return done.unwrap_or(Work::Panicked);
    }
    tracing::warn!(?limit, "a call took too long and was answered without waiting; it goes on");
    let end = async move {
        if let Ok(Work::Done(_)) = task.await {
            tracing::info!("a call that took too long has come to its end");
        }
    };
    tasks.spawn(end.in_current_span());
    Work::GoesOn
}

/// Says that the process is there and takes calls.
async fn healthy() -> impl IntoResponse {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (no_store, json(StatusCode::OK, HEALTHY.to_vec()))
}

/// What stands in the `Authorization` header: after `Bearer`, or all of it where there is no scheme.
fn bearer(headers: &HeaderMap) -> Option<Token> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        Some(_) => return None,
        None if value.eq_ignore_ascii_case("bearer") => return None,
        None => value,
    };
    Some(Token::new(token))
}

fn respond(answer: Answer) -> Response {
    match answer {
        Answer::Reply(body) => json(StatusCode::OK, body),
        Answer::NotConfirmed => text(StatusCode::UNAUTHORIZED, "Not authorized."),
        Answer::NotAuthorized => text(StatusCode::UNAUTHORIZED, "Not authorized"),
        Answer::TryAgain => {
            let mut response = text(StatusCode::SERVICE_UNAVAILABLE, "Try again later");
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
            response
        }
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
