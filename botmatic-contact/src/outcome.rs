//! What the sync engine did about one contact, and how often it did nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::id::{ContactId, ExternalId};

/// What became of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was done.
    pub effect: Effect,
    /// The person on Botmatic.
    pub contact: ContactId,
    /// The person on the external service.
    pub external: ExternalId,
}

/// What was done about a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The other side did not have it: it was created there.
    Created,
    /// The other side had it already: the two are a pair now, and hold the same.
    Linked,
    /// The other side was brought up to date.
    Updated,
    /// The other side agreed already: a repetition, or an echo of our own write.
    Unchanged,
    /// It is gone on both sides.
    Deleted,
}

impl Outcome {
    pub(crate) fn new(effect: Effect, contact: &ContactId, external: &ExternalId) -> Self {
        Self { effect, contact: contact.clone(), external: external.clone() }
    }
}

/// How often the sync engine was told of something and wrote nothing, or not only that, since the service was built. See
/// [`Service::sync_counts`](crate::Service::sync_counts).
///
/// Both sides tell of what is written there, so about one echo for each write is as it should be. Conflicts are rare where
/// people seldom work on the same contact at once; many of them, or many doubts, speak of two services that keep changing
/// each other's values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncCounts {
    /// What said nothing new: echoes of our own writes, and repetitions.
    pub echoes: u64,
    /// What said the same as before, or as was written, in another spelling, which is kept.
    pub respellings: u64,
    /// What may have been overtaken by something newer, so that the external service was asked what it holds.
    pub doubts: u64,
    /// What had to be written on the side that said it, too, or instead: the two sides spoke at once.
    pub conflicts: u64,
}

/// The same, while it is counted.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) echoes: AtomicU64,
    pub(crate) respellings: AtomicU64,
    pub(crate) doubts: AtomicU64,
    pub(crate) conflicts: AtomicU64,
}

impl Counters {
    pub(crate) fn read(&self) -> SyncCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        SyncCounts {
            echoes: read(&self.echoes),
            respellings: read(&self.respellings),
            doubts: read(&self.doubts),
            conflicts: read(&self.conflicts),
        }
    }
}

/// Counts one more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
