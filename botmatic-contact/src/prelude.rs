//! What one needs every day: `use botmatic_contact::prelude::*`.

pub use crate::ContactMapping;
pub use crate::auth::Auth;
pub use crate::botmatic;
pub use crate::consumer::{ConsumerError, ExternalApiConsumer, Page};
pub use crate::event::{
    BotReply, ContactCreated, ContactDeleted, ContactUpdated, Install, Uninstall, UserReply,
};
pub use crate::extract::{Captures, Params, State, Synced};
pub use crate::handle::Botmatic;
pub use crate::id::{ContactId, ExternalId};
pub use crate::key_store::MemoryKeyStore;
#[cfg(feature = "redb")]
pub use crate::key_store::RedbKeyStore;
pub use crate::mapping::{Change, ContactPatch};
pub use crate::reply::Reply;
pub use crate::token::Token;
