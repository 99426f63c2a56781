//! The events of an installation that were given up, and what can be done about them.

use std::fmt;

use jiff::Timestamp;

use super::queue::{Queue, end_of};
use super::record::{Accepted, Line};
use crate::contact::Value;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::id::ContactId;
use crate::key_store::{Entry, Journal, Write};
use crate::token::InstallationId;
use crate::wire::webhook as wire;

/// The events of an installation that were accepted and then *set aside*: those that kept failing for as long as
/// [`Builder::durable`](crate::Builder::durable) tries, and those that failed for good after they had been accepted. They
/// stay until they are retried or dropped, or the installation ends. From
/// [`Botmatic::set_aside`](crate::Botmatic::set_aside).
///
/// ```
/// # use botmatic_contact::prelude::*;
/// # async fn look_after<I: ExternalApiConsumer>(botmatic: Botmatic<I>) -> botmatic_contact::Result<()> {
/// let set_aside = botmatic.set_aside();
/// let mut after = None;
/// loop {
///     let page = set_aside.list(after.as_deref(), 100).await?;
///     let Some(last) = page.last() else { break };
///     after = Some(last.id.clone());
///     for event in page {
///         println!("{} of {}: {} after {} tries", event.event, event.contact, event.reason, event.tries);
///         if event.event == "contact_deleted" {
///             set_aside.drop(&event.id).await?;
///         } else {
///             set_aside.retry(&event.id).await?;
///         }
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct SetAside<'a, I> {
    context: &'a Context<I>,
    installation: InstallationId,
}

/// An event that was set aside. `Debug` prints neither the data nor the message.
#[derive(Clone)]
#[non_exhaustive]
pub struct SetAsideEvent {
    /// Its place in the list; it says nothing about anybody.
    pub id: String,
    /// The name of the event.
    pub event: String,
    /// Whom it is about.
    pub contact: ContactId,
    /// When it was accepted, or retried last.
    pub accepted_at: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// What went wrong the last time, in few words and nobody else's.
    pub reason: String,
    message: String,
    data: Value,
}

impl SetAsideEvent {
    /// What went wrong the last time, in the words of the external service or of Botmatic: they may be personal.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What came with the event: personal data.
    #[must_use]
    pub fn data(&self) -> &Value {
        &self.data
    }

    fn from_entry(entry: &Entry) -> Result<Self> {
        let Accepted { event, contact, data, at, tries, why, message, .. } = Accepted::from_entry(entry)?;
        let data = wire::read_any(data.as_deref())?;
        let (id, reason) = (entry.key.clone(), why);
        Ok(Self { id, event, contact, accepted_at: at, tries, reason, message, data })
    }
}

impl fmt::Debug for SetAsideEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SetAsideEvent")
            .field("id", &self.id)
            .field("event", &self.event)
            .field("contact", &self.contact)
            .field("accepted_at", &self.accepted_at)
            .field("tries", &self.tries)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl<'a, I> SetAside<'a, I> {
    pub(crate) fn new(context: &'a Context<I>, installation: InstallationId) -> Self {
        Self { context, installation }
    }

    /// A page of them in the order in which they were accepted, after the id that is given: at most `limit`, and none
    /// after the last.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn list(&self, after: Option<&str>, limit: usize) -> Result<Vec<SetAsideEvent>> {
        self.entries(after, limit).await?.iter().map(SetAsideEvent::from_entry).collect()
    }

    /// One of them; nothing if there is none of that id.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn get(&self, id: &str) -> Result<Option<SetAsideEvent>> {
        self.entry(id).await?.as_ref().map(SetAsideEvent::from_entry).transpose()
    }

    /// Puts an event back in line, behind those of the same contact that wait there; it is tried soon, and for as long as
    /// a new one. Returns whether there was one of that id.
    ///
    /// What it says counts as said now: a change that was set aside takes back what was changed since.
    ///
    /// # Errors
    /// When the key store fails; when the service is not [`durable`](crate::Builder::durable)
    /// ([`is_configuration`](Error::is_configuration)).
    pub async fn retry(&self, id: &str) -> Result<bool> {
        let Some(agenda) = &self.context.durable else {
            let message = "nothing is retried without `.durable()` on the builder";
            return Err(Error::new(Kind::Configuration, message));
        };
        let Some(line) = Line::of_aside(id) else { return Ok(false) };
        let queue = Queue::new(self.context, agenda, self.installation);
        let claim = queue.claim_end(&line).await?;
        let Some(entry) = self.entry(id).await? else { return Ok(false) };
        let now = queue.now();
        let event = Accepted { at: now, due: now, tries: 0, ..Accepted::from_entry(&entry)? };
        queue.enter(&claim, &event, now, Some(Write::Remove(Journal::SetAside, entry.key))).await?;
        agenda.remind(self.installation, now);
        Ok(true)
    }

    /// Forgets an event. Returns whether there was one of that id.
    ///
    /// # Errors
    /// When the key store fails.
    pub async fn drop(&self, id: &str) -> Result<bool> {
        let Some(line) = Line::of_aside(id) else { return Ok(false) };
        let claim = self.context.key_store.claim(self.installation, &[end_of(&line)]).await?;
        let Some(entry) = self.entry(id).await? else { return Ok(false) };
        self.context.key_store.commit(&claim, vec![Write::Remove(Journal::SetAside, entry.key)]).await?;
        Ok(true)
    }

    async fn entries(&self, after: Option<&str>, limit: usize) -> Result<Vec<Entry>> {
        self.context.key_store.entries(self.installation, Journal::SetAside, after, limit).await
    }

    async fn entry(&self, id: &str) -> Result<Option<Entry>> {
        // All ids are of one length, so no more than these come after a part of one.
        let Some((last, _)) = id.char_indices().next_back() else { return Ok(None) };
        let near = self.entries(id.get(..last), 16).await?;
        Ok(near.into_iter().find(|entry| entry.key == id))
    }
}

impl<I> fmt::Debug for SetAside<'_, I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SetAside").field("installation", &self.installation).finish_non_exhaustive()
    }
}
