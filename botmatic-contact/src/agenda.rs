//! When accepted events are to be looked at, in this process: what calls leave for whoever works on these events.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::token::InstallationId;

/// What the calls and the future that works share.
pub(crate) struct Agenda {
    /// How long an event is tried again before it is set aside.
    pub(crate) patience: SignedDuration,
    /// The number that an event was given last.
    last: AtomicU64,
    /// The installations that are to be looked at, and when.
    dates: Mutex<BTreeMap<InstallationId, Timestamp>>,
    /// Told of what is new on the agenda.
    pub(crate) news: Notify,
    /// Whether somebody has begun to work on it, or it has been said in the log that nobody has.
    is_attended: AtomicBool,
}

impl Agenda {
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            patience: SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX),
            last: AtomicU64::new(0),
            dates: Mutex::default(),
            news: Notify::new(),
            is_attended: AtomicBool::new(false),
        }
    }

    /// Called by whoever begins to work on the agenda.
    pub(crate) fn attend(&self) {
        self.is_attended.store(true, Ordering::Relaxed);
    }

    /// Says in the log, once, that what is left for later is left to other processes.
    pub(crate) fn warn_if_unattended(&self) {
        if !self.is_attended.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "an event waits to be tried again, and nothing in this process does so: run `Service::work`"
            );
        }
    }

    /// A number for an event: by time, and higher than all that were given before.
    pub(crate) fn number(&self, now: Timestamp) -> u64 {
        let next = |last: u64| microseconds(now).max(last.saturating_add(1));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        last.map_or_else(next, next)
    }

    /// Has an installation be looked at by then at the latest.
    pub(crate) fn remind(&self, installation: InstallationId, at: Timestamp) {
        self.dates().entry(installation).and_modify(|known| *known = at.min(*known)).or_insert(at);
        self.news.notify_one();
    }

    /// The next one on the agenda.
    pub(crate) fn next(&self) -> Option<(InstallationId, Timestamp)> {
        self.dates().iter().min_by_key(|(_, at)| **at).map(|(installation, at)| (*installation, *at))
    }

    /// Takes an installation off the agenda.
    pub(crate) fn take_off(&self, installation: InstallationId) {
        self.dates().remove(&installation);
    }

    fn dates(&self) -> MutexGuard<'_, BTreeMap<InstallationId, Timestamp>> {
        self.dates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A time as a number; all times before 1970 are one.
pub(crate) fn microseconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_microsecond()).unwrap_or_default()
}
