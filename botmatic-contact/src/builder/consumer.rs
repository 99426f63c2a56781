//! What holds for requests to the external service.

use std::sync::Arc;
use std::time::Duration;

use super::Builder;
use crate::integration::Integration;
use crate::key_store::KeyStore;

/// How long a request may take if nobody says otherwise.
pub(super) const REQUEST_LIMIT: Duration = Duration::from_secs(60);

impl<I: Integration, A> Builder<I, Arc<dyn KeyStore>, A> {
    /// How long a request to the external service may take, by way of the
    /// [`ExternalApiConsumer`](crate::ExternalApiConsumer); without this 60 s.
    ///
    /// After that time it is given up and counts as a failure in passing: what was asked for may have been done or not. A
    /// time limit of your HTTP client's own should be shorter. It holds for each attempt of each
    /// method, and for each page of `list_all_contacts`.
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// # use std::time::Duration;
    /// # fn build<I: botmatic_contact::Integration + ExternalApiConsumer<Client = ()>>(crm: I) -> botmatic_contact::Result<()> {
    /// let builder = botmatic::builder(crm).key_store(MemoryKeyStore::new());
    /// let service = builder.request_limit(Duration::from_secs(20)).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn request_limit(mut self, limit: Duration) -> Self {
        self.parts.request_limit = limit;
        self
    }
}
