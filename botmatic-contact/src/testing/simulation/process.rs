//! A process of the integration, whichever integration that is.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use super::address_book::AddressBook;
use super::disk::Disk;
use super::line::Line;
use super::world::World;
use crate::builder::{DefaultClient, builder};
use crate::consumer::ExternalApiConsumer;
use crate::error::Result;
use crate::id::ExternalId;
use crate::integration::{Answer, Integration, Service};
use crate::mapping::ContactMapping;
use crate::simulator::Endpoint;
use crate::testing::Sample;
use crate::token::Token;

/// Begins a process in a world.
pub(super) type Begin<M> = Arc<dyn Fn(&Arc<World<M>>) -> Result<Arc<dyn Process<M>>> + Send + Sync>;

/// What the external service tells of somebody.
pub(super) enum News<M> {
    Created(M),
    /// What they are now.
    Changed(M),
    Deleted(ExternalId),
}

/// What is asked of a process.
#[async_trait]
pub(super) trait Process<M>: Endpoint {
    /// Botmatic calls.
    async fn called(&self, token: Token, body: &[u8]) -> Answer;

    /// The external service tells of somebody.
    async fn told(&self, token: &Token, news: News<M>) -> Result<()>;

    /// Imports everybody. Who is left out is an error, too.
    async fn imports(&self, token: &Token) -> Result<()>;

    /// Whether there is nothing to reconcile.
    async fn agrees(&self, token: &Token) -> Result<bool>;

    /// Works on what was accepted.
    async fn works(&self, end: BoxFuture<'_, ()>);
}

#[async_trait]
impl<I: ExternalApiConsumer + Integration> Process<I::Contact> for Service<I> {
    async fn called(&self, token: Token, body: &[u8]) -> Answer {
        self.handle(Some(token), body).await
    }

    async fn told(&self, token: &Token, news: News<I::Contact>) -> Result<()> {
        let botmatic = self.botmatic(token).await?;
        let told = match news {
            News::Created(contact) => botmatic.create_contact(contact).await,
            News::Changed(contact) => botmatic.update_contact(contact).await,
            News::Deleted(id) => botmatic.delete_contact(&id).await,
        };
        told.map(drop)
    }

    async fn imports(&self, token: &Token) -> Result<()> {
        let report = self.botmatic(token).await?.import_all().await?;
        let failure = report.failures.into_iter().next().map(|failure| failure.error);
        report.interrupted.or(failure).map_or(Ok(()), Err)
    }

    async fn agrees(&self, token: &Token) -> Result<bool> {
        Ok(self.botmatic(token).await?.reconcile().plan().await?.is_empty())
    }

    async fn works(&self, end: BoxFuture<'_, ()>) {
        self.work(end).await;
    }
}

/// Has a process be of this integration.
pub(super) fn begin<M, I>(make: impl Fn(AddressBook<M>) -> I + Send + Sync + 'static) -> Begin<M>
where
    M: ContactMapping + Sample + Clone,
    I: ExternalApiConsumer<Contact = M, Client: DefaultClient> + Integration,
{
    Arc::new(move |world| {
        let builder = builder(make(AddressBook(Arc::clone(world))))
            .platform(Line(Arc::clone(world)))
            .clock(world.clock.clone())
            .key_store(Disk(Arc::clone(world)));
        let service = if world.is_durable { builder.durable() } else { builder }.build()?;
        Ok(Arc::new(service))
    })
}
