//! What is tried when no call does so: later, or after a restart.

use std::collections::HashSet;
use std::future::{Future, pending};
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;

use super::attempt::Look;
use super::queue::Queue;
use super::record::{Line, Reminder};
use crate::agenda::Agenda;
use crate::error::{Error, Result};
use crate::integration::{Inner, Integration, Service};
use crate::token::{InstallationId, Token};

/// How often it is looked what other processes have left behind.
const ROUND: Duration = Duration::from_secs(60);

/// How long a store that failed is left alone, and a line at which somebody else is.
const REST: Duration = Duration::from_secs(5);

/// How many lines are worked on at once.
const LINES: usize = 32;

/// How many of these are of one installation.
const LINES_OF_ONE: usize = 4;

/// How many reminders are read at once; several may be of one line.
const PAGE: usize = 2 * LINES_OF_ONE;

/// How many installations are read at once.
const INSTALLATIONS: usize = 100;

impl<I: Integration> Service<I> {
    /// Works on accepted events that are not done, until `end` comes to an end: those that have to be tried again, and
    /// those that a process left behind that was killed. Then what is under way is brought to its end, and this returns.
    ///
    /// [`serve`](Self::serve) and [`serve_with`](Self::serve_with) do this beside the server. Who serves the
    /// [router](Self::router) in another way runs it beside that, once in each process; of several processes over one
    /// key store each takes a part. Without [`Builder::durable`](crate::Builder::durable) there is nothing to work on.
    ///
    /// ```no_run
    /// # use botmatic_contact::{Integration, Service, asked_to_end};
    /// # async fn run<I: Integration>(service: Service<I>) {
    /// tokio::spawn(async move { service.work(asked_to_end()).await });
    /// # }
    /// ```
    pub async fn work(&self, end: impl Future<Output = ()> + Send) {
        let inner = self.inner();
        match &inner.context.durable {
            Some(agenda) => Worker::new(inner, agenda).work(end).await,
            None => end.await,
        }
    }
}

/// A line at which work has ended for now.
struct Ended {
    token: Token,
    line: Line,
    looked: Result<Look>,
}

struct Worker<'a, I> {
    inner: &'a Inner<I>,
    agenda: &'a Agenda,
    busy: HashSet<(InstallationId, Line)>,
    under_way: FuturesUnordered<BoxFuture<'a, Ended>>,
    /// When all installations are looked at the next time.
    round: Timestamp,
}

impl<'a, I: Integration> Worker<'a, I> {
    fn new(inner: &'a Inner<I>, agenda: &'a Agenda) -> Self {
        agenda.attend();
        let (busy, under_way) = (HashSet::new(), FuturesUnordered::new());
        Self { inner, agenda, busy, under_way, round: Timestamp::MIN }
    }

    async fn work(mut self, end: impl Future<Output = ()> + Send) {
        let mut end = pin!(end);
        loop {
            self.take_up().await;
            let ended = {
                let pause = self.inner.context.clock.sleep(self.pause());
                let news = pin!(self.agenda.news.notified());
                let ended = pin!(async {
                    match self.under_way.next().await {
                        Some(ended) => ended,
                        None => pending().await,
                    }
                });
                match select(&mut end, select(ended, select(news, pause))).await {
                    Either::Left(_) => break,
                    Either::Right((Either::Left((ended, _)), _)) => Some(ended),
                    Either::Right((Either::Right(_), _)) => None,
                }
            };
            if let Some(ended) = ended {
                self.ended(ended);
            }
        }
        while self.under_way.next().await.is_some() {}
    }

    /// Begins with what is to be done now, as far as there is room.
    async fn take_up(&mut self) {
        let now = self.now();
        if now >= self.round {
            let rest = match go_round(self.inner, self.agenda, now).await {
                Ok(()) => ROUND,
                Err(error) => {
                    tracing::warn!(error = %error.outline(), "what was accepted cannot be looked through");
                    REST
                }
            };
            self.round = after(now, rest);
        }
        while self.under_way.len() < LINES
            && let Some((installation, at)) = self.agenda.next()
            && at <= now
        {
            self.agenda.take_off(installation);
            if let Err(error) = self.look_at(installation, now).await {
                self.rest(installation, &error);
            }
        }
    }

    /// Begins with the lines of an installation that are due.
    async fn look_at(&mut self, id: InstallationId, now: Timestamp) -> Result<()> {
        let Some(installation) = self.inner.context.key_store.installation(id).await? else {
            return Ok(());
        };
        let mut under_way = self.busy.iter().filter(|(of, _)| *of == id).count();
        for reminder in Queue::new(&self.inner.context, self.agenda, id).reminders(PAGE).await? {
            if reminder.at > now {
                self.agenda.remind(id, reminder.at);
                break;
            }
            // There is another look when one of these has ended.
            if under_way == LINES_OF_ONE {
                break;
            }
            if self.busy.insert((id, reminder.line.clone())) {
                under_way += 1;
                self.begin(installation.token.clone(), reminder);
            }
        }
        Ok(())
    }

    fn begin(&self, token: Token, reminder: Reminder) {
        let (inner, agenda) = (self.inner, self.agenda);
        self.under_way.push(Box::pin(async move {
            let queue = Queue::new(&inner.context, agenda, token.installation());
            let looked = inner.look(&queue, &token, &reminder, None).await;
            Ended { token, line: reminder.line, looked }
        }));
    }

    fn ended(&mut self, Ended { token, line, looked }: Ended) {
        let installation = token.installation();
        if let Ok(Look::Over(_, _, Some(next))) = looked {
            return self.begin(token, next);
        }
        self.busy.remove(&(installation, line));
        match looked {
            Ok(_) => self.agenda.remind(installation, self.now()),
            Err(error) => self.rest(installation, &error),
        }
    }

    /// Leaves an installation alone for a while.
    fn rest(&self, installation: InstallationId, error: &Error) {
        tracing::warn!(%installation, error = %error.outline(), "what was accepted cannot be worked on");
        self.agenda.remind(installation, after(self.now(), REST));
    }

    /// How long there is nothing to begin with.
    fn pause(&self) -> Duration {
        let next = self.agenda.next().filter(|_| self.under_way.len() < LINES);
        let next = next.map_or(self.round, |(_, at)| at.min(self.round));
        next.duration_since(self.now()).try_into().unwrap_or_default()
    }

    fn now(&self) -> Timestamp {
        self.inner.context.clock.now()
    }
}

/// Puts all installations on the agenda.
async fn go_round<I>(inner: &Inner<I>, agenda: &Agenda, now: Timestamp) -> Result<()> {
    let mut after = None;
    loop {
        let page = inner.context.key_store.installations(after, INSTALLATIONS).await?;
        let ids = page.iter().map(|installation| installation.token.installation());
        after = ids.inspect(|id| agenda.remind(*id, now)).last();
        if after.is_none() {
            return Ok(());
        }
    }
}

fn after(now: Timestamp, pause: Duration) -> Timestamp {
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}
