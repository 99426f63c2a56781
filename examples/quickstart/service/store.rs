//! The people, the webhook and the outbox in one `redb` file. Everything here may wait for the disk.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use redb::{
    Database, MultimapTableDefinition, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition, WriteTransaction,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::watch;

use super::BoxError;
use crate::person::Person;

/// Id → the person, as JSON.
const PEOPLE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("people");
/// E-mail address in lower case → the ids of those who have it.
const BY_EMAIL: MultimapTableDefinition<'_, &str, &str> = MultimapTableDefinition::new("by_email");
/// The ids of those who were deleted.
const DELETED: TableDefinition<'_, &str, ()> = TableDefinition::new("deleted");
/// Number of a change → whom it concerns, and the event as JSON.
const OUTBOX: TableDefinition<'_, u64, (&str, &[u8])> = TableDefinition::new("outbox");
/// The webhook, as JSON, if there is one.
const WEBHOOK: TableDefinition<'_, (), &[u8]> = TableDefinition::new("webhook");
/// Name → the number given last.
const COUNTERS: TableDefinition<'_, &str, u64> = TableDefinition::new("counters");

/// Whom to tell, and the secret that proves it is us.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Webhook {
    pub(super) url: String,
    pub(super) token: String,
}

/// What happened to a person, who is shown as the change left them.
#[derive(Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum Event {
    Created { person: Box<Person> },
    Updated { person: Box<Person> },
    Deleted { id: String },
}

/// An event the webhook has not heard of yet.
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) person: String,
    pub(super) event: Event,
}

/// How an update ended.
pub(super) enum Update {
    Missing,
    Refused(String),
    Stored(Box<Person>),
}

/// The open file.
pub(super) struct Store {
    database: Database,
    /// Turns with every commit, so that who waits for one need not look again and again.
    changes: watch::Sender<()>,
}

impl Store {
    pub(super) fn open(path: &Path) -> Result<Self, BoxError> {
        if !path.exists() {
            make(path)?;
        }
        Ok(Self {
            database: Database::open(path)?,
            changes: watch::Sender::new(()),
        })
    }

    /// Hears of every commit from now on.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    pub(super) fn load(&self, people: &[Person]) -> Result<usize, BoxError> {
        let transaction = self.database.begin_write()?;
        let mut added = 0;
        for person in people {
            if !was_ever_here(&transaction, &person.id)? {
                put(&transaction, None, person)?;
                added += 1;
            }
        }
        self.commit(transaction)?;
        Ok(added)
    }

    pub(super) fn person(&self, id: &str) -> Result<Option<Person>, BoxError> {
        let people = self.database.begin_read()?.open_table(PEOPLE)?;
        let found = people.get(id)?;
        Ok(found
            .map(|bytes| serde_json::from_slice(bytes.value()))
            .transpose()?)
    }

    /// At most `most` people in the order of their ids, after the first `skip`.
    pub(super) fn list(&self, skip: usize, most: usize) -> Result<Vec<Person>, BoxError> {
        let people = self.database.begin_read()?.open_table(PEOPLE)?;
        let mut listed = Vec::new();
        for entry in people.iter()?.skip(skip).take(most) {
            listed.push(serde_json::from_slice(entry?.1.value())?);
        }
        Ok(listed)
    }

    /// The same among those who have an e-mail address, in whatever case it is written.
    pub(super) fn by_email(&self, email: &str, skip: usize, most: usize) -> Result<Vec<Person>, BoxError> {
        let transaction = self.database.begin_read()?;
        let people = transaction.open_table(PEOPLE)?;
        let by_email = transaction.open_multimap_table(BY_EMAIL)?;
        let mut listed = Vec::new();
        for id in by_email.get(email.to_lowercase().as_str())?.skip(skip).take(most) {
            if let Some(bytes) = people.get(id?.value())? {
                listed.push(serde_json::from_slice(bytes.value())?);
            }
        }
        Ok(listed)
    }

    /// Stores a new person under an id that nobody has or had.
    pub(super) fn create(&self, mut person: Person) -> Result<Person, BoxError> {
        let transaction = self.database.begin_write()?;
        loop {
            person.id = format!("N{:06}", next(&transaction, "person")?);
            if !was_ever_here(&transaction, &person.id)? {
                break;
            }
        }
        put(&transaction, None, &person)?;
        let event = Event::Created {
            person: Box::new(person.clone()),
        };
        tell(&transaction, &person.id, &event)?;
        self.commit(transaction)?;
        Ok(person)
    }

    /// Changes the given members. Where that changes nothing, nothing is written.
    pub(super) fn update(&self, id: &str, members: Map<String, Value>) -> Result<Update, BoxError> {
        let transaction = self.database.begin_write()?;
        let Some(before) = get(&transaction, id)? else {
            return Ok(Update::Missing);
        };
        let after = match before.with(members) {
            Ok(after) if after.id == before.id => after,
            Ok(_) => return Ok(Update::Refused("`id`: cannot be changed".to_owned())),
            Err(reason) => return Ok(Update::Refused(reason)),
        };
        if after != before {
            put(&transaction, Some(&before), &after)?;
            let event = Event::Updated {
                person: Box::new(after.clone()),
            };
            tell(&transaction, id, &event)?;
            self.commit(transaction)?;
        }
        Ok(Update::Stored(Box::new(after)))
    }

    /// Deletes a person; whether there was one.
    pub(super) fn delete(&self, id: &str) -> Result<bool, BoxError> {
        let transaction = self.database.begin_write()?;
        let Some(person) = get(&transaction, id)? else {
            return Ok(false);
        };
        transaction.open_table(PEOPLE)?.remove(id)?;
        unlist(&transaction, &person)?;
        transaction.open_table(DELETED)?.insert(id, ())?;
        tell(&transaction, id, &Event::Deleted { id: id.to_owned() })?;
        self.commit(transaction)?;
        Ok(true)
    }

    pub(super) fn webhook(&self) -> Result<Option<Webhook>, BoxError> {
        let table = self.database.begin_read()?.open_table(WEBHOOK)?;
        let found = table.get(())?;
        Ok(found
            .map(|bytes| serde_json::from_slice(bytes.value()))
            .transpose()?)
    }

    pub(super) fn set_webhook(&self, webhook: &Webhook) -> Result<(), BoxError> {
        let bytes = serde_json::to_vec(webhook)?;
        let transaction = self.database.begin_write()?;
        transaction.open_table(WEBHOOK)?.insert((), bytes.as_slice())?;
        self.commit(transaction)
    }

    /// The oldest entry of each person, oldest first, leaving out the people in `busy`. None while there is nobody to
    /// tell it to.
    pub(super) fn to_tell(&self, mut busy: HashSet<String>, most: usize) -> Result<Vec<Entry>, BoxError> {
        let transaction = self.database.begin_read()?;
        let mut entries = Vec::new();
        if transaction.open_table(WEBHOOK)?.is_empty()? {
            return Ok(entries);
        }
        for entry in transaction.open_table(OUTBOX)?.iter()? {
            if entries.len() == most {
                break;
            }
            let (number, value) = entry?;
            let (person, event) = value.value();
            if busy.insert(person.to_owned()) {
                entries.push(Entry {
                    number: number.value(),
                    person: person.to_owned(),
                    event: serde_json::from_slice(event)?,
                });
            }
        }
        Ok(entries)
    }

    pub(super) fn nothing_to_tell(&self) -> Result<bool, BoxError> {
        Ok(self.database.begin_read()?.open_table(OUTBOX)?.is_empty()?)
    }

    /// The webhook has heard of it.
    pub(super) fn told(&self, number: u64) -> Result<(), BoxError> {
        let transaction = self.database.begin_write()?;
        transaction.open_table(OUTBOX)?.remove(number)?;
        self.commit(transaction)
    }

    fn commit(&self, transaction: WriteTransaction) -> Result<(), BoxError> {
        transaction.commit()?;
        self.changes.send_replace(());
        Ok(())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Makes an empty database. It gets its name when it is complete: `redb` refuses a file whose making was cut short,
/// and a service killed at that moment would not start again.
fn make(path: &Path) -> Result<(), BoxError> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    std::fs::File::create(&unfinished)?;
    let database = Database::create(&unfinished)?;
    let transaction = database.begin_write()?;
    transaction.open_table(PEOPLE)?;
    transaction.open_multimap_table(BY_EMAIL)?;
    transaction.open_table(DELETED)?;
    transaction.open_table(OUTBOX)?;
    transaction.open_table(WEBHOOK)?;
    transaction.open_table(COUNTERS)?;
    transaction.commit()?;
    drop(database);
    Ok(std::fs::rename(unfinished, path)?)
}

fn get(transaction: &WriteTransaction, id: &str) -> Result<Option<Person>, BoxError> {
    let people = transaction.open_table(PEOPLE)?;
    let found = people.get(id)?;
    Ok(found
        .map(|bytes| serde_json::from_slice(bytes.value()))
        .transpose()?)
}

/// Stores a person, who was `before` until now.
fn put(transaction: &WriteTransaction, before: Option<&Person>, person: &Person) -> Result<(), BoxError> {
    if let Some(before) = before {
        unlist(transaction, before)?;
    }
    if let Some(email) = listed_email(person) {
        transaction
            .open_multimap_table(BY_EMAIL)?
            .insert(email.as_str(), person.id.as_str())?;
    }
    let bytes = serde_json::to_vec(person)?;
    transaction
        .open_table(PEOPLE)?
        .insert(person.id.as_str(), bytes.as_slice())?;
    Ok(())
}

/// Takes a person out of the list by e-mail address.
fn unlist(transaction: &WriteTransaction, person: &Person) -> Result<(), BoxError> {
    if let Some(email) = listed_email(person) {
        transaction
            .open_multimap_table(BY_EMAIL)?
            .remove(email.as_str(), person.id.as_str())?;
    }
    Ok(())
}

/// What a person is listed under. Nobody is found by an address without a letter.
fn listed_email(person: &Person) -> Option<String> {
    let email = person.email.as_deref().filter(|email| !email.is_empty())?;
    Some(email.to_lowercase())
}

fn was_ever_here(transaction: &WriteTransaction, id: &str) -> Result<bool, BoxError> {
    let here = transaction.open_table(PEOPLE)?.get(id)?.is_some();
    Ok(here || transaction.open_table(DELETED)?.get(id)?.is_some())
}

/// Puts an event into the outbox.
fn tell(transaction: &WriteTransaction, person: &str, event: &Event) -> Result<(), BoxError> {
    let number = next(transaction, "event")?;
    let bytes = serde_json::to_vec(event)?;
    transaction
        .open_table(OUTBOX)?
        .insert(number, (person, bytes.as_slice()))?;
    Ok(())
}

/// The next number of a counter; the first is 1.
fn next(transaction: &WriteTransaction, counter: &str) -> Result<u64, BoxError> {
    let mut counters = transaction.open_table(COUNTERS)?;
    let number = counters.get(counter)?.map_or(0, |last| last.value()) + 1;
    counters.insert(counter, number)?;
    Ok(number)
}
