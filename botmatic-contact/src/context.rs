//! What a call is answered with: the integration, and the ports it was built with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::agenda::Agenda;
use crate::clock::Clock;
use crate::key_store::KeyStore;
use crate::order::Order;
use crate::outcome::Counters;
use crate::platform::Platform;

/// The integration and its ports, shared by all calls.
pub(crate) struct Context<I> {
    pub(crate) integration: Arc<I>,
    pub(crate) key_store: Arc<dyn KeyStore>,
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) clock: Arc<dyn Clock>,
    /// When this was built: since then Botmatic finds somebody whom it can tell.
    pub(crate) began: Timestamp,
    /// How long a request to the external service may take.
    pub(crate) request_limit: Duration,
    /// What is under way.
    pub(crate) order: Arc<Order>,
    /// What the engine was told that was no news.
    pub(crate) counters: Arc<Counters>,
    /// Whether contacts are kept in step: whether the builder was given a key store.
    pub(crate) syncs: bool,
    /// If contact events are accepted before they are worked on.
    pub(crate) durable: Option<Arc<Agenda>>,
}

impl<I> fmt::Debug for Context<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Context").field("syncs", &self.syncs).finish_non_exhaustive()
    }
}
