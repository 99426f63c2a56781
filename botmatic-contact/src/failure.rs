//! How something failed, by what can be done about it: the same words for both sides and for the key store.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::ExternalId;

/// How something failed. What is done about it is in `sync/reactions.rs`. A store keeps it with a
/// [`Written`](crate::error::Written) error, so variants are added and never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Failure {
    /// It may be over the next time. What was asked for may have been done or not.
    Transient,
    /// Too many requests: nothing was done, and there may be a time to wait.
    Throttled(Option<Duration>),
    /// Somebody else is at the same contact, or was at it meanwhile: nothing was saved.
    Busy,
    /// The key store failed.
    KeyStore,
    /// The credentials, or the token, are not accepted.
    Unauthorized,
    /// Who was to be created is there already, under this id.
    AlreadyExists(ExternalId),
    /// It is not accepted, and will not be the next time either.
    Rejected,
    /// Whom it is about does not exist, or does not any more.
    Gone,
    /// There is no such operation.
    Unsupported,
}

impl Failure {
    /// What an HTTP status that is none of success says.
    pub(crate) fn of_status(status: u16, retry_after: Option<Duration>) -> Self {
        match status {
            429 => Self::Throttled(retry_after),
            // Who says when to come back has looked at nothing.
            503 if retry_after.is_some() => Self::Throttled(retry_after),
            401 | 403 => Self::Unauthorized,
            404 | 410 => Self::Gone,
            408 | 425 => Self::Transient,
            400..500 => Self::Rejected,
            _ => Self::Transient,
        }
    }

    /// Whether it says no, so that certainly nothing was done.
    pub(crate) fn is_refusal(&self) -> bool {
        !matches!(self, Self::Transient | Self::Busy | Self::KeyStore)
    }

    /// Whether it may be about the one contact alone that something was asked for. Else the next will not fare better.
    pub(crate) fn is_about_one(&self) -> bool {
        !matches!(self, Self::Transient | Self::Throttled(_) | Self::KeyStore | Self::Unauthorized)
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled(wait) => *wait,
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Transient => "transient",
            Self::Throttled(_) => "throttled",
            Self::Busy => "busy",
            Self::KeyStore => "key store",
            Self::Unauthorized => "unauthorized",
            Self::AlreadyExists(_) => "already exists",
            Self::Rejected => "rejected",
            Self::Gone => "gone",
            Self::Unsupported => "unsupported",
        })
    }
}

/// What a `Retry-After` header says: a number of seconds, or until a date.
pub(crate) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(header).ok()?;
    date.timestamp().duration_since(now).try_into().ok()
}
