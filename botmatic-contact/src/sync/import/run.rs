//! An import from its beginning to its end: pages are read ahead, and several batches are under way at once.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, FutureExt, select};
use futures_util::stream::{self, FuturesUnordered, StreamExt};
use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::account::End;
use super::journal::{Mark, Marks, PageRead};
use super::ledger::{Ledger, State};
use super::listing::{Listing, Pages, Read};
use super::pace::{Begun, Pace};
use super::report::{ImportFailure, ImportProgress, ImportReport, Tally};
use super::{OnProgress, Options};
use crate::consumer::{ConsumerError, ExternalApiConsumer, ListStart, PAGE_SIZE};
use crate::error::{Error, Kind, Result};
use crate::key_store::{Claim, Subject};
use crate::mapping::ContactMapping;
use crate::sync::Engine;

/// The piece of work that is done once at a time for an installation.
const WORK: Subject = Subject::Work(Cow::Borrowed("import"));

/// How long one waits to be told that nobody else is importing.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many batches may be begun while the oldest one is not done: so many are looked at again at worst.
const REACH: usize = 64;

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// Imports all contacts of the external service.
    pub(crate) async fn import_all(&self, options: Options<'_>) -> Result<ImportReport> {
        let claim = self.claim_import().await?;
        // Without it less can be said of the progress, and nothing else.
        let total = self.consumer().count_contacts(self.auth).await.ok().flatten();
        let marks = self.marks(&claim).await?;
        let known = self.read_mark(&marks, options.resume_within).await?;
        let list = |start| self.consumer().list_patiently(self.auth, start).boxed();
        self.import(list, Some(&marks), known, total, options).await
    }

    /// Imports these contacts.
    pub(crate) async fn import_list(
        &self,
        contacts: Vec<I::Contact>,
        options: Options<'_>,
    ) -> Result<ImportReport> {
        let _claim = self.claim_import().await?;
        self.import_beside_others(contacts, options).await
    }

    /// The same, though an import may be under way.
    pub(crate) async fn import_beside_others(
        &self,
        contacts: Vec<I::Contact>,
        options: Options<'_>,
    ) -> Result<ImportReport> {
        let total = Some(contacts.len() as u64);
        let mut contacts = contacts.into_iter();
        let pages = std::iter::from_fn(move || {
            let page: Vec<_> = contacts.by_ref().take(PAGE_SIZE as usize).collect();
            (!page.is_empty()).then(|| Ok((ListStart::default(), page)))
        });
        let mut pages = Some(stream::iter(pages));
        // It is asked for once: what is not in the journal is not listed again.
        let list = |_| stream::iter(pages.take()).flatten().boxed();
        self.import(list, None, None, total, options).await
    }

    /// Keeps others from importing at the same time.
    async fn claim_import(&self) -> Result<Claim> {
        let work = [WORK];
        let mut claim = self.context.key_store.claim(self.installation, &work);
        if let Some(claim) = (&mut claim).now_or_never() {
            return claim;
        }
        match select(claim, self.context.clock.sleep(PATIENCE)).await {
            Either::Left((claim, _)) => claim,
            Either::Right(((), _)) => Err(Error::new(
                Kind::Busy,
                "another import of this installation is under way, here or in another process; wait for its end or \
                 cancel it (the claim of a process that was killed ends after half a minute)",
            )),
        }
    }

    async fn import<'r>(
        &'r self,
        list: impl FnMut(ListStart) -> Pages<'r, I::Contact> + Send + 'r,
        marks: Option<&'r Marks<'r>>,
        known: Option<(Mark, Vec<ImportFailure>)>,
        total: Option<u64>,
        options: Options<'r>,
    ) -> Result<ImportReport> {
        let Options { on_progress, window, resume_within: _, mut end, is_awaited } = options;
        let requests = Semaphore::new(window.get());
        let (expected, ledger) = match known {
            Some((mark, failures)) => (Some(mark.page), Ledger::resumed(mark.counts, failures)),
            None => (None, Ledger::default()),
        };
        let mut run = Run {
            engine: self,
            requests: &requests,
            window: window.get(),
            is_awaited,
            marks,
            is_marking: false,
            listing: Listing::new(list, expected),
            ahead: VecDeque::new(),
            again: VecDeque::new(),
            under_way: FuturesUnordered::new(),
            rests: FuturesUnordered::new(),
            pace: Pace::default(),
            ledger,
            on_progress,
            total,
            begun: self.context.clock.now(),
        };
        loop {
            run.begin();
            if run.is_over() {
                return Ok(run.finish().await);
            }
            match run.next_event(&mut end).await {
                Event::Ended => run.ledger.interrupt(Error::cancelled()),
                Event::Rested => {}
                Event::Read(read) => run.on_read(read).await?,
                Event::Batch(over) => run.on_batch(over),
                Event::Marked(written) => run.on_marked(written),
            }
            run.write_mark()?;
        }
    }
}

/// Contacts for one request, and the page that is complete with them.
type Batch<C> = (Vec<C>, Option<PageRead>);

/// An import that is under way.
struct Run<'r, 'l, I: ExternalApiConsumer> {
    engine: &'r Engine<'r, I>,
    requests: &'r Semaphore,
    window: usize,
    is_awaited: bool,
    /// Where it is written down what is done, if it is.
    marks: Option<&'r Marks<'r>>,
    is_marking: bool,
    listing: Listing<'l, I::Contact>,
    /// What was read and not begun.
    ahead: VecDeque<Batch<I::Contact>>,
    /// Whom Botmatic has given back, by the number of their batch.
    again: VecDeque<(usize, Vec<I::Contact>)>,
    under_way: FuturesUnordered<BoxFuture<'r, Event<I::Contact>>>,
    /// The pauses in which nothing is begun.
    rests: FuturesUnordered<BoxFuture<'r, ()>>,
    pace: Pace,
    ledger: Ledger,
    on_progress: OnProgress<'r>,
    total: Option<u64>,
    begun: Timestamp,
}

/// Something that an import waits for.
enum Event<C> {
    Ended,
    Rested,
    Read(Result<Read<C>, ConsumerError>),
    Batch(Over<C>),
    Marked(Result<()>),
}

/// A batch that is over, for now.
struct Over<C> {
    number: usize,
    begun: Begun,
    tally: Tally,
    end: End<C>,
}

impl<I: ExternalApiConsumer> Run<'_, '_, I> {
    /// Begins as many batches as there may be. Some are got ready, or saved, while those of the window are with Botmatic.
    fn begin(&mut self) {
        while self.may_begin()
            && let Some((number, contacts)) = self.next_batch()
        {
            let begun = self.pace.begin();
            let batch = self.engine.import_batch(contacts, self.requests);
            let over = move |(tally, end)| Event::Batch(Over { number, begun, tally, end });
            self.under_way.push(batch.map(over).boxed());
        }
    }

    fn may_begin(&self) -> bool {
        if self.ledger.is_interrupted() || !self.rests.is_empty() {
            return false;
        }
        let at_once = if self.pace.is_careful() { 1 } else { 2 * self.window };
        let is_within_reach = !self.again.is_empty() || self.ledger.open() < REACH.max(2 * self.window);
        // One that failed as a whole keeps the ledger open until another goes through, so one may always be begun.
        self.under_way.is_empty() || self.under_way.len() < at_once && is_within_reach
    }

    /// Contacts for a request, with the number of their batch: first of all those who were given back.
    fn next_batch(&mut self) -> Option<(usize, Vec<I::Contact>)> {
        self.again.pop_front().or_else(|| {
            let (contacts, page) = self.ahead.pop_front()?;
            Some((self.ledger.begin(page), contacts))
        })
    }

    fn has_more(&self) -> bool {
        let is_all_begun = self.listing.is_over() && self.ahead.is_empty() && self.again.is_empty();
        !is_all_begun && !self.ledger.is_interrupted()
    }

    fn is_over(&self) -> bool {
        self.under_way.is_empty() && !self.has_more()
    }

    async fn next_event(&mut self, end: &mut BoxFuture<'_, ()>) -> Event<I::Contact> {
        let wants_page = self.has_more() && !self.listing.is_over() && self.ahead.len() < self.window;
        let event = poll_fn(|context| {
            if self.has_more() && end.poll_unpin(context).is_ready() {
                return Poll::Ready(Event::Ended);
            }
            if let Poll::Ready(Some(event)) = self.under_way.poll_next_unpin(context) {
                return Poll::Ready(event);
            }
            if let Poll::Ready(Some(())) = self.rests.poll_next_unpin(context) {
                return Poll::Ready(Event::Rested);
            }
            if wants_page {
                return self.listing.poll_read(context).map(Event::Read);
            }
            Poll::Pending
        });
        event.await
    }

    async fn on_read(&mut self, read: Result<Read<I::Contact>, ConsumerError>) -> Result<()> {
        match read {
            Ok(Read::Page(contacts, page)) => self.ahead.extend(in_batches(contacts, page)),
            Ok(Read::Moved) => {
                self.ledger = Ledger::default();
                if let Some(marks) = self.marks {
                    self.engine.clear_journal(marks.claim).await?;
                }
            }
            Ok(Read::End) => {}
            Err(error) => self.ledger.interrupt(error.into()),
        }
        Ok(())
    }

    fn on_batch(&mut self, Over { number, begun, mut tally, end }: Over<I::Contact>) {
        if matches!(end, End::Done) || tally.counts.through() > 0 {
            self.pace.gone_through();
        }
        let (state, setback) = match end {
            End::Done => (State::Done, None),
            End::Throttled(back, why) if self.is_awaited => {
                back.iter().for_each(|contact| tally.failed(contact.external_id(), why.clone_message()));
                (State::Open, Some((None, why)))
            }
            End::Throttled(back, why) => {
                self.again.push_back((number, back));
                (State::Open, Some((self.pace.throttled(begun, &why), why)))
            }
            End::OutOfReach(why) => (State::Unreached, Some((self.pace.out_of_reach(begun), why))),
            End::Stop(why) => (State::Open, Some((None, why))),
        };
        let is_progress = tally.done() > 0;
        self.ledger.note(number, tally, state);
        match setback {
            Some((Some(pause), _)) if !pause.is_zero() => {
                self.rests.push(self.engine.context.clock.sleep(pause));
            }
            Some((None, why)) => self.ledger.interrupt(why),
            Some(_) | None => {}
        }
        if is_progress {
            self.tell();
        }
    }

    fn tell(&mut self) {
        let ((done, failed), resumed) = (self.ledger.progress(), self.ledger.resumed_from());
        let elapsed = self.engine.context.clock.now().duration_since(self.begun);
        let elapsed = elapsed.try_into().unwrap_or_default();
        (self.on_progress)(ImportProgress::new(done, failed, self.total, done - resumed, elapsed));
    }

    fn write_mark(&mut self) -> Result<()> {
        if !self.is_marking
            && let Some(marks) = self.marks
            && let Some((mark, from, failures)) = self.ledger.news()
        {
            let writes = marks.written(self.engine.context.clock.now(), mark, from, failures)?;
            self.is_marking = true;
            self.under_way.push(self.engine.commit(marks.claim, writes).map(Event::Marked).boxed());
        }
        Ok(())
    }

    fn on_marked(&mut self, written: Result<()>) {
        self.is_marking = false;
        if let Err(error) = written {
            self.ledger.interrupt(error);
        }
    }

    /// Everything that was begun is over. What is done to the end leaves no mark.
    async fn finish(mut self) -> ImportReport {
        self.ledger.close();
        if let Some(marks) = self.marks.filter(|_| !self.ledger.is_interrupted())
            && let Err(error) = self.engine.clear_journal(marks.claim).await
        {
            self.ledger.interrupt(error);
        }
        self.ledger.report()
    }
}

/// A page in pieces of one request each.
fn in_batches<C>(contacts: Vec<C>, page: PageRead) -> impl Iterator<Item = Batch<C>> {
    let mut contacts = contacts.into_iter();
    let mut page = Some(page);
    std::iter::from_fn(move || {
        page.as_ref()?;
        let batch: Vec<_> = contacts.by_ref().take(PAGE_SIZE as usize).collect();
        let is_last = contacts.len() == 0;
        Some((batch, if is_last { page.take() } else { None }))
    })
}
