//! The settings page over HTTP: who may see it, what it posts, and what it is answered.
//!
//! The token comes in the query of the page's address, which is the protocol; it goes back in the body of the form, and
//! nothing else than the body says whose settings are saved.

mod multipart;
mod page;

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio_util::task::TaskTracker;

use self::page::Html;
use super::body::{LIMIT, is_json};
use super::{Work, json, text, to_the_end};
use crate::integration::{Integration, Service};
use crate::settings::{Entry, SettingsError, Submission};
use crate::token::Token;
use crate::wire::settings as wire;
use crate::wire::webhook::FAILED;

/// How long a browser may take to send a form with its files.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// The routes of the settings page, if there is one.
pub(super) fn routes<I: Integration>(service: &Service<I>, tasks: &TaskTracker) -> Router {
    let Some(page) = service.settings_page() else { return Router::new() };
    // Files that are too large are read to their end, so that the page can say which one it was; but not for ever.
    let files = usize::try_from(page.form.upload_limit()).unwrap_or(usize::MAX);
    let limit = files.saturating_mul(2).saturating_add(LIMIT);
    Router::new()
        .route(&page.path, get(show::<I>).post(save::<I>))
        .layer(DefaultBodyLimit::max(limit))
        .with_state((service.clone(), tasks.clone()))
}

type Shared<I> = State<(Service<I>, TaskTracker)>;

async fn show<I: Integration>(State((service, tasks)): Shared<I>, RawQuery(query): RawQuery) -> Response {
    let token = query.as_deref().and_then(wire::token_in_query).map(Token::new);
    let shown = Box::pin(async move {
        let page = service.settings_page()?;
        let visit = service.visit(token.clone()).await?;
        let html = match page.show(&visit).await {
            Ok(shown) => (StatusCode::OK, page::form(&page.form, &shown, &token?, &page.origins)),
            Err(error) => {
                let message = error.general().unwrap_or("The settings cannot be shown.");
                (StatusCode::INTERNAL_SERVER_ERROR, page::problem(message))
            }
        };
        Some((html, page::policy(&page.origins)))
    });
    match to_the_end(&tasks, shown, None).await {
        Work::Done(Some(((status, Some(html)), policy))) => respond_with_page(status, html, policy),
        Work::Done(None) => private(text(StatusCode::UNAUTHORIZED, "Forbidden")),
        Work::Done(Some(_)) | Work::Panicked | Work::GoesOn => {
            tracing::error!("the settings page could not be shown");
            private(text(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
        }
    }
}

async fn save<I: Integration>(
    State((service, tasks)): Shared<I>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let read = tokio::time::timeout(PATIENCE, read(&service, &headers, request)).await;
    let mut submission = match read {
        Ok(Ok(submission)) => submission,
        Ok(Err(refusal)) => return private(refusal),
        Err(_) => return private(refusal(StatusCode::REQUEST_TIMEOUT)),
    };
    let token = submission.take(wire::TOKEN).pop();
    let token = token.as_ref().and_then(Entry::text).map(Token::new);
    let saved = Box::pin(async move {
        let page = service.settings_page()?;
        let visit = service.visit(token).await?;
        Some(wire::answer(&page.save(&visit, submission).await))
    });
    private(match to_the_end(&tasks, saved, None).await {
        Work::Done(Some(answer)) => json(StatusCode::OK, answer),
        Work::Done(None) => text(StatusCode::UNAUTHORIZED, "Forbidden"),
        Work::Panicked | Work::GoesOn => json(StatusCode::INTERNAL_SERVER_ERROR, FAILED.to_vec()),
    })
}

/// What was posted: as JSON, or in parts where the form has files. Anything else says nothing, not even who posts.
async fn read<I: Integration>(
    service: &Service<I>,
    headers: &HeaderMap,
    request: Request,
) -> Result<Submission, Response> {
    if is_json(headers) {
        let body = Bytes::from_request(request, &()).await.map_err(|error| refusal(error.status()))?;
        return wire::read(&body).ok_or_else(|| refusal(StatusCode::BAD_REQUEST));
    }
    match (Multipart::from_request(request, &()).await, service.settings_page()) {
        (Ok(parts), Some(page)) => multipart::read(parts, &page.form).await.map_err(refusal),
        _ => Ok(Submission::default()),
    }
}

fn refusal(status: StatusCode) -> Response {
    let message = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "That is more than can be saved at once.",
        StatusCode::REQUEST_TIMEOUT => "The form did not arrive in time. Try again.",
        _ => "The form arrived broken. Load the page again.",
    };
    json(status, wire::answer(&Err(SettingsError::message(message))))
}

fn respond_with_page(status: StatusCode, Html(page): Html, policy: HeaderValue) -> Response {
    let content_type = HeaderValue::from_static("text/html; charset=utf-8");
    let headers = [(header::CONTENT_TYPE, content_type), (header::CONTENT_SECURITY_POLICY, policy)];
    private((status, headers, page).into_response())
}

/// The answer with what keeps it, and the address it came from, to the browser that asked.
fn private(mut answer: Response) -> Response {
    const HEADERS: [(HeaderName, HeaderValue); 3] = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    answer.headers_mut().extend(HEADERS);
    answer
}
