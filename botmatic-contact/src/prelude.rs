//! What one needs every day: `use botmatic_contact::prelude::*`.

pub use crate::assert_round_trip;
pub use crate::auth::{Auth, HasClient};
pub use crate::botmatic;
pub use crate::consumer::{ConsumerError, ExternalApiConsumer, Page};
pub use crate::contact::Properties;
pub use crate::event::{
    BotReply, ContactCreated, ContactDeleted, ContactUpdated, Install, Uninstall, UserReply,
};
pub use crate::extract::{Captures, Params, State, Synced};
pub use crate::handle::Botmatic;
pub use crate::id::{ContactId, ExternalId};
pub use crate::key_store::MemoryKeyStore;
#[cfg(feature = "postgres")]
pub use crate::key_store::PostgresKeyStore;
#[cfg(feature = "redb")]
pub use crate::key_store::RedbKeyStore;
#[cfg(feature = "redis")]
pub use crate::key_store::RedisKeyStore;
pub use crate::outcome::{Effect, Outcome};
pub use crate::reply::Reply;
#[cfg(feature = "settings")]
pub use crate::settings::{Choice, Secret, SettingsError, Upload};
pub use crate::token::Token;
pub use crate::{Change, ContactMapping, ContactPatch, IdValue, PropertyValue, SettingsForm};
