//! What a handler can ask for: the types of its parameters.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::auth::{Auth, HasClient};
use crate::call::Call;
use crate::contact::Value;
use crate::context::Context;
use crate::error::Error;
use crate::event::{
    BotReply, ContactCreated, ContactDeleted, ContactEvent, ContactUpdated, Custom, Install, Uninstall,
    UserReply,
};
use crate::id::ContactId;
use crate::kind::{AboutContact, HasCaptures, HasData, HasPayload};
use crate::outcome::Outcome;
use crate::token::Token;
use crate::wire::webhook as wire;

/// A type that a handler can have as a parameter. `I` is the integration, `K` the kind of call.
///
/// | parameter | what it is | where |
/// |---|---|---|
/// | [`Install`], [`UserReply`], … | the payload of the event | handlers of that event |
/// | [`Params<T>`] | the `data` of the call, as a type of yours | actions and events |
/// | [`Captures<T>`] | the named groups of the pattern, as a type of yours | actions with a pattern |
/// | [`ContactId`] | who the call is about: the `contact_id` in its data, or the contact's own id | actions, and events about a contact |
/// | [`Synced`] | what the sync engine made of it | contact events |
/// | [`Auth<C>`] | the installation and whose it is | everywhere |
/// | [`Token`] | the token of the installation | everywhere |
/// | [`Botmatic<Self>`](crate::Botmatic) | Botmatic, in the name of this installation | everywhere |
/// | [`State<I>`] | the integration itself, to keep | everywhere |
/// | [`Message`] | the whole call, uninterpreted | actions and events |
/// | `Option<T>` | one of them, if it is there: see [`OptionalFromCall`](crate::OptionalFromCall) | where `T` is |
/// | `Result<T, Rejection>` | one of them, or why the call does not have it | where `T` is |
///
/// A parameter of your own asks the kind of call for what it needs: [`HasData`], [`HasCaptures`], [`AboutContact`], or
/// nothing.
///
/// ```
/// use botmatic_contact::prelude::*;
/// use botmatic_contact::{Call, FromCall, HasData, Rejection};
///
/// /// The page of a list, counted from 1.
/// struct PageNumber(u32);
///
/// impl<I: Send + Sync, K: HasData> FromCall<I, K> for PageNumber {
///     async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
///         match call.extract().await? {
///             Params(0) => Err(Rejection::new("pages are counted from 1")),
///             Params(number) => Ok(Self(number)),
///         }
///     }
/// }
///
/// struct Jobs;
///
/// #[botmatic::integration]
/// impl Jobs {
///     #[botmatic::action("list_jobs")]
///     async fn list_jobs(&self, page: PageNumber) -> String {
///         format!("page {}", page.0)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of this handler",
    label = "not something that this kind of call has",
    note = "for the `data` of the call write `Params<YourType>`; for more, implement `FromCall<I, K>`",
    note = "where a free function takes what one integration alone has, name that: `#[botmatic::action(\"count\", for = \
            Crm)]`"
)]
pub trait FromCall<I, K>: Sized + Send {
    /// Takes it from the call.
    ///
    /// # Errors
    /// When the call does not have it; the text is the answer.
    fn from_call(call: Call<'_, I, K>) -> impl Future<Output = Result<Self, Rejection>> + Send;
}

/// Why a call cannot be handled. It becomes the answer, so it speaks to whoever made the call.
#[derive(Debug)]
pub struct Rejection(String);

impl Rejection {
    /// A rejection with a reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Rejection {}

impl From<wire::Malformed> for Rejection {
    fn from(malformed: wire::Malformed) -> Self {
        Self(malformed.to_string())
    }
}

/// The `data` of a call, as a type that serde can read.
#[derive(Debug, Clone)]
pub struct Params<T>(pub T);

impl<I: Send + Sync, K: HasData, T: DeserializeOwned + Send> FromCall<I, K> for Params<T> {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self(wire::read(data(call))?))
    }
}

/// The named groups of the pattern that matched, as a type that serde can read. Numbers are read from their text; an
/// optional group that took no part is absent.
#[derive(Debug, Clone)]
pub struct Captures<T>(pub T);

impl<I: Send + Sync, K: HasCaptures, T: DeserializeOwned + Send> FromCall<I, K> for Captures<T> {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self(wire::read_captures(&call.request().captures)?))
    }
}

/// What the sync engine made of a contact event, before the handler ran.
#[derive(Debug, Clone)]
pub struct Synced(pub Result<Outcome, Arc<Error>>);

impl<I: Send + Sync, K: ContactEvent> FromCall<I, K> for Synced {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        let outcome = call.request().outcome.clone();
        outcome.map(Self).ok_or_else(|| {
            Rejection::new(
                "nothing was synced: this handler replaces the sync, or the integration has no key store",
            )
        })
    }
}

impl<I: Send + Sync, K> FromCall<I, K> for Token {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(call.token().clone())
    }
}

impl<I: HasClient<Client = C> + Send + Sync, K, C: Send + Sync + 'static> FromCall<I, K> for Auth<C> {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        let request = call.request();
        let client = Arc::clone(&request.client).downcast::<C>();
        client.map(|client| Self::new(request.token.clone(), client)).map_err(|_| {
            Rejection::new(
                "whose installation this is cannot be told: no authorizer gave a client for its token",
            )
        })
    }
}

/// The integration itself, shared: for handlers that are not methods, and for tasks that outlive the call.
pub struct State<I>(Arc<Context<I>>);

impl<I> Deref for State<I> {
    type Target = I;

    fn deref(&self) -> &I {
        &self.0.integration
    }
}

impl<I> Clone for State<I> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<I> fmt::Debug for State<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("State").finish_non_exhaustive()
    }
}

impl<I: Send + Sync, K> FromCall<I, K> for State<I> {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self(Arc::clone(call.context())))
    }
}

/// The whole call, uninterpreted. `Debug` prints neither data nor members.
#[derive(Clone)]
#[non_exhaustive]
pub struct Message {
    /// The name of the action or the event.
    pub name: String,
    /// Its `data`; null if there was none.
    pub data: Value,
    /// Whatever else it said, by name.
    pub members: serde_json::Map<String, Value>,
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Message").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<I: Send + Sync, K: HasData> FromCall<I, K> for Message {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        let request = call.request();
        let mut members = serde_json::Map::new();
        for (name, value) in &request.members {
            members.insert(name.clone(), wire::read(Some(value))?);
        }
        Ok(Self { name: request.name.clone(), data: wire::read_any(data(call))?, members })
    }
}

impl<I: Send + Sync, K: HasPayload<Self>> FromCall<I, K> for Install {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self { token: call.token().clone(), data: wire::read_any(data(call))? })
    }
}

impl<I: Send + Sync, K: HasPayload<Self>> FromCall<I, K> for Uninstall {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self { token: call.token().clone(), data: wire::read_any(data(call))? })
    }
}

impl<I: Send + Sync, K: HasPayload<Self>> FromCall<I, K> for ContactCreated {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self { contact: wire::read_contact(data(call), &[])? })
    }
}

impl<I: Send + Sync, K: HasPayload<Self>> FromCall<I, K> for ContactUpdated {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self { contact: wire::read_contact(data(call), &[])? })
    }
}

impl<I: Send + Sync, K: HasPayload<Self>> FromCall<I, K> for ContactDeleted {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self { contact_id: wire::read_contact_id(data(call))? })
    }
}

impl<I: Send + Sync, K: HasPayload<Self>> FromCall<I, K> for UserReply {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(wire::read_user_reply(data(call))?)
    }
}

impl<I: Send + Sync, K: HasPayload<Self>> FromCall<I, K> for BotReply {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(wire::read_bot_reply(data(call))?)
    }
}

impl<I: Send + Sync, K: HasPayload<Self>> FromCall<I, K> for Custom {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(Self { data: wire::read_any(data(call))? })
    }
}

fn data<I, K>(call: Call<'_, I, K>) -> Option<&RawValue> {
    call.request().data.as_deref()
}

impl<I: Send + Sync, K: AboutContact> FromCall<I, K> for ContactId {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        let data = data(call);
        let id =
            if K::IS_THE_CONTACT { wire::read_contact(data, &[])?.id } else { wire::read_contact_id(data)? };
        Ok(id)
    }
}
