//! The service's REST API: what is asked, what is answered, and what is refused in which words.

use std::num::NonZeroUsize;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::store::{Update, Webhook};
use super::{AddressBook, BoxError, Tally};
use crate::person::Person;

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 1024 * 1024;

/// The most people on one page.
const LARGEST_PAGE: usize = 1000;

pub(super) fn router(book: AddressBook) -> Router {
    Router::new()
        .route("/people", get(list).post(create))
        .route("/people/{id}", get(read).patch(update).delete(delete))
        .route("/webhook", put(set_webhook))
        .fallback(async || {
            Failure::Refused(StatusCode::NOT_FOUND, "there is nothing at this path".to_owned())
        })
        .method_not_allowed_fallback(async || {
            Failure::Refused(
                StatusCode::METHOD_NOT_ALLOWED,
                "this path has no such method".to_owned(),
            )
        })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(book)
}

/// What of the list is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// The page, counted from 1.
    page: Option<NonZeroUsize>,
    /// How many people are on a page; 30 if not said.
    size: Option<NonZeroUsize>,
    /// Only those who have this e-mail address.
    email: Option<String>,
}

async fn list(
    State(book): State<AddressBook>,
    listing: Result<Query<Listing>, QueryRejection>,
) -> Result<Json<Vec<Person>>, Failure> {
    Tally::one_more(&book.tally.reads);
    let Query(Listing { page, size, email }) = listing?;
    let size = size.map_or(30, NonZeroUsize::get);
    if size > LARGEST_PAGE {
        let reason = format!("`size`: a page has {LARGEST_PAGE} people at most");
        return Err(Failure::Refused(StatusCode::BAD_REQUEST, reason));
    }
    let skip = page.map_or(0, |page| page.get() - 1).saturating_mul(size);
    let people = match email {
        Some(email) => {
            book.blocking(move |store| store.by_email(&email, skip, size))
                .await?
        }
        None => book.blocking(move |store| store.list(skip, size)).await?,
    };
    Ok(Json(people))
}

async fn read(
    State(book): State<AddressBook>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Person>, Failure> {
    Tally::one_more(&book.tally.reads);
    let Path(id) = id?;
    let person = book.person(id).await?.ok_or_else(Failure::nobody)?;
    Ok(Json(person))
}

async fn create(
    State(book): State<AddressBook>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Person>), Failure> {
    Tally::one_more(&book.tally.creates);
    let mut members = object(&body?)?;
    members
        .entry("id")
        .or_insert_with(|| Value::String(String::new()));
    let person = Person::from_members(members).map_err(Failure::unprocessable)?;
    if !person.id.is_empty() {
        return Err(Failure::unprocessable(
            "`id`: is given by the service; leave it out".to_owned(),
        ));
    }
    let person = book.blocking(move |store| store.create(person)).await?;
    Ok((StatusCode::CREATED, Json(person)))
}

async fn update(
    State(book): State<AddressBook>,
    id: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Person>, Failure> {
    Tally::one_more(&book.tally.updates);
    let Path(id) = id?;
    let members = object(&body?)?;
    match book.blocking(move |store| store.update(&id, members)).await? {
        Update::Stored(person) => Ok(Json(*person)),
        Update::Refused(reason) => Err(Failure::unprocessable(reason)),
        Update::Missing => Err(Failure::nobody()),
    }
}

async fn delete(
    State(book): State<AddressBook>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Failure> {
    Tally::one_more(&book.tally.deletes);
    let Path(id) = id?;
    if book.blocking(move |store| store.delete(&id)).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Failure::nobody())
    }
}

async fn set_webhook(
    State(book): State<AddressBook>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Failure> {
    let members = object(&body?)?;
    let webhook: Webhook = serde_json::from_value(Value::Object(members))
        .map_err(|error| Failure::unprocessable(error.to_string()))?;
    let url = reqwest::Url::parse(&webhook.url);
    if !url.is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Err(Failure::unprocessable(
            "`url`: is not one that starts with http:// or https://".to_owned(),
        ));
    }
    book.blocking(move |store| store.set_webhook(&webhook)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads a body that has to be a JSON object.
fn object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Failure::unprocessable("the body is not a JSON object".to_owned())),
        Err(error) => {
            let reason = format!("the body is not JSON: {error}");
            Err(Failure::Refused(StatusCode::BAD_REQUEST, reason))
        }
    }
}

/// Why there is no answer of the kind that was asked for.
enum Failure {
    /// The request was wrong, and this says how.
    Refused(StatusCode, String),
    /// The service failed.
    Broken(BoxError),
}

impl Failure {
    fn nobody() -> Self {
        Self::Refused(StatusCode::NOT_FOUND, "there is nobody of this id".to_owned())
    }

    fn unprocessable(reason: String) -> Self {
        Self::Refused(StatusCode::UNPROCESSABLE_ENTITY, reason)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, reason) = match self {
            Self::Refused(status, reason) => (status, reason),
            Self::Broken(error) => {
                tracing::error!(error, "the address book failed");
                let reason = "the address book failed; nothing was changed".to_owned();
                (StatusCode::INTERNAL_SERVER_ERROR, reason)
            }
        };
        (status, Json(json!({ "error": reason }))).into_response()
    }
}

impl From<BoxError> for Failure {
    fn from(error: BoxError) -> Self {
        Self::Broken(error)
    }
}

impl From<BytesRejection> for Failure {
    fn from(rejection: BytesRejection) -> Self {
        Self::Refused(rejection.status(), rejection.body_text())
    }
}

impl From<PathRejection> for Failure {
    fn from(rejection: PathRejection) -> Self {
        Self::Refused(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Failure {
    fn from(rejection: QueryRejection) -> Self {
        Self::Refused(rejection.status(), rejection.body_text())
    }
}
