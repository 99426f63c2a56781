//! An answer of Botmatic's: what it must be, what is read of it, and what an error says of it.

use std::fmt;

use reqwest::StatusCode;
use serde::de::DeserializeOwned;

use super::excerpt::excerpt;
use super::request::About;
use crate::contact::Value;
use crate::error::{Error, Result};
use crate::id::ContactId;
use crate::wire::api as wire;

/// What Botmatic answered.
pub(super) struct Answered<'a> {
    pub(super) about: About<'a>,
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
}

impl Answered<'_> {
    pub(super) fn is(&self, status: StatusCode) -> bool {
        self.status == status
    }

    /// Insists on one of these statuses.
    pub(super) fn require(self, statuses: &[StatusCode]) -> Result<Self> {
        if statuses.contains(&self.status) { Ok(self) } else { Err(self.failure()) }
    }

    /// Insists on any status of success.
    pub(super) fn success(self) -> Result<Self> {
        if self.status.is_success() { Ok(self) } else { Err(self.failure()) }
    }

    /// Reads the body, which is an object where something is asked back. (A list would pass too: serde takes one for a
    /// struct's fields in order.)
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.body.trim_ascii_start().starts_with(b"{") {
            return Err(self.unexpected("no object"));
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            self.unexpected(format_args!("line {}, column {}", error.line(), error.column()))
        })
    }

    /// Insists that the body does not speak of failure. It may say nothing: its status has said all. But it is JSON,
    /// or it does not come from Botmatic.
    pub(super) fn accepted(self) -> Result<Self> {
        if self.body.trim_ascii().is_empty() {
            return Ok(self);
        }
        if self.body.trim_ascii_start().starts_with(b"{") {
            return match self.json()? {
                wire::Verdict { success: true, .. } => Ok(self),
                wire::Verdict { error, .. } => Err(self.refusal(error)),
            };
        }
        match serde_json::from_slice::<serde::de::IgnoredAny>(&self.body) {
            Ok(_) => Ok(self),
            Err(_) => Err(self.unexpected("no JSON")),
        }
    }

    /// The id in an answer to a create, or in one item of it.
    pub(super) fn created(&self, answer: wire::Answer) -> Result<ContactId> {
        match answer {
            wire::Answer { success: true, id: Some(id), .. } => Ok(id),
            wire::Answer { success: true, id: None, .. } => {
                Err(self.unexpected("a contact was created, and its id is missing"))
            }
            wire::Answer { error, .. } => Err(self.refusal(error)),
        }
    }

    /// The result of each contact of a create, if the answer lists them: in a refusal of them all it may, too.
    pub(super) fn created_contacts(&self) -> Option<Vec<Result<ContactId>>> {
        if !self.is(StatusCode::CREATED) && !self.status.is_client_error() {
            return None;
        }
        let listed: wire::CreatedContacts<Value> = self.json().ok()?;
        let read = |item| {
            let answer = serde_json::from_value(item).map_err(|_| self.unexpected("a result is none"))?;
            self.created(answer)
        };
        Some(listed.contacts.into_iter().map(read).collect())
    }

    pub(super) fn failure(&self) -> Error {
        let (about, status) = (&self.about, self.status);
        self.error(format!("Botmatic answered {about} with {status}: {}", self.excerpt(&self.body)))
    }

    /// The status is right, and the body is not.
    pub(super) fn unexpected(&self, what: impl fmt::Display) -> Error {
        let (about, status) = (&self.about, self.status);
        self.error(format!(
            "Botmatic answered {about} with {status} and a body that is not what was expected: {what}"
        ))
    }

    /// Botmatic can refuse under a status of success.
    fn refusal(&self, reason: Option<Value>) -> Error {
        let reason = match reason {
            Some(Value::String(reason)) => reason,
            Some(reason) => reason.to_string(),
            None => "it gave no reason".to_owned(),
        };
        let message = format!("Botmatic refused: {}", self.excerpt(reason.as_bytes()));
        Error::platform(Some(StatusCode::UNPROCESSABLE_ENTITY.as_u16()), message)
    }

    fn error(&self, message: String) -> Error {
        Error::platform(Some(self.status.as_u16()), message)
    }

    fn excerpt(&self, said: &[u8]) -> String {
        excerpt(said, self.about.token, &self.about.contacts)
    }
}
