//! Keep contacts in step between Botmatic and any external service.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "api")]
mod api;
mod auth;
mod builder;
mod call;
mod clock;
mod consumer;
mod contact;
mod context;
mod error;
pub mod event;
mod extract;
mod handle;
mod id;
mod integration;
pub mod key_store;
mod mapping;
mod outcome;
mod platform;
pub mod prelude;
mod reply;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "simulator")]
pub mod simulator;
mod sync;
mod table;
mod token;
mod wire;

#[cfg(feature = "api")]
pub use crate::api::BotmaticApi;
pub use crate::auth::{Auth, Authorizer, HasClient};
pub use crate::builder::{Builder, InstalledTokens, NoKeyStore, OwnAuthorizer, builder};
pub use crate::call::{Action, Call, Pattern};
pub use crate::clock::{Clock, SystemClock};
pub use crate::consumer::{ConsumerError, ExternalApiConsumer, PAGE_SIZE, Page};
pub use crate::contact::{Contact, Properties, Property, PropertyKind, Value};
pub use crate::error::{Error, Result};
pub use crate::extract::{AboutContact, Captures, FromCall, Message, Params, Rejection, State, Synced};
pub use crate::handle::Botmatic;
pub use crate::id::{BotId, ContactId, ExternalId, IdValue};
pub use crate::integration::{Answer, Integration, Service};
pub use crate::key_store::KeyStore;
pub use crate::mapping::{Change, ContactMapping, ContactPatch, MappingError, PropertyValue, ValueError};
pub use crate::outcome::{Effect, Outcome};
pub use crate::platform::Platform;
pub use crate::reply::{AsReply, ByValue, Fallible, IntoReply, Reply};
pub use crate::sync::{Import, ImportFailure, ImportProgress, ImportReport};
pub use crate::table::{HandlerFuture, Table};
pub use crate::token::{InstallationId, Token};

/// Maps a struct of the external service's terms to a contact on Botmatic.
pub use botmatic_contact_macros::ContactMapping;

/// The attributes, and what else is written with `botmatic::` before it. The prelude brings it.
pub mod botmatic {
    pub use botmatic_contact_macros::{action, integration, on};

    pub use crate::builder::builder;
}
