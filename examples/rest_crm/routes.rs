//! What the service tells of its own changes. Each body has the `token` of the installation that it is for.
//!
//! The answers are JSON: 200 with what was done, 400 for a body that is not one, 401 for a token that is not installed,
//! 404 for a contact that nobody knows, 502 when Botmatic or the service refuses.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use botmatic_contact::prelude::*;
use botmatic_contact::{Error, ImportReport, Service};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::contact::Person;
use crate::crm::Crm;

const CREATED: &str = "/crm/contact-created";
const UPDATED: &str = "/crm/contact-updated";
const DELETED: &str = "/crm/contact-deleted";
const IMPORT: &str = "/crm/import";

/// Where the service posts.
pub(crate) const PATHS: [&str; 4] = [CREATED, UPDATED, DELETED, IMPORT];

/// The routes of the service.
pub(crate) fn routes(service: &Service<Crm>) -> Router {
    Router::new()
        .route(CREATED, post(created))
        .route(UPDATED, post(updated))
        .route(DELETED, post(deleted))
        .route(IMPORT, post(import))
        .with_state(service.clone())
}

type Answer = Result<Json<Value>, Refusal>;

async fn created(State(service): State<Service<Crm>>, body: Bytes) -> Answer {
    let mut told = Told::read(&body)?;
    let botmatic = told.botmatic(&service).await?;
    let person = told.person(service.integration()).await?;
    done(&botmatic.create_contact(person).await?)
}

async fn updated(State(service): State<Service<Crm>>, body: Bytes) -> Answer {
    let mut told = Told::read(&body)?;
    let botmatic = told.botmatic(&service).await?;
    let person = told.person(service.integration()).await?;
    done(&botmatic.update_contact(person).await?)
}

async fn deleted(State(service): State<Service<Crm>>, body: Bytes) -> Answer {
    let mut told = Told::read(&body)?;
    let botmatic = told.botmatic(&service).await?;
    let id: ExternalId = told.take("id", "the id of the contact, a text or a whole number")?;
    done(&botmatic.delete_contact(&id).await?)
}

async fn import(State(service): State<Service<Crm>>, body: Bytes) -> Result<Response, Refusal> {
    let botmatic = Told::read(&body)?.botmatic(&service).await?;
    let report = botmatic.import_all().await?;
    let ImportReport { created, updated, unchanged, failures, interrupted, .. } = &report;
    tracing::info!(
        created,
        updated,
        unchanged,
        failed = failures.len(),
        complete = interrupted.is_none(),
        "imported"
    );
    let failures = failures.iter();
    let failures =
        failures.map(|one| json!({ "external_id": one.external_id, "error": one.error.to_string() }));
    let body = json!({
        "success": report.is_complete(),
        "created": created,
        "updated": updated,
        "unchanged": unchanged,
        "failures": failures.collect::<Vec<_>>(),
        "interrupted": interrupted.as_ref().map(Error::to_string),
    });
    let status = if interrupted.is_some() { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
    Ok((status, Json(body)).into_response())
}

fn done(outcome: &Outcome) -> Answer {
    let effect = match outcome.effect {
        Effect::Created => "created",
        Effect::Linked => "linked",
        Effect::Updated => "updated",
        Effect::Unchanged => "unchanged",
        Effect::Deleted => "deleted",
    };
    let (contact, external) = (&outcome.contact, &outcome.external);
    tracing::info!(%contact, %external, "{effect}");
    Ok(Json(json!({ "success": true, "effect": effect, "contact_id": contact, "external_id": external })))
}

/// The body of a request.
struct Told(Map<String, Value>);

impl Told {
    fn read(body: &[u8]) -> Result<Self, Refusal> {
        serde_json::from_slice(body).map(Self).map_err(|_| Refusal::bad("the body is not a JSON object"))
    }

    fn take<T: DeserializeOwned>(&mut self, name: &str, expected: &str) -> Result<T, Refusal> {
        let value = self.0.remove(name).unwrap_or_default();
        // What serde says could quote it.
        serde_json::from_value(value).map_err(|_| Refusal::bad(format!("`{name}` has to be {expected}")))
    }

    async fn botmatic(&mut self, service: &Service<Crm>) -> Result<Botmatic<Crm>, Refusal> {
        let token: String = self.take("token", "the text of the token that Botmatic installed us with")?;
        Ok(service.botmatic(&Token::new(token)).await?)
    }

    /// The contact. Members that are not mentioned are as the service has them: absent is not cleared.
    async fn person(&mut self, crm: &Crm) -> Result<Person, Refusal> {
        let expected = "a contact: an object with the `id` that it has at the service";
        let mut told: Map<String, Value> = self.take("contact", expected)?;
        if let Ok(id) = serde_json::from_value(told.get("id").cloned().unwrap_or_default())
            && let Some(mut known) = crm.read(&id).await.map_err(Error::from)?
        {
            known.extend(told);
            told = known;
        }
        serde_json::from_value(told.into())
            .map_err(|_| Refusal::bad(format!("`contact` has to be {expected}")))
    }
}

/// Why nothing was done.
struct Refusal {
    status: StatusCode,
    why: String,
}

impl Refusal {
    fn bad(why: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, why: why.into() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match () {
            () if error.is_mapping() => StatusCode::BAD_REQUEST,
            () if error.is_unauthorized() => StatusCode::UNAUTHORIZED,
            () if error.is_not_found() => StatusCode::NOT_FOUND,
            () if error.is_conflict() => StatusCode::CONFLICT,
            () if error.is_platform() || error.is_consumer() => StatusCode::BAD_GATEWAY,
            () => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self { status, why: error.to_string() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        tracing::warn!(status = self.status.as_u16(), "nothing was done");
        (self.status, Json(json!({ "success": false, "error": self.why }))).into_response()
    }
}
