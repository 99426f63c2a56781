//! The one error type of the framework.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any error, as the libraries below hand it over.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong.
///
/// The message says what, where, and what to do; [`source`](std::error::Error::source) leads to the cause. Neither
/// holds a token. Ask with the `is_…` methods what kind of failure it was.
pub struct Error(Arc<Inner>);

struct Inner {
    kind: Kind,
    failure: Failure,
    message: String,
    status: Option<u16>,
    source: Option<BoxError>,
}

/// What an error is about; private, so that kinds can be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// The integration was put together wrongly.
    Configuration,
    /// The token is not one that is served, or Botmatic refused it.
    Unauthorized,
    /// There is no such contact, here or on the other side.
    NotFound,
    /// A contact that is one half of another pair already.
    Conflict,
    /// Somebody else works on the same contact for too long, or has taken it over.
    Busy,
    /// More would end than may without being confirmed.
    Unconfirmed,
    /// A value does not fit the field it is mapped to.
    Mapping,
    /// The external service, or the consumer that speaks to it, failed.
    Consumer,
    /// The key store failed.
    KeyStore,
    /// Botmatic's API failed or refused.
    Platform,
    /// A call that says something else than its handler expects.
    Call,
    /// Whoever asked for it did not want it any more.
    Cancelled,
    /// Reading, writing, listening.
    #[cfg(feature = "server")]
    Io,
}

impl Error {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        let failure = match kind {
            Kind::Unauthorized => Failure::Unauthorized,
            Kind::NotFound => Failure::Gone,
            Kind::Busy => Failure::Busy,
            Kind::KeyStore => Failure::KeyStore,
            Kind::Consumer | Kind::Platform => Failure::Transient,
            #[cfg(feature = "server")]
            Kind::Io => Failure::Transient,
            Kind::Configuration
            | Kind::Conflict
            | Kind::Unconfirmed
            | Kind::Mapping
            | Kind::Call
            | Kind::Cancelled => Failure::Rejected,
        };
        Self(Arc::new(Inner { kind, failure, message: message.into(), status: None, source: None }))
    }

    /// Changes what was just made, and so is shared with nobody yet.
    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            change(inner);
        }
        self
    }

    pub(crate) fn with_failure(self, failure: Failure) -> Self {
        self.with(|inner| inner.failure = failure)
    }

    pub(crate) fn with_source(self, source: impl Into<BoxError>) -> Self {
        self.with(|inner| inner.source = Some(source.into()))
    }

    /// There is no such contact, here or on the other side; worded as Botmatic's integrations always did.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "resource not found")
    }

    pub(crate) fn deleted_before() -> Self {
        Self::new(
            Kind::NotFound,
            "the contact was deleted, and for 30 days what is said of it changes nothing; create it under another id",
        )
    }

    /// A key store failed; for those who implement [`KeyStore`](crate::KeyStore).
    pub fn key_store(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Kind::KeyStore, "the key store failed; nothing of this call was saved").with_source(source)
    }

    /// A claim ended before the work did, so nothing was saved; for those who implement
    /// [`KeyStore`](crate::KeyStore). Ask with [`is_busy`](Self::is_busy).
    #[must_use]
    pub fn claim_lost() -> Self {
        Self::new(
            Kind::Busy,
            "the claim on the contact ended before the work on it did, so somebody else may be at it; nothing was \
             saved, try again",
        )
    }

    /// The installation was removed while somebody worked for it, so nothing was saved; for those who implement
    /// [`KeyStore`](crate::KeyStore). Ask with [`is_unauthorized`](Self::is_unauthorized).
    #[must_use]
    pub fn uninstalled() -> Self {
        Self::new(
            Kind::Unauthorized,
            "the integration was uninstalled while this was worked on; nothing was saved, for nothing is kept of an \
             installation that is gone",
        )
    }

    /// Somebody is half of another pair already, so nothing was saved; for those who implement
    /// [`KeyStore`](crate::KeyStore). Ask with [`is_conflict`](Self::is_conflict).
    #[must_use]
    pub fn paired_otherwise() -> Self {
        Self::new(
            Kind::Conflict,
            "one of the two contacts has another counterpart by now; nothing was saved, look again at both",
        )
        .with_failure(Failure::Busy)
    }

    /// Botmatic failed or refused; for those who implement [`Platform`](crate::Platform). `status` is that of HTTP,
    /// where there was an answer.
    pub fn platform(status: Option<u16>, message: impl Into<String>) -> Self {
        let kind = if status == Some(404) { Kind::NotFound } else { Kind::Platform };
        let error = Self::new(kind, message).with(|inner| inner.status = status);
        match status {
            Some(status) => error.with_failure(Failure::of_status(status, None)),
            None => error,
        }
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(
            Kind::Cancelled,
            "the import was cancelled; what was under way is done, and another import goes on from there",
        )
    }

    pub(crate) fn no_key_store() -> Self {
        Self::new(Kind::Configuration, "contacts need a key store: call `.key_store(…)` on the builder")
    }

    pub(crate) fn no_client() -> Self {
        Self::new(
            Kind::Configuration,
            "the authorizer knows no client for this call: call `.authorize_with(…)` on the builder",
        )
    }

    /// Whether the other side has said no, so that certainly nothing was done there.
    pub(crate) fn is_refusal(&self) -> bool {
        self.0.failure.is_refusal()
    }

    /// How it failed, by what can be done about it.
    pub(crate) fn failure(&self) -> &Failure {
        &self.0.failure
    }

    /// Whether many contacts that were sent together may have been refused because of one of them.
    pub(crate) fn may_be_about_one(&self) -> bool {
        matches!(self.status(), Some(400 | 409 | 413 | 422))
    }

    /// What may stand in a log: what the error is about, without the words of the other side.
    pub(crate) fn outline(&self) -> Outline {
        Outline { kind: self.0.kind, failure: self.0.failure.clone(), status: self.0.status }
    }

    /// How long to wait before the same is tried again, where the other side throttled and said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.failure.retry_after()
    }

    /// What can be written down of it: all but its cause.
    pub(crate) fn written(&self) -> Written {
        let Inner { kind, failure, message, status, source: _ } = &*self.0;
        Written { kind: *kind, failure: Some(failure.clone()), message: message.clone(), status: *status }
    }

    /// What it says.
    #[cfg(test)]
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether it says the same as the other.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let (one, other) = (&*self.0, &*other.0);
        (one.kind, one.status, &one.failure, &one.message)
            == (other.kind, other.status, &other.failure, &other.message)
    }

    /// The same error once more.
    pub(crate) fn clone_message(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// The HTTP status of Botmatic's answer, if the error is one; 429 also where a request was held back and not sent.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The integration was put together wrongly: nothing was served.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.0.kind == Kind::Configuration
    }

    /// The token is not one that is served here, or not any more, or Botmatic refused it.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        self.0.kind == Kind::Unauthorized
    }

    /// There is no such contact, here or on the other side.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.failure == Failure::Gone
    }

    /// The contact is one half of another pair already.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.0.kind == Kind::Conflict
    }

    /// Somebody else was working on the same contact for too long, or has taken it over; nothing was saved, try again.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.0.kind == Kind::Busy
    }

    /// A plan would end more pairs than may end without being confirmed; nothing was written.
    /// [`Reconcile::allow_gone`](crate::Reconcile::allow_gone) confirms it.
    #[must_use]
    pub fn is_unconfirmed(&self) -> bool {
        self.0.kind == Kind::Unconfirmed
    }

    /// A value does not fit the field it is mapped to.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        self.0.kind == Kind::Mapping
    }

    /// The external service, or the consumer that speaks to it, failed.
    #[must_use]
    pub fn is_consumer(&self) -> bool {
        self.0.kind == Kind::Consumer
    }

    /// The key store failed.
    #[must_use]
    pub fn is_key_store(&self) -> bool {
        self.0.kind == Kind::KeyStore
    }

    /// Whoever asked for it did not want it any more, so it ended early.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.kind == Kind::Cancelled
    }

    /// Botmatic's API failed or refused.
    #[must_use]
    pub fn is_platform(&self) -> bool {
        self.0.kind == Kind::Platform
    }
}

/// See [`Error::written`]. A store keeps it, so variants and members are added and never renamed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Written {
    kind: Kind,
    /// Earlier versions did not write it.
    #[serde(default)]
    failure: Option<Failure>,
    message: String,
    status: Option<u16>,
}

impl From<Written> for Error {
    fn from(Written { kind, failure, message, status }: Written) -> Self {
        let error = Self::new(kind, message).with(|inner| inner.status = status);
        match failure {
            Some(failure) => error.with_failure(failure),
            None => error,
        }
    }
}

/// See [`Error::outline`].
pub(crate) struct Outline {
    kind: Kind,
    failure: Failure,
    status: Option<u16>,
}

impl fmt::Display for Outline {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.kind)?;
        if self.kind == Kind::Consumer {
            write!(formatter, ", {}", self.failure)?;
        }
        match self.status {
            Some(status) => write!(formatter, ", status {status}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Error");
        shown.field("kind", &self.0.kind).field("message", &self.0.message);
        if let Some(source) = &self.0.source {
            shown.field("source", source);
        }
        shown.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::ConsumerError;

    #[test]
    fn what_was_written_down_is_read_as_it_was_but_for_its_cause() {
        let wait = Some(Duration::from_secs(7));
        for error in [
            Error::platform(Some(422), "no such name"),
            Error::platform(Some(503), "later").with_failure(Failure::Throttled(wait)),
            Error::deleted_before(),
            ConsumerError::rejected("no such city").into(),
            ConsumerError::already_exists(17_u64).into(),
            ConsumerError::throttled(wait).into(),
        ] {
            let written = serde_json::to_vec(&error.written()).unwrap();
            let read = Error::from(serde_json::from_slice::<Written>(&written).unwrap());
            assert!(
                read.is_same(&error) && read.is_transient() == error.is_transient(),
                "{error:?}, {read:?}"
            );
        }
        let earlier = r#"{"kind":"Platform","message":"no such name","status":422}"#;
        let read = Error::from(serde_json::from_str::<Written>(earlier).unwrap());
        assert!(read.is_platform() && read.status() == Some(422));
    }
}
