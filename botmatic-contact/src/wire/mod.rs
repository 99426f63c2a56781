//! The protocol's JSON: every name of it stands here and nowhere else.
//!
//! [`webhook`] is what Botmatic posts to an integration, and what is answered. [`api`] is Botmatic's API. Both sides of
//! each are here, because the simulator plays the other one. [`settings`] is what the settings page posts.

#[cfg(feature = "api")]
pub(crate) mod api;
#[cfg(feature = "settings")]
pub(crate) mod settings;
pub(crate) mod webhook;
