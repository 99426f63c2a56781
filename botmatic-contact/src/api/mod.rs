//! Botmatic's API over HTTP.
//!
//! Every call has a time limit. What fails in passing is tried again, with growing pauses and jitter, and not before
//! the time that a `Retry-After` asks for; but only where doing it twice does no harm: a create is sent again only when
//! it was certainly not carried out.

mod answer;
pub(crate) mod batch;
mod builder;
mod excerpt;
mod pace;
mod request;
#[cfg(feature = "simulator")]
mod webhook;

use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use backon::ExponentialBuilder;
use reqwest::{Client, Method, StatusCode, Url};

use self::batch::in_batches;
pub use self::builder::BotmaticApiBuilder;
use self::pace::Pace;
use self::request::{Call, Safety};
#[cfg(feature = "simulator")]
pub(crate) use self::webhook::WebhookClient;
use crate::contact::{Properties, Property, Value};
use crate::error::{Error, Result};
use crate::id::{BotId, ContactId};
use crate::platform::Platform;
use crate::token::Token;
use crate::wire::api::{self as wire, path};

/// How many bots are asked for at once.
const BOTS_PAGE: usize = 1000;

/// Botmatic's API. Keeps its connections, and what Botmatic said of its limits; made once per process. Clones are the
/// same one.
///
/// - After a 429 or 503 with `Retry-After`, no request of that installation leaves before its time has come, whoever
///   makes it. Other installations are not affected.
/// - Every call has a limit of time, and the limits can be set: see [`BotmaticApiBuilder`] for the options, their units
///   and their defaults.
/// - What fails in passing (no connection, no answer in time, 429, a status from 500 on) is tried again, where doing it
///   twice does no harm.
/// - Contacts go in batches, and each has its own result. A batch that Botmatic refuses with 400, 409, 413 or 422 (an
///   update also with 404) is sent again in halves, until only those are left out that are the reason.
/// - Redirects are not followed: the token stays with the host it was meant for.
/// - An error says what was asked, the status, and how the answer begins, without the token and without values that
///   were sent.
#[derive(Clone)]
pub struct BotmaticApi {
    client: Client,
    base: Url,
    timeout: Duration,
    total_timeout: Duration,
    retries: ExponentialBuilder,
    batch_size: NonZeroUsize,
    pace: Arc<Pace>,
}

impl BotmaticApi {
    /// The API at that address, or without one at that of the environment's `BOTMATIC_BASE_URL`, or else Botmatic's
    /// own; with the defaults of the [builder](Self::builder).
    ///
    /// # Errors
    /// When the address is none, or the machine has no usable TLS.
    pub fn new(base_url: Option<&str>) -> Result<Self> {
        let builder = Self::builder();
        match base_url {
            Some(url) => builder.base_url(url).build(),
            None => builder.build(),
        }
    }

    /// Starts to set up the API with limits of one's own.
    pub fn builder() -> BotmaticApiBuilder {
        BotmaticApiBuilder::new()
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

    async fn create_batch(&self, token: &Token, contacts: &[Properties]) -> Result<Vec<Result<ContactId>>> {
        let body = wire::CreateContacts { contacts };
        let call = self.call(Method::POST, token, path::CONTACTS).holding(contacts).json(&body)?;
        let answer = call.send().await?;
        // Where there is a result for each, it counts, whatever else was said of them all.
        match answer.created_contacts() {
            Some(results) if results.len() == contacts.len() => Ok(results),
            Some(results) => {
                let (sent, got) = (contacts.len(), results.len());
                let error = answer.unexpected(format_args!("{got} results for {sent} contacts"));
                // Some were created, and nobody knows who: that is no refusal, whatever the status says.
                let any_created = !answer.is(StatusCode::CREATED) && results.iter().any(Result::is_ok);
                Err(if any_created { Error::platform(None, error.to_string()) } else { error })
            }
            None => {
                let answer = answer.require(&[StatusCode::CREATED])?.accepted()?;
                Err(answer.unexpected("no list of results"))
            }
        }
    }

    async fn update_batch(
        &self,
        token: &Token,
        changes: &[(ContactId, Properties)],
    ) -> Result<Vec<Result<()>>> {
        let contacts = changes
            .iter()
            .map(|(id, changes)| wire::ContactChange { contact_id: id.clone(), contact_props: changes })
            .collect();
        let call =
            self.call(Method::PATCH, token, path::CONTACTS).json(&wire::UpdateContacts { contacts })?;
        let call = call.holding(changes.iter().map(|(_, changes)| changes)).safety(Safety::Repeatable);
        call.send().await?.require(&[StatusCode::OK])?.accepted()?;
        Ok(changes.iter().map(|_| Ok(())).collect())
    }
}

/// The origin of the API's address, as a browser writes it.
#[cfg(feature = "settings")]
pub(crate) fn origin(base_url: Option<&str>) -> Result<String> {
    Ok(builder::base_url(base_url.map(str::to_owned))?.origin().ascii_serialization())
}

#[async_trait]
impl Platform for BotmaticApi {
    async fn validate_token(&self, token: &Token) -> Result<bool> {
        let form = wire::Validate { token: token.expose().into() };
        let call = Call::new(self, Method::POST, path::VALIDATE).about(token).form(&form)?;
        let answer = call.safety(Safety::Repeatable).send().await?;
        Ok(answer.is(StatusCode::OK) && answer.json::<wire::Validated>().is_ok_and(|said| said.success))
    }

    async fn create_contact(&self, token: &Token, properties: &Properties) -> Result<ContactId> {
        let body = wire::CreateContact { contact: properties };
        let call = self.call(Method::POST, token, path::CONTACTS).holding([properties]).json(&body)?;
        let answer = call.send().await?.require(&[StatusCode::CREATED])?;
        answer.created(answer.json()?)
    }

    async fn create_contacts(&self, token: &Token, contacts: &[Properties]) -> Vec<Result<ContactId>> {
        let send = |batch| Box::pin(self.create_batch(token, batch)) as _;
        in_batches(contacts, self.batch_size, Error::may_be_about_one, send).await
    }

    async fn update_contact(&self, token: &Token, id: &ContactId, changes: &Properties) -> Result<()> {
        let contact = wire::ContactWithId { id, properties: changes };
        let body = wire::UpdateContact { contact_id: id.clone(), contact };
        let call = self.call(Method::PATCH, token, path::CONTACTS).id(id.as_str())?.json(&body)?;
        let answer = call.holding([changes]).safety(Safety::Repeatable).send().await?;
        answer.require(&[StatusCode::OK])?.accepted().map(drop)
    }

    async fn update_contacts(&self, token: &Token, changes: &[(ContactId, Properties)]) -> Vec<Result<()>> {
        let divisible = |error: &Error| error.may_be_about_one() || error.is_not_found();
        let send = |batch| Box::pin(self.update_batch(token, batch)) as _;
        in_batches(changes, self.batch_size, divisible, send).await
    }

    async fn delete_contact(&self, token: &Token, id: &ContactId) -> Result<()> {
        let call = self.call(Method::DELETE, token, path::CONTACTS).id(id.as_str())?;
        call.safety(Safety::Repeatable).send().await?.success()?.accepted().map(drop)
    }

    async fn create_properties(&self, token: &Token, properties: &[Property]) -> Result<()> {
        if properties.is_empty() {
            return Ok(());
        }
        let body = wire::CreateProperties { properties: properties.iter().map(Into::into).collect() };
        let call = self.call(Method::POST, token, path::PROPERTIES).json(&body)?;
        let answer = call.safety(Safety::Repeatable).send().await?;
        answer.require(&[StatusCode::CREATED])?.accepted().map(drop)
    }

    /// Counts both 200 and 201 as success: Botmatic's own packages disagree.
    async fn send_event_on_campaign(&self, token: &Token, event: &str, contacts: &[ContactId]) -> Result<()> {
        let body = wire::CampaignEvent { event_name: event.into(), contacts: contacts.into() };
        let answer = self.call(Method::POST, token, path::CAMPAIGN_EVENT).json(&body)?.send().await?;
        answer.require(&[StatusCode::OK, StatusCode::CREATED])?.accepted().map(drop)
    }

    /// Reads on while pages are full and bring something new: it is not known whether Botmatic has further pages.
    async fn list_bots(&self, token: &Token) -> Result<Vec<Value>> {
        let mut bots = Vec::new();
        let mut seen = HashSet::new();
        for page in 1.. {
            let query = wire::BotsQuery { page_size: BOTS_PAGE, page: (page > 1).then_some(page) };
            let call = self.call(Method::GET, token, path::BOTS).query(&query)?.safety(Safety::Repeatable);
            let answer = call.send().await?.require(&[StatusCode::OK])?.accepted()?;
            let listed = answer.json::<wire::Bots>()?.bots;
            let (is_full, before) = (listed.len() >= BOTS_PAGE, bots.len());
            let is_new = |bot: &Value| {
                seen.insert(wire::bot_id(bot).map_or_else(|| bot.to_string(), |id| id.to_string()))
            };
            bots.extend(listed.into_iter().filter(is_new));
            if !is_full || bots.len() == before {
                break;
            }
        }
        Ok(bots)
    }

    async fn get_bot(&self, token: &Token, id: &BotId) -> Result<Value> {
        let call = self.call(Method::GET, token, path::BOTS).id(id.as_str())?;
        let answer = call.safety(Safety::Repeatable).send().await?.require(&[StatusCode::OK])?;
        let bot = answer.json()?;
        // A bot is its author's document, and may well have a member that means something else elsewhere.
        if wire::is_bot(&bot) { Ok(bot) } else { answer.accepted().map(|_| bot) }
    }

    async fn update_bot(&self, token: &Token, id: &BotId, bot: &Value) -> Result<()> {
        let body = wire::UpdateBot { bot: bot.to_string(), is_draft: true };
        let call = self.call(Method::PATCH, token, path::BOTS).id(id.as_str())?.json(&body)?;
        let answer = call.safety(Safety::Repeatable).send().await?;
        answer.require(&[StatusCode::OK])?.accepted().map(drop)
    }
}

impl fmt::Debug for BotmaticApi {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BotmaticApi").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}
