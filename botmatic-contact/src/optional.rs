//! Parameters that may be missing: `Option<T>`, and `Result<T, Rejection>` for who wants to answer by himself.

use std::future::Future;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::auth::{Auth, HasClient};
use crate::call::Call;
use crate::event::ContactEvent;
use crate::extract::{FromCall, Params, Rejection, Synced};
use crate::id::ContactId;
use crate::kind::{AboutContact, HasData};
use crate::wire::webhook as wire;

/// A type that a handler can have as a parameter in an `Option`: what is absent is `None`, and what is there and cannot
/// be read is still a rejection. To be told of both, take a `Result<T, Rejection>`, which works for every parameter.
///
/// | parameter | when it is `None` |
/// |---|---|
/// | `Option<`[`Params<T>`]`>` | the call has no `data`, or it is null |
/// | `Option<`[`ContactId`]`>` | nobody is named |
/// | `Option<`[`Auth<C>`]`>` | no authorizer gave a client for the token, as at an install |
/// | `Option<`[`Synced`]`>` | nothing was synced |
///
/// ```
/// use botmatic_contact::prelude::*;
/// use botmatic_contact::Rejection;
///
/// struct Greeter;
///
/// #[botmatic::integration]
/// impl Greeter {
///     #[botmatic::action("greet")]
///     async fn greet(&self, name: Option<Params<String>>, who: Result<ContactId, Rejection>) -> String {
///         match (name, who) {
///             (Some(Params(name)), _) => format!("Hello, {name}"),
///             (None, Ok(who)) => format!("Hello, number {who}"),
///             (None, Err(rejection)) => format!("Hello, whoever you are ({rejection})"),
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`Option<{Self}>` cannot be a parameter of this handler",
    label = "not something that may be absent",
    note = "`Params`, `ContactId`, `Auth` and `Synced` can be optional; what every call of a kind has is written without \
            `Option`",
    note = "to be told why something cannot be taken from the call, write `Result<{Self}, Rejection>`; for a type of \
            your own, implement `OptionalFromCall<I, K>`"
)]
pub trait OptionalFromCall<I, K>: Sized + Send {
    /// Takes it from the call, if it is there.
    ///
    /// # Errors
    /// When the call has it and it cannot be read; the text is the answer.
    fn optional_from_call(
        call: Call<'_, I, K>,
    ) -> impl Future<Output = Result<Option<Self>, Rejection>> + Send;
}

impl<I, K, T: OptionalFromCall<I, K>> FromCall<I, K> for Option<T> {
    fn from_call(call: Call<'_, I, K>) -> impl Future<Output = Result<Self, Rejection>> + Send {
        T::optional_from_call(call)
    }
}

impl<I: Send + Sync, K, T: FromCall<I, K>> FromCall<I, K> for Result<T, Rejection> {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        Ok(T::from_call(call).await)
    }
}

impl<I: Send + Sync, K: HasData, T: DeserializeOwned + Send> OptionalFromCall<I, K> for Params<T> {
    async fn optional_from_call(call: Call<'_, I, K>) -> Result<Option<Self>, Rejection> {
        let data = call.request().data.as_deref();
        let data = data.filter(|data| data.get() != "null");
        Ok(data.map(|data| wire::read(Some(data)).map(Self)).transpose()?)
    }
}

impl<I: Send + Sync, K: AboutContact> OptionalFromCall<I, K> for ContactId {
    async fn optional_from_call(call: Call<'_, I, K>) -> Result<Option<Self>, Rejection> {
        if K::IS_THE_CONTACT {
            return Self::from_call(call).await.map(Some);
        }
        Ok(wire::find_contact_id(call.request().data.as_deref())?)
    }
}

impl<I, K, C> OptionalFromCall<I, K> for Auth<C>
where
    I: HasClient<Client = C> + Send + Sync,
    C: Send + Sync + 'static,
{
    async fn optional_from_call(call: Call<'_, I, K>) -> Result<Option<Self>, Rejection> {
        let request = call.request();
        let client = Arc::clone(&request.client).downcast::<C>();
        Ok(client.ok().map(|client| Self::new(request.token.clone(), client)))
    }
}

impl<I: Send + Sync, K: ContactEvent> OptionalFromCall<I, K> for Synced {
    async fn optional_from_call(call: Call<'_, I, K>) -> Result<Option<Self>, Rejection> {
        Ok(call.request().outcome.clone().map(Self))
    }
}
