//! The external service, as the engine sees it: a trait that users implement, in their own terms.

use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, ready};
use std::time::Duration;

use futures_util::stream::{self, Stream};

use crate::auth::{Auth, HasClient};
use crate::error::{BoxError, Error, Kind};
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
    fn get_contact(
        &self,
        auth: &Auth<Self::Client>,
        id: &ExternalId,
    ) -> impl Future<Output = Result<Option<Self::Contact>, ConsumerError>> + Send;

    /// The contact with that e-mail address, or `None` if there is none. An error is not "none": it stops what was
    /// going on, so that nobody is created twice.
    fn get_contact_by_email(
        &self,
        auth: &Auth<Self::Client>,
        email: &str,
    ) -> impl Future<Output = Result<Option<Self::Contact>, ConsumerError>> + Send;

    /// One page of all contacts; an empty one after the last.
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

    /// All contacts, page by page from `start` on, until an empty one. Override it where the service lists in another
    /// way.
    ///
    /// An import that was cut short asks for the pages from the last one on that it had done: by their number, and by
    /// the contact that stood before them, for services that list by a cursor. A listing that can only begin at the
    /// beginning passes over `start.page.number - 1` pages of its own. One that begins elsewhere than it was asked to is
    /// found out by the contacts of its first page, and read from the beginning.
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

/// Why the external service did not do as asked.
///
/// Any error turns into one with `?` and counts as a passing failure. The constructors say more, so that the engine can
/// do better than to report it.
///
/// ```
/// # use botmatic_contact::ConsumerError;
/// fn parse(answer: &str) -> Result<u64, ConsumerError> {
///     Ok(answer.parse()?)
/// }
/// assert_eq!(parse("x").unwrap_err().to_string(), "invalid digit found in string");
/// assert!(ConsumerError::not_found().is_not_found());
/// ```
pub struct ConsumerError(Box<Inner>);

struct Inner {
    reason: Reason,
    source: BoxError,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Failed,
    NotFound,
    Throttled { wait: Option<Duration> },
    Unauthorized,
    Rejected,
    Unsupported,
}

impl ConsumerError {
    fn new(reason: Reason, source: impl Into<BoxError>) -> Self {
        Self(Box::new(Inner { reason, source: source.into() }))
    }

    /// A failure that may be gone the next time.
    pub fn failed(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Reason::Failed, why)
    }

    /// The contact that was to be read, changed or deleted does not exist.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Reason::NotFound, "resource not found")
    }

    /// Too many requests; the service may have said how long to wait.
    #[must_use]
    pub fn throttled(wait: Option<Duration>) -> Self {
        Self::new(Reason::Throttled { wait }, "too many requests")
    }

    /// The service does not accept our credentials for this client.
    pub fn unauthorized(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Reason::Unauthorized, why)
    }

    /// The service does not accept this contact, and will not the next time either.
    pub fn rejected(why: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Reason::Rejected, why)
    }

    /// The service has no such operation.
    #[must_use]
    pub fn unsupported(operation: &'static str) -> Self {
        Self::new(Reason::Unsupported, format!("the external service has no `{operation}`"))
    }

    /// Whether the contact does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.reason == Reason::NotFound
    }

    /// Whether the service has no such operation.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        self.0.reason == Reason::Unsupported
    }

    /// Whether the service has said no, so that certainly nothing was done there.
    pub(crate) fn is_refusal(&self) -> bool {
        self.0.reason != Reason::Failed
    }

    /// How long the service asked to wait, if it throttled and said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self.0.reason {
            Reason::Throttled { wait } => wait,
            _ => None,
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for ConsumerError {
    fn from(error: E) -> Self {
        Self::new(Reason::Failed, error)
    }
}

impl fmt::Display for ConsumerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.source.fmt(formatter)
    }
}

impl fmt::Debug for ConsumerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ConsumerError")
            .field("reason", &self.0.reason)
            .field("source", &self.0.source)
            .finish()
    }
}

/// So that a handler can fail with one: what it says is the answer then. Of an HTTP client's error that may be an address,
/// with what stands in its query; where Botmatic is not to see that, say it in other words with [`ConsumerError::failed`].
impl From<ConsumerError> for BoxError {
    fn from(error: ConsumerError) -> Self {
        error.0.source
    }
}

impl From<ConsumerError> for Error {
    fn from(error: ConsumerError) -> Self {
        match error.0.reason {
            Reason::NotFound => Self::not_found(),
            _ => Self::new(Kind::Consumer, error.to_string()).with_source(error.0.source),
        }
    }
}
