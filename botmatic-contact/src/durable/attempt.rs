//! One look at a line: its first event is tried, and either over or to be tried again.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use jiff::SignedDuration;

use super::queue::{Fate, Queue, Standing};
use super::record::{Accepted, Reminder, jittered};
use crate::auth::AnyClient;
use crate::call::Request;
use crate::error::{Error, Result};
use crate::integration::{Answer, Inner, Integration};
use crate::reply::Reply;
use crate::sync::{Reaction, Work};
use crate::token::Token;

/// After how long a try that has not come to its end is broken off.
const TOO_LONG: Duration = Duration::from_secs(5 * 60);

/// How long an event waits at most after its first try; twice as long after each further one.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// The longest of these pauses.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(10);

/// How long is waited at most where the service asks for it.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// Where a line stands after a look at it.
pub(super) enum Look {
    /// The first event is over; it had this key, and is answered so. The next one has moved up, if there is one.
    Over(String, Answer, Option<Reminder>),
    /// Nobody can be worked on at the moment.
    Waits,
}

/// What came of trying an event.
enum Tried {
    /// It has been brought to an end; with the reason, if that was a failure.
    Over(Answer, Option<Why>),
    /// It has failed, and that may pass.
    Failed { why: Why, wait: Option<Duration> },
}

/// What went wrong.
struct Why {
    /// Without anybody's words, for the log.
    outline: String,
    message: String,
}

impl From<&Error> for Why {
    fn from(error: &Error) -> Self {
        Self { outline: error.outline().to_string(), message: error.to_string() }
    }
}

impl From<&str> for Why {
    fn from(message: &str) -> Self {
        Self { outline: message.to_owned(), message: message.to_owned() }
    }
}

impl<I: Integration> Inner<I> {
    /// Tries the first event of a line, if that can be done now. `own` is the key of the event whose call waits for the
    /// answer: when it fails for good, the answer says so, and it is not kept.
    pub(super) async fn look(
        &self,
        queue: &Queue<'_>,
        token: &Token,
        reminder: &Reminder,
        own: Option<(&str, &AnyClient)>,
    ) -> Result<Look> {
        let Some(claim) = queue.turn(&reminder.line).await? else { return Ok(Look::Waits) };
        let Some(mut standing) = queue.first(&reminder.line).await? else {
            queue.remind(&claim, reminder, None).await?;
            return Ok(Look::Waits);
        };
        let Standing { key, event, .. } = &mut standing;
        if event.due > queue.now() {
            let when = Reminder { line: reminder.line.clone(), at: event.due };
            queue.remind(&claim, reminder, Some(&when)).await?;
            return Ok(Look::Waits);
        }
        let key = key.clone();
        let is_last = queue.now().duration_since(event.at) >= queue.agenda.patience;
        let tried = self.in_time(token, event, own.map(|(_, client)| client), is_last).await;
        let is_own = own.is_some_and(|(own, _)| own == key);
        event.tries = event.tries.saturating_add(1);
        let (fate, answer) = match tried {
            Tried::Over(answer, why) => match why.filter(|_| !is_own) {
                None => (Fate::Done, answer),
                Some(why) => {
                    event.failed(why);
                    (Fate::SetAside, answer)
                }
            },
            Tried::Failed { why, wait } => {
                event.failed(why);
                let pause = pause(&key, event.tries, wait);
                event.due = queue.now().saturating_add(pause).unwrap_or(event.due);
                (if is_last { Fate::SetAside } else { Fate::Again }, Answer::done())
            }
        };
        log(queue, event, &fate);
        let goes_on = matches!(fate, Fate::Again);
        let settled = queue.settle(&claim, standing, fate, reminder).await;
        match settled {
            _ if goes_on => settled.map(|_| Look::Waits),
            Ok(next) => Ok(Look::Over(key, answer, next)),
            // It is over, and will be found so when it is tried again.
            Err(error) if is_own => {
                let installation = queue.installation;
                tracing::warn!(%installation, error = %error.outline(), "an event that is done stays in line");
                Ok(Look::Over(key, answer, None))
            }
            Err(error) => Err(error),
        }
    }

    /// Tries an event, and breaks off what does not come to an end.
    async fn in_time(
        &self,
        token: &Token,
        event: &Accepted,
        client: Option<&AnyClient>,
        is_last: bool,
    ) -> Tried {
        let attempt = AssertUnwindSafe(self.attempt(token, event, client, is_last)).catch_unwind();
        let why = match select(Box::pin(attempt), self.context.clock.sleep(TOO_LONG)).await {
            Either::Left((Ok(tried), _)) => return tried,
            Either::Left((Err(_), _)) => "it panicked",
            Either::Right(_) => "it took too long",
        };
        Tried::Failed { why: why.into(), wait: None }
    }

    async fn attempt(
        &self,
        token: &Token,
        event: &Accepted,
        client: Option<&AnyClient>,
        is_last: bool,
    ) -> Tried {
        let client = match client {
            Some(client) => client.clone(),
            None => match self.authorize(token).await {
                Ok(Some(client)) => client,
                Ok(None) => return Tried::Failed { why: "its token is not served".into(), wait: None },
                Err(_) => return Tried::Failed { why: "the authorizer failed".into(), wait: None },
            },
        };
        let request = event.request(token, client);
        // Its sync may have been replaced since.
        let told = self.told(&request.name, request.data.as_deref());
        let Some((sync, told)) = self.sync_of(&request.name).zip(told) else {
            return Tried::Over(self.heard(request, Reply::done()).await, None);
        };
        let outcome = match told {
            Ok(contact) => sync(&self.context, &request, contact).await,
            Err(malformed) => Err(malformed.into()),
        };
        let why = match outcome.as_ref().map_err(|error| (error.reaction(Work::Accepted), error)) {
            Ok(_) | Err((Reaction::Settled, _)) => None,
            Err((Reaction::Later(wait), error)) if !is_last => {
                return Tried::Failed { why: error.into(), wait };
            }
            Err((_, error)) => Some(error.into()),
        };
        Tried::Over(self.synced(request, outcome).await, why)
    }
}

/// How long an event waits after a try.
fn pause(key: &str, tries: u32, asked: Option<Duration>) -> SignedDuration {
    let doubled = FIRST_PAUSE.checked_mul(1 << tries.saturating_sub(1).min(16));
    let pause = jittered(doubled.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE), &format!("{key}{tries}"));
    let asked = asked.map(|asked| SignedDuration::try_from(asked).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT));
    asked.unwrap_or(pause).max(pause)
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
    fn pauses_grow_up_to_a_limit_and_are_no_shorter_than_what_was_asked_for() {
        let pauses: Vec<_> = (1..=40).map(|tries| pause("e1", tries, None)).collect();
        for (tries, pause) in (0..).zip(&pauses) {
            let whole = FIRST_PAUSE.checked_mul(1 << tries.min(20)).unwrap().min(LONGEST_PAUSE);
            assert!(*pause >= whole / 2 && *pause <= whole, "{tries}: {pause:?}");
        }
        assert_eq!(pause("e1", u32::MAX, None), pause("e1", u32::MAX, Some(Duration::ZERO)));
        let hour = SignedDuration::from_hours(1);
        assert_eq!(pause("e1", 1, Some(hour.unsigned_abs())), hour);
        assert_eq!(pause("e1", 1, Some(Duration::MAX)), LONGEST_WAIT);
    }
}
