//! What an import tells: how far it is, and what became of it.

use std::time::Duration;

use crate::error::Error;
use crate::id::ExternalId;

/// How many different reasons are compared with the next one, so that those who failed alike share theirs.
const REASONS: usize = 16;

/// What became of an import. What an earlier run had done before it was cut short is part of it.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ImportReport {
    /// How many contacts were created on Botmatic.
    pub created: u64,
    /// How many were there already and were brought up to date.
    pub updated: u64,
    /// How many were there already, as they should be.
    pub unchanged: u64,
    /// Those that did not go through, with the reason; the others did.
    pub failures: Vec<ImportFailure>,
    /// How many of all these were not read again, because an earlier run that was cut short had done them.
    pub resumed: u64,
    /// Why the import ended before the last contact, if it did. Run it again to go on.
    pub interrupted: Option<Error>,
}

/// One contact that was not imported.
#[derive(Debug)]
#[non_exhaustive]
pub struct ImportFailure {
    /// Which one; `None` if it had no id.
    pub external_id: Option<ExternalId>,
    /// Why. Those who failed for the same reason share it, so that many failures take little memory.
    pub error: Error,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct ImportProgress {
    /// How many contacts are done, in whatever way.
    pub done: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How many there are, if somebody said so: the length of the list, or
    /// [`count_contacts`](crate::ExternalApiConsumer::count_contacts).
    pub total: Option<u64>,
    /// How many contacts are done per second, since the import began.
    pub rate: f64,
    /// How long it takes at this rate until all are done; `None` while that cannot be told.
    pub remaining: Option<Duration>,
}

/// How many contacts went through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) unchanged: u64,
}

/// What became of some contacts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) counts: Counts,
    pub(super) failures: Vec<ImportFailure>,
}

impl ImportReport {
    /// Whether every contact went through.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.interrupted.is_none()
    }

    pub(super) fn of(counts: Counts, failures: Vec<ImportFailure>) -> Self {
        let resumed = counts.through() + failures.len() as u64;
        let Counts { created, updated, unchanged } = counts;
        Self { created, updated, unchanged, failures, resumed, interrupted: None }
    }

    pub(super) fn counts(&self) -> Counts {
        Counts { created: self.created, updated: self.updated, unchanged: self.unchanged }
    }

    pub(super) fn add(&mut self, tally: Tally) {
        self.created += tally.counts.created;
        self.updated += tally.counts.updated;
        self.unchanged += tally.counts.unchanged;
        tally.failures.into_iter().for_each(|failure| push(&mut self.failures, failure));
    }
}

/// Adds a failure to others, with whom it shares the reason if it is the same.
pub(super) fn push(failures: &mut Vec<ImportFailure>, ImportFailure { external_id, error }: ImportFailure) {
    let known = failures.iter().rev().map(|failure| &failure.error).take(REASONS);
    let known = known.into_iter().find(|known| known.is_same(&error)).map(Error::clone_message);
    failures.push(ImportFailure { external_id, error: known.unwrap_or(error) });
}

impl ImportProgress {
    pub(super) fn new(done: u64, failed: u64, total: Option<u64>, here: u64, elapsed: Duration) -> Self {
        let seconds = elapsed.as_secs_f64();
        let rate = if seconds > 0.0 { here as f64 / seconds } else { 0.0 };
        let left = total.map(|total| total.saturating_sub(done) as f64);
        let remaining = left.and_then(|left| match left {
            0.0 => Some(Duration::ZERO),
            _ => Duration::try_from_secs_f64(left / rate).ok(),
        });
        Self { done, failed, total, rate, remaining }
    }
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
    }

    pub(super) fn through(self) -> u64 {
        self.created + self.updated + self.unchanged
    }
}

impl Tally {
    pub(super) fn done(&self) -> u64 {
        self.counts.through() + self.failures.len() as u64
    }

    pub(super) fn add(&mut self, Self { counts, failures }: Self) {
        self.counts.add(counts);
        self.failures.extend(failures);
    }

    pub(super) fn failed(&mut self, external_id: Option<ExternalId>, error: Error) {
        self.failures.push(ImportFailure { external_id, error });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: u64, total: Option<u64>, here: u64, seconds: u64) -> (f64, Option<u64>) {
        let progress = ImportProgress::new(done, 0, total, here, Duration::from_secs(seconds));
        (progress.rate, progress.remaining.map(|remaining| remaining.as_secs()))
    }

    #[test]
    fn the_rate_counts_what_was_done_here_and_the_remaining_time_what_is_left_at_that_rate() {
        assert_eq!(progress(600, Some(1000), 200, 10), (20.0, Some(20)));
        assert_eq!(progress(600, None, 200, 10), (20.0, None));
        assert_eq!(progress(1000, Some(1000), 400, 10), (40.0, Some(0)));
        assert_eq!(progress(1010, Some(1000), 400, 10), (40.0, Some(0)), "there are more than was said");
        assert_eq!(progress(30, Some(1000), 30, 0), (0.0, None), "no time has passed");
    }

    #[test]
    fn those_who_failed_alike_share_the_reason() {
        let mut report = ImportReport::default();
        for (id, words) in [(1_u64, "a"), (2, "b"), (3, "a"), (4, "b")] {
            let mut tally = Tally::default();
            tally.failed(Some(id.into()), Error::platform(Some(422), words));
            report.add(tally);
        }
        let shared = |one: usize, other: usize| {
            let message = |number: usize| std::ptr::from_ref(report.failures[number].error.message());
            std::ptr::eq(message(one), message(other))
        };
        assert!(shared(0, 2) && shared(1, 3) && !shared(0, 1));
    }
}
