//! Why there is no token, or no answer to a request that carries one.

use std::fmt;
use std::sync::Arc;

use reqwest::StatusCode;

use crate::error::BoxError;

/// Why a [`TokenSource`](super::TokenSource) did not do as asked. Holds neither credentials nor a token nor an address.
/// Clones are the same error: all who waited for one token are told of one failure.
///
/// In a consumer `?` turns it into a [`ConsumerError`](crate::ConsumerError), a failure in passing. A consumer that
/// knows that nothing was done before says so: `.map_err(ConsumerError::unauthorized)`.
#[derive(Clone)]
pub struct TokenError(Arc<Inner>);

struct Inner {
    kind: Kind,
    message: String,
    status: Option<StatusCode>,
    is_timeout: bool,
    source: Option<BoxError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unreachable,
    Refused,
    NoToken,
    Request,
}

impl TokenError {
    fn of_reqwest(kind: Kind, message: &str, source: reqwest::Error) -> Self {
        // An address can hold credentials, or somebody's.
        let (is_timeout, source) = (source.is_timeout(), Some(source.without_url().into()));
        Self(Arc::new(Inner { kind, message: message.to_owned(), status: None, is_timeout, source }))
    }

    pub(super) fn unreachable(source: reqwest::Error) -> Self {
        let message = "no token: the address it is obtained from did not answer; is it reachable from here?";
        Self::of_reqwest(Kind::Unreachable, message, source)
    }

    pub(super) fn request(source: reqwest::Error) -> Self {
        let message = "the request with the token was not answered; is the service reachable from here?";
        Self::of_reqwest(Kind::Request, message, source)
    }

    pub(super) fn refused(status: StatusCode) -> Self {
        let message = if status.is_redirection() {
            format!(
                "no token: the answer was {status}; credentials do not follow, give the address it leads to"
            )
        } else {
            format!("no token: the answer was {status}; are the address and the credentials right?")
        };
        let (kind, status) = (Kind::Refused, Some(status));
        Self(Arc::new(Inner { kind, message, status, is_timeout: false, source: None }))
    }

    pub(super) fn no_token(why: impl fmt::Display) -> Self {
        let message = format!("no token in the answer: {why}");
        Self(Arc::new(Inner { kind: Kind::NoToken, message, status: None, is_timeout: false, source: None }))
    }

    /// The address that tokens are obtained from did not answer, or not in time.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        self.0.kind == Kind::Unreachable
    }

    /// It answered with another status than one of success; see [`status`](Self::status).
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.0.kind == Kind::Refused
    }

    /// It answered with success, and there was no token in the answer.
    #[must_use]
    pub fn is_no_token(&self) -> bool {
        self.0.kind == Kind::NoToken
    }

    /// There was a token; the request that was to carry it is not one, or was not answered.
    #[must_use]
    pub fn is_request(&self) -> bool {
        self.0.kind == Kind::Request
    }

    /// Something took too long.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.0.is_timeout
    }

    /// The HTTP status with which a token was refused.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status.map(|status| status.as_u16())
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.message)
    }
}

impl fmt::Debug for TokenError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("TokenError");
        shown.field("kind", &self.0.kind).field("message", &self.0.message);
        if let Some(source) = &self.0.source {
            shown.field("source", source);
        }
        shown.finish()
    }
}

impl std::error::Error for TokenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
