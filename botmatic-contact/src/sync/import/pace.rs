//! When batches may be begun: not while Botmatic wants a pause, and one at a time until something goes through again.

use std::time::Duration;

use crate::error::Error;
use crate::sync::{Reaction, Tries, Work};

/// After so many batches in a row that failed as a whole, Botmatic is taken to be out of reach.
const FAILED_BATCHES: usize = 3;

/// The longest that all pauses may be together, until something has gone through.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// How many setbacks were known when a batch was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begun(usize);

/// The setbacks of an import. Those that hit several batches at once are one.
#[derive(Debug, Default)]
pub(super) struct Pace {
    setbacks: usize,
    /// How many batches failed as a whole, since the last one that did not.
    unreached: usize,
    tries: Tries,
}

impl Pace {
    /// A batch is begun.
    pub(super) fn begin(&self) -> Begun {
        Begun(self.setbacks)
    }

    /// Whether one batch is enough to find out whether anything goes through.
    pub(super) fn is_careful(&self) -> bool {
        self.tries.are_in_vain()
    }

    /// Something has gone through.
    pub(super) fn gone_through(&mut self) {
        self.unreached = 0;
        self.tries = Tries::default();
    }

    /// Botmatic has refused a batch because there were too many requests. How long to begin none; nothing if it was in
    /// vain for too long.
    pub(super) fn throttled(&mut self, begun: Begun, why: &Error) -> Option<Duration> {
        if begun == self.begin() {
            return self.setback(&why.reaction(Work::Item));
        }
        Some(why.retry_after().unwrap_or_default().min(PATIENCE))
    }

    /// A batch has failed as a whole. How long to begin none; nothing if Botmatic is out of reach.
    pub(super) fn out_of_reach(&mut self, begun: Begun) -> Option<Duration> {
        if begun != self.begin() {
            return Some(Duration::ZERO);
        }
        self.unreached += 1;
        let pause = self.setback(&Reaction::Persist { after: None, within: PATIENCE });
        pause.filter(|_| self.unreached < FAILED_BATCHES)
    }

    fn setback(&mut self, reaction: &Reaction) -> Option<Duration> {
        self.setbacks += 1;
        self.tries.pause(reaction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    fn throttled(seconds: Option<u64>) -> Error {
        let failure = Failure::Throttled(seconds.map(Duration::from_secs));
        Error::platform(Some(429), "slow down").with_failure(failure)
    }

    fn seconds(pause: Option<Duration>) -> Option<u64> {
        pause.map(|pause| pause.as_secs())
    }

    #[test]
    fn what_hits_several_batches_at_once_counts_once() {
        let mut pace = Pace::default();
        for expected in [Some(1), Some(2), None] {
            let begun = [pace.begin(); 8];
            let pauses = begun.map(|begun| seconds(pace.out_of_reach(begun)));
            assert_eq!((pauses[0], &pauses[1..]), (expected, &[Some(0); 7][..]));
            assert!(pace.is_careful());
        }
    }

    #[test]
    fn what_goes_through_ends_a_row_of_failures() {
        let mut pace = Pace::default();
        for _ in 0..10 {
            assert_eq!(seconds(pace.out_of_reach(pace.begin())), Some(1));
            assert_eq!(seconds(pace.out_of_reach(pace.begin())), Some(2));
            pace.gone_through();
            assert!(!pace.is_careful());
        }
    }

    #[test]
    fn a_pause_is_as_long_as_anybody_was_asked_for_and_grows_while_nothing_goes_through() {
        let mut pace = Pace::default();
        let begun = pace.begin();
        let pauses = [Some(5), Some(30), None].map(|asked| seconds(pace.throttled(begun, &throttled(asked))));
        assert_eq!(pauses, [Some(5), Some(30), Some(0)]);
        let mut pause = |asked| seconds(pace.throttled(pace.begin(), &throttled(asked)));
        assert_eq!([None, None, Some(7), None].map(&mut pause), [Some(2), Some(4), Some(7), Some(16)]);
        assert_eq!(pause(Some(3600)), None, "an hour is over before that");
    }
}
