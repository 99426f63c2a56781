//! What is tried when no call does so: later, or after a restart.

use std::collections::{HashMap, HashSet};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, FutureExt, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::{SignedDuration, Timestamp};

use super::attempt::Look;
use super::queue::Queue;
use super::record::{Line, Reminder, after};
use crate::agenda::{Agenda, Attendance, Begun};
use crate::error::{Error, Result};
use crate::integration::{Inner, Integration, Service};
use crate::key_store::Journal;
use crate::token::{InstallationId, Token};

/// How often it is looked what other processes have left behind.
const ROUND: SignedDuration = SignedDuration::from_secs(60);

/// How long a store that failed is left alone, and a line at which somebody else is.
const REST: SignedDuration = SignedDuration::from_secs(5);

/// How long one waits for somebody else who is at a line.
const TURN: Duration = Duration::from_secs(1);

/// How many lines are worked on at once.
const LINES: usize = 32;

/// How many of these are of one installation.
const LINES_OF_ONE: usize = 4;

/// How many reminders are read at once; several may be of one line.
const PAGE: usize = 2 * LINES_OF_ONE;

/// The reminders of how many installations are read at once.
const READS: usize = 4;

/// How many installations are read at once.
const INSTALLATIONS: usize = 100;

impl<I: Integration> Service<I> {
    /// Works on accepted events that are not done, until `end` comes to an end: those that have to be tried again, and
    /// those that a process left behind that was killed. Then what is under way is brought to its end, and this returns.
    ///
    /// [`serve`](Self::serve) and [`serve_with`](Self::serve_with) do this beside the server. Who serves the
    /// [router](Self::router) in another way runs it beside that, once in each process; of several processes over one
    /// key store each takes a part. Without [`Builder::durable`](crate::Builder::durable) there is nothing to work on: if
    /// there are events that were accepted when it was there, a warning in the log says so.
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
            None => {
                let left_behind = pin!(inner.warn_of_left_behind());
                if let Either::Left(((), end)) = select(left_behind, pin!(end)).await {
                    end.await;
                }
            }
        }
    }
}

impl<I: Integration> Inner<I> {
    /// Says in the log if events were accepted that nobody works on any more; looks at some installations only.
    async fn warn_of_left_behind(&self) {
        let key_store = &self.context.key_store;
        let is_left_behind = async {
            for installation in key_store.installations(None, INSTALLATIONS).await? {
                let id = installation.token.installation();
                if !key_store.entries(id, Journal::Accepted, None, 1).await?.is_empty() {
                    return Ok(true);
                }
            }
            Ok::<_, Error>(false)
        };
        if is_left_behind.await.unwrap_or_default() {
            tracing::warn!(
                "events were accepted, and nobody works on them without `.durable()` on the builder: have another \
                 service over this key store do so, until nothing is left"
            );
        }
    }
}

/// Something that a worker waits for.
enum Event {
    /// It was told to end.
    Told,
    /// There may be something to begin with.
    Due,
    /// All installations were put on the agenda.
    Round(Result<()>),
    /// The next reminders of an installation were read, if there is one of that id.
    Read(InstallationId, Result<Option<(Token, Vec<Reminder>)>>),
    /// A line was looked at, or somebody else is at it.
    Looked(Token, Line, Result<Option<Look>>),
    /// What a call had begun is at its end.
    Finished,
}

struct Worker<'a, I> {
    inner: &'a Inner<I>,
    agenda: &'a Agenda,
    attendance: Attendance<'a>,
    under_way: FuturesUnordered<BoxFuture<'a, Event>>,
    /// The lines that are being looked at.
    busy: HashSet<(InstallationId, Line)>,
    /// The lines that somebody else is at, and until when they are left alone.
    resting: HashMap<(InstallationId, Line), Timestamp>,
    /// The installations whose reminders are being read.
    reading: HashSet<InstallationId>,
    /// When all installations are looked at the next time; nothing while they are.
    round: Option<Timestamp>,
}

impl<'a, I: Integration> Worker<'a, I> {
    fn new(inner: &'a Inner<I>, agenda: &'a Agenda) -> Self {
        Self {
            inner,
            agenda,
            attendance: agenda.attend(),
            under_way: FuturesUnordered::new(),
            busy: HashSet::new(),
            resting: HashMap::new(),
            reading: HashSet::new(),
            round: Some(Timestamp::MIN),
        }
    }

    async fn work(mut self, end: impl Future<Output = ()> + Send) {
        let mut end = pin!(end);
        loop {
            self.take_up();
            match self.event(end.as_mut()).await {
                Event::Told => break,
                Event::Due | Event::Finished => {}
                Event::Round(gone) => self.gone_round(gone),
                Event::Read(id, read) => self.has_read(id, read),
                Event::Looked(token, line, looked) => self.has_looked(token, line, looked),
            }
        }
        self.under_way.extend(self.attendance.end().into_iter().map(finished));
        while self.under_way.next().await.is_some() {}
    }

    /// Waits for what happens next, and nowhere else is anything waited for: so whatever is under way goes on.
    async fn event(&mut self, mut end: Pin<&mut impl Future<Output = ()>>) -> Event {
        let mut pause = self.inner.context.clock.sleep(self.pause());
        let mut news = pin!(self.agenda.news.notified());
        poll_fn(|context| {
            if end.as_mut().poll(context).is_ready() {
                return Poll::Ready(Event::Told);
            }
            if let Poll::Ready(Some(event)) = self.under_way.poll_next_unpin(context) {
                return Poll::Ready(event);
            }
            if news.as_mut().poll(context).is_ready() || pause.poll_unpin(context).is_ready() {
                return Poll::Ready(Event::Due);
            }
            Poll::Pending
        })
        .await
    }

    /// Begins with what is to be done now, as far as there is room.
    fn take_up(&mut self) {
        self.under_way.extend(self.agenda.handed_over().into_iter().map(finished));
        let now = self.now();
        if self.round.is_some_and(|round| round <= now) {
            self.round = None;
            let (inner, agenda) = (self.inner, self.agenda);
            self.under_way.push(Box::pin(async move { Event::Round(go_round(inner, agenda, now).await) }));
        }
        while let Some((id, at)) = self.next()
            && at <= now
        {
            self.agenda.take_off(id);
            match self.agenda.paused(id, now) {
                Some(until) => self.agenda.remind(id, until),
                None => self.read(id, None),
            }
        }
    }

    /// The installation whose reminders are to be read next, if there is room for one.
    fn next(&self) -> Option<(InstallationId, Timestamp)> {
        let has_room = self.reading.len() < READS && self.busy.len() < LINES;
        self.agenda.next(|id| self.reading.contains(id)).filter(|_| has_room)
    }

    fn gone_round(&mut self, gone: Result<()>) {
        let rest = match gone {
            Ok(()) => ROUND,
            Err(error) => {
                tracing::warn!(error = %error.outline(), "what was accepted cannot be looked through");
                REST
            }
        };
        self.round = Some(after(self.now(), rest));
    }

    /// Reads the reminders of an installation.
    fn read(&mut self, id: InstallationId, after: Option<Reminder>) {
        self.reading.insert(id);
        let (inner, agenda) = (self.inner, self.agenda);
        self.under_way.push(Box::pin(async move {
            let read = async {
                let Some(installation) = inner.context.key_store.installation(id).await? else {
                    return Ok(None);
                };
                let queue = Queue::new(&inner.context, agenda, id);
                Ok(Some((installation.token, queue.reminders(after.as_ref(), PAGE).await?)))
            };
            Event::Read(id, read.await)
        }));
    }

    /// Begins with the lines of an installation that are due, and reads on where others are at them.
    fn has_read(&mut self, id: InstallationId, read: Result<Option<(Token, Vec<Reminder>)>>) {
        self.reading.remove(&id);
        let (token, reminders) = match read {
            Ok(Some(read)) => read,
            Ok(None) => return,
            Err(error) => return self.rest(id, &error),
        };
        let now = self.now();
        self.resting.retain(|_, until| *until > now);
        let more = reminders.last().filter(|_| reminders.len() == PAGE).cloned();
        let mut of_this_one = self.busy.iter().filter(|(of, _)| *of == id).count();
        for reminder in reminders {
            if reminder.at > now {
                return self.agenda.remind(id, reminder.at);
            }
            // There is another look when one of these has ended.
            if of_this_one == LINES_OF_ONE {
                return;
            }
            if self.busy.len() >= LINES {
                return self.agenda.remind(id, now);
            }
            let line = (id, reminder.line.clone());
            if let Some(until) = self.resting.get(&line) {
                self.agenda.remind(id, *until);
            } else if self.busy.insert(line) {
                of_this_one += 1;
                self.begin(token.clone(), reminder);
            }
        }
        if more.is_some() {
            self.read(id, more);
        }
    }

    fn begin(&self, token: Token, reminder: Reminder) {
        let (inner, agenda) = (self.inner, self.agenda);
        self.under_way.push(Box::pin(async move {
            let queue = Queue::new(&inner.context, agenda, token.installation());
            let looked = async {
                let claim =
                    match select(queue.turn(&reminder.line).boxed(), inner.context.clock.sleep(TURN)).await {
                        Either::Left((claim, _)) => claim?,
                        Either::Right(_) => return Ok(None),
                    };
                inner.look(&queue, &claim, &token, &reminder, None).await.map(Some)
            };
            let looked = looked.await;
            Event::Looked(token, reminder.line, looked)
        }));
    }

    fn has_looked(&mut self, token: Token, line: Line, looked: Result<Option<Look>>) {
        let (id, now) = (token.installation(), self.now());
        match looked {
            Ok(Some(Look::Over(_, Some(next)))) if self.agenda.paused(id, now).is_none() => {
                return self.begin(token, next);
            }
            Ok(Some(_)) => self.agenda.remind(id, now),
            Ok(None) => {
                self.resting.insert((id, line.clone()), after(now, REST));
                self.agenda.remind(id, now);
            }
            Err(error) => self.rest(id, &error),
        }
        self.busy.remove(&(id, line));
    }

    /// Leaves an installation alone for a while.
    fn rest(&self, installation: InstallationId, error: &Error) {
        tracing::warn!(%installation, error = %error.outline(), "what was accepted cannot be worked on");
        self.agenda.remind(installation, after(self.now(), REST));
    }

    /// How long there is nothing to begin with.
    fn pause(&self) -> Duration {
        let next = self.next().map(|(_, at)| at).into_iter().chain(self.round).min();
        let next = next.map(|next| next.duration_since(self.now()).try_into().unwrap_or_default());
        next.unwrap_or(ROUND.unsigned_abs())
    }

    fn now(&self) -> Timestamp {
        self.inner.context.clock.now()
    }
}

fn finished<'a>(begun: Begun) -> BoxFuture<'a, Event> {
    begun.map(|()| Event::Finished).boxed()
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
