//! An import from its beginning to its end: pages are read ahead, and several batches are under way at once.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, FutureExt, select};
use futures_util::stream::{self, FuturesUnordered, Stream, StreamExt};
use tokio::sync::Semaphore;

use super::Options;
use super::journal::{Mark, PageRead};
use super::ledger::Ledger;
use super::report::{ImportProgress, ImportReport, Tally};
use crate::consumer::{ConsumerError, ExternalApiConsumer, ListStart, PAGE_SIZE};
use crate::error::{Error, Kind, Result};
use crate::key_store::{Claim, Subject};
use crate::mapping::ContactMapping;
use crate::sync::Engine;

/// The piece of work that is done once at a time for an installation.
const WORK: Subject = Subject::Work(Cow::Borrowed("import"));

/// How long one waits to be told that nobody else is importing.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many batches may be begun while the oldest one is not done: so many are done again at worst.
const REACH: usize = 64;

/// Contacts for one request, and the page that is complete with them.
type Batch<C> = (Vec<C>, Option<PageRead>);

/// Something that an import waits for.
enum Event<C> {
    Ended,
    Page(Option<Result<Vec<C>, ConsumerError>>),
    Done(Done),
}

enum Done {
    Batch(usize, Tally, Result<()>),
    Mark(Result<()>),
}

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// Imports all contacts of the external service.
    pub(crate) async fn import_all(&self, options: Options<'_>) -> Result<ImportReport> {
        let claim = self.claim_import().await?;
        // Without it less can be said of the progress, and nothing else.
        let total = self.consumer().count_contacts(self.auth).await.ok().flatten();
        let known = self.read_mark(&claim, options.resume_within).await?;
        let list = |start| self.consumer().list_all_contacts(self.auth, start);
        self.import(list, Some(&claim), known, total, options).await
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
        let pages = std::iter::from_fn(|| {
            let page: Vec<_> = contacts.by_ref().take(PAGE_SIZE as usize).collect();
            (!page.is_empty()).then_some(Ok(page))
        });
        let mut pages = Some(stream::iter(pages));
        // It is asked for once: what is not in the journal is not listed again.
        let list = |_| stream::iter(pages.take()).flatten();
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

    async fn import<P>(
        &self,
        mut list: impl FnMut(ListStart) -> P + Send,
        journal: Option<&Claim>,
        known: Option<(Mark, Vec<super::ImportFailure>)>,
        total: Option<u64>,
        options: Options<'_>,
    ) -> Result<ImportReport>
    where
        P: Stream<Item = Result<Vec<I::Contact>, ConsumerError>> + Send,
    {
        let Options { mut on_progress, window, resume_within: _, mut end } = options;
        let window = window.get();
        let begun = self.context.clock.now();
        let requests = Semaphore::new(window);

        let mut next = ListStart::default();
        let mut expected = None;
        let mut ledger = Ledger::default();
        if let Some((mark, failures)) = known {
            ledger = Ledger::resumed(mark.counts, failures);
            next = mark.page.start.clone();
            expected = Some(mark.page);
        }
        let mut pages = pin!(list(next.clone()));
        let mut is_listed = false;
        let mut ahead: VecDeque<Batch<I::Contact>> = VecDeque::new();
        let mut under_way: FuturesUnordered<BoxFuture<'_, Done>> = FuturesUnordered::new();
        let mut marking = false;
        loop {
            // Some are got ready, or saved, while as many as there may be are with Botmatic.
            // One that failed as a whole keeps the ledger open until another goes through, so one may always be begun.
            while (under_way.is_empty()
                || under_way.len() < 2 * window && ledger.open() < REACH.max(2 * window))
                && let Some((contacts, page)) = ahead.pop_front()
            {
                let number = ledger.begin(page);
                let batch = self.import_batch(contacts, &requests);
                under_way.push(batch.map(move |(tally, end)| Done::Batch(number, tally, end)).boxed());
            }
            if under_way.is_empty() && ahead.is_empty() && is_listed {
                break;
            }
            let wants_page = !is_listed && ahead.len() < window;
            let event = poll_fn(|context| {
                if !(is_listed && ahead.is_empty()) && end.poll_unpin(context).is_ready() {
                    return Poll::Ready(Event::Ended);
                }
                if let Poll::Ready(Some(done)) = under_way.poll_next_unpin(context) {
                    return Poll::Ready(Event::Done(done));
                }
                if wants_page {
                    return pages.as_mut().poll_next(context).map(Event::Page);
                }
                Poll::Pending
            });
            match event.await {
                Event::Ended => ledger.interrupt(Error::cancelled()),
                Event::Page(Some(Err(error))) => ledger.interrupt(error.into()),
                Event::Page(read) => {
                    let read = read.and_then(Result::ok);
                    let page = read.as_ref().map(|contacts| PageRead::new(next.clone(), contacts));
                    if let Some(claim) = journal
                        && let Some(expected) = expected.take()
                        && page.as_ref() != Some(&expected)
                    {
                        // Something has moved: somebody may stand before this page now who did not before.
                        self.clear_journal(claim).await?;
                        (next, ledger) = (ListStart::default(), Ledger::default());
                        pages.set(list(next.clone()));
                        continue;
                    }
                    let Some((contacts, page)) = read.zip(page) else {
                        is_listed = true;
                        continue;
                    };
                    let last = contacts.last().and_then(ContactMapping::external_id);
                    next = ListStart { page: next.page.next(), after: last.or(next.after) };
                    ahead.extend(in_batches(contacts, page));
                }
                Event::Done(Done::Batch(number, tally, end)) => {
                    ledger.end(number, tally, end.err());
                    let ((done, failed), resumed) = (ledger.progress(), ledger.resumed_from());
                    let elapsed = self.context.clock.now().duration_since(begun);
                    let elapsed = elapsed.try_into().unwrap_or_default();
                    on_progress(ImportProgress::new(done, failed, total, done - resumed, elapsed));
                }
                Event::Done(Done::Mark(written)) => {
                    marking = false;
                    if let Err(error) = written {
                        ledger.interrupt(error);
                    }
                }
            }
            if ledger.is_interrupted() {
                is_listed = true;
                ahead.clear();
            }
            if !marking
                && let Some(claim) = journal
                && let Some((mark, from, failures)) = ledger.news()
            {
                let writes = self.marked(mark, from, failures)?;
                marking = true;
                under_way.push(self.commit(claim, writes).map(Done::Mark).boxed());
            }
        }
        ledger.close();
        if let Some(claim) = journal.filter(|_| !ledger.is_interrupted())
            && let Err(error) = self.clear_journal(claim).await
        {
            ledger.interrupt(error);
        }
        Ok(ledger.report())
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
