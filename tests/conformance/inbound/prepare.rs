//! The key store of a recording: with the pairs that were there before, or broken.

use std::collections::BTreeMap;

use async_trait::async_trait;
use botmatic_contact::key_store::{
    Claim, Entry, Half, Installation, Intent, Journal, KeyStore, Known, Pair, Subject, Write,
};
use botmatic_contact::prelude::*;
use botmatic_contact::{Error, InstallationId, Properties, Result};
use jiff::Timestamp;

use super::recording::Recording;

/// A store in memory that may fail at everything.
pub(super) struct Store {
    store: MemoryKeyStore,
    is_down: bool,
}

impl Store {
    /// The pairs that were there come from a store that kept no snapshots. Nothing was agreed on then, and all that is
    /// stated is a change; only where something is cleared, it has to be known that it was there.
    pub(super) async fn new(
        recording: &Recording,
        agreed: impl Fn(&ExternalId) -> Properties,
    ) -> std::sync::Arc<Self> {
        let store = MemoryKeyStore::new();
        for (key, external) in &recording.keystore_before {
            let Some((token, contact)) = key.split_once(":b:") else { continue };
            let external: ExternalId = external.as_str().into();
            let snapshot = if recording.clears() { agreed(&external) } else { Properties::new() };
            let pair = Pair::new(contact.into(), external, snapshot);
            let subjects: [Subject; 2] = [pair.contact.clone().into(), pair.external.clone().into()];
            let claim = store.claim(Token::new(token).installation(), &subjects).await.unwrap();
            store.commit(&claim, vec![Write::Pair(pair)]).await.unwrap();
        }
        std::sync::Arc::new(Self { store, is_down: recording.store_is_down() })
    }

    /// All pairs, as the recorded store wrote them.
    pub(super) async fn pairs(&self) -> BTreeMap<String, String> {
        let mut written = BTreeMap::new();
        for token in ["tok-alpha", "tok-beta", "nope"] {
            for pair in self.store.pairs(Token::new(token).installation(), None, 100).await.unwrap() {
                let (contact, external) = (pair.contact.as_str(), pair.external.as_str());
                written.insert(format!("{token}:b:{contact}"), external.to_owned());
                written.insert(format!("{token}:e:{external}"), contact.to_owned());
            }
        }
        written
    }

    fn working(&self) -> Result<&MemoryKeyStore> {
        if self.is_down { Err(Error::key_store("down")) } else { Ok(&self.store) }
    }
}

#[async_trait]
impl KeyStore for Store {
    async fn installation(&self, id: InstallationId) -> Result<Option<Installation>> {
        self.working()?.installation(id).await
    }

    async fn save_installation(&self, token: &Token, now: Timestamp) -> Result<Installation> {
        self.working()?.save_installation(token, now).await
    }

    async fn remove_installation(&self, installation: &Installation) -> Result<bool> {
        self.working()?.remove_installation(installation).await
    }

    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known> {
        self.working()?.look_up(installation, half).await
    }

    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>> {
        self.working()?.intents(installation).await
    }

    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>> {
        self.working()?.pairs(installation, after, limit).await
    }

    async fn entries(
        &self,
        installation: InstallationId,
        journal: Journal,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        self.working()?.entries(installation, journal, after, limit).await
    }

    async fn installations(&self, after: Option<InstallationId>, limit: usize) -> Result<Vec<Installation>> {
        self.working()?.installations(after, limit).await
    }

    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        self.working()?.claim(installation, subjects).await
    }

    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()> {
        self.working()?.commit(claim, writes).await
    }
}
