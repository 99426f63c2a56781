//! One look at a line: its first event is tried, and either over or to be tried again.
//!
//! A try is the sync, which may be done twice, and then the user's handler, which is called once: what becomes of the
//! event is decided by what came of the sync alone.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use jiff::SignedDuration;

use super::queue::{Fate, Queue, Standing};
use super::record::{Accepted, Reminder, after};
use crate::agenda::Acceptance;
use crate::auth::AnyClient;
use crate::call::Request;
use crate::clock::jittered;
use crate::error::{Error, Kind, Result};
use crate::integration::{Answer, Inner, Integration};
use crate::key_store::Claim;
use crate::outcome::Outcome;
use crate::reply::Reply;
use crate::sync::{Reaction, Work};
use crate::token::Token;

/// After how long a sync that has not come to its end is broken off, and then the handler.
const TOO_LONG: Duration = Duration::from_secs(5 * 60);

/// How long an event waits at most after its first try; twice as long after each further one.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// The longest of these pauses.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(10);

/// How long is waited at most where the service asks for it.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// Where a line stands after a look at it.
pub(super) enum Look {
    /// The first event is over, and is answered so. The next one has moved up, if there is one.
    Over(Answer, Option<Reminder>),
    /// Nobody can be worked on at the moment.
    Waits,
}

/// The event of a call.
pub(super) struct Own<'a> {
    pub(super) key: &'a str,
    pub(super) client: &'a AnyClient,
    pub(super) acceptance: &'a Acceptance,
}

/// What came of trying an event.
enum Tried {
    /// Its sync is at its end, well or not.
    Ended(Request, Result<Outcome>),
    /// Its sync was replaced since it was accepted: it is the handler's alone.
    Replaced(Request),
    /// Nobody says whose it is.
    Unserved(&'static str),
}

/// What is left to do after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    /// It has failed, and trying it again changes nothing.
    Failure,
    /// It has failed, and that may pass.
    Passing,
}

/// What went wrong.
struct Why {
    /// Without anybody's words, for the log.
    outline: String,
    message: String,
}

impl<I: Integration> Inner<I> {
    /// Tries the first event of a line that was claimed, if that can be done now. Of a call's `own` event only that is
    /// tried.
    pub(super) async fn look(
        &self,
        queue: &Queue<'_>,
        claim: &Claim,
        token: &Token,
        reminder: &Reminder,
        own: Option<Own<'_>>,
    ) -> Result<Look> {
        let Some(mut standing) = queue.first(&reminder.line).await? else {
            queue.remind(claim, reminder, None).await?;
            return Ok(Look::Waits);
        };
        let Standing { key, event, .. } = &mut standing;
        if event.due > queue.now() {
            let when = Reminder::new(reminder.line.clone(), event.due);
            queue.remind(claim, reminder, Some(&when)).await?;
            return Ok(Look::Waits);
        }
        if own.as_ref().is_some_and(|own| own.key != key) {
            return Ok(Look::Waits);
        }
        let is_last = queue.now().duration_since(event.at) >= queue.agenda.patience;
        let tried = self.try_sync(token, event, own.as_ref().map(|own| own.client)).await;
        let (left, why, wait) = tried.left();
        event.tries = event.tries.saturating_add(1);
        let answer = match tried {
            _ if left == Left::Passing && !is_last => Answer::done(),
            Tried::Ended(request, outcome) => self.in_time(self.synced(request, outcome)).await,
            Tried::Replaced(request) => self.in_time(self.heard(request, Reply::done())).await,
            Tried::Unserved(_) => Answer::done(),
        };
        if let Some(wait) = wait {
            queue.agenda.pause(queue.installation, after(queue.now(), asked(key, event.tries, wait)));
        }
        if let Some(why) = why {
            let pause = pause(key, event.tries, wait);
            event.failed(why);
            event.due = after(queue.now(), pause);
        }
        let fate = fate(left, is_last, || own.as_ref().is_some_and(|own| own.acceptance.take()));
        log(queue, event, &fate);
        let goes_on = matches!(fate, Fate::Again);
        let settled = queue.settle(claim, standing, fate, reminder).await;
        match settled {
            _ if goes_on => settled.map(|_| Look::Waits),
            Ok(next) => Ok(Look::Over(answer, next)),
            // It is over, and will be found so when it is tried again.
            Err(error) if own.is_some() => {
                let installation = queue.installation;
                tracing::warn!(%installation, error = %error.outline(), "an event that is done stays in line");
                Ok(Look::Over(answer, None))
            }
            Err(error) => Err(error),
        }
    }

    /// Does what an event asks for, and breaks off what does not come to an end.
    async fn try_sync(&self, token: &Token, event: &Accepted, client: Option<&AnyClient>) -> Tried {
        let client = match client {
            Some(client) => client.clone(),
            None => match self.authorize(token).await {
                Ok(Some(client)) => client,
                Ok(None) => return Tried::Unserved("its token is not served"),
                Err(_) => return Tried::Unserved("the authorizer failed"),
            },
        };
        let request = event.request(token, client);
        let told = self.told(&request.name, request.data.as_deref());
        let Some((sync, told)) = self.sync_of(&request.name).zip(told) else {
            return Tried::Replaced(request);
        };
        let outcome = match told {
            Ok(contact) => self.to_its_end(sync(&self.context, &request, contact)).await,
            Err(malformed) => Ok(Err(malformed.into())),
        };
        let outcome =
            outcome.unwrap_or_else(|why| Err(Error::new(Kind::Consumer, format!("the sync {why}"))));
        Tried::Ended(request, outcome)
    }

    /// Has a handler answer. What it does may not be done twice, so it is not called again whatever becomes of it.
    async fn in_time(&self, handler: impl Future<Output = Answer> + Send) -> Answer {
        self.to_its_end(Box::pin(handler)).await.unwrap_or_else(|why| {
            tracing::error!("a handler of an accepted event {why}");
            Answer::refused(&format!("the handler {why}"))
        })
    }

    /// Waits for a piece of work; an error that says why it did not come to its end, if it did not.
    async fn to_its_end<T>(&self, work: impl Future<Output = T> + Send + Unpin) -> Result<T, &'static str> {
        let work = AssertUnwindSafe(work).catch_unwind();
        match select(work, self.context.clock.sleep(TOO_LONG)).await {
            Either::Left((Ok(done), _)) => Ok(done),
            Either::Left((Err(_), _)) => Err("panicked"),
            Either::Right(_) => Err("took too long"),
        }
    }
}

impl Tried {
    /// What is left to do, why, and after how long if somebody has asked for that.
    fn left(&self) -> (Left, Option<Why>, Option<Duration>) {
        let error = match self {
            Self::Replaced(_) | Self::Ended(_, Ok(_)) => return (Left::Nothing, None, None),
            Self::Unserved(why) => {
                let why = Why { outline: (*why).to_owned(), message: (*why).to_owned() };
                return (Left::Passing, Some(why), None);
            }
            Self::Ended(_, Err(error)) => error,
        };
        let why = Why { outline: error.outline().to_string(), message: error.to_string() };
        match error.reaction(Work::Accepted) {
            Reaction::Settled => (Left::Nothing, None, None),
            Reaction::Later(wait) => (Left::Passing, Some(why), wait),
            _ => (Left::Failure, Some(why), None),
        }
    }
}

/// What becomes of an event after a try. Whose call is still there to be told of a failure is not kept; of all others
/// Botmatic was told that they are accepted.
fn fate(left: Left, is_last: bool, is_told: impl Fn() -> bool) -> Fate {
    match left {
        Left::Nothing => Fate::Done,
        Left::Passing if !is_last => Fate::Again,
        Left::Passing | Left::Failure if is_told() => Fate::Done,
        Left::Passing | Left::Failure => Fate::SetAside,
    }
}

/// How long an event waits after a try.
fn pause(key: &str, tries: u32, wait: Option<Duration>) -> SignedDuration {
    let doubled = FIRST_PAUSE.checked_mul(1 << tries.saturating_sub(1).min(16));
    let pause = jittered(doubled.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE), &format!("{key}{tries}"));
    wait.map_or(pause, |wait| asked(key, tries, wait).max(pause))
}

/// How long a service is left alone that asked for that: somewhat longer, so that not everybody comes at once then.
fn asked(key: &str, tries: u32, wait: Duration) -> SignedDuration {
    let wait = SignedDuration::try_from(wait).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
    wait + jittered(FIRST_PAUSE, &format!("{key}{tries}"))
}

fn log(queue: &Queue<'_>, event: &Accepted, fate: &Fate) {
    let Accepted { event: name, contact, tries, why, .. } = event;
    let installation = queue.installation;
    match fate {
        Fate::Done => {}
        Fate::Again => tracing::info!(%installation, event = name, %contact, tries, why, "to be tried again"),
        Fate::SetAside => tracing::error!(%installation, event = name, %contact, tries, why, "set aside"),
    }
}

impl Accepted {
    fn failed(&mut self, Why { outline, message }: Why) {
        (self.why, self.message) = (outline, message);
    }

    /// The call that it was.
    fn request(&self, token: &Token, client: AnyClient) -> Request {
        Request {
            name: self.event.clone(),
            data: self.data.clone(),
            members: self.members.clone(),
            token: token.clone(),
            client,
            captures: Vec::new(),
            outcome: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_of_an_event_follows_from_its_sync_and_from_who_is_told() {
        use Left::{Failure, Nothing, Passing};
        let becomes = |left, is_last, is_told| match fate(left, is_last, || is_told) {
            Fate::Done => "done",
            Fate::Again => "again",
            Fate::SetAside => "set aside",
        };
        for (left, is_last, told, not_told) in [
            (Nothing, false, "done", "done"),
            (Nothing, true, "done", "done"),
            (Failure, false, "done", "set aside"),
            (Failure, true, "done", "set aside"),
            (Passing, false, "again", "again"),
            (Passing, true, "done", "set aside"),
        ] {
            assert_eq!(becomes(left, is_last, true), told, "{left:?}, last: {is_last}");
            assert_eq!(becomes(left, is_last, false), not_told, "{left:?}, last: {is_last}");
        }
    }

    #[test]
    fn nobody_is_kept_from_being_told_where_nothing_has_failed_for_good() {
        for (left, is_last) in [(Left::Nothing, true), (Left::Passing, false)] {
            fate(left, is_last, || panic!("its answer is not ours to take"));
        }
    }

    #[test]
    fn pauses_grow_up_to_a_limit_and_are_longer_than_what_was_asked_for() {
        let pauses: Vec<_> = (1..=40).map(|tries| pause("e1", tries, None)).collect();
        for (tries, pause) in (0..).zip(&pauses) {
            let whole = FIRST_PAUSE.checked_mul(1 << tries.min(20)).unwrap().min(LONGEST_PAUSE);
            assert!(*pause >= whole / 2 && *pause <= whole, "{tries}: {pause:?}");
        }
        assert_eq!(pause("e1", u32::MAX, None), pause("e1", u32::MAX, Some(Duration::ZERO)));
        let hour = SignedDuration::from_hours(1);
        for (wait, least) in [(hour.unsigned_abs(), hour), (Duration::MAX, LONGEST_WAIT)] {
            let pauses = ["e1", "e2", "e3"].map(|key| pause(key, 1, Some(wait)));
            assert!(pauses.iter().all(|pause| *pause > least && *pause <= least + FIRST_PAUSE), "{pauses:?}");
            assert!(pauses[0] != pauses[1] || pauses[1] != pauses[2], "{pauses:?}");
        }
    }
}
