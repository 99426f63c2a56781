//! What is done about a failure: one table, for every kind of failure and every kind of work.
//!
//! | failure | [`Repeatable`](Work::Repeatable) | [`Create`](Work::Create) | [`Accepted`](Work::Accepted) | [`Item`](Work::Item) | [`Listing`](Work::Listing) |
//! |---|---|---|---|---|---|
//! | transient | again, once | fail | later | leave out | again, for 15 s |
//! | throttled, for a few seconds | again, twice | again, twice | later, then | again, for an hour | again, for an hour |
//! | throttled for longer | fail | fail | later, then | again, for an hour | again, for an hour |
//! | busy | fail | fail | later | leave out | fail |
//! | key store | fail | fail | later | stop | fail |
//! | unauthorized | fail | fail | set aside | stop | fail |
//! | already exists | fail | adopt | set aside | leave out | fail |
//! | rejected | fail | fail | set aside | leave out | fail |
//! | gone | fail | fail | nothing left to do | leave out | fail |
//! | unsupported | fail | fail | set aside | leave out | fail |
//!
//! A create is only asked for again where the service has said that it did nothing; after any other failure the contact
//! may exist, and its intent stays to recognise it by. Botmatic's own client has tried again what may be tried again
//! before its failure gets here, so only requests to the external service are made once more; but nobody waits for an
//! import, which waits for Botmatic as long as it takes.

use std::time::Duration;

use crate::error::Error;
use crate::failure::Failure;
use crate::id::ExternalId;

/// How long somebody who waits for an answer is kept waiting because the external service wants us to.
const A_FEW_SECONDS: Duration = Duration::from_secs(5);

/// The pause before the same request is made again, where the service has not asked for another one.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a listing is patient with failures in passing: for four pauses.
const A_WHILE: Duration = Duration::from_secs(15);

/// How long whoever works with nobody waiting is patient with a service that wants fewer requests.
const AN_HOUR: Duration = Duration::from_secs(60 * 60);

/// The first of the pauses that grow, each twice as long as the one before it, ...
const SHORTEST: Duration = Duration::from_secs(1);

/// ... and the longest.
const LONGEST: Duration = Duration::from_secs(60);

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// A request to the external service, for a call that somebody waits for, that does the same when it is made twice:
    /// reading, changing, deleting.
    Repeatable,
    /// The request that creates somebody there.
    Create,
    /// A whole event that was accepted, with nobody waiting.
    Accepted,
    /// One contact of an import.
    Item,
    /// The listing of all contacts for an import or a plan, with nobody waiting.
    Listing,
}

/// What is done about a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// The same request is made again after a pause; so many times in all if it fails the same way.
    Again {
        /// The pause.
        after: Duration,
        /// How often at most.
        times: u32,
    },
    /// The same is done again and again, with pauses between.
    Persist {
        /// The pause that was asked for; if none was, they grow.
        after: Option<Duration>,
        /// How long all pauses may be together, until something has gone through.
        within: Duration,
    },
    /// The contact that is there already becomes the one that was to be created.
    Adopt(ExternalId),
    /// Whoever waits is told.
    Fail,
    /// The event is worked on again, not before that time has passed if there is one.
    Later(Option<Duration>),
    /// The event is kept for somebody to look at: nothing changes by itself.
    SetAside,
    /// There is nothing left to do for the event.
    Settled,
    /// The contact is reported, and the import goes on with the next.
    LeaveOut,
    /// The import ends, and says why: no other contact would fare better.
    Stop,
}

/// How often something was tried in vain.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    failed: u32,
    waited: Duration,
}

impl Tries {
    /// It was in vain once more. The pause before the next attempt, if this is a reaction that makes one.
    pub(crate) fn pause(&mut self, reaction: &Reaction) -> Option<Duration> {
        let pause = match *reaction {
            Reaction::Again { after, times } => (self.failed < times).then_some(after)?,
            Reaction::Persist { after, within } => {
                let growing = || SHORTEST.saturating_mul(1 << self.failed.min(16));
                let pause = after.map_or_else(|| growing().min(LONGEST), |after| after.max(SHORTEST));
                (self.waited.saturating_add(pause) <= within).then_some(pause)?
            }
            _ => return None,
        };
        self.failed = self.failed.saturating_add(1);
        self.waited = self.waited.saturating_add(pause);
        Some(pause)
    }

    /// Whether nothing has gone through since it failed.
    pub(crate) fn are_in_vain(&self) -> bool {
        self.failed > 0
    }
}

impl Failure {
    /// What is done about it, by what was being done.
    pub(crate) fn reaction(&self, work: Work) -> Reaction {
        match (work, self) {
            (Work::Repeatable, Self::Transient) => Reaction::Again { after: PAUSE, times: 1 },
            (Work::Repeatable | Work::Create, Self::Throttled(wait)) => match wait.unwrap_or(PAUSE) {
                wait if wait <= A_FEW_SECONDS => Reaction::Again { after: wait.max(PAUSE), times: 2 },
                _ => Reaction::Fail,
            },
            (Work::Create, Self::AlreadyExists(id)) => Reaction::Adopt(id.clone()),
            (Work::Item | Work::Listing, Self::Throttled(wait)) => {
                Reaction::Persist { after: *wait, within: AN_HOUR }
            }
            (Work::Listing, Self::Transient) => Reaction::Persist { after: None, within: A_WHILE },
            (Work::Repeatable | Work::Create | Work::Listing, _) => Reaction::Fail,

            (Work::Accepted, Self::Transient | Self::Busy | Self::KeyStore) => Reaction::Later(None),
            (Work::Accepted, Self::Throttled(wait)) => Reaction::Later(*wait),
            (Work::Accepted, Self::Gone) => Reaction::Settled,
            (
                Work::Accepted,
                Self::Unauthorized | Self::AlreadyExists(_) | Self::Rejected | Self::Unsupported,
            ) => Reaction::SetAside,

            (Work::Item, Self::KeyStore | Self::Unauthorized) => Reaction::Stop,
            (
                Work::Item,
                Self::Transient
                | Self::Busy
                | Self::AlreadyExists(_)
                | Self::Rejected
                | Self::Gone
                | Self::Unsupported,
            ) => Reaction::LeaveOut,
        }
    }
}

impl Error {
    /// What is done about it, by what was being done.
    pub(crate) fn reaction(&self, work: Work) -> Reaction {
        self.failure().reaction(work)
    }

    /// Whether the same may go through when it is tried again later, without anybody changing anything: not before
    /// [`retry_after`](Self::retry_after), if that says something.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.reaction(Work::Accepted), Reaction::Later(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table above, as it is written there.
    fn table() -> Vec<[String; 6]> {
        let rows = include_str!("reactions.rs").lines().map_while(|line| line.strip_prefix("//!"));
        let rows = rows.map(str::trim).filter(|line| line.starts_with('|')).skip(2);
        let cells = |row: &str| -> Vec<_> {
            row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        rows.map(|row| cells(row).try_into().expect("six columns")).collect()
    }

    fn failures(named: &str) -> Vec<Failure> {
        let seconds = |seconds| Failure::Throttled(Some(Duration::from_secs(seconds)));
        match named {
            "transient" => vec![Failure::Transient],
            "throttled, for a few seconds" => {
                vec![Failure::Throttled(None), seconds(0), seconds(1), seconds(5)]
            }
            "throttled for longer" => vec![seconds(6), seconds(3600), seconds(u64::MAX)],
            "busy" => vec![Failure::Busy],
            "key store" => vec![Failure::KeyStore],
            "unauthorized" => vec![Failure::Unauthorized],
            "already exists" => vec![Failure::AlreadyExists(17_u64.into())],
            "rejected" => vec![Failure::Rejected],
            "gone" => vec![Failure::Gone],
            "unsupported" => vec![Failure::Unsupported],
            other => panic!("no failure is called {other}"),
        }
    }

    fn reaction(named: &str, failure: &Failure) -> Reaction {
        let wait = failure.retry_after();
        match named {
            "again, once" => Reaction::Again { after: PAUSE, times: 1 },
            "again, twice" => Reaction::Again { after: wait.unwrap_or_default().max(PAUSE), times: 2 },
            "again, for 15 s" => Reaction::Persist { after: None, within: A_WHILE },
            "again, for an hour" => Reaction::Persist { after: wait, within: AN_HOUR },
            "adopt" => Reaction::Adopt(17_u64.into()),
            "fail" => Reaction::Fail,
            "later" => Reaction::Later(None),
            "later, then" => Reaction::Later(wait),
            "set aside" => Reaction::SetAside,
            "nothing left to do" => Reaction::Settled,
            "leave out" => Reaction::LeaveOut,
            "stop" => Reaction::Stop,
            other => panic!("no reaction is called {other}"),
        }
    }

    #[test]
    fn the_table_is_what_is_done() {
        let table = table();
        assert_eq!(table.len(), 10);
        for [named, reactions @ ..] in table {
            let works = [Work::Repeatable, Work::Create, Work::Accepted, Work::Item, Work::Listing];
            for ((work, expected), failure) in works
                .iter()
                .zip(&reactions)
                .flat_map(|row| failures(&named).into_iter().map(move |one| (row, one)))
            {
                assert_eq!(failure.reaction(*work), reaction(expected, &failure), "{work:?}: {failure:?}");
            }
        }
    }

    #[test]
    fn pauses_grow_or_are_those_that_were_asked_for_and_end() {
        let pauses = |after: Option<u64>, within| {
            let (mut tries, mut pauses) = (Tries::default(), Vec::new());
            let reaction = Reaction::Persist { after: after.map(Duration::from_secs), within };
            while let Some(pause) = tries.pause(&reaction) {
                pauses.push(pause.as_secs());
            }
            pauses
        };
        assert_eq!(pauses(None, A_WHILE), [1, 2, 4, 8]);
        let all = pauses(None, AN_HOUR);
        assert_eq!((&all[..8], all.iter().sum()), (&[1, 2, 4, 8, 16, 32, 60, 60][..], 3543_u64));
        assert_eq!(pauses(Some(1200), AN_HOUR), [1200; 3]);
        assert_eq!(
            pauses(Some(0), A_WHILE),
            [1; 15],
            "who asks for no pause is asked again, and not at once"
        );
        assert_eq!(pauses(Some(3601), AN_HOUR), [0; 0]);
        assert_eq!(pauses(Some(u64::MAX), AN_HOUR), [0; 0]);
    }
}
