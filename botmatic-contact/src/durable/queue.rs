//! The lines of an installation: who comes next, and what is left when it is done.

use jiff::{SignedDuration, Timestamp};

use super::record::{Accepted, Line, REMINDERS, Reminder, after, key_aside, number_in};
use crate::agenda::{Agenda, microseconds};
use crate::clock::Clock;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::key_store::{Claim, Journal, KeyStore, Subject, Write};
use crate::order::patiently;
use crate::token::InstallationId;

/// After how long a line is looked at whose events should be done by then.
const MEANWHILE: SignedDuration = SignedDuration::from_secs(5);

/// How many events are read at once where somebody else has given higher numbers.
const PAGE: usize = 100;

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

    /// When whoever is at a line should be done.
    pub(super) fn in_a_while(&self) -> Timestamp {
        after(self.now(), MEANWHILE)
    }

    /// A reminder to look at a line then.
    fn meanwhile(&self, line: Line) -> Reminder {
        Reminder::new(line, self.in_a_while())
    }

    /// Waits until nobody else puts an event into this line, or takes one back.
    pub(super) async fn claim_end(&self, line: &Line) -> Result<Claim> {
        let subjects = [end_of(line)];
        patiently(self.clock, self.key_store.claim(self.installation, &subjects)).await?
    }

    /// Puts an event at the end of its line, which was claimed, to be looked at then, and does something else with it.
    /// Returns the key that it has there, and its reminder.
    pub(super) async fn enter(
        &self,
        claim: &Claim,
        event: &Accepted,
        at: Timestamp,
        beside: Option<Write>,
    ) -> Result<(String, Reminder)> {
        // Nobody would ever find what comes after an uninstall.
        if self.is_over().await? {
            let why = "the integration has been uninstalled meanwhile: nothing was accepted";
            return Err(Error::new(Kind::Unauthorized, why));
        }
        let line = event.line();
        let number = self.next_number(&line).await?;
        let (key, reminder) = (event.key(number), Reminder::of_event(line, at, number));
        let entry = event.to_entry(key.clone())?;
        let writes = [Write::Put(Journal::Accepted, entry), put(&reminder)];
        self.key_store.commit(claim, writes.into_iter().chain(beside).collect()).await?;
        Ok((key, reminder))
    }

    /// A number that is higher than any in a line: another process, whose clock is fast, may have given the last one.
    async fn next_number(&self, line: &Line) -> Result<u64> {
        let mut number = self.agenda.number(microseconds(self.now()));
        let mut limit = 1;
        loop {
            let after = line.events_from(number);
            let found =
                self.key_store.entries(self.installation, Journal::Accepted, Some(&after), limit).await?;
            let Some(highest) = found.iter().filter_map(|entry| number_in(&entry.key, line)).next_back()
            else {
                return Ok(number);
            };
            number = self.agenda.number(highest.saturating_add(1));
            limit = PAGE;
        }
    }

    /// Waits for one's turn with a line.
    pub(super) async fn turn(&self, line: &Line) -> Result<Claim> {
        let subjects = [Subject::Work(format!("accepted {}", line.as_str()).into())];
        self.key_store.claim(self.installation, &subjects).await
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

    /// The next reminders after the one given.
    pub(super) async fn reminders(&self, after: Option<&Reminder>, limit: usize) -> Result<Vec<Reminder>> {
        let after = after.map_or_else(|| REMINDERS.to_owned(), Reminder::key);
        let found = self.key_store.entries(self.installation, Journal::Accepted, Some(&after), limit).await?;
        Ok(found.iter().filter_map(|entry| Reminder::from_key(&entry.key)).collect())
    }

    /// Puts the reminder of a line in place of the old one.
    pub(super) async fn remind(
        &self,
        claim: &Claim,
        old: &Reminder,
        new: Option<&Reminder>,
    ) -> Result<Option<Reminder>> {
        self.replace(claim, Vec::new(), old, new.cloned()).await
    }

    /// Writes down what becomes of the first event of a line. Returns the reminder for those that stand there then.
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
                (vec![again], Some(Reminder::new(line, event.due)))
            }
            Fate::Done => (vec![Write::Remove(Journal::Accepted, key)], more.then(|| self.meanwhile(line))),
            Fate::SetAside => {
                let aside = Write::Put(Journal::SetAside, event.to_entry(key_aside(&key))?);
                (vec![aside, Write::Remove(Journal::Accepted, key)], more.then(|| self.meanwhile(line)))
            }
        };
        self.replace(claim, writes, old, new).await
    }

    async fn replace(
        &self,
        claim: &Claim,
        mut writes: Vec<Write>,
        old: &Reminder,
        mut new: Option<Reminder>,
    ) -> Result<Option<Reminder>> {
        writes.push(Write::Remove(Journal::Accepted, old.key()));
        writes.extend(new.as_ref().map(put));
        let keeps = |write: &Write| matches!(write, Write::Put(..));
        // An uninstall has forgotten the event: it must not come back.
        if writes.iter().any(keeps) && self.is_over().await? {
            writes.retain(|write| !keeps(write));
            new = None;
        }
        self.key_store.commit(claim, writes).await?;
        if let Some(new) = &new {
            self.agenda.remind(self.installation, new.at);
        }
        Ok(new)
    }

    /// Whether the installation has ended.
    async fn is_over(&self) -> Result<bool> {
        Ok(self.key_store.installation(self.installation).await?.is_none())
    }
}

/// What is claimed to put an event into a line, or to take one back.
pub(super) fn end_of(line: &Line) -> Subject {
    Subject::Work(format!("end of {}", line.as_str()).into())
}

fn put(reminder: &Reminder) -> Write {
    Write::Put(Journal::Accepted, reminder.to_entry())
}
