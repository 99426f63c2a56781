//! What the engine asks of the external service: made again where the table in `reactions` says so.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, FutureExt, select};
use futures_util::stream::{self, BoxStream, Stream, StreamExt, TryStreamExt};
use jiff::SignedDuration;

use super::reactions::{Tries, Work};
use crate::auth::Auth;
use crate::clock::{Clock, jittered};
use crate::consumer::{ConsumerError, ExternalApiConsumer, ListStart};
use crate::contact::Properties;
use crate::error::Result;
use crate::id::ExternalId;
use crate::mapping::{ContactMapping, ContactPatch};

/// The consumer, asked with patience. The methods are those of [`ExternalApiConsumer`].
pub(super) struct Requests<'a, I> {
    pub(super) consumer: &'a I,
    pub(super) clock: &'a dyn Clock,
    /// How long one of them may take.
    pub(super) limit: Duration,
}

/// What the reading of a page is called.
const LISTING: &str = "list_all_contacts";

/// How much longer than it has to somebody waits at most who asks again.
const JITTER: SignedDuration = SignedDuration::from_millis(500);

/// A request, by the name of its method.
#[derive(Debug, Clone, Copy)]
struct Asked {
    operation: &'static str,
    work: Work,
    /// Whether it is about somebody of whom the service has told, and who may be gone.
    names_somebody: bool,
}

impl Asked {
    fn about_somebody(operation: &'static str) -> Self {
        Self { operation, work: Work::Repeatable, names_somebody: true }
    }

    fn about_nobody(operation: &'static str, work: Work) -> Self {
        Self { operation, work, names_somebody: false }
    }

    /// What an error means. Where nobody is named nobody can be gone: the service, or what stands before it, does not
    /// know the address at the moment.
    fn understood(self, error: ConsumerError, consumer: &impl ExternalApiConsumer) -> ConsumerError {
        let error = error.explained_by(consumer);
        if self.names_somebody || !error.is_not_found() {
            return error;
        }
        let operation = self.operation;
        ConsumerError::failed(format!(
            "the external service answered \"not found\" to `{operation}`, though that names nobody: is the address right?"
        ))
    }
}

impl<'a, I: ExternalApiConsumer> Requests<'a, I> {
    async fn make<T, R>(
        &self,
        asked: Asked,
        mut request: impl FnMut() -> R + Send,
    ) -> Result<T, ConsumerError>
    where
        R: Future<Output = Result<T, ConsumerError>> + Send,
    {
        let mut tries = Tries::default();
        loop {
            match self.in_time(asked.operation, request()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.pause(&mut tries, asked, error).await?,
            }
        }
    }

    /// Waits until the same may be tried again, if it is.
    async fn pause(
        &self,
        tries: &mut Tries,
        asked: Asked,
        error: ConsumerError,
    ) -> Result<(), ConsumerError> {
        let error = asked.understood(error, self.consumer);
        let Some(pause) = tries.pause(&error.failure().reaction(asked.work)) else { return Err(error) };
        let jitter = jittered(JITTER, &format!("{} {}", asked.operation, self.clock.now()));
        self.clock.sleep(pause.saturating_add(jitter.unsigned_abs())).await;
        Ok(())
    }

    /// Waits for an answer, but not for ever. What was asked for may be done all the same.
    async fn in_time<T>(
        &self,
        operation: &'static str,
        request: impl Future<Output = Result<T, ConsumerError>> + Send,
    ) -> Result<T, ConsumerError> {
        match select(pin!(request), self.clock.sleep(self.limit)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => {
                let limit = self.limit;
                let why = format!("the external service has not answered `{operation}` within {limit:?}");
                Err(ConsumerError::failed(why))
            }
        }
    }

    pub(super) async fn get_contact(
        &self,
        auth: &Auth<I::Client>,
        id: &ExternalId,
    ) -> Result<Option<I::Contact>, ConsumerError> {
        self.make(Asked::about_somebody("get_contact"), || self.consumer.get_contact(auth, id)).await
    }

    pub(super) async fn get_contact_by_email(
        &self,
        auth: &Auth<I::Client>,
        email: &str,
    ) -> Result<Option<I::Contact>, ConsumerError> {
        let asked = Asked::about_nobody("get_contact_by_email", Work::Repeatable);
        self.make(asked, || self.consumer.get_contact_by_email(auth, email)).await
    }

    /// Creates this contact, which these properties describe.
    pub(super) async fn create_contact(
        &self,
        auth: &Auth<I::Client>,
        contact: I::Contact,
        described: &Properties,
    ) -> Result<ExternalId, ConsumerError> {
        let mut contact = Some(contact);
        let create = || {
            let contact = contact.take().map_or_else(|| I::Contact::from_properties(described), Ok);
            async move { self.consumer.create_contact(auth, contact?).await }
        };
        self.make(Asked::about_nobody("create_contact", Work::Create), create).await
    }

    pub(super) async fn update_contact(
        &self,
        auth: &Auth<I::Client>,
        id: &ExternalId,
        changes: &Properties,
    ) -> Result<()> {
        let mut patch = Some(<I::Contact as ContactMapping>::Patch::from_properties(changes)?);
        let update = || {
            let patch = patch.take().map_or_else(|| ContactPatch::from_properties(changes), Ok);
            async move { self.consumer.update_contact(auth, id, patch?).await }
        };
        Ok(self.make(Asked::about_somebody("update_contact"), update).await?)
    }

    pub(super) async fn delete_contact(
        &self,
        auth: &Auth<I::Client>,
        id: &ExternalId,
    ) -> Result<(), ConsumerError> {
        self.make(Asked::about_somebody("delete_contact"), || self.consumer.delete_contact(auth, id)).await
    }

    pub(super) async fn count_contacts(&self, auth: &Auth<I::Client>) -> Result<Option<u64>, ConsumerError> {
        let asked = Asked::about_nobody("count_contacts", Work::Repeatable);
        self.make(asked, || self.consumer.count_contacts(auth)).await
    }

    /// All contacts from `start` on, for a call that somebody waits for.
    pub(super) fn list_all_contacts(
        &self,
        auth: &'a Auth<I::Client>,
        start: ListStart,
    ) -> impl Stream<Item = Result<Vec<I::Contact>, ConsumerError>> + Send + use<'a, I> {
        self.list(auth, start, Work::Repeatable).map_ok(|(_, page)| page)
    }

    /// All contacts from `start` on, each page with where it begins, as long as the service may need for it.
    pub(super) fn list_patiently(
        &self,
        auth: &'a Auth<I::Client>,
        start: ListStart,
    ) -> impl Stream<Item = Listed<I::Contact>> + Send + use<'a, I> {
        self.list(auth, start, Work::Listing)
    }

    fn list(
        &self,
        auth: &'a Auth<I::Client>,
        start: ListStart,
        work: Work,
    ) -> impl Stream<Item = Listed<I::Contact>> + Send + use<'a, I> {
        let requests = Requests { ..*self };
        let listing = Listing {
            requests,
            auth,
            asked: Asked::about_nobody(LISTING, work),
            next: start,
            pages: None,
            first: None,
            tries: Tries::default(),
        };
        stream::try_unfold(listing, Listing::read)
    }
}

/// A page, with where it begins.
pub(super) type Listed<C> = Result<(ListStart, Vec<C>), ConsumerError>;

/// A listing that is taken up again where it broke off.
struct Listing<'a, I: ExternalApiConsumer> {
    requests: Requests<'a, I>,
    auth: &'a Auth<I::Client>,
    asked: Asked,
    /// Where the next page begins.
    next: ListStart,
    pages: Option<BoxStream<'a, Result<Vec<I::Contact>, ConsumerError>>>,
    /// Who stands first of all.
    first: Option<ExternalId>,
    tries: Tries,
}

impl<I: ExternalApiConsumer> Listing<'_, I> {
    async fn read(mut self) -> Result<Option<((ListStart, Vec<I::Contact>), Self)>, ConsumerError> {
        loop {
            let Requests { consumer, .. } = self.requests;
            let open = || consumer.list_all_contacts(self.auth, self.next.clone()).boxed();
            let page = self.pages.get_or_insert_with(open).next().map(Option::transpose);
            match self.requests.in_time(LISTING, page).await {
                Ok(None) => return Ok(None),
                Ok(Some(page)) => {
                    self.holds_on(&page)?;
                    self.tries = Tries::default();
                    let after = page.last().and_then(ContactMapping::external_id);
                    let next =
                        ListStart { page: self.next.page.next(), after: after.or(self.next.after.clone()) };
                    return Ok(Some(((std::mem::replace(&mut self.next, next), page), self)));
                }
                Err(error) => {
                    self.pages = None;
                    self.requests.pause(&mut self.tries, self.asked, error).await?;
                }
            }
        }
    }

    /// Has a listing end that was to be taken up in the middle and began at its beginning: it might do so for ever.
    fn holds_on(&mut self, page: &[I::Contact]) -> Result<(), ConsumerError> {
        let first = page.first().and_then(ContactMapping::external_id);
        if self.first.is_some() && self.first == first && self.tries.are_in_vain() {
            return Err(ConsumerError::failed(
                "the listing broke off, and began at the beginning when it was taken up again; have \
                 `list_all_contacts` begin where it is asked to",
            ));
        }
        self.first = self.first.take().or(first);
        Ok(())
    }
}
