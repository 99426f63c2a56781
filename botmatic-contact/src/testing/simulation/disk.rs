//! The key store of a simulation: one of the user's, with the time that it takes, and with somebody who looks at what is
//! written.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::fault::Fault;
use super::lease::Lease;
use super::world::World;
use crate::error::{Error, Result};
use crate::id::ContactId;
use crate::key_store::{
    Claim, Entry, Half, Installation, Intent, Journal, KeyStore, Known, Pair, Subject, Write,
};
use crate::mapping::ContactMapping;
use crate::testing::Sample;
use crate::token::{InstallationId, Token};

/// How long the store takes at most, before and after.
const LATENCY: u64 = 2;

/// The store, which is in the world.
pub(super) struct Disk<M>(pub(super) Arc<World<M>>);

impl<M: ContactMapping + Sample + Clone> Disk<M> {
    /// Something is read: it takes a while, and may go wrong.
    async fn is_read(&self) -> Result<()> {
        self.0.passes(LATENCY).await;
        if self.0.strikes(Fault::StoreNotRead) {
            return Err(Error::key_store("the connection was refused"));
        }
        Ok(())
    }
}

#[async_trait]
impl<M: ContactMapping + Sample + Clone> KeyStore for Disk<M> {
    async fn installation(&self, id: InstallationId) -> Result<Option<Installation>> {
        self.0.store.installation(id).await
    }

    async fn save_installation(&self, token: &Token, now: Timestamp) -> Result<Installation> {
        self.0.store.save_installation(token, now).await
    }

    async fn remove_installation(&self, installation: &Installation) -> Result<bool> {
        self.0.store.remove_installation(installation).await
    }

    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known> {
        self.is_read().await?;
        self.0.store.look_up(installation, half).await
    }

    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>> {
        self.is_read().await?;
        self.0.store.intents(installation).await
    }

    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>> {
        self.0.store.pairs(installation, after, limit).await
    }

    async fn entries(
        &self,
        installation: InstallationId,
        journal: Journal,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        self.is_read().await?;
        self.0.store.entries(installation, journal, after, limit).await
    }

    async fn installations(&self, after: Option<InstallationId>, limit: usize) -> Result<Vec<Installation>> {
        self.0.store.installations(after, limit).await
    }

    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        self.is_read().await?;
        let claim = self.0.store.claim(installation, subjects).await?;
        Ok(Claim::new(installation, Lease::begin(&self.0, claim)))
    }

    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()> {
        self.0.passes(LATENCY).await;
        for write in &writes {
            if let Write::Pair(pair) | Write::NewPair(pair) = write {
                self.0.paired(claim.installation(), pair);
            }
        }
        if self.0.strikes(Fault::StoreFailed) {
            return Err(Error::key_store("the disk is full"));
        }
        let pairs = writes.iter().filter_map(|write| match write {
            Write::Pair(pair) | Write::NewPair(pair) => Some(pair.contact.clone()),
            _ => None,
        });
        let contacts: Vec<_> = pairs.collect();
        // As long as this goes on it is held.
        let held = claim.guard().downcast_ref().and_then(Lease::held).ok_or_else(Error::claim_lost)?;
        self.0.store.commit(&held, writes).await?;
        drop(held);
        contacts.iter().for_each(|contact| self.0.has_paired(claim.installation(), contact));
        self.0.passes(LATENCY).await;
        if self.0.strikes(Fault::StoreFailedAfterwards) {
            return Err(Error::key_store("the connection was closed"));
        }
        Ok(())
    }
}
