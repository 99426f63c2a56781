//! How far the listing of all contacts is, written down in the key store, so that an import that was cut short goes on.
//!
//! The *mark* names the last page up to which everything is done. An import that goes on reads that page again: if the
//! same contacts stand on it, nothing has moved, and those before it need not be read. If anything is different (other
//! contacts on the page, a changed mapping, too much time), it begins at the beginning, which costs reading and nothing
//! else, for whoever has a pair is known. That a page is not read again is never taken to say anything of who is on it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::report::{Counts, ImportFailure, push};
use crate::consumer::{ExternalApiConsumer, ListStart, Page};
use crate::error::{Error, Result, Written};
use crate::id::ExternalId;
use crate::key_store::{Claim, Entry, Installation, Journal, Write};
use crate::mapping::ContactMapping;
use crate::sync::Engine;

/// The key of the mark; those of failures begin with `failed`, followed by how many failed before.
const MARK: &str = "mark";

/// How many entries are read and removed at once.
const ENTRIES: usize = 1000;

/// A page of a listing that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageRead {
    pub(super) start: ListStart,
    /// Tells whether the same contacts stand on it, in the same order.
    pub(super) fingerprint: String,
}

/// What is done of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// The last page up to which everything is done.
    pub(super) page: PageRead,
    /// What became of those before that page.
    pub(super) counts: Counts,
    /// How many of those before that page failed.
    pub(super) failed: usize,
}

#[derive(Serialize, Deserialize)]
struct MarkRecord {
    page: u32,
    size: u32,
    after: Option<ExternalId>,
    fingerprint: String,
    created: u64,
    updated: u64,
    unchanged: u64,
    failed: usize,
    at: Timestamp,
    /// Which installation it was for; those of earlier versions do not say so.
    #[serde(default)]
    installed: Option<Installed>,
}

/// Which installation it was: an uninstall in between has removed the pairs of those who were done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Installed {
    generation: u64,
    at: Timestamp,
}

/// What is needed to write down how far an import is.
pub(super) struct Marks<'a> {
    pub(super) claim: &'a Claim,
    installed: Option<Installed>,
}

#[derive(Serialize, Deserialize)]
struct FailureRecord {
    external_id: Option<ExternalId>,
    error: Written,
}

impl PageRead {
    pub(super) fn new<M: ContactMapping>(start: ListStart, contacts: &[M]) -> Self {
        let mut digest = Sha256::new();
        let mut add = |text: &str| {
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        };
        for property in M::PROPERTIES {
            add(&property.name);
            add(&format!("{:?} {:?}", property.kind, property.access));
        }
        for contact in contacts {
            add(contact.external_id().as_ref().map_or("", ExternalId::as_str));
        }
        let fingerprint = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { start, fingerprint }
    }
}

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// For an import that begins now.
    pub(super) async fn marks<'a>(&self, claim: &'a Claim) -> Result<Marks<'a>> {
        let installation = self.context.key_store.installation(self.installation).await?;
        let installed =
            |Installation { generation, installed_at, .. }| Installed { generation, at: installed_at };
        Ok(Marks { claim, installed: installation.map(installed) })
    }

    /// What an import that was cut short not longer ago than this had done; nothing is left in the journal if there is
    /// no such import.
    pub(super) async fn read_mark(
        &self,
        marks: &Marks<'_>,
        within: Duration,
    ) -> Result<Option<(Mark, Vec<ImportFailure>)>> {
        let mut record: Option<MarkRecord> = None;
        let mut failures = Vec::new();
        let mut last: Option<String> = None;
        loop {
            let entries = self.import_entries(last.as_deref()).await?;
            let Some(entry) = entries.last() else { break };
            last = Some(entry.key.clone());
            for Entry { key, value } in entries {
                if key == MARK {
                    record = serde_json::from_slice(&value).ok();
                } else {
                    let records: Vec<FailureRecord> = serde_json::from_slice(&value).unwrap_or_default();
                    for FailureRecord { external_id, error } in records {
                        push(&mut failures, ImportFailure { external_id, error: error.into() });
                    }
                }
            }
        }
        let is_recent = |record: &MarkRecord| {
            let age = self.context.clock.now().duration_since(record.at);
            !within.is_zero() && SignedDuration::try_from(within).map_or(true, |longest| age <= longest)
        };
        let record = record.filter(|record| {
            is_recent(record) && record.installed == marks.installed && record.failed == failures.len()
        });
        let Some(MarkRecord { page, size, after, fingerprint, created, updated, unchanged, failed, .. }) =
            record
        else {
            if last.is_some() {
                self.clear_journal(marks.claim).await?;
            }
            return Ok(None);
        };
        let counts = Counts { created, updated, unchanged };
        let start = ListStart { page: Page { number: page, size }, after };
        Ok(Some((Mark { page: PageRead { start, fingerprint }, counts, failed }, failures)))
    }

    /// Forgets how far an import was.
    pub(super) async fn clear_journal(&self, claim: &Claim) -> Result<()> {
        let mut writes = vec![Write::Remove(Journal::Imports, MARK.to_owned())];
        loop {
            let entries = self.import_entries(None).await?;
            if entries.is_empty() {
                return Ok(());
            }
            writes.extend(entries.into_iter().map(|entry| Write::Remove(Journal::Imports, entry.key)));
            self.commit(claim, std::mem::take(&mut writes)).await?;
        }
    }

    async fn import_entries(&self, after: Option<&str>) -> Result<Vec<Entry>> {
        self.context.key_store.entries(self.installation, Journal::Imports, after, ENTRIES).await
    }
}

impl Marks<'_> {
    /// What writes the mark, and those who failed since the last one was written: the first of them is number `from`.
    pub(super) fn written(
        &self,
        at: Timestamp,
        mark: Mark,
        from: usize,
        failures: &[ImportFailure],
    ) -> Result<Vec<Write>> {
        let Mark { page: PageRead { start, fingerprint }, counts, failed } = mark;
        let (Page { number: page, size }, after) = (start.page, start.after);
        let Counts { created, updated, unchanged } = counts;
        let installed = self.installed.clone();
        let record =
            MarkRecord { page, size, after, fingerprint, created, updated, unchanged, failed, at, installed };
        let mut writes = vec![put(MARK.to_owned(), &record)?];
        if !failures.is_empty() {
            let failures = failures.iter().map(|ImportFailure { external_id, error }| FailureRecord {
                external_id: external_id.clone(),
                error: error.written(),
            });
            writes.push(put(format!("failed{from:012}"), &failures.collect::<Vec<_>>())?);
        }
        Ok(writes)
    }
}

fn put(key: String, value: &impl Serialize) -> Result<Write> {
    let value = serde_json::to_vec(value).map_err(Error::key_store)?;
    Ok(Write::Put(Journal::Imports, Entry { key, value }))
}
