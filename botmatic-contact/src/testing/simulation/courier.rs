//! Who tells the integration what happened: about one contact in order, about several at once, each until it is accepted.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use tokio::sync::oneshot;

use super::fault::Fault;
use super::plan::Side;
use super::process::News;
use super::scheduler::Group;
use super::world::{Event, Key, OUTSIDE, World};
use crate::clock::Clock;
use crate::error::Error;
use crate::id::ExternalId;
use crate::integration::Answer;
use crate::mapping::ContactMapping;
use crate::testing::Sample;
use crate::wire::webhook as wire;

/// How often something is told that is not accepted.
const ATTEMPTS: u32 = 30;

/// The first pause before something is told again; each further one is twice as long, up to the longest.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// What is said to whom has the e-mail address of somebody else.
const PAIRED_OTHERWISE: &str = "with this e-mail address is already paired";

/// How long an answer takes at most where nothing is unknown.
const SOON: Duration = Duration::from_secs(10);

/// How long an event is under way at most, in milliseconds.
const LATENCY: u64 = 60;

/// How long an event is under way at most that comes late, in milliseconds.
const LATE: u64 = 20_000;

/// What the integration said.
enum Said {
    Accepted,
    /// There is nobody whom it could be about: telling it again would change nothing.
    Nobody,
    Failed(String),
}

impl<M: ContactMapping + Sample + Clone> World<M> {
    /// Tells everything that there is to be told about somebody.
    pub(super) async fn tells(self: Arc<Self>, key: Key) {
        while let Some(event) = self.next_event(&key) {
            // Updates say neither when they happened nor what came before, so they are told in order, unless one can ask. What
            // Botmatic makes of what it is given it says first when it tells of the creation.
            let may_be_overtaken = match key.side {
                Side::Botmatic => {
                    !event.is_update() && !self.tells_changes && !self.tidy.contains(&Side::Botmatic)
                }
                Side::External => !self.tells_states || self.is_readable,
            };
            if may_be_overtaken && self.strikes(Fault::Reorder) {
                self.tells_beside(&key, event, LATE);
                self.told(&key);
                continue;
            }
            if !self.strikes(Fault::Duplicate) {
                self.tells_event(&key, &event).await;
            } else if may_be_overtaken {
                self.tells_beside(&key, event.clone(), LATENCY);
                self.tells_event(&key, &event).await;
            } else {
                let repetition = async {
                    self.passes(LATENCY).await;
                    self.tell_once(&key, &event).await;
                };
                join(self.tells_event(&key, &event), repetition).await;
            }
            self.told(&key);
            // Somebody who shares an address may have been refused, and what was refused is not told again.
            let may_be_refused = self.person(&key).is_some_and(|person| self.sharing.contains(&person));
            if !may_be_refused && self.strikes(Fault::Repeat) {
                // Nobody waits for this one.
                let (world, key) = (Arc::clone(&self), key.clone());
                self.clock.spawn(OUTSIDE, async move {
                    world.passes(LATE).await;
                    if may_be_overtaken {
                        world.tells_event(&key, &event).await;
                    } else if world.is_last(&key, &event) {
                        world.tell(key, event);
                    }
                });
            }
        }
    }

    /// Tells something while that goes on which comes after it.
    fn tells_beside(self: &Arc<Self>, key: &Key, event: Event<M>, milliseconds: u64) {
        let (world, key) = (Arc::clone(self), key.clone());
        world.put_aside(&key);
        self.clock.spawn(OUTSIDE, async move {
            world.passes(milliseconds).await;
            world.tells_event(&key, &event).await;
            world.told_late(&key);
        });
    }

    /// Tells something until it is accepted.
    async fn tells_event(self: &Arc<Self>, key: &Key, event: &Event<M>) {
        let mut pause = PAUSE;
        for attempt in 1.. {
            self.passes(if self.strikes(Fault::Delay) { LATE } else { LATENCY }).await;
            let said = self.tell_once(key, event).await;
            let Key { installation, side, id } = key;
            match said {
                Said::Accepted => {
                    self.note(format_args!("accepted: news from {side} about {id} of {installation}"));
                    break;
                }
                Said::Nobody => {
                    self.note(format_args!("about nobody: news from {side} about {id} of {installation}"));
                    break;
                }
                Said::Failed(why) => {
                    self.note(format_args!("refused: news from {side} about {id} of {installation}: {why}"));
                    if attempt == ATTEMPTS {
                        self.violated(format!("news from {side} are never accepted: {why}"));
                        return;
                    }
                }
            }
            self.clock.sleep(pause).await;
            pause = LONGEST_PAUSE.min(2 * pause);
        }
    }

    /// Tells something to one of the processes.
    async fn tell_once(self: &Arc<Self>, key: &Key, event: &Event<M>) -> Said {
        if self.strikes(Fault::LostEvent) {
            return Said::Failed("it never arrives".to_owned());
        }
        let Some((group, process)) = self.process() else {
            return Said::Failed("nobody listens".to_owned());
        };
        let Some(token) = self.tokens.get(key.installation).cloned() else {
            return Said::Nobody;
        };
        let asked = self.clock.elapsed();
        let said = match event {
            Event::Call { body, .. } => {
                let body = body.clone();
                let shares_address = self.person(key).is_some_and(|person| self.sharing.contains(&person));
                let told = async move { heard(&process.called(token, &body).await, shares_address) };
                self.at(group, told).await
            }
            Event::Changed { is_new, was } => {
                let (world, id, is_new, was) = (Arc::clone(self), key.id.clone(), *is_new, was.clone());
                let installation = key.installation;
                self.at(group, async move {
                    let contact = was.unwrap_or_else(|| world.entry(installation, id.parse().ok()?));
                    let news = match contact {
                        Some(contact) if is_new => News::Created(contact),
                        Some(contact) => News::Changed(contact),
                        None => News::Deleted(ExternalId::from(id)),
                    };
                    match process.told(&token, news).await {
                        Ok(()) => Said::Accepted,
                        Err(error) if error.is_not_found() => Said::Nobody,
                        Err(error) => Said::Failed(error.to_string()),
                    }
                })
                .await
            }
        };
        let took = self.clock.elapsed().saturating_sub(asked);
        if took > SOON && !self.state().is_unsure() {
            self.violated(format!("an answer takes {} s though nothing is unknown", took.as_secs()));
        }
        if self.strikes(Fault::LostAnswer) {
            return Said::Failed("the answer never arrives".to_owned());
        }
        said.unwrap_or_else(|| Said::Failed("the connection was closed".to_owned()))
    }

    /// Has a process do something; nothing if it ended before it was done.
    pub(super) async fn at<T: Send + 'static>(
        &self,
        group: Group,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, done) = oneshot::channel();
        self.clock.spawn(group, async move {
            // Who asked may be gone.
            let _ = sender.send(work.await);
        });
        done.await.ok()
    }
}

/// What an answer to an event of Botmatic's says.
fn heard(answer: &Answer, shares_address: bool) -> Said {
    let Answer::Reply(body) = answer else {
        return Said::Failed(format!("{answer:?}"));
    };
    match serde_json::from_slice(body) {
        Ok(wire::Answered { success: true, .. }) => Said::Accepted,
        Ok(wire::Answered { data, .. }) => match wire::error_in(&data) {
            Some(why) if why == Error::not_found().to_string() => Said::Nobody,
            Some(why) if shares_address && why.contains(PAIRED_OTHERWISE) => Said::Nobody,
            why => Said::Failed(why.unwrap_or("without a reason").to_owned()),
        },
        Err(_) => Said::Failed("the answer is not one".to_owned()),
    }
}
