//! The tables of the file, and what a commit does with them.

use std::ops::{Bound, RangeBounds};

use jiff::Timestamp;
use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use super::Failure;
use crate::error::Error;
use crate::id::{ContactId, ExternalId};
use crate::key_store::{BURIED, Entry, Half, Intent, Journal, Pair, TOMBSTONE, Write, record};

/// Installation → its record.
pub(super) const INSTALLATIONS: TableDefinition<'_, u128, &[u8]> = TableDefinition::new("installations");
/// Installation and contact id → the record of the pair.
pub(super) const PAIRS: TableDefinition<'_, (u128, &str), &[u8]> = TableDefinition::new("pairs");
/// Installation and external id → contact id.
pub(super) const CONTACT_OF: TableDefinition<'_, (u128, &str), &str> = TableDefinition::new("contact_of");
/// Installation and contact id → when it was deleted, in milliseconds.
pub(super) const DELETED_CONTACTS: TableDefinition<'_, (u128, &str), i64> =
    TableDefinition::new("deleted_contacts");
/// Installation and external id → when it was deleted, in milliseconds.
pub(super) const DELETED_EXTERNALS: TableDefinition<'_, (u128, &str), i64> =
    TableDefinition::new("deleted_externals");
/// Installation, when somebody was deleted, and the half → nothing: the same by time.
const DELETIONS: TableDefinition<'_, (u128, i64, &str), ()> = TableDefinition::new("deletions");
/// Installation and half → the record of the intent.
pub(super) const INTENTS: TableDefinition<'_, (u128, &str), &[u8]> = TableDefinition::new("intents");
/// Installation, and journal with key → what the entry says.
pub(super) const JOURNALS: TableDefinition<'_, (u128, &str), &[u8]> = TableDefinition::new("journals");

/// All keys of an installation.
fn all_of(installation: u128) -> impl RangeBounds<(u128, &'static str)> {
    let end = installation.checked_add(1).map_or(Bound::Unbounded, |next| Bound::Excluded((next, "")));
    (Bound::Included((installation, "")), end)
}

/// The key of an entry.
pub(super) fn entry_key(journal: Journal, key: &str) -> String {
    format!("{}:{key}", journal.name())
}

fn half_key(half: &Half) -> String {
    match half {
        Half::Contact(id) => format!("c{id}"),
        Half::External(id) => format!("e{id}"),
    }
}

/// What [`half_key`] was made of.
fn half_from_key(key: &str) -> Option<Half> {
    let (side, id) = key.split_at_checked(1)?;
    match side {
        "c" => Some(ContactId::from(id).into()),
        _ => Some(ExternalId::from(id).into()),
    }
}

/// A table by installation and id.
type ById<'a, V> = Table<'a, (u128, &'static str), V>;

/// The tables of one installation, for a commit.
pub(super) struct Tables<'a> {
    installation: u128,
    pairs: ById<'a, &'static [u8]>,
    contact_of: ById<'a, &'static str>,
    deleted_contacts: ById<'a, i64>,
    deleted_externals: ById<'a, i64>,
    deletions: Table<'a, (u128, i64, &'static str), ()>,
    intents: ById<'a, &'static [u8]>,
    journals: ById<'a, &'static [u8]>,
}

impl<'a> Tables<'a> {
    /// Opens them, and makes those that an earlier version did not have.
    pub(super) fn open(transaction: &'a WriteTransaction, installation: u128) -> Result<Self, Failure> {
        Ok(Self {
            installation,
            pairs: transaction.open_table(PAIRS)?,
            contact_of: transaction.open_table(CONTACT_OF)?,
            deleted_contacts: transaction.open_table(DELETED_CONTACTS)?,
            deleted_externals: transaction.open_table(DELETED_EXTERNALS)?,
            deletions: transaction.open_table(DELETIONS)?,
            intents: transaction.open_table(INTENTS)?,
            journals: transaction.open_table(JOURNALS)?,
        })
    }

    pub(super) fn apply(&mut self, write: &Write) -> Result<(), Failure> {
        match write {
            Write::Pair(pair) => {
                self.pair(pair)?;
                self.save(pair)
            }
            Write::NewPair(pair) => {
                if self.pair(pair)? {
                    return Ok(());
                }
                self.save(pair)
            }
            Write::Deleted { contact, external, at } => {
                self.unpair(contact, external)?;
                self.bury(&contact.clone().into(), *at)?;
                self.bury(&external.clone().into(), *at)
            }
            Write::Intent(intent) => self.intend(intent),
            Write::Withdraw(half) => self.withdraw(half),
            Write::Tombstone { half, at } => {
                self.withdraw(half)?;
                self.bury(half, *at)
            }
            Write::Put(journal, entry) => self.put(*journal, entry),
            Write::Remove(journal, key) => self.remove(*journal, key),
        }
    }

    /// Removes whatever is in them of the installation.
    pub(super) fn clear(&mut self) -> Result<(), Failure> {
        let id = self.installation;
        self.pairs.retain_in(all_of(id), |_, _| false)?;
        self.contact_of.retain_in(all_of(id), |_, _| false)?;
        self.deleted_contacts.retain_in(all_of(id), |_, _| false)?;
        self.deleted_externals.retain_in(all_of(id), |_, _| false)?;
        self.deletions.retain_in((id, i64::MIN, "")..=(id, i64::MAX, ""), |_, ()| false)?;
        self.intents.retain_in(all_of(id), |_, _| false)?;
        self.journals.retain_in(all_of(id), |_, _| false)?;
        Ok(())
    }

    /// Makes two ids a pair, with neither tombstones nor intents. Returns whether they were one already.
    fn pair(&mut self, Pair { contact, external, .. }: &Pair) -> Result<bool, Failure> {
        let (contact_key, external_key) =
            ((self.installation, contact.as_str()), (self.installation, external.as_str()));
        let is_known = match self.contact_of.get(external_key)? {
            Some(known) if known.value() == contact.as_str() => true,
            Some(_) => return Err(Error::paired_otherwise().into()),
            None => false,
        };
        if !is_known {
            if self.pairs.get(contact_key)?.is_some() {
                return Err(Error::paired_otherwise().into());
            }
            self.contact_of.insert(external_key, contact.as_str())?;
        }
        for half in [contact.clone().into(), external.clone().into()] {
            self.revive(&half)?;
            self.withdraw(&half)?;
        }
        Ok(is_known)
    }

    fn save(&mut self, pair: &Pair) -> Result<(), Failure> {
        let record = record::pair_to_bytes(pair)?;
        self.pairs.insert((self.installation, pair.contact.as_str()), record.as_slice())?;
        Ok(())
    }

    /// Takes apart whatever pairs the two ids belong to.
    fn unpair(&mut self, contact: &ContactId, external: &ExternalId) -> Result<(), Failure> {
        let id = self.installation;
        if let Some(bytes) = self.pairs.remove((id, contact.as_str()))? {
            let pair = record::pair_from_bytes(bytes.value())?;
            self.contact_of.remove((id, pair.external.as_str()))?;
        }
        if let Some(contact) = self.contact_of.remove((id, external.as_str()))? {
            self.pairs.remove((id, contact.value()))?;
        }
        Ok(())
    }

    /// Leaves a tombstone, and removes some that are past.
    fn bury(&mut self, half: &Half, at: Timestamp) -> Result<(), Failure> {
        self.revive(half)?;
        let (id, at) = (self.installation, at.as_millisecond());
        let (tombstones, name) = self.tombstones(half);
        tombstones.insert((id, name), at)?;
        self.deletions.insert((id, at, half_key(half).as_str()), ())?;
        let past = at.saturating_sub(i64::try_from(TOMBSTONE.as_millis()).unwrap_or(i64::MAX));
        let mut old = Vec::new();
        for entry in self.deletions.range((id, i64::MIN, "")..(id, past, ""))?.take(BURIED) {
            old.extend(half_from_key(entry?.0.value().2));
        }
        old.iter().try_for_each(|half| self.revive(half))
    }

    /// Removes a tombstone, if there is one.
    fn revive(&mut self, half: &Half) -> Result<(), Failure> {
        let id = self.installation;
        let (tombstones, name) = self.tombstones(half);
        let at = tombstones.remove((id, name))?.map(|at| at.value());
        if let Some(at) = at {
            self.deletions.remove((id, at, half_key(half).as_str()))?;
        }
        Ok(())
    }

    /// The tombstones of its side, and its id.
    fn tombstones<'h>(&mut self, half: &'h Half) -> (&mut ById<'a, i64>, &'h str) {
        match half {
            Half::Contact(id) => (&mut self.deleted_contacts, id.as_str()),
            Half::External(id) => (&mut self.deleted_externals, id.as_str()),
        }
    }

    fn intend(&mut self, intent: &Intent) -> Result<(), Failure> {
        let record = record::intent_to_bytes(intent)?;
        self.intents.insert((self.installation, half_key(&intent.half).as_str()), record.as_slice())?;
        Ok(())
    }

    fn withdraw(&mut self, half: &Half) -> Result<(), Failure> {
        self.intents.remove((self.installation, half_key(half).as_str()))?;
        Ok(())
    }

    fn put(&mut self, journal: Journal, Entry { key, value }: &Entry) -> Result<(), Failure> {
        let key = entry_key(journal, key);
        self.journals.insert((self.installation, key.as_str()), value.as_slice())?;
        Ok(())
    }

    fn remove(&mut self, journal: Journal, key: &str) -> Result<(), Failure> {
        self.journals.remove((self.installation, entry_key(journal, key).as_str()))?;
        Ok(())
    }
}
