//! The external service, as the engine sees it: a trait that users implement, in their own terms.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, ready};
use std::time::Duration;

use futures_util::stream::{self, Stream};

use crate::auth::{Auth, HasClient};
use crate::clock::{Clock, SystemClock};
use crate::error::{BoxError, Error, Kind};
use crate::failure::{self, Failure};
use crate::id::ExternalId;
use crate::mapping::ContactMapping;

/// How many contacts a page holds where nothing else is asked for.
pub const PAGE_SIZE: u32 = 30;

/// The external service's API, in its own terms. Write each method as a plain `async fn`; every one of them is told
/// whose contacts are meant.
///
/// A service that lacks an operation says so: return [`ConsumerError::unsupported`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a consumer of an external service",
    label = "no `ExternalApiConsumer` for this type",
    note = "contacts are kept in step by `impl ExternalApiConsumer for {Self}`; an integration without contacts has \
            no `.key_store(…)` and calls no contact methods"
)]
pub trait ExternalApiConsumer: Send + Sync + 'static {
    /// A contact in the service's own terms.
    type Contact: ContactMapping;
    /// Whose installation it is; `()` if that does not matter.
    type Client: Send + Sync + 'static;

    /// Creates a contact and returns the id that the service gave it. The contact's own id field is
    /// [unassigned](crate::IdValue::unassigned).
    fn create_contact(
        &self,
        auth: &Auth<Self::Client>,
        contact: Self::Contact,
    ) -> impl Future<Output = Result<ExternalId, ConsumerError>> + Send;

    /// The contact of that id, or `None` if there is none.
    ///
    /// The engine reads a contact where a change that it is told of may have been overtaken by another one. A service that
    /// cannot be read fails with [`ConsumerError::unsupported`]: then the changes of one contact have to be handed over in
    /// the order in which they were made, each with what the contact was after it.
    fn get_contact(
        &self,
        auth: &Auth<Self::Client>,
        id: &ExternalId,
    ) -> impl Future<Output = Result<Option<Self::Contact>, ConsumerError>> + Send;

    /// The contact with that e-mail address, or `None` if there is none; upper and lower case make no difference, unless they
    /// do in the service itself, and of several any one will do. An error is not "none": it stops what was going on, so that
    /// nobody is created twice.
    fn get_contact_by_email(
        &self,
        auth: &Auth<Self::Client>,
        email: &str,
    ) -> impl Future<Output = Result<Option<Self::Contact>, ConsumerError>> + Send;

    /// One page of all contacts, in an order that stays the same; a page may be short, and an empty one says that there are
    /// no more.
    fn list_contacts(
        &self,
        auth: &Auth<Self::Client>,
        page: Page,
    ) -> impl Future<Output = Result<Vec<Self::Contact>, ConsumerError>> + Send;

    /// Changes a contact: only the fields that the patch clears or sets.
    fn update_contact(
        &self,
        auth: &Auth<Self::Client>,
        id: &ExternalId,
        patch: <Self::Contact as ContactMapping>::Patch,
    ) -> impl Future<Output = Result<(), ConsumerError>> + Send;

    /// Deletes a contact.
    fn delete_contact(
        &self,
        auth: &Auth<Self::Client>,
        id: &ExternalId,
    ) -> impl Future<Output = Result<(), ConsumerError>> + Send;

    /// What an error means that `?` made a [`ConsumerError`] of: where your own code, or a library, has an error type that
    /// tells one failure from another, say here which is which. Without this they all count as failures in passing.
    ///
    /// The engine asks for it wherever one of the other methods fails. What it returns is what is said of the failure.
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// # use std::time::Duration;
    /// # #[derive(ContactMapping)]
    /// # struct Person {
    /// #     #[contact(id)]
    /// #     id: u64,
    /// # }
    /// # struct Crm;
    /// # impl Crm {
    /// #     async fn read(&self, _: &ExternalId) -> Result<Option<Person>, CrmError> {
    /// #         Ok(None)
    /// #     }
    /// # }
    /// #[derive(Debug)]
    /// enum CrmError {
    ///     SlowDown { seconds: u64 },
    ///     KeyExpired,
    ///     Unreachable,
    /// }
    /// # impl std::fmt::Display for CrmError {
    /// #     fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    /// #         formatter.write_str("the CRM failed")
    /// #     }
    /// # }
    /// # impl std::error::Error for CrmError {}
    ///
    /// impl ExternalApiConsumer for Crm {
    /// #     type Contact = Person;
    /// #     type Client = ();
    /// #     async fn create_contact(&self, _: &Auth, _: Person) -> Result<ExternalId, ConsumerError> {
    /// #         Err(ConsumerError::unsupported("create_contact"))
    /// #     }
    /// #     async fn get_contact_by_email(&self, _: &Auth, _: &str) -> Result<Option<Person>, ConsumerError> {
    /// #         Ok(None)
    /// #     }
    /// #     async fn list_contacts(&self, _: &Auth, _: Page) -> Result<Vec<Person>, ConsumerError> {
    /// #         Ok(Vec::new())
    /// #     }
    /// #     async fn update_contact(&self, _: &Auth, _: &ExternalId, _: PersonPatch) -> Result<(), ConsumerError> {
    /// #         Ok(())
    /// #     }
    /// #     async fn delete_contact(&self, _: &Auth, _: &ExternalId) -> Result<(), ConsumerError> {
    /// #         Ok(())
    /// #     }
    ///     async fn get_contact(&self, _: &Auth, id: &ExternalId) -> Result<Option<Person>, ConsumerError> {
    ///         Ok(self.read(id).await?) // fails with a `CrmError`
    ///     }
    ///
    ///     fn explain(&self, error: &(dyn std::error::Error + 'static)) -> Option<ConsumerError> {
    ///         match error.downcast_ref()? {
    ///             CrmError::SlowDown { seconds } => {
    ///                 Some(ConsumerError::throttled(Some(Duration::from_secs(*seconds))))
    ///             }
    ///             CrmError::KeyExpired => Some(ConsumerError::unauthorized("the key has expired")),
    ///             CrmError::Unreachable => None,
    ///         }
    ///     }
    ///     // …
    /// }
    /// ```
    fn explain(&self, error: &(dyn StdError + 'static)) -> Option<ConsumerError> {
        let _ = error;
        None
    }

    /// All contacts, page by page from `start` on, until an empty one. Override it where the service lists in another
    /// way.
    ///
    /// An import that was cut short asks for the pages from the last one on that it had done: by their number, and by
    /// the contact that stood before them, for services that list by a cursor. A listing that can only begin at the
    /// beginning passes over `start.page.number - 1` pages of its own. One that begins elsewhere than it was asked to is
    /// found out by the contacts of its first page, and read from the beginning.
    ///
    /// A listing that breaks off while it is read for an import or a plan is asked for again from the page on that failed:
    /// so one failure does not cost what was read before it. If that one begins at its beginning again, it is given up.
    ///
    /// ```
    /// use botmatic_contact::prelude::*;
    /// use botmatic_contact::ListStart;
    /// use futures_util::stream::{self, Stream};
    /// # use serde::Serialize;
    /// # #[derive(Debug, Clone, Serialize, ContactMapping)]
    /// # struct Person { #[contact(id)] id: u64, #[contact("firstname")] first_name: String }
    /// # struct Crm;
    /// # impl Crm {
    /// #     async fn people_after(&self, _id: u64) -> Result<Vec<Person>, ConsumerError> { Ok(Vec::new()) }
    /// # }
    ///
    /// # impl ExternalApiConsumer for Crm {
    /// #     type Contact = Person;
    /// #     type Client = ();
    /// #     async fn create_contact(&self, _: &Auth, _: Person) -> Result<ExternalId, ConsumerError> { Ok(1_u64.into()) }
    /// #     async fn get_contact(&self, _: &Auth, _: &ExternalId) -> Result<Option<Person>, ConsumerError> { Ok(None) }
    /// #     async fn get_contact_by_email(&self, _: &Auth, _: &str) -> Result<Option<Person>, ConsumerError> { Ok(None) }
    /// #     async fn list_contacts(&self, _: &Auth, _: Page) -> Result<Vec<Person>, ConsumerError> { Ok(Vec::new()) }
    /// #     async fn update_contact(&self, _: &Auth, _: &ExternalId, _: PersonPatch) -> Result<(), ConsumerError> { Ok(()) }
    /// #     async fn delete_contact(&self, _: &Auth, _: &ExternalId) -> Result<(), ConsumerError> { Ok(()) }
    /// // A service that lists whoever comes after an id.
    /// fn list_all_contacts(
    ///     &self,
    ///     _auth: &Auth,
    ///     start: ListStart,
    /// ) -> impl Stream<Item = Result<Vec<Person>, ConsumerError>> + Send {
    ///     let after = start.after.and_then(|id| id.as_str().parse().ok()).unwrap_or(0);
    ///     stream::try_unfold(after, move |after| async move {
    ///         let people = self.people_after(after).await?;
    ///         Ok(people.last().map(|last| last.id).map(|last| (people, last)))
    ///     })
    /// }
    /// # }
    /// ```
    fn list_all_contacts(
        &self,
        auth: &Auth<Self::Client>,
        start: ListStart,
    ) -> impl Stream<Item = Result<Vec<Self::Contact>, ConsumerError>> + Send {
        stream::try_unfold(start.page, move |page| async move {
            let contacts = self.list_contacts(auth, page).await?;
            Ok((!contacts.is_empty()).then(|| (contacts, page.next())))
        })
    }

    /// How many contacts there are, for the progress of an import; `None` where the service does not say.
    fn count_contacts(
        &self,
        _auth: &Auth<Self::Client>,
    ) -> impl Future<Output = Result<Option<u64>, ConsumerError>> + Send {
        ready(Ok(None))
    }
}

// What is missing is said of `HasClient` first: an integration without contacts needs no more.
#[diagnostic::do_not_recommend]
impl<T: ExternalApiConsumer> HasClient for T {
    type Client = T::Client;
}

/// Which contacts of a listing are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The number of the page; the first is 1.
    pub number: u32,
    /// How many contacts a page holds.
    pub size: u32,
}

impl Page {
    /// The first page of that size.
    #[must_use]
    pub const fn first(size: u32) -> Self {
        Self { number: 1, size }
    }

    /// The page after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self { number: self.number.saturating_add(1), size: self.size }
    }

    /// How many contacts stand before this page.
    #[must_use]
    pub const fn offset(self) -> u64 {
        (self.number.saturating_sub(1) as u64).saturating_mul(self.size as u64)
    }
}

/// Where a listing of all contacts begins.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListStart {
    /// The first page that is wanted.
    pub page: Page,
    /// The contact that stood last before that page; nobody before the first page.
    pub after: Option<ExternalId>,
}

impl Default for ListStart {
    /// The beginning, with pages of 30.
    fn default() -> Self {
        Self { page: Page::first(PAGE_SIZE), after: None }
    }
}

/// Why the external service did not do as asked. The engine reacts to each kind in its own way:
///
/// | kind | how it is made | what the engine does |
/// |---|---|---|
/// | a failure in passing | `?` on any error, [`failed`](Self::failed) | reads, changes and deletes are asked once more; whoever was to be created is looked for before that is tried again |
/// | throttled | [`throttled`](Self::throttled) | waits if that takes a few seconds, and asks again; else fails, and [says until when](Error::retry_after). Imports and plans wait up to an hour for the next page |
/// | there already | [`already_exists`](Self::already_exists) | makes a pair with the one that is there |
/// | gone | [`not_found`](Self::not_found) | says so; a deletion is done then |
/// | no credentials | [`unauthorized`](Self::unauthorized) | fails at once |
/// | refused | [`rejected`](Self::rejected) | fails at once |
/// | no such operation | [`unsupported`](Self::unsupported) | does without where it can |
///
/// Where the service speaks HTTP, [`from_status`](Self::from_status) knows which is which. `?` turns any error into one, and
/// [`ExternalApiConsumer::explain`] says what it means if it is of a type of yours.
///
/// What an error says is answered to Botmatic, so it should hold nobody's data. Errors of libraries may: those of HTTP clients
/// show addresses with what stands in their query. Therefore one that `?` has made says in fixed words that the service
/// could not be asked, and keeps the cause as the [`source`](std::error::Error::source) of the [`Error`] that handlers and
/// callers get. Words of your own go into [`failed`](Self::failed) and the like.
///
/// ```
/// # use botmatic_contact::ConsumerError;
/// fn parse(answer: &str) -> Result<u64, ConsumerError> {
///     Ok(answer.parse()?)
/// }
/// let error = parse("x").unwrap_err();
/// assert!(error.is_transient() && !error.to_string().contains("digit"));
/// assert!(ConsumerError::not_found().is_not_found());
/// ```
pub struct ConsumerError(Box<Inner>);

struct Inner {
    failure: Failure,
    /// What is said of it; what the source says if there is nothing.
    words: Option<String>,
    source: BoxError,
}

/// What is said of an error that came from elsewhere. What that says itself may hold an address with somebody's e-mail
/// address in it, or what somebody is called, and what is said here goes to Botmatic.
const FROM_ELSEWHERE: &str = "the external service could not be asked, or its answer could not be read";

impl ConsumerError {
    fn new(failure: Failure, source: impl Into<BoxError>) -> Self {
        Self(Box::new(Inner { failure, words: None, source: source.into() }))
    }

    /// A failure that may be gone the next time. What was asked for may have been done or not.
    pub fn failed(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Failure::Transient, why)
    }

    /// The contact that was to be read, changed or deleted does not exist, or does not any more: it is gone.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Failure::Gone, "resource not found")
    }

    /// The contact that was to be created is there already, and this is its id. The engine reads it with
    /// [`get_contact`](ExternalApiConsumer::get_contact) and links it, as if it had been found by its e-mail address. A
    /// service that does not say which one it is has [`rejected`](Self::rejected) the contact.
    #[must_use]
    pub fn already_exists(id: impl Into<ExternalId>) -> Self {
        let id = id.into();
        let message = format!("the external service has this contact already, as {id}");
        Self::new(Failure::AlreadyExists(id), message)
    }

    /// Too many requests; nothing was done. The service may have said how long to wait.
    #[must_use]
    pub fn throttled(wait: Option<Duration>) -> Self {
        Self::new(Failure::Throttled(wait), "too many requests")
    }

    /// The service does not accept our credentials for this client.
    pub fn unauthorized(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Failure::Unauthorized, why)
    }

    /// The service does not accept this contact, and will not the next time either.
    pub fn rejected(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Failure::Rejected, why)
    }

    /// The service has no such operation.
    #[must_use]
    pub fn unsupported(operation: &'static str) -> Self {
        Self::new(Failure::Unsupported, format!("the external service has no `{operation}`"))
    }

    /// What an HTTP answer means that is none of success: its status, and its `Retry-After` if it has one.
    ///
    /// | status | kind |
    /// |---|---|
    /// | 429; 503 with a `Retry-After` | throttled |
    /// | 401, 403 | unauthorized |
    /// | 404, 410 | not found |
    /// | other 4xx, but for 408 and 425 | rejected |
    /// | whatever else | failed |
    ///
    /// Where nobody is asked for, in a listing or a create, 404 is more likely a wrong address: say
    /// [`failed`](Self::failed) then. If a 409 says who is there already, say [`already_exists`](Self::already_exists).
    ///
    /// ```
    /// # use botmatic_contact::ConsumerError;
    /// # use std::time::Duration;
    /// /// With reqwest, for example.
    /// fn accepted(answer: reqwest::Response) -> Result<reqwest::Response, ConsumerError> {
    ///     if answer.status().is_success() {
    ///         return Ok(answer);
    ///     }
    ///     let retry_after = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok());
    ///     Err(ConsumerError::from_status(answer.status().as_u16(), retry_after))
    /// }
    ///
    /// let error = ConsumerError::from_status(429, Some("30"));
    /// assert!(error.is_throttled());
    /// assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    /// ```
    #[must_use]
    pub fn from_status(status: u16, retry_after: Option<&str>) -> Self {
        let wait = retry_after.and_then(|header| failure::retry_after(header, SystemClock.now()));
        match Failure::of_status(status, wait) {
            Failure::Gone => Self::not_found(),
            failure => Self::new(failure, format!("the external service answered with status {status}")),
        }
    }

    /// Whether it is a failure that may be gone the next time.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.0.failure == Failure::Transient
    }

    /// Whether the contact does not exist, or does not any more.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.failure == Failure::Gone
    }

    /// Whether the contact that was to be created is there already; see [`existing`](Self::existing).
    #[must_use]
    pub fn is_already_exists(&self) -> bool {
        self.existing().is_some()
    }

    /// Whether there were too many requests; see [`retry_after`](Self::retry_after).
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        matches!(self.0.failure, Failure::Throttled(_))
    }

    /// Whether the service does not accept our credentials.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.0.failure == Failure::Unauthorized
    }

    /// Whether the service does not accept what it was sent.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.0.failure == Failure::Rejected
    }

    /// Whether the service has no such operation.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.0.failure == Failure::Unsupported
    }

    /// How long the service asked to wait, if it throttled and said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.failure.retry_after()
    }

    /// Who is there already, if somebody is who was to be created.
    #[must_use]
    pub fn existing(&self) -> Option<&ExternalId> {
        match &self.0.failure {
            Failure::AlreadyExists(id) => Some(id),
            _ => None,
        }
    }

    /// Whether the service has said no, so that certainly nothing was done there.
    pub(crate) fn is_refusal(&self) -> bool {
        self.0.failure.is_refusal()
    }

    /// How it failed, by what can be done about it.
    pub(crate) fn failure(&self) -> &Failure {
        &self.0.failure
    }

    /// The same error, of the kind that the consumer says it is.
    pub(crate) fn explained_by(mut self, consumer: &impl ExternalApiConsumer) -> Self {
        if self.is_transient()
            && let Some(explained) = consumer.explain(&*self.0.source)
        {
            self.0.words = Some(explained.to_string());
            self.0.failure = explained.0.failure;
        }
        self
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for ConsumerError {
    fn from(error: E) -> Self {
        let (words, source) = (Some(FROM_ELSEWHERE.to_owned()), error.into());
        Self(Box::new(Inner { failure: Failure::Transient, words, source }))
    }
}

impl fmt::Display for ConsumerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.words {
            Some(words) => formatter.write_str(words),
            None => self.0.source.fmt(formatter),
        }
    }
}

impl fmt::Debug for ConsumerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ConsumerError")
            .field("failure", &self.0.failure)
            .field("source", &self.0.source)
            .finish()
    }
}

/// So that a handler can fail with one: what it says is the answer then.
impl From<ConsumerError> for BoxError {
    fn from(error: ConsumerError) -> Self {
        let Inner { failure: _, words, source } = *error.0;
        match words {
            Some(words) => Box::new(Said { words, source }),
            None => source,
        }
    }
}

/// An error in other words.
#[derive(Debug)]
struct Said {
    words: String,
    source: BoxError,
}

impl fmt::Display for Said {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.words)
    }
}

impl StdError for Said {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

impl From<ConsumerError> for Error {
    fn from(error: ConsumerError) -> Self {
        let Inner { failure, words, source } = *error.0;
        let words = words.unwrap_or_else(|| source.to_string());
        let message = match &failure {
            Failure::Gone => return Self::not_found(),
            Failure::Throttled(Some(wait)) => {
                let seconds = wait.as_secs_f32().ceil();
                format!("the external service takes no more requests at the moment; try again in {seconds} s")
            }
            Failure::Throttled(None) => {
                "the external service takes no more requests at the moment; try again later".to_owned()
            }
            Failure::Unauthorized => {
                format!("the external service does not accept our credentials: {words}")
            }
            _ => words,
        };
        Self::new(Kind::Consumer, message).with_failure(failure).with_source(source)
    }
}
