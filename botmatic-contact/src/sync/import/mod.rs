//! Many contacts of the external service at once.
//!
//! A contact that has a pair is written only if it differs, so an import can be run again at any time; one that was
//! cut short goes on where it stopped.
//!
//! | file | what it decides |
//! |---|---|
//! | `run` | what is read, begun and awaited, and when an import ends |
//! | `listing` | where the listing begins |
//! | `pace` | when batches may be begun |
//! | `batch`, `write`, `account` | what becomes of the contacts of one request |
//! | `ledger` | what is done, in the order of the listing |
//! | `journal` | where an import that was cut short goes on |
//! | `report` | what is told of it |

mod account;
mod batch;
mod journal;
mod ledger;
mod listing;
mod pace;
mod report;
mod run;
mod write;

use std::fmt;
use std::future::pending;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::Stream;

pub use self::report::{ImportFailure, ImportProgress, ImportReport};
use crate::error::Result;

/// How many requests are under way at once if nobody says otherwise.
const WINDOW: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// The most that there are.
const MOST: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// How long ago an import may have been cut short that is gone on with, if nobody says otherwise.
const RESUME_WITHIN: Duration = Duration::from_secs(60 * 60);

/// An import about to run. `await` it for the report, or [`start`](Self::start) it to follow its progress.
///
/// While Botmatic throttles, nothing is sent until the time that it asked for has passed, and those whom it refused for
/// that are sent again. If nothing goes through for an hour, the import is [interrupted](ImportReport::interrupted).
///
/// Dropping what runs ends it at once, as if the process were killed: nobody is doubled by that, and the next import goes
/// on from there. [`until`](Self::until) ends it in good order.
#[must_use = "an import does nothing until it is awaited"]
pub struct Import<'a> {
    run: Box<dyn FnOnce(Options<'a>) -> Running<'a> + Send + 'a>,
    options: Options<'a>,
}

/// How an import is to run.
pub(crate) struct Options<'a> {
    on_progress: OnProgress<'a>,
    window: NonZeroUsize,
    resume_within: Duration,
    end: BoxFuture<'a, ()>,
    /// Whether somebody waits for the report, who is told at once of those whom Botmatic throttles.
    is_awaited: bool,
}

impl Options<'_> {
    /// For a call that somebody waits for.
    pub(crate) fn awaited() -> Self {
        Self { is_awaited: true, ..Self::default() }
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            on_progress: Box::new(|_| {}),
            window: WINDOW,
            resume_within: RESUME_WITHIN,
            end: pending().boxed(),
            is_awaited: false,
        }
    }
}

type OnProgress<'a> = Box<dyn FnMut(ImportProgress) + Send + 'a>;

type Running<'a> = BoxFuture<'a, Result<ImportReport>>;

impl<'a> Import<'a> {
    pub(crate) fn new(run: impl FnOnce(Options<'a>) -> Running<'a> + Send + 'a) -> Self {
        Self { run: Box::new(run), options: Options::default() }
    }

    /// Calls back after each request's worth of contacts.
    pub fn on_progress(mut self, callback: impl FnMut(ImportProgress) + Send + 'a) -> Self {
        self.options.on_progress = Box::new(callback);
        self
    }

    /// How many requests to Botmatic may be under way at once; 4 if nothing is said, and never more than 256. Each
    /// is about up to 30 contacts.
    pub fn window(mut self, requests: NonZeroUsize) -> Self {
        self.options.window = requests.min(MOST);
        self
    }

    /// How long ago an import of all contacts may have been cut short to be gone on with: one hour if nothing is said,
    /// and never with [`Duration::ZERO`].
    ///
    /// An import that goes on does not read again what was done. Who was changed on the external service since he was
    /// read is brought up to date when that service tells of him, or by the next import. If the listing has moved since,
    /// the mapping was changed, or the integration was installed anew, the import begins at the beginning.
    pub fn resume_within(mut self, age: Duration) -> Self {
        self.options.resume_within = age;
        self
    }

    /// Cancels the import when `end` comes to an end: no further contacts are begun, what is under way is finished, and
    /// the report says that the import was cancelled ([`is_cancelled`](crate::Error::is_cancelled)).
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// # async fn import<I: ExternalApiConsumer>(botmatic: Botmatic<I>) -> botmatic_contact::Result<()> {
    /// let (cancel, cancelled) = tokio::sync::oneshot::channel::<()>();
    /// let import = botmatic.import_all().until(async { drop(cancelled.await) });
    /// // `cancel` goes to whoever may stop the import
    /// let report = import.await?;
    /// if report.interrupted.is_some_and(|why| why.is_cancelled()) {
    ///     println!("the next import goes on from there");
    /// }
    /// # drop(cancel);
    /// # Ok(())
    /// # }
    /// ```
    pub fn until(mut self, end: impl Future<Output = ()> + Send + 'a) -> Self {
        self.options.end = end.boxed();
        self
    }

    /// Starts the import as a stream of its progress.
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// use futures_util::StreamExt;
    ///
    /// # async fn import<I: ExternalApiConsumer>(botmatic: Botmatic<I>) -> botmatic_contact::Result<()> {
    /// let mut import = botmatic.import_all().start();
    /// while let Some(now) = import.next().await {
    ///     println!("{} of {:?} contacts, {:.0} per second", now.done, now.total, now.rate);
    /// }
    /// let report = import.report().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn start(mut self) -> ImportRun<'a> {
        let latest = Arc::new(Mutex::new(None));
        let told = Arc::clone(&latest);
        let mut on_progress = self.options.on_progress;
        self.options.on_progress = Box::new(move |now| {
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
            on_progress(now);
        });
        ImportRun { running: Ok((self.run)(self.options)), latest }
    }
}

impl<'a> IntoFuture for Import<'a> {
    type Output = Result<ImportReport>;
    type IntoFuture = Running<'a>;

    fn into_future(self) -> Running<'a> {
        (self.run)(self.options)
    }
}

impl fmt::Debug for Import<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Import").field("window", &self.options.window).finish_non_exhaustive()
    }
}

/// An import that runs while somebody asks for its progress, or for its report. Who does neither for long keeps others
/// waiting for the contacts that are under way.
///
/// As a stream it gives how far it is by now: steps that were made between two looks are one, so a short import may give a
/// single item.
#[must_use = "an import goes on only while it is asked for its progress or its report"]
pub struct ImportRun<'a> {
    running: Result<Running<'a>, Result<ImportReport>>,
    latest: Arc<Mutex<Option<ImportProgress>>>,
}

impl ImportRun<'_> {
    /// Runs to the end, and says what became of it.
    ///
    /// # Errors
    /// When another import of this installation is under way ([`is_busy`](crate::Error::is_busy)); when there is no key
    /// store, or it does not even tell how far an earlier import was.
    pub async fn report(self) -> Result<ImportReport> {
        match self.running {
            Ok(running) => running.await,
            Err(report) => report,
        }
    }
}

impl Stream for ImportRun<'_> {
    type Item = ImportProgress;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<ImportProgress>> {
        let is_over = match &mut self.running {
            Ok(running) => match running.poll_unpin(context) {
                Poll::Ready(report) => {
                    self.running = Err(report);
                    true
                }
                Poll::Pending => false,
            },
            Err(_) => true,
        };
        match self.latest.lock().unwrap_or_else(PoisonError::into_inner).take() {
            None if !is_over => Poll::Pending,
            latest => Poll::Ready(latest),
        }
    }
}

impl fmt::Debug for ImportRun<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ImportRun").field("is_over", &self.running.is_err()).finish_non_exhaustive()
    }
}
