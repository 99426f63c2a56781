//! What the engine asks of the external service: made again where the table in `reactions` says so.

use std::future::Future;

use futures_util::stream::{Stream, TryStreamExt};

use super::reactions::{Reaction, Work};
use crate::auth::Auth;
use crate::clock::Clock;
use crate::consumer::{ConsumerError, ExternalApiConsumer, ListStart};
use crate::contact::Properties;
use crate::error::Result;
use crate::id::ExternalId;
use crate::mapping::{ContactMapping, ContactPatch};

/// The consumer, asked with patience. The methods are those of [`ExternalApiConsumer`].
pub(super) struct Requests<'a, I> {
    pub(super) consumer: &'a I,
    pub(super) clock: &'a dyn Clock,
}

impl<'a, I: ExternalApiConsumer> Requests<'a, I> {
    async fn make<T, R>(&self, work: Work, mut request: impl FnMut() -> R + Send) -> Result<T, ConsumerError>
    where
        R: Future<Output = Result<T, ConsumerError>> + Send,
    {
        let mut repeated = 0;
        loop {
            let error = match request().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error.explained_by(self.consumer),
            };
            match error.failure().reaction(work) {
                Reaction::Again { after, times } if repeated < times => self.clock.sleep(after).await,
                _ => return Err(error),
            }
            repeated += 1;
        }
    }

    pub(super) async fn get_contact(
        &self,
        auth: &Auth<I::Client>,
        id: &ExternalId,
    ) -> Result<Option<I::Contact>, ConsumerError> {
        self.make(Work::Repeatable, || self.consumer.get_contact(auth, id)).await
    }

    pub(super) async fn get_contact_by_email(
        &self,
        auth: &Auth<I::Client>,
        email: &str,
    ) -> Result<Option<I::Contact>, ConsumerError> {
        self.make(Work::Repeatable, || self.consumer.get_contact_by_email(auth, email)).await
    }

    /// Creates this contact, which these properties describe.
    pub(super) async fn create_contact(
        &self,
        auth: &Auth<I::Client>,
        contact: I::Contact,
        described: &Properties,
    ) -> Result<ExternalId, ConsumerError> {
        let mut contact = Some(contact);
        let create = || {
            let contact = contact.take().map_or_else(|| I::Contact::from_properties(described), Ok);
            async move { self.consumer.create_contact(auth, contact?).await }
        };
        self.make(Work::Create, create).await
    }

    pub(super) async fn update_contact(
        &self,
        auth: &Auth<I::Client>,
        id: &ExternalId,
        changes: &Properties,
    ) -> Result<()> {
        let mut patch = Some(<I::Contact as ContactMapping>::Patch::from_properties(changes)?);
        let update = || {
            let patch = patch.take().map_or_else(|| ContactPatch::from_properties(changes), Ok);
            async move { self.consumer.update_contact(auth, id, patch?).await }
        };
        Ok(self.make(Work::Repeatable, update).await?)
    }

    pub(super) async fn delete_contact(
        &self,
        auth: &Auth<I::Client>,
        id: &ExternalId,
    ) -> Result<(), ConsumerError> {
        self.make(Work::Repeatable, || self.consumer.delete_contact(auth, id)).await
    }

    pub(super) async fn count_contacts(&self, auth: &Auth<I::Client>) -> Result<Option<u64>, ConsumerError> {
        self.make(Work::Repeatable, || self.consumer.count_contacts(auth)).await
    }

    /// A listing cannot be taken up again in the middle: what goes wrong with it is for whoever reads it.
    pub(super) fn list_all_contacts(
        &self,
        auth: &'a Auth<I::Client>,
        start: ListStart,
    ) -> impl Stream<Item = Result<Vec<I::Contact>, ConsumerError>> + Send + use<'a, I> {
        let consumer = self.consumer;
        consumer.list_all_contacts(auth, start).map_err(|error| error.explained_by(consumer))
    }
}
