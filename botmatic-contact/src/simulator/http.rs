//! The face over HTTP: Botmatic's API, as integrations know it.

use std::future::Future;

use axum::extract::rejection::{FormRejection, JsonRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};
use axum::{Form, Json, Router};
use serde::Deserialize;
use tokio::net::TcpListener;

use super::Simulator;
use crate::contact::{Properties, Property, Value};
use crate::error::{Error, Kind, Result};
use crate::id::{BotId, ContactId};
use crate::platform::Platform;
use crate::token::Token;
use crate::wire::api::{self as wire, path};

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 16 << 20;

type Input<T> = Result<Json<T>, JsonRejection>;

impl Simulator {
    /// Botmatic's API as an axum router.
    pub fn router(&self) -> Router {
        let one = |path: &str| format!("{path}/{{id}}");
        Router::new()
            .route(path::VALIDATE, post(validate))
            .route(path::CONTACTS, post(create_contacts).patch(update_contacts))
            .route(&one(path::CONTACTS), patch(update_contact).delete(delete_contact))
            .route(path::PROPERTIES, post(create_properties))
            .route(path::CAMPAIGN_EVENT, post(run_campaign))
            .route(path::BOTS, get(list_bots))
            .route(&one(path::BOTS), get(get_bot).patch(update_bot))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .with_state(self.clone())
    }

    /// Serves the API on a listener, and delivers events, until `end` comes to an end.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(
        &self,
        listener: TcpListener,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        let (ending, ended) = tokio::sync::oneshot::channel::<()>();
        let end = async move {
            end.await;
            drop(ending);
        };
        let serving = axum::serve(listener, self.router()).with_graceful_shutdown(end);
        let delivering = self.deliver(async {
            let _ = ended.await;
        });
        let (served, ()) = tokio::join!(serving.into_future(), delivering);
        served.map_err(|source| Error::new(Kind::Io, "the simulator's listener failed").with_source(source))
    }
}

/// Whose request it is.
fn token(headers: &HeaderMap) -> Result<Token> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer "));
    token.map(Token::new).ok_or_else(|| Error::platform(Some(401), "there is no bearer token"))
}

fn body<T>(input: Input<T>) -> Result<T> {
    input.map(|Json(body)| body).map_err(|rejection| Error::platform(Some(400), rejection.body_text()))
}

/// What an operation came to, with the status that Botmatic has for its success.
fn respond<T: IntoResponse>(status: StatusCode, result: Result<T>) -> Response {
    match result {
        Ok(body) => (status, body).into_response(),
        Err(error) => {
            let status = error.status().and_then(|status| StatusCode::from_u16(status).ok());
            let said = said(false, None, Some(error.to_string()));
            (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), said).into_response()
        }
    }
}

fn said(success: bool, id: Option<ContactId>, error: Option<String>) -> Json<wire::Answer> {
    Json(wire::Answer { success, id, error: error.map(Value::String) })
}

fn success() -> Json<wire::Answer> {
    said(true, None, None)
}

async fn validate(
    State(simulator): State<Simulator>,
    form: Result<Form<wire::Validate<'static>>, FormRejection>,
) -> Response {
    let valid = match form {
        Ok(Form(form)) => simulator.validate_token(&Token::new(form.token)).await.is_ok_and(|valid| valid),
        Err(_) => false,
    };
    let status = if valid { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
    (status, said(valid, None, None)).into_response()
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Create {
    Several(wire::CreateContacts<Vec<Properties>>),
    One(wire::CreateContact<Properties>),
}

async fn create_contacts(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    input: Input<Create>,
) -> Response {
    let created = async {
        let token = token(&headers)?;
        Ok(match body(input)? {
            Create::One(wire::CreateContact { contact }) => {
                let id = Platform::create_contact(&simulator, &token, &contact).await?;
                said(true, Some(id), None).into_response()
            }
            Create::Several(wire::CreateContacts { contacts }) => {
                let ids = simulator.create_all(&token, &contacts)?;
                let answer = |id| wire::Answer { success: true, id: Some(id), error: None };
                let contacts = ids.into_iter().map(answer).collect::<Vec<_>>();
                Json(wire::CreatedContacts { success: true, contacts }).into_response()
            }
        })
    };
    respond(StatusCode::CREATED, created.await)
}

async fn update_contact(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(id): Path<String>,
    input: Input<wire::UpdateContact<Properties>>,
) -> Response {
    let updated = async {
        let mut changes = body(input)?.contact;
        changes.remove(wire::CONTACT_ID);
        Platform::update_contact(&simulator, &token(&headers)?, &id.into(), &changes).await?;
        Ok(success())
    };
    respond(StatusCode::OK, updated.await)
}

async fn update_contacts(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    input: Input<wire::UpdateContacts<Properties>>,
) -> Response {
    let updated = async {
        let changes =
            body(input)?.contacts.into_iter().map(|change| (change.contact_id, change.contact_props));
        simulator.update_all(&token(&headers)?, &changes.collect::<Vec<_>>())?;
        Ok(success())
    };
    respond(StatusCode::OK, updated.await)
}

async fn delete_contact(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    let deleted = async { Platform::delete_contact(&simulator, &token(&headers)?, &id.into()).await };
    respond(StatusCode::NO_CONTENT, deleted.await)
}

async fn create_properties(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    input: Input<wire::CreateProperties>,
) -> Response {
    let created = async {
        let properties: Vec<Property> = body(input)?.properties.into_iter().map(Into::into).collect();
        simulator.create_properties(&token(&headers)?, &properties).await?;
        Ok(success())
    };
    respond(StatusCode::CREATED, created.await)
}

async fn run_campaign(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    input: Input<wire::CampaignEvent<'static>>,
) -> Response {
    let run = async {
        let wire::CampaignEvent { event_name, contacts } = body(input)?;
        simulator.send_event_on_campaign(&token(&headers)?, &event_name, &contacts).await?;
        Ok(success())
    };
    respond(StatusCode::OK, run.await)
}

async fn list_bots(State(simulator): State<Simulator>, headers: HeaderMap) -> Response {
    let listed = async {
        let bots = Platform::list_bots(&simulator, &token(&headers)?).await?;
        Ok(Json(wire::Bots { success: true, bots }))
    };
    respond(StatusCode::OK, listed.await)
}

async fn get_bot(State(simulator): State<Simulator>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    let found = async { simulator.get_bot(&token(&headers)?, &BotId::from(id)).await.map(Json) };
    respond(StatusCode::OK, found.await)
}

async fn update_bot(
    State(simulator): State<Simulator>,
    headers: HeaderMap,
    Path(id): Path<String>,
    input: Input<wire::UpdateBot>,
) -> Response {
    let updated = async {
        let bot: Value = serde_json::from_str(&body(input)?.bot)
            .map_err(|_| Error::platform(Some(422), "the bot is not JSON text"))?;
        simulator.update_bot(&token(&headers)?, &BotId::from(id), &bot).await?;
        Ok(success())
    };
    respond(StatusCode::OK, updated.await)
}
