//! One incoming event or action, with who sent it.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::auth::AnyClient;
use crate::context::Context;
use crate::error::Error;
use crate::extract::{FromCall, Rejection};
use crate::outcome::Outcome;
use crate::token::Token;

/// The kind of a call that an action with a fixed name answers.
#[derive(Debug)]
pub enum Action {}

/// The kind of a call that an action with a pattern answers.
#[derive(Debug)]
pub enum Pattern {}

/// One call, as a handler gets it. `K` is the kind of call: [`Action`], [`Pattern`], or the payload type of an event;
/// it decides which parameters a handler can take.
pub struct Call<'a, I, K> {
    context: &'a Arc<Context<I>>,
    request: &'a Request,
    kind: PhantomData<fn() -> K>,
}

/// The named groups of a pattern, with what they matched.
pub(crate) type Captured = Vec<(String, String)>;

/// What a call consists of, whatever its kind.
pub(crate) struct Request {
    /// The name of the action or the event.
    pub(crate) name: String,
    /// The `data` of the call, still as text.
    pub(crate) data: Option<Box<RawValue>>,
    /// Whatever else the call said.
    pub(crate) members: BTreeMap<String, Box<RawValue>>,
    /// The installation it came from.
    pub(crate) token: Token,
    /// Whose installation that is.
    pub(crate) client: AnyClient,
    /// The named groups of the pattern that matched.
    pub(crate) captures: Captured,
    /// What the sync engine made of the event, if it is about a contact.
    pub(crate) outcome: Option<Result<Outcome, Arc<Error>>>,
}

impl<'a, I, K> Call<'a, I, K> {
    pub(crate) fn new(context: &'a Arc<Context<I>>, request: &'a Request) -> Self {
        Self { context, request, kind: PhantomData }
    }

    pub(crate) fn context(self) -> &'a Arc<Context<I>> {
        self.context
    }

    pub(crate) fn request(self) -> &'a Request {
        self.request
    }

    /// The integration that is called.
    #[must_use]
    pub fn integration(self) -> &'a I {
        &self.context.integration
    }

    /// Takes one parameter from the call, as generated code does.
    ///
    /// # Errors
    /// When the call does not have it.
    pub async fn extract<T: FromCall<I, K>>(self) -> Result<T, Rejection> {
        T::from_call(self).await
    }

    /// The name of the action or the event, as it was sent.
    #[must_use]
    pub fn name(self) -> &'a str {
        &self.request.name
    }

    /// The token of the installation that calls.
    #[must_use]
    pub fn token(self) -> &'a Token {
        &self.request.token
    }
}

impl<I, K> Clone for Call<'_, I, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I, K> Copy for Call<'_, I, K> {}

impl<I, K> fmt::Debug for Call<'_, I, K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Call")
            .field("name", &self.request.name)
            .field("installation", &self.request.token.installation())
            .finish_non_exhaustive()
    }
}
