//! Botmatic on this machine: a stateful simulator, so that everything can be tried without the platform.
//!
//! It is one state machine with two faces. Over HTTP it serves Botmatic's API and posts events to an integration's
//! endpoint; without, it is a [`Platform`](crate::Platform) itself and calls a [`Service`](crate::Service) directly,
//! which also works under virtual time.
//!
//! What it is asked to do at once (install, actions, replies of users) is answered at once. Contact events wait in a queue
//! and go out while [`Simulator::deliver`] or [`Simulator::serve`] runs; [`Simulator::settled`] returns when the queue is
//! empty.
//!
//! Where the real platform was never seen, the simulator does what one would expect of it: it tells of every change,
//! also of those made through its API; it sends a whole contact, with `null` for what was cleared; it delivers the
//! events of one contact in order, again and again until they are answered, and remembers what is undelivered.
//!
//! ```
//! use botmatic_contact::prelude::*;
//! use botmatic_contact::simulator::Simulator;
//!
//! struct Weather;
//!
//! #[botmatic::integration]
//! impl Weather {
//!     #[botmatic::action("forecast")]
//!     async fn forecast(&self, Params(city): Params<String>) -> String {
//!         format!("sunny in {city}")
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> botmatic_contact::Result<()> {
//! let token = Token::new("demo");
//! let simulator = Simulator::new();
//! let service = botmatic::builder(Weather).platform(simulator.clone()).build()?;
//! simulator.connect(&token, service);
//! simulator.install(&token).await?;
//!
//! let said = simulator.action(&token, "forecast", "Lyon").await?;
//! assert_eq!(said.data, "sunny in Lyon");
//!
//! // A person creates a contact; the integration is told while events are delivered.
//! simulator.create_contact(&token, Properties::from_iter([("firstname", "Ada")]))?;
//! simulator.deliver(simulator.settled()).await;
//! # Ok(())
//! # }
//! ```

mod delivery;
mod endpoint;
mod http;
mod journal;
mod platform;
mod state;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

pub use self::endpoint::{Endpoint, HttpEndpoint, Undelivered};
use self::journal::Journal;
pub use self::state::CampaignRun;
use self::state::{Change, State};
use crate::contact::{Contact, Properties, Property, Value};
use crate::error::{Error, Kind, Result};
use crate::event;
use crate::id::{BotId, ContactId};
use crate::token::Token;
use crate::wire::webhook as wire;

/// Botmatic on this machine. Clones are the same one.
#[derive(Clone)]
pub struct Simulator {
    shared: Arc<Shared>,
}

struct Shared {
    inner: Mutex<Inner>,
    /// How many events are undelivered; changes whenever one is queued or delivered.
    undelivered: watch::Sender<usize>,
}

struct Inner {
    state: State,
    journal: Option<Journal>,
    endpoints: BTreeMap<String, Arc<dyn Endpoint>>,
    requests: BTreeMap<&'static str, u64>,
}

/// An event on its way, as it is sent.
#[cfg(feature = "testing")]
pub(crate) struct Waiting {
    pub(crate) token: String,
    pub(crate) contact: ContactId,
    pub(crate) is_update: bool,
    pub(crate) body: Vec<u8>,
}

/// What an integration said to a call.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Said {
    /// Whether it speaks of success.
    pub success: bool,
    /// Its data.
    pub data: Value,
}

impl Said {
    /// Why it failed, if it says so.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        wire::error_in(&self.data)
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Said");
        shown.field("success", &self.success).field("error", &self.error()).finish_non_exhaustive()
    }
}

impl Simulator {
    /// A Botmatic without workspaces, gone when it is dropped.
    #[must_use]
    pub fn new() -> Self {
        Self::with(State::default(), None)
    }

    /// A Botmatic that keeps its state in a file, and goes on from there when the process was ended or killed.
    ///
    /// # Errors
    /// When the file cannot be opened or was not written by a simulator.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let (state, journal) = Journal::open(path).map_err(|source| {
            let message = format!("cannot open the simulator's state `{}`", path.display());
            Error::new(Kind::Io, message).with_source(source)
        })?;
        Ok(Self::with(state, Some(journal)))
    }

    fn with(state: State, journal: Option<Journal>) -> Self {
        let undelivered = watch::Sender::new(state.undelivered());
        let inner = Inner { state, journal, endpoints: BTreeMap::new(), requests: BTreeMap::new() };
        Self { shared: Arc::new(Shared { inner: Mutex::new(inner), undelivered }) }
    }

    /// Makes a workspace with this token, if there is none yet, and says where its integration answers.
    pub fn connect(&self, token: &Token, endpoint: impl Endpoint) {
        self.inner().endpoints.insert(token.expose().to_owned(), Arc::new(endpoint));
        // If the state cannot be written, whatever is written to the workspace later says so again.
        let _ = self.transact(|state| state.add_workspace(token));
    }

    /// Installs the integration on the workspace: sends the event, and from then on all others.
    ///
    /// # Errors
    /// When the integration does not answer, or refuses.
    pub async fn install(&self, token: &Token) -> Result<Said> {
        let said = self.call(token, false, event::install.name(), &Value::Null).await?;
        if said.success {
            self.transact(|state| state.set_installed(token, true))?;
        }
        Ok(said)
    }

    /// Uninstalls the integration: sends the event, and none after it. The token stays valid.
    ///
    /// # Errors
    /// When the integration does not answer, or refuses.
    pub async fn uninstall(&self, token: &Token) -> Result<Said> {
        self.transact(|state| state.set_installed(token, false))?;
        self.call(token, false, event::uninstall.name(), &Value::Null).await
    }

    /// Has a bot ask the integration to do something.
    ///
    /// # Errors
    /// When the integration does not answer, or refuses.
    pub async fn action(&self, token: &Token, name: &str, data: impl Into<Value> + Send) -> Result<Said> {
        self.call(token, true, name, &data.into()).await
    }

    /// Has a user say something to a bot.
    ///
    /// # Errors
    /// When the integration does not answer, or refuses.
    pub async fn user_reply(
        &self,
        token: &Token,
        contact: &ContactId,
        bot: &BotId,
        text: &str,
    ) -> Result<Said> {
        self.call(token, false, event::user_reply.name(), &wire::user_reply_data(contact, bot, text)).await
    }

    /// Has a bot say something to a user.
    ///
    /// # Errors
    /// When the integration does not answer, or refuses.
    pub async fn bot_reply(&self, token: &Token, contact: &ContactId, text: &str) -> Result<Said> {
        self.call(token, false, event::bot_reply.name(), &wire::bot_reply_data(contact, text)).await
    }

    /// Sends any event.
    ///
    /// # Errors
    /// When the integration does not answer, or refuses.
    pub async fn event(&self, token: &Token, name: &str, data: impl Into<Value> + Send) -> Result<Said> {
        self.call(token, false, name, &data.into()).await
    }

    async fn call(&self, token: &Token, is_action: bool, name: &str, data: &Value) -> Result<Said> {
        let Some(endpoint) = self.inner().endpoints.get(token.expose()).cloned() else {
            return Err(Error::new(
                Kind::Configuration,
                "the workspace has no endpoint: call `connect` first",
            ));
        };
        let body =
            endpoint.deliver(token, wire::call(is_action, name, data)).await.map_err(|undelivered| {
                Error::new(Kind::Call, format!("`{name}` was not answered")).with_source(undelivered)
            })?;
        let wire::Answered { success, data } = serde_json::from_slice(&body)
            .map_err(|source| Error::new(Kind::Call, "the answer is not one").with_source(source))?;
        Ok(Said { success, data })
    }

    /// Creates a contact, as a person does in Botmatic. The integration is told.
    ///
    /// # Errors
    /// When there is no such workspace, or the state cannot be written.
    pub fn create_contact(&self, token: &Token, properties: Properties) -> Result<ContactId> {
        self.transact(|state| state.create_contact(token, properties))
    }

    /// Changes a contact, as a person does in Botmatic. The integration is told.
    ///
    /// # Errors
    /// When there is no such contact ([`is_not_found`](Error::is_not_found)), or the state cannot be written.
    pub fn update_contact(&self, token: &Token, id: &ContactId, changes: Properties) -> Result<()> {
        self.transact(|state| state.update_contact(token, id, changes))
    }

    /// Deletes a contact, as a person does in Botmatic. The integration is told.
    ///
    /// # Errors
    /// When there is no such contact ([`is_not_found`](Error::is_not_found)), or the state cannot be written.
    pub fn delete_contact(&self, token: &Token, id: &ContactId) -> Result<()> {
        self.transact(|state| state.delete_contact(token, id))
    }

    /// Adds a bot.
    ///
    /// # Errors
    /// When it has no id, there is no such workspace, or the state cannot be written.
    pub fn add_bot(&self, token: &Token, bot: Value) -> Result<()> {
        self.transact(|state| state.add_bot(token, bot))
    }

    /// Has updates tell what was changed from now on, and not the whole contact.
    #[cfg(feature = "testing")]
    pub(crate) fn tell_changes(&self) {
        self.inner().state.tells_changes = true;
    }

    /// Takes the events that wait to be delivered, the oldest first: whoever takes them delivers them.
    #[cfg(feature = "testing")]
    pub(crate) fn take_events(&self) -> Vec<Waiting> {
        let waiting = |(number, queued): (u64, &state::Queued)| {
            let body = wire::call(false, &queued.event, &queued.data);
            let is_update = queued.event == event::contact_updated.name();
            let event =
                Waiting { token: queued.token.clone(), contact: queued.contact.clone(), is_update, body };
            (event, Change::Delivered { number })
        };
        self.transact(|state| Ok(state.queue().map(waiting).unzip())).unwrap_or_default()
    }

    /// All contacts of a workspace.
    #[must_use]
    pub fn contacts(&self, token: &Token) -> Vec<Contact> {
        self.inner()
            .state
            .workspace(token)
            .map(|workspace| workspace.contacts().collect())
            .unwrap_or_default()
    }

    /// One contact.
    #[must_use]
    pub fn contact(&self, token: &Token, id: &ContactId) -> Option<Contact> {
        self.inner().state.workspace(token)?.contact(id)
    }

    /// The properties that were created.
    #[must_use]
    pub fn properties(&self, token: &Token) -> Vec<Property> {
        let inner = self.inner();
        inner.state.workspace(token).map(|workspace| workspace.properties().to_vec()).unwrap_or_default()
    }

    /// The events of campaigns that were run, in order.
    #[must_use]
    pub fn campaign_runs(&self, token: &Token) -> Vec<CampaignRun> {
        let inner = self.inner();
        inner.state.workspace(token).map(|workspace| workspace.campaign_runs().to_vec()).unwrap_or_default()
    }

    /// How many requests each operation of the API got, by name, since this process began.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<&'static str, u64> {
        self.inner().requests.clone()
    }

    /// Returns when every event has been delivered, which takes [`deliver`](Self::deliver) or [`serve`](Self::serve) to
    /// run. An event counts as delivered when it was answered, whatever the answer says.
    pub async fn settled(&self) {
        // Neither end of the channel is ever gone while we are here.
        let _ = self.shared.undelivered.subscribe().wait_for(|undelivered| *undelivered == 0).await;
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.shared.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides on changes, writes them down, then makes them.
    fn transact<T>(&self, decide: impl FnOnce(&State) -> Result<(T, Vec<Change>)>) -> Result<T> {
        let mut inner = self.inner();
        let (result, changes) = decide(&inner.state)?;
        if let Some(journal) = &mut inner.journal {
            journal.write(&changes).map_err(|source| {
                Error::new(Kind::Io, "the simulator's state cannot be written").with_source(source)
            })?;
        }
        for change in changes {
            inner.state.apply(change);
        }
        self.shared.undelivered.send_replace(inner.state.undelivered());
        Ok(result)
    }
}

impl Default for Simulator {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Simulator").finish_non_exhaustive()
    }
}
