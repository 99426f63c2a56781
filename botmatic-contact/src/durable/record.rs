//! How accepted events are written down in the journals of the key store, and under which keys.
//!
//! | journal | key | entry |
//! |---|---|---|
//! | `Accepted` | `e`, the line, the number, a digest | an event that is not done |
//! | `Accepted` | `r`, when, the line | a reminder to look at a line; with its number, the one with which an event came |
//! | `SetAside` | the number, the line, a digest | an event that was given up |
//!
//! So the events of a line stand together and in order, and the reminders after all events, the next one first. Changing
//! the members of an event is changing a format on disk: add members with a default, never rename.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::agenda::microseconds;
use crate::call::Request;
use crate::error::{Error, Result};
use crate::id::ContactId;
use crate::key_store::Entry;

/// What stands before the key of a reminder; the events come before it.
pub(super) const REMINDERS: &str = "r";

/// How many characters a number has in a key.
const NUMBER: usize = 16;

/// An event that was accepted.
#[derive(Serialize, Deserialize)]
pub(super) struct Accepted {
    pub(super) event: String,
    pub(super) contact: ContactId,
    pub(super) data: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) members: BTreeMap<String, Box<RawValue>>,
    /// When it was accepted, or put in line again.
    pub(super) at: Timestamp,
    /// How often it was tried.
    #[serde(default)]
    pub(super) tries: u32,
    /// When it may be tried again.
    #[serde(default)]
    pub(super) due: Timestamp,
    /// What went wrong the last time, without anybody's words.
    #[serde(default)]
    pub(super) why: String,
    /// The same in the words of whom it came from, which may be personal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) message: String,
}

impl Accepted {
    pub(super) fn new(request: &Request, contact: ContactId, at: Timestamp) -> Self {
        let Request { name, data, members, .. } = request;
        let (event, data, members) = (name.clone(), data.clone(), members.clone());
        Self {
            event,
            contact,
            data,
            members,
            at,
            tries: 0,
            due: at,
            why: String::new(),
            message: String::new(),
        }
    }

    pub(super) fn line(&self) -> Line {
        Line::of(&self.contact)
    }

    /// Its key in its line.
    pub(super) fn key(&self, number: u64) -> String {
        let said = digest(&[&self.event, self.data.as_deref().map_or("", RawValue::get)], 8);
        format!("{}{said}", self.line().events_from(number))
    }

    pub(super) fn to_entry(&self, key: String) -> Result<Entry> {
        Ok(Entry { key, value: serde_json::to_vec(self).map_err(Error::key_store)? })
    }

    pub(super) fn from_entry(entry: &Entry) -> Result<Self> {
        serde_json::from_slice(&entry.value).map_err(Error::key_store)
    }
}

/// Its key among the events that were set aside, of its key in line: the oldest comes first.
pub(super) fn key_aside(key: &str) -> String {
    let (line, rest) = key.split_at_checked(1 + Line::LENGTH).unwrap_or((key, ""));
    let (number, said) = rest.split_at_checked(NUMBER).unwrap_or((rest, ""));
    format!("{number}{}{said}", line.get(1..).unwrap_or_default())
}

/// The line in which the events of a contact stand, by a name that is not personal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Line(String);

impl Line {
    const LENGTH: usize = 32;

    pub(super) fn of(contact: &ContactId) -> Self {
        Self(digest(&[contact.as_str()], Self::LENGTH / 2))
    }

    /// What the keys of its events begin with.
    pub(super) fn events(&self) -> String {
        format!("e{}", self.0)
    }

    /// What the keys of its events come after whose number is not below this one.
    pub(super) fn events_from(&self, number: u64) -> String {
        format!("{}{number:016x}", self.events())
    }

    /// The line of an event that was set aside under this key; nothing if it is not one of ours.
    pub(super) fn of_aside(key: &str) -> Option<Self> {
        let line = key.get(NUMBER..NUMBER + Self::LENGTH)?;
        Some(Self(line.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number of an event of this line, if it is one.
pub(super) fn number_in(key: &str, line: &Line) -> Option<u64> {
    u64::from_str_radix(key.strip_prefix(&line.events())?.get(..NUMBER)?, 16).ok()
}

/// Says when a line is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reminder {
    pub(super) line: Line,
    pub(super) at: Timestamp,
    /// What tells it from others of the same moment.
    mark: String,
}

impl Reminder {
    /// For whoever has claimed the line: another one that they have left for the same moment is the same.
    pub(super) fn new(line: Line, at: Timestamp) -> Self {
        Self { line, at, mark: String::new() }
    }

    /// For an event with this number, which comes while somebody else may be at the line: it is one of its own, so that they
    /// do not take it away who have not seen the event.
    pub(super) fn of_event(line: Line, at: Timestamp, number: u64) -> Self {
        Self { line, at, mark: format!("{number:016x}") }
    }

    pub(super) fn key(&self) -> String {
        format!("{REMINDERS}{:016x}{}{}", microseconds(self.at), self.line.as_str(), self.mark)
    }

    pub(super) fn to_entry(&self) -> Entry {
        Entry { key: self.key(), value: Vec::new() }
    }

    /// What a key says; nothing if it is not one of ours.
    pub(super) fn from_key(key: &str) -> Option<Self> {
        let (at, rest) = key.strip_prefix(REMINDERS)?.split_at_checked(NUMBER)?;
        let (line, mark) = rest.split_at_checked(Line::LENGTH)?;
        let at = Timestamp::from_microsecond(i64::from_str_radix(at, 16).ok()?).ok()?;
        Some(Self { line: Line(line.to_owned()), at, mark: mark.to_owned() })
    }
}

/// The moment when so much time has passed.
pub(super) fn after(now: Timestamp, pause: SignedDuration) -> Timestamp {
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

/// A digest of some texts, as twice as many characters as bytes.
fn digest(texts: &[&str], bytes: usize) -> String {
    let digest = texts.iter().fold(Sha256::new(), |digest, text| digest.chain_update(text).chain_update([0]));
    digest.finalize().iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(contact: &str) -> Accepted {
        Accepted {
            event: "contact_updated".to_owned(),
            contact: ContactId::from(contact),
            data: None,
            members: BTreeMap::new(),
            at: Timestamp::UNIX_EPOCH,
            tries: 0,
            due: Timestamp::UNIX_EPOCH,
            why: String::new(),
            message: String::new(),
        }
    }

    #[test]
    fn the_events_of_a_line_stand_in_order_and_reminders_after_all_of_them() {
        let key = |contact, number| accepted(contact).key(number);
        assert!(key("1", 9) < key("1", 10) && key("1", 0xff) < key("1", 0x100));
        let others = ["0", "2", "3"].map(|other| key(other, 9));
        assert!(others.iter().all(|other| *other < key("1", 0) || *other > key("1", u64::MAX)));
        assert!(key("1", u64::MAX).as_str() < REMINDERS);
        let line = Line::of(&"1".into());
        assert!(line.events_from(9) < key("1", 9) && line.events_from(9) > key("1", 8));
        assert_eq!(number_in(&key("1", 0x1234), &line), Some(0x1234));
        assert_eq!(number_in(&key("2", 0x1234), &line), None);
    }

    #[test]
    fn a_reminder_is_read_from_its_key_and_the_next_one_comes_first() {
        let line = || Line::of(&"1".into());
        let reminder = |at| Reminder::new(line(), Timestamp::from_second(at).unwrap());
        assert!(reminder(9).key() < reminder(10).key());
        assert_eq!(Reminder::from_key(&reminder(10).key()), Some(reminder(10)));
        let of_event = |number| Reminder::of_event(line(), reminder(10).at, number);
        assert_eq!(Reminder::from_key(&of_event(7).key()), Some(of_event(7)));
        assert!(of_event(7) != of_event(8) && of_event(7) != reminder(10));
        assert_eq!(Reminder::from_key("r1"), None);
    }

    #[test]
    fn what_was_set_aside_is_in_the_order_in_which_it_was_accepted() {
        let key = |contact, number| key_aside(&accepted(contact).key(number));
        for (contact, other) in [("1", "2"), ("2", "1")] {
            assert!(key(contact, 9) < key(other, 10));
            assert_eq!(Line::of_aside(&key(contact, 9)), Some(Line::of(&contact.into())));
        }
    }
}
