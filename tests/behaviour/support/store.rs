//! A key store that a test can look into while the engine uses it, and whose commits fail when told to.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use botmatic_contact::key_store::{
    Claim, Entry, Half, Installation, Intent, Journal, KeyStore, Known, Pair, Subject, Write,
};
use botmatic_contact::{ContactId, Error, InstallationId, Result, Token};
use jiff::Timestamp;

use super::Gates;

/// Clones are the same store.
#[derive(Clone)]
pub(crate) struct Store {
    store: Arc<dyn KeyStore>,
    fails: Arc<AtomicBool>,
    read: Arc<AtomicUsize>,
    pub(crate) gates: Gates,
}

impl Store {
    pub(crate) fn new(store: impl KeyStore) -> Self {
        Self { store: Arc::new(store), fails: Arc::default(), read: Arc::default(), gates: Gates::default() }
    }

    /// Has commits fail, or succeed again.
    pub(crate) fn fail_commits(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    /// How many entries of journals were read so far.
    pub(crate) fn entries_read(&self) -> usize {
        self.read.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Store").finish_non_exhaustive()
    }
}

#[async_trait]
impl KeyStore for Store {
    async fn installation(&self, id: InstallationId) -> Result<Option<Installation>> {
        self.gates.pass("before", "installation").await;
        self.store.installation(id).await
    }

    async fn save_installation(&self, token: &Token, now: Timestamp) -> Result<Installation> {
        self.store.save_installation(token, now).await
    }

    async fn remove_installation(&self, installation: &Installation) -> Result<bool> {
        self.store.remove_installation(installation).await
    }

    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known> {
        self.gates.pass("before", "look_up").await;
        self.store.look_up(installation, half).await
    }

    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>> {
        self.gates.pass("before", "intents").await;
        self.store.intents(installation).await
    }

    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>> {
        self.store.pairs(installation, after, limit).await
    }

    async fn entries(
        &self,
        installation: InstallationId,
        journal: Journal,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        let entries = self.store.entries(installation, journal, after, limit).await?;
        self.read.fetch_add(entries.len(), Ordering::SeqCst);
        Ok(entries)
    }

    async fn installations(&self, after: Option<InstallationId>, limit: usize) -> Result<Vec<Installation>> {
        self.store.installations(after, limit).await
    }

    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        self.store.claim(installation, subjects).await
    }

    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(Error::key_store("the disk is full"));
        }
        self.gates.pass("before", "commit").await;
        let committed = self.store.commit(claim, writes).await;
        self.gates.pass("after", "commit").await;
        committed
    }
}
