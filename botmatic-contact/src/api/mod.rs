//! Botmatic's API over HTTP.
//!
//! Every call has a time limit. What fails in passing is tried again, with growing pauses and jitter, and not before
//! the time that a `Retry-After` asks for; but only where doing it twice does no harm: a create is sent again only when
//! it was certainly not carried out.

mod request;
#[cfg(feature = "simulator")]
mod webhook;

use std::env;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, Method, StatusCode, Url, redirect};

use self::request::{Call, Safety};
#[cfg(feature = "simulator")]
pub(crate) use self::webhook::WebhookClient;
use crate::contact::{Properties, Property, Value};
use crate::error::{Error, Kind, Result};
use crate::id::{BotId, ContactId};
use crate::platform::Platform;
use crate::token::Token;
use crate::wire::api::{self as wire, path};

/// Where Botmatic is when nobody says otherwise.
const BOTMATIC: &str = "https://app.botmatic.ai";

/// The environment variable that says otherwise.
const BASE_URL_VARIABLE: &str = "BOTMATIC_BASE_URL";

/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Botmatic's API. Keeps its connections; made once per process.
#[derive(Debug, Clone)]
pub struct BotmaticApi {
    client: Client,
    base: Url,
}

impl BotmaticApi {
    /// The API at that address; without one, at that of the environment's `BOTMATIC_BASE_URL`, or else Botmatic's own.
    ///
    /// # Errors
    /// When the address is none, or the machine has no usable TLS.
    pub fn new(base_url: Option<&str>) -> Result<Self> {
        let base = base(base_url)?;
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|source| {
                Error::new(Kind::Configuration, "the HTTP client cannot be set up").with_source(source)
            })?;
        Ok(Self { client, base })
    }

    fn call<'a>(&'a self, method: Method, token: &'a Token, path: &str) -> Call<'a> {
        Call::new(self, method, path).token(token)
    }

    /// The address of a path below the base.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }
}

/// The address of the API: this one, or else the environment's, or else Botmatic's own.
fn base(base_url: Option<&str>) -> Result<Url> {
    let from_environment = env::var(BASE_URL_VARIABLE).ok().filter(|url| !url.is_empty());
    let base = base_url.or(from_environment.as_deref()).unwrap_or(BOTMATIC);
    base.parse().ok().filter(is_http).ok_or_else(|| {
        let message = format!(
            "`{base}` is no address of Botmatic's API: write it as in `{BOTMATIC}`, in `{BASE_URL_VARIABLE}` or \
             with `.base_url(…)`"
        );
        Error::new(Kind::Configuration, message)
    })
}

/// The origin of the API's address, as a browser writes it.
#[cfg(feature = "settings")]
pub(crate) fn origin(base_url: Option<&str>) -> Result<String> {
    Ok(base(base_url)?.origin().ascii_serialization())
}

#[async_trait]
impl Platform for BotmaticApi {
    async fn validate_token(&self, token: &Token) -> Result<bool> {
        let form = wire::Validate { token: token.expose().into() };
        let answer = Call::new(self, Method::POST, path::VALIDATE)
            .about(token)
            .form(&form)?
            .safety(Safety::Repeatable)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                Ok(answer.is(StatusCode::OK)
                    && answer.json::<wire::Validated>().is_ok_and(|said| said.success))
            }
            Err(error) if error.is_refusal() => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn create_contact(&self, token: &Token, properties: &Properties) -> Result<ContactId> {
        let body = wire::CreateContact { contact: properties };
        let answer = self.call(Method::POST, token, path::CONTACTS).json(&body)?.send().await?;
        let answer = answer.require(StatusCode::CREATED)?;
        answer.created(answer.json()?)
    }

    async fn create_contacts(
        &self,
        token: &Token,
        contacts: &[Properties],
    ) -> Result<Vec<Result<ContactId>>> {
        let body = wire::CreateContacts { contacts };
        let answer = self.call(Method::POST, token, path::CONTACTS).json(&body)?.send().await?;
        let answer = answer.require(StatusCode::CREATED)?.accepted()?;
        let created: wire::CreatedContacts = answer.json()?;
        if created.contacts.len() != contacts.len() {
            let (sent, got) = (contacts.len(), created.contacts.len());
            return Err(Error::platform(
                None,
                format!("Botmatic answered {got} results for {sent} contacts"),
            ));
        }
        Ok(created.contacts.into_iter().map(|item| answer.created(item)).collect())
    }

    async fn update_contact(&self, token: &Token, id: &ContactId, changes: &Properties) -> Result<()> {
        let contact = wire::ContactWithId { id, properties: changes };
        let body = wire::UpdateContact { contact_id: id.clone(), contact };
        let call = self.call(Method::PATCH, token, path::CONTACTS).id(id.as_str())?.json(&body)?;
        call.safety(Safety::Repeatable).send().await?.require(StatusCode::OK)?.accepted().map(drop)
    }

    async fn update_contacts(&self, token: &Token, changes: &[(ContactId, Properties)]) -> Result<()> {
        let changes = changes.iter();
        let contacts = changes
            .map(|(id, changes)| wire::ContactChange { contact_id: id.clone(), contact_props: changes })
            .collect();
        let call =
            self.call(Method::PATCH, token, path::CONTACTS).json(&wire::UpdateContacts { contacts })?;
        call.safety(Safety::Repeatable).send().await?.require(StatusCode::OK)?.accepted().map(drop)
    }

    async fn delete_contact(&self, token: &Token, id: &ContactId) -> Result<()> {
        let call = self.call(Method::DELETE, token, path::CONTACTS).id(id.as_str())?;
        call.safety(Safety::Repeatable).send().await?.success().map(drop)
    }

    async fn create_properties(&self, token: &Token, properties: &[Property]) -> Result<()> {
        let body = wire::CreateProperties { properties: properties.iter().map(Into::into).collect() };
        let call = self.call(Method::POST, token, path::PROPERTIES).json(&body)?;
        call.safety(Safety::Repeatable).send().await?.require(StatusCode::CREATED)?.accepted().map(drop)
    }

    /// Counts both 200 and 201 as success: Botmatic's own packages disagree.
    async fn send_event_on_campaign(&self, token: &Token, event: &str, contacts: &[ContactId]) -> Result<()> {
        let body = wire::CampaignEvent { event_name: event.into(), contacts: contacts.into() };
        let answer = self.call(Method::POST, token, path::CAMPAIGN_EVENT).json(&body)?.send().await?;
        answer.success()?.accepted().map(drop)
    }

    async fn list_bots(&self, token: &Token) -> Result<Vec<Value>> {
        let call = self.call(Method::GET, token, path::BOTS).query(&wire::BotsQuery { page_size: 1000 })?;
        let answer: wire::Bots =
            call.safety(Safety::Repeatable).send().await?.require(StatusCode::OK)?.accepted()?.json()?;
        Ok(answer.bots)
    }

    async fn get_bot(&self, token: &Token, id: &BotId) -> Result<Value> {
        let call = self.call(Method::GET, token, path::BOTS).id(id.as_str())?;
        let answer = call.safety(Safety::Repeatable).send().await?.require(StatusCode::OK)?;
        let bot = answer.json()?;
        // A bot is its author's document, and may well have a member that means something else elsewhere.
        if wire::is_bot(&bot) { Ok(bot) } else { answer.accepted().map(|_| bot) }
    }

    async fn update_bot(&self, token: &Token, id: &BotId, bot: &Value) -> Result<()> {
        let body = wire::UpdateBot { bot: bot.to_string(), is_draft: true };
        let call = self.call(Method::PATCH, token, path::BOTS).id(id.as_str())?.json(&body)?;
        call.safety(Safety::Repeatable).send().await?.require(StatusCode::OK)?.accepted().map(drop)
    }
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}
