//! The lines of an installation: who comes next, and what is left when it is done.

use std::time::Duration;

use jiff::Timestamp;

use super::record::{Accepted, Line, REMINDERS, Reminder, key_aside};
use crate::agenda::Agenda;
use crate::clock::Clock;
use crate::context::Context;
use crate::error::Result;
use crate::key_store::{Claim, Journal, KeyStore, Subject, Write};
use crate::order::patiently;
use crate::token::InstallationId;

/// After how long a line is looked at whose events should be done by then.
const MEANWHILE: Duration = Duration::from_secs(5);

/// The accepted events of an installation.
pub(super) struct Queue<'a> {
    key_store: &'a dyn KeyStore,
    clock: &'a dyn Clock,
    pub(super) agenda: &'a Agenda,
    pub(super) installation: InstallationId,
}

/// The first event of a line.
pub(super) struct Standing {
    pub(super) key: String,
    pub(super) event: Accepted,
    /// Whether there are others behind it.
    more: bool,
}

/// What becomes of an event that was tried.
pub(super) enum Fate {
    /// It is over.
    Done,
    /// It stays where it is, until it is due.
    Again,
    /// It is given up, and kept for whoever looks after it.
    SetAside,
}

impl<'a> Queue<'a> {
    pub(super) fn new<I>(context: &'a Context<I>, agenda: &'a Agenda, installation: InstallationId) -> Self {
        Self { key_store: &*context.key_store, clock: &*context.clock, agenda, installation }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A reminder to look at a line when whoever is at it should be done.
    pub(super) fn meanwhile(&self, line: Line) -> Reminder {
        Reminder { line, at: self.now().saturating_add(MEANWHILE).unwrap_or(Timestamp::MAX) }
    }

    /// What puts an event at the end of its line, and the key that it has there.
    pub(super) fn enter(&self, event: &Accepted, reminder: &Reminder) -> Result<(String, [Write; 2])> {
        let key = event.key(self.agenda.number(self.now()));
        let entry = event.to_entry(key.clone())?;
        Ok((key, [Write::Put(Journal::Accepted, entry), put(reminder)]))
    }

    /// Waits for one's turn with a line; nothing if somebody is at it for long.
    pub(super) async fn turn(&self, line: &Line) -> Result<Option<Claim>> {
        let subjects = [Subject::Work(format!("accepted {}", line.as_str()).into())];
        match patiently(self.clock, self.key_store.claim(self.installation, &subjects)).await {
            Ok(claim) => claim.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// The first event of a line.
    pub(super) async fn first(&self, line: &Line) -> Result<Option<Standing>> {
        let events = line.events();
        let mut found =
            self.key_store.entries(self.installation, Journal::Accepted, Some(&events), 2).await?;
        found.retain(|entry| entry.key.starts_with(&events));
        let more = found.len() > 1;
        let Some(entry) = found.into_iter().next() else { return Ok(None) };
        let event = Accepted::from_entry(&entry)?;
        Ok(Some(Standing { key: entry.key, event, more }))
    }

    /// The next reminders.
    pub(super) async fn reminders(&self, limit: usize) -> Result<Vec<Reminder>> {
        let found =
            self.key_store.entries(self.installation, Journal::Accepted, Some(REMINDERS), limit).await?;
        Ok(found.iter().filter_map(|entry| Reminder::from_key(&entry.key)).collect())
    }

    /// Writes without a claim on anything: what nobody else writes.
    pub(super) async fn write(&self, writes: impl Into<Vec<Write>>) -> Result<()> {
        let claim = self.key_store.claim(self.installation, &[]).await?;
        self.key_store.commit(&claim, writes.into()).await
    }

    /// Puts the reminder of a line in place of the old one.
    pub(super) async fn remind(&self, claim: &Claim, old: &Reminder, new: Option<&Reminder>) -> Result<()> {
        self.replace(claim, Vec::new(), old, new).await
    }

    /// Writes down what becomes of the first event of a line. Returns the reminder for those behind it.
    pub(super) async fn settle(
        &self,
        claim: &Claim,
        Standing { key, event, more }: Standing,
        fate: Fate,
        old: &Reminder,
    ) -> Result<Option<Reminder>> {
        let line = event.line();
        let (writes, new) = match fate {
            Fate::Again => {
                let again = Write::Put(Journal::Accepted, event.to_entry(key)?);
                (vec![again], Some(Reminder { line, at: event.due }))
            }
            Fate::Done => (vec![Write::Remove(Journal::Accepted, key)], more.then(|| self.meanwhile(line))),
            Fate::SetAside => {
                let aside = Write::Put(Journal::SetAside, event.to_entry(key_aside(&key))?);
                (vec![aside, Write::Remove(Journal::Accepted, key)], more.then(|| self.meanwhile(line)))
            }
        };
        self.replace(claim, writes, old, new.as_ref()).await?;
        Ok(new)
    }

    async fn replace(
        &self,
        claim: &Claim,
        mut writes: Vec<Write>,
        old: &Reminder,
        new: Option<&Reminder>,
    ) -> Result<()> {
        writes.push(Write::Remove(Journal::Accepted, old.key()));
        writes.extend(new.map(put));
        // An uninstall has forgotten the event: it must not come back.
        let keeps = writes.iter().any(|write| matches!(write, Write::Put(..)));
        if keeps && self.key_store.installation(self.installation).await?.is_none() {
            return Ok(());
        }
        self.key_store.commit(claim, writes).await?;
        if let Some(new) = new {
            self.agenda.remind(self.installation, new.at);
        }
        Ok(())
    }
}

fn put(reminder: &Reminder) -> Write {
    Write::Put(Journal::Accepted, reminder.to_entry())
}
