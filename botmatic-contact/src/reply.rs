//! What a handler answers.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::error::BoxError;
use crate::extract::Rejection;
use crate::wire::webhook as wire;

/// An answer to Botmatic. `Debug` does not print the data.
#[derive(Clone)]
pub struct Reply {
    pub(crate) success: bool,
    pub(crate) kind: Cow<'static, str>,
    pub(crate) data: Cow<'static, RawValue>,
    /// Whether the handler had nothing to say, so that somebody else may speak.
    pub(crate) is_default: bool,
}

impl Reply {
    /// The answer of a handler that has done its work and has nothing to tell.
    #[must_use]
    pub fn done() -> Self {
        Self {
            success: true,
            kind: Cow::Borrowed(wire::KIND_DATA),
            data: wire::data_of_success(),
            is_default: true,
        }
    }

    /// An answer that carries data.
    ///
    /// # Errors
    /// When the data cannot be JSON, for example a map whose keys are not text.
    pub fn data(data: &impl Serialize) -> Result<Self, serde_json::Error> {
        let data = Cow::Owned(serde_json::value::to_raw_value(data)?);
        Ok(Self { success: true, kind: Cow::Borrowed(wire::KIND_DATA), data, is_default: false })
    }

    /// An answer that says what went wrong.
    pub fn failure(message: &str) -> Self {
        Self {
            success: false,
            kind: Cow::Borrowed(wire::KIND_DATA),
            data: Cow::Owned(wire::data_of_error(message)),
            is_default: false,
        }
    }

    /// The same answer, telling of failure: for one that says more than a message.
    ///
    /// ```
    /// # use botmatic_contact::Reply;
    /// let sold_out = Reply::data(&serde_json::json!({ "error": "sold out", "again": "2026-05-01" }))?.failed();
    /// assert!(!sold_out.is_success());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn failed(mut self) -> Self {
        self.success = false;
        self.is_default = false;
        self
    }

    /// The same answer with another `type` than `data`.
    #[must_use]
    pub fn with_type(mut self, kind: impl Into<Cow<'static, str>>) -> Self {
        self.kind = kind.into();
        self
    }

    /// Whether it tells of success.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.success
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reply")
            .field("success", &self.success)
            .field("type", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What a handler can return: nothing, anything that serde can write, a [`Reply`], or a `Result` of one of these whose
/// error is a message or an error type. `M` is for the compiler to tell the cases apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer of a handler",
    label = "serde cannot write this",
    note = "return `()`, a type that implements `Serialize`, `Reply`, or `Result` of one of these with an error that \
            turns into `Box<dyn Error + Send + Sync>`"
)]
pub trait IntoReply<M> {
    /// The answer.
    fn into_reply(self) -> Reply;
}

/// Marks answers that serde writes.
#[derive(Debug)]
pub enum ByValue {}

/// Marks answers that are replies already.
#[derive(Debug)]
pub enum AsReply {}

/// Marks answers that may be failures.
#[derive(Debug)]
pub struct Fallible<M>(M);

/// What a handler can fail with, said where it can be explained.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a handler",
    label = "neither an error nor a text",
    note = "what it says becomes the answer: implement `std::error::Error` for it, or return a `String` or a `&'static str`",
    note = "a boxed error is `Box<dyn Error + Send + Sync>`; `ConsumerError` and `botmatic_contact::Error` can be returned as they \
            are"
)]
pub trait Failure: Into<BoxError> {}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> Failure for E {}

/// What a method gave back, for generated code. A `Result` is told from other types by the compiler, whatever it is
/// called: what is written for `Answered<Result<…>>` itself goes before what a trait has for every `Answered`.
#[derive(Debug)]
pub struct Answered<T>(pub T);

impl<T, E> Answered<Result<T, E>> {
    /// The answer of a handler that can fail.
    pub fn __reply<M>(self) -> Result<Reply, Rejection>
    where
        T: IntoReply<M>,
        E: Failure,
    {
        Ok(IntoReply::<Fallible<M>>::into_reply(self.0))
    }
}

/// See [`Answered`].
pub trait AnsweredValue<T> {
    /// The answer of any other handler.
    fn __reply<M>(self) -> Result<Reply, Rejection>
    where
        T: IntoReply<M>;
}

impl<T> AnsweredValue<T> for Answered<T> {
    fn __reply<M>(self) -> Result<Reply, Rejection>
    where
        T: IntoReply<M>,
    {
        Ok(self.0.into_reply())
    }
}

impl<T: Serialize> IntoReply<ByValue> for T {
    fn into_reply(self) -> Reply {
        match Reply::data(&self) {
            // A type without content, `()` above all, has nothing to say.
            Ok(reply) if size_of::<T>() == 0 && reply.data.get() == "null" => Reply::done(),
            Ok(reply) => reply,
            Err(error) => Reply::failure(&format!("the answer of the handler cannot be JSON: {error}")),
        }
    }
}

impl IntoReply<AsReply> for Reply {
    fn into_reply(self) -> Reply {
        self
    }
}

impl<T: IntoReply<M>, E: Into<BoxError>, M> IntoReply<Fallible<M>> for Result<T, E> {
    fn into_reply(self) -> Reply {
        match self {
            Ok(answer) => answer.into_reply(),
            Err(error) => Reply::failure(&error.into().to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::ConsumerError;

    #[test]
    fn nothing_is_the_default_answer_and_none_is_null() {
        assert_eq!(().into_reply().data.get(), r#"{"success":true}"#);
        assert_eq!(None::<u8>.into_reply().data.get(), "null");
        assert!(().into_reply().is_default && !None::<u8>.into_reply().is_default);
    }

    #[test]
    fn a_type_with_one_value_says_it() {
        assert_eq!(["pong"; 0].into_reply().data.get(), "[]");
        assert!(std::marker::PhantomData::<u8>.into_reply().is_default);
    }

    #[test]
    fn an_error_is_a_failure_with_its_message() {
        let reply = IntoReply::<Fallible<ByValue>>::into_reply(Err::<u8, _>("no stock"));
        assert_eq!(reply.data.get(), r#"{"error":"no stock"}"#);
        assert!(!reply.is_success());
    }

    #[test]
    fn what_a_consumer_fails_with_is_an_answer() {
        let error = ConsumerError::rejected("the list is full");
        let reply = Answered(Err::<u8, _>(error)).__reply::<ByValue>().unwrap();
        assert_eq!(reply.data.get(), r#"{"error":"the list is full"}"#);
        assert!(!reply.is_success());
    }

    #[test]
    fn what_json_cannot_hold_is_a_failure_and_no_panic() {
        let keyed_by_list = std::collections::BTreeMap::from([(vec![1], 2)]);
        assert!(!keyed_by_list.into_reply().is_success());
    }
}
