//! Whether events are accepted before they are worked on.

use std::sync::Arc;
use std::time::Duration;

use super::Builder;
use crate::agenda::Agenda;
use crate::durable::PATIENCE;
use crate::integration::Integration;
use crate::key_store::KeyStore;

impl<I: Integration, A> Builder<I, Arc<dyn KeyStore>, A> {
    /// Accepts contact events: each is in the key store before it is answered with success, and is worked on until it
    /// is done, whatever becomes of the external service and of this process meanwhile.
    ///
    /// | what becomes of it | without this | with this |
    /// |---|---|---|
    /// | it succeeds | success, with the external id | the same |
    /// | it fails for good: a value does not fit, the external service rejects it, or does not accept our credentials (401, 403) | failure, with the reason | the same |
    /// | it fails, and that may pass: the external service is down, or throttles | failure, with the reason | success; it is tried again |
    /// | it takes more than five seconds | an answer when it is done | success; it goes on, and what fails for good then is set aside |
    /// | the process is killed meanwhile | no answer, and nobody knows of it | no answer; it is tried again after the start |
    ///
    /// It is tried again after some seconds, and then after pauses that grow to ten minutes. Later events of the same
    /// contact wait for their turn; those of others do not. If the service asks for a pause, nothing of the installation is
    /// tried before that is over. What still fails after three days, or for good, is *set aside*: see
    /// [`Botmatic::set_aside`](crate::Botmatic::set_aside). That is so for what is answered with 401 or 403, too, since
    /// nothing says that it will pass: where a key has expired, retry what was set aside when there is a new one.
    ///
    /// [`Service::serve`](crate::Service::serve) tries events again beside the server; who serves the router in another way runs
    /// [`Service::work`](crate::Service::work). Where a process does neither, the first event that is left for later is a
    /// warning in its log.
    ///
    /// Only the events `contact_created`, `contact_updated` and `contact_deleted` are accepted, and not where a handler
    /// replaces their sync: doing them twice is doing them once. Handlers of these events run when the sync is at its
    /// end, and once more only if the process is killed meanwhile; one that panics, or takes more than five minutes, is
    /// broken off. All other events are answered when their handler is done, as before: whether it may run twice is for it
    /// to know.
    ///
    /// The bodies of events that are not done are in the key store, and go with the installation. Before you take this
    /// off the builder again, let the service work until nothing is left: nobody tries what was accepted then, and a
    /// warning at the start is all that tells of it.
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// # fn build<I: botmatic_contact::Integration + ExternalApiConsumer<Client = ()>>(crm: I) -> botmatic_contact::Result<()> {
    /// let service = botmatic::builder(crm).key_store(MemoryKeyStore::new()).durable().build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn durable(self) -> Self {
        self.durable_for(PATIENCE)
    }

    /// The same as [`durable`](Self::durable), with another time than three days after which an event that fails is set
    /// aside. It is tried once more when that time is over.
    pub fn durable_for(mut self, patience: Duration) -> Self {
        self.parts.durable = Some(Agenda::new(patience));
        self
    }
}
