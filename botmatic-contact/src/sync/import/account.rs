//! What becomes of the contacts of one batch. Whatever goes wrong, each of them is in here once.

use super::report::Tally;
use crate::error::Error;
use crate::id::ExternalId;
use crate::sync::{Reaction, Work};

/// What a batch came to, beside what became of each of its contacts.
pub(super) enum End<C> {
    /// Everybody was dealt with.
    Done,
    /// Botmatic wants fewer requests. These were refused for that alone, and nothing was done about them.
    Throttled(Vec<C>, Error),
    /// Nobody went through, for a reason that is none of theirs.
    OutOfReach(Error),
    /// No other batch would fare better: the key store does not work, or the token is not accepted any more.
    Stop(Error),
}

/// The contacts of a batch that is worked on.
pub(super) struct Account<C> {
    pub(super) tally: Tally,
    back: Vec<C>,
    throttled: Option<Error>,
    out_of_reach: Option<Error>,
    stop: Option<Error>,
}

impl<C> Account<C> {
    pub(super) fn new() -> Self {
        let tally = Tally::default();
        Self { tally, back: Vec::new(), throttled: None, out_of_reach: None, stop: None }
    }

    /// A contact did not go through: it is left out, or given back.
    pub(super) fn refused(&mut self, contact: C, id: ExternalId, error: Error) {
        if !matches!(error.reaction(Work::Item), Reaction::Persist { .. }) {
            return self.failed([id], &error);
        }
        self.back.push(contact);
        if self.throttled.as_ref().is_none_or(|known| known.retry_after() < error.retry_after()) {
            self.throttled = Some(error);
        }
    }

    /// These are left out.
    pub(super) fn failed(&mut self, ids: impl IntoIterator<Item = ExternalId>, error: &Error) {
        for id in ids {
            self.tally.failed(Some(id), error.clone_message());
        }
        self.notice(error);
    }

    /// Something failed that concerns none of the contacts.
    pub(super) fn notice(&mut self, error: &Error) {
        if error.reaction(Work::Item) == Reaction::Stop {
            self.stop.get_or_insert_with(|| error.clone_message());
        }
    }

    /// Botmatic is out of reach, if there is a reason for that.
    pub(super) fn unreached(&mut self, why: Option<Error>) {
        self.out_of_reach = self.out_of_reach.take().or(why);
    }

    /// A service that throttles is there, though it did nothing.
    pub(super) fn close(self) -> (Tally, End<C>) {
        let end = match (self.stop, self.throttled, self.out_of_reach) {
            (Some(why), ..) => End::Stop(why),
            (None, Some(why), _) => End::Throttled(self.back, why),
            (None, None, Some(why)) => End::OutOfReach(why),
            (None, None, None) => End::Done,
        };
        (self.tally, end)
    }
}
