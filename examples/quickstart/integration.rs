//! The integration: what a user of botmatic-contact writes. The consumer speaks to the address book in its own terms;
//! the handlers answer bots; one route hears of the address book's own changes.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use botmatic_contact::prelude::*;
use botmatic_contact::{Properties, Service};
use reqwest::Url;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::person::{Person, PersonPatch};

/// The address book, over its REST interface.
#[derive(Debug)]
pub(crate) struct AddressBookApi {
    http: reqwest::Client,
    people: Url,
    heard: AtomicUsize,
}

impl AddressBookApi {
    pub(crate) fn new(http: reqwest::Client, people: Url) -> Self {
        Self { http, people, heard: AtomicUsize::new(0) }
    }

    /// How many replies of users were heard.
    pub(crate) fn heard(&self) -> usize {
        self.heard.load(Ordering::Relaxed)
    }

    /// The address of one person, whatever characters the id has.
    fn person(&self, id: &ExternalId) -> Url {
        let mut url = self.people.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(id.as_str());
        }
        url
    }
}

impl ExternalApiConsumer for AddressBookApi {
    type Contact = Person;
    type Client = ();

    async fn create_contact(&self, _: &Auth, contact: Person) -> Result<ExternalId, ConsumerError> {
        let answer = self.http.post(self.people.clone()).json(&contact).send().await?;
        let created: Person = accepted(answer)?.json().await?;
        Ok(created.id.into())
    }

    async fn get_contact(&self, _: &Auth, id: &ExternalId) -> Result<Option<Person>, ConsumerError> {
        let answer = self.http.get(self.person(id)).send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        Ok(Some(accepted(answer)?.json().await?))
    }

    async fn get_contact_by_email(&self, _: &Auth, email: &str) -> Result<Option<Person>, ConsumerError> {
        let answer = self.http.get(self.people.clone()).query(&[("email", email)]).send().await?;
        let found: Vec<Person> = accepted(answer)?.json().await?;
        Ok(found.into_iter().next())
    }

    async fn list_contacts(&self, _: &Auth, page: Page) -> Result<Vec<Person>, ConsumerError> {
        let query = [("page", page.number), ("size", page.size)];
        let answer = self.http.get(self.people.clone()).query(&query).send().await?;
        Ok(accepted(answer)?.json().await?)
    }

    async fn update_contact(
        &self,
        _: &Auth,
        id: &ExternalId,
        patch: PersonPatch,
    ) -> Result<(), ConsumerError> {
        accepted(self.http.patch(self.person(id)).json(&patch).send().await?).map(drop)
    }

    async fn delete_contact(&self, _: &Auth, id: &ExternalId) -> Result<(), ConsumerError> {
        accepted(self.http.delete(self.person(id)).send().await?).map(drop)
    }
}

/// The answer, or what its status asks for: to wait, to leave it, to come again.
fn accepted(answer: reqwest::Response) -> Result<reqwest::Response, ConsumerError> {
    if answer.status().is_success() {
        return Ok(answer);
    }
    let retry_after = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok());
    Err(ConsumerError::from_status(answer.status().as_u16(), retry_after))
}

/// What a bot asks for with `find_person`.
#[derive(Deserialize, JsonSchema)]
struct Query {
    /// The address, exactly as it is in the address book.
    email: String,
}

/// What a bot names with `set_PROPERTY_VALUE`.
#[derive(Deserialize, JsonSchema)]
struct Set {
    /// The name of the property on Botmatic.
    property: String,
    /// Its new value, as text.
    value: String,
}

#[botmatic::integration]
impl AddressBookApi {
    /// Counts what users say.
    #[botmatic::on(user_reply)]
    async fn heard_reply(&self, reply: UserReply) {
        tracing::debug!(contact = %reply.contact_id, "a user said something");
        self.heard.fetch_add(1, Ordering::Relaxed);
    }

    /// Finds whoever has an e-mail address; `null` if nobody has.
    #[botmatic::action("find_person")]
    async fn find_person(
        &self,
        Params(query): Params<Query>,
        auth: Auth,
    ) -> Result<Option<Person>, ConsumerError> {
        self.get_contact_by_email(&auth, &query.email).await
    }

    /// Sets a property of the contact.
    #[botmatic::action(pattern = r"set_(?<property>[a-z]+)_(?<value>.+)")]
    async fn set(
        &self,
        Captures(set): Captures<Set>,
        who: ContactId,
        botmatic: Botmatic<Self>,
    ) -> botmatic_contact::Result<()> {
        botmatic.set_properties(&who, &Properties::from_iter([(set.property, set.value)])).await
    }
}

/// What the address book tells of its changes.
#[derive(Deserialize)]
pub(crate) struct Told {
    token: String,
    #[serde(flatten)]
    change: Change,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Change {
    Created { person: Box<Person> },
    Updated { person: Box<Person> },
    Deleted { id: String },
}

/// The route that hears of them.
pub(crate) fn routes(service: &Service<AddressBookApi>) -> Router {
    Router::new().route("/address-book", post(hear)).with_state(service.clone())
}

async fn hear(State(service): State<Service<AddressBookApi>>, Json(told): Json<Told>) -> StatusCode {
    let synced = async {
        let botmatic = service.botmatic(&Token::new(told.token)).await?;
        match told.change {
            Change::Created { person } => botmatic.create_contact(*person).await,
            Change::Updated { person } => botmatic.update_contact(*person).await,
            Change::Deleted { id } => botmatic.delete_contact(&id.into()).await,
        }
    };
    match synced.await {
        Ok(_) => StatusCode::NO_CONTENT,
        // Botmatic does not have it, or no more: nothing is left to do.
        Err(error) if error.is_not_found() => StatusCode::NO_CONTENT,
        Err(error) if error.is_unauthorized() => StatusCode::UNAUTHORIZED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
