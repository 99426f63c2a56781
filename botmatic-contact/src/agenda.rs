//! What calls leave for whoever works on accepted events in this process: when to look at them, how long the external
//! service wants to be left alone, and what was begun and takes longer than a call waits.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::token::InstallationId;

/// What was begun and is to be brought to its end.
pub(crate) type Begun = BoxFuture<'static, ()>;

/// What the calls and the future that works share.
pub(crate) struct Agenda {
    /// How long an event is tried again before it is set aside.
    pub(crate) patience: SignedDuration,
    /// The number that an event was given last.
    last: AtomicU64,
    /// The installations that are to be looked at, and when.
    dates: Mutex<BTreeMap<InstallationId, Timestamp>>,
    /// The installations whose service has asked to be left alone, and until when.
    pauses: Mutex<BTreeMap<InstallationId, Timestamp>>,
    shift: Mutex<Shift>,
    /// Told of what is new on the agenda.
    pub(crate) news: Notify,
    /// Whether it has been said in the log that nobody works on it.
    has_warned: AtomicBool,
}

/// Who works on the agenda.
#[derive(Default)]
struct Shift {
    workers: usize,
    handed_over: Vec<Begun>,
}

impl Agenda {
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            patience: SignedDuration::try_from(patience).unwrap_or(SignedDuration::MAX),
            last: AtomicU64::new(0),
            dates: Mutex::default(),
            pauses: Mutex::default(),
            shift: Mutex::default(),
            news: Notify::new(),
            has_warned: AtomicBool::new(false),
        }
    }

    /// Called by whoever begins to work on the agenda.
    pub(crate) fn attend(&self) -> Attendance<'_> {
        lock(&self.shift).workers += 1;
        Attendance(self)
    }

    /// Has somebody go on with what was begun; gives it back if nobody works on the agenda.
    pub(crate) fn hand_over<T: 'static>(
        &self,
        begun: BoxFuture<'static, T>,
    ) -> Result<(), BoxFuture<'static, T>> {
        let mut shift = lock(&self.shift);
        if shift.workers == 0 {
            return Err(begun);
        }
        shift.handed_over.push(Box::pin(begun.map(drop)));
        drop(shift);
        self.news.notify_one();
        Ok(())
    }

    /// What was handed over since the last time.
    pub(crate) fn handed_over(&self) -> Vec<Begun> {
        std::mem::take(&mut lock(&self.shift).handed_over)
    }

    /// Says in the log, once, that what is left for later is left to other processes.
    pub(crate) fn warn_if_unattended(&self) {
        if lock(&self.shift).workers == 0 && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "an event waits to be tried again, and nothing in this process does so: run `Service::work`"
            );
        }
    }

    /// A number for an event: so high at least, and higher than all that were given before.
    pub(crate) fn number(&self, at_least: u64) -> u64 {
        let next = |last: u64| at_least.max(last.saturating_add(1));
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last)));
        last.map_or_else(next, next)
    }

    /// Has an installation be looked at by then at the latest.
    pub(crate) fn remind(&self, installation: InstallationId, at: Timestamp) {
        lock(&self.dates).entry(installation).and_modify(|known| *known = at.min(*known)).or_insert(at);
        self.news.notify_one();
    }

    /// The next one on the agenda, but for some.
    pub(crate) fn next(&self, but: impl Fn(&InstallationId) -> bool) -> Option<(InstallationId, Timestamp)> {
        let dates = lock(&self.dates);
        let dates = dates.iter().filter(|(installation, _)| !but(installation));
        dates.min_by_key(|(_, at)| **at).map(|(installation, at)| (*installation, *at))
    }

    /// Takes an installation off the agenda.
    pub(crate) fn take_off(&self, installation: InstallationId) {
        lock(&self.dates).remove(&installation);
    }

    /// Leaves the external service of an installation alone until then at least.
    pub(crate) fn pause(&self, installation: InstallationId, until: Timestamp) {
        let mut pauses = lock(&self.pauses);
        pauses.entry(installation).and_modify(|known| *known = until.max(*known)).or_insert(until);
    }

    /// Until when the external service of an installation is left alone, if it is.
    pub(crate) fn paused(&self, installation: InstallationId, now: Timestamp) -> Option<Timestamp> {
        let mut pauses = lock(&self.pauses);
        pauses.retain(|_, until| *until > now);
        pauses.get(&installation).copied()
    }
}

/// Somebody works on the agenda, until it is dropped. If nobody else does then, what was handed over is broken off.
pub(crate) struct Attendance<'a>(&'a Agenda);

impl Attendance<'_> {
    /// What nobody else goes on with.
    pub(crate) fn end(self) -> Vec<Begun> {
        let begun = self.leave();
        std::mem::forget(self);
        begun
    }

    fn leave(&self) -> Vec<Begun> {
        let mut shift = lock(&self.0.shift);
        shift.workers = shift.workers.saturating_sub(1);
        if shift.workers == 0 { std::mem::take(&mut shift.handed_over) } else { Vec::new() }
    }
}

impl Drop for Attendance<'_> {
    fn drop(&mut self) {
        drop(self.leave());
    }
}

/// Whether an event was accepted whose call is not answered yet. Of the answer only one has a say: either Botmatic is
/// told that the event is accepted, and from then on it is kept whatever becomes of it; or it is told of a failure, and
/// the event is not kept.
#[derive(Debug, Default)]
pub(crate) struct Acceptance(AtomicBool);

impl Acceptance {
    /// The event is in the store.
    pub(crate) fn accept(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Takes the say, if it is there to be had.
    pub(crate) fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A time as a number; all times before 1970 are one.
pub(crate) fn microseconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_microsecond()).unwrap_or_default()
}
