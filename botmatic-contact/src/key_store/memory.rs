//! A key store that is gone with the process: for tests, and for integrations whose pairs can be made anew.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Claim, Half, Installation, Intent, KeyStore, Known, LocalClaims, Pair, Subject, Write};
use crate::contact::Properties;
use crate::error::Result;
use crate::id::{ContactId, ExternalId};
use crate::token::{InstallationId, Token};

/// Pairs in memory.
#[derive(Debug, Default)]
pub struct MemoryKeyStore {
    installations: Mutex<BTreeMap<InstallationId, Installation>>,
    kept: Mutex<BTreeMap<InstallationId, Kept>>,
    claims: LocalClaims,
}

/// What is kept of one installation.
#[derive(Debug, Default)]
struct Kept {
    pairs: BTreeMap<ContactId, Arc<Pair>>,
    contact_of: HashMap<ExternalId, ContactId>,
    deleted_contacts: HashMap<ContactId, Timestamp>,
    deleted_externals: HashMap<ExternalId, Timestamp>,
    intents: BTreeMap<Half, Properties>,
}

impl MemoryKeyStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn installations(&self) -> MutexGuard<'_, BTreeMap<InstallationId, Installation>> {
        self.installations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept<T>(&self, installation: InstallationId, look: impl FnOnce(&mut Kept) -> T) -> T {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        look(kept.entry(installation).or_default())
    }
}

impl Kept {
    fn write(&mut self, write: Write) {
        match write {
            Write::Pair(pair) => {
                let before = self.pairs.get(&pair.contact);
                if before.is_none_or(|before| before.external != pair.external) {
                    self.unpair(&pair.contact, &pair.external);
                    self.deleted_contacts.remove(&pair.contact);
                    self.deleted_externals.remove(&pair.external);
                    self.contact_of.insert(pair.external.clone(), pair.contact.clone());
                }
                if !self.intents.is_empty() {
                    self.intents.remove(&pair.contact.clone().into());
                    self.intents.remove(&pair.external.clone().into());
                }
                self.pairs.insert(pair.contact.clone(), Arc::new(pair));
            }
            Write::Deleted { contact, external, at } => {
                self.unpair(&contact, &external);
                self.deleted_contacts.insert(contact, at);
                self.deleted_externals.insert(external, at);
            }
            Write::Intent(intent) => {
                self.intents.insert(intent.half, intent.properties);
            }
            Write::Withdraw(half) => {
                self.intents.remove(&half);
            }
        }
    }

    /// Takes apart whatever pairs the two ids belong to.
    fn unpair(&mut self, contact: &ContactId, external: &ExternalId) {
        if let Some(pair) = self.pairs.remove(contact) {
            self.contact_of.remove(&pair.external);
        }
        if let Some(contact) = self.contact_of.remove(external) {
            self.pairs.remove(&contact);
        }
    }
}

#[async_trait]
impl KeyStore for MemoryKeyStore {
    async fn installation(&self, id: InstallationId) -> Result<Option<Installation>> {
        Ok(self.installations().get(&id).cloned())
    }

    async fn save_installation(&self, token: &Token, now: Timestamp) -> Result<Installation> {
        let mut installations = self.installations();
        let generation = installations.get(&token.installation()).map_or(0, |known| known.generation) + 1;
        let installation = Installation { token: token.clone(), generation, installed_at: now };
        installations.insert(token.installation(), installation.clone());
        Ok(installation)
    }

    async fn remove_installation(&self, installation: &Installation) -> Result<bool> {
        let id = installation.token.installation();
        let mut installations = self.installations();
        let current = installations.get(&id) == Some(installation);
        if current {
            installations.remove(&id);
            self.kept(id, |kept| *kept = Kept::default());
        }
        Ok(current)
    }

    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known> {
        Ok(self.kept(installation, |kept| {
            let (contact, deleted) = match half {
                Half::Contact(id) => (Some(id), kept.deleted_contacts.get(id)),
                Half::External(id) => (kept.contact_of.get(id), kept.deleted_externals.get(id)),
            };
            match (contact.and_then(|contact| kept.pairs.get(contact)), deleted) {
                (Some(pair), _) => Known::Paired(pair.clone()),
                (None, Some(at)) => Known::Deleted(*at),
                (None, None) => Known::No,
            }
        }))
    }

    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>> {
        Ok(self.kept(installation, |kept| {
            let intent = |(half, properties): (&Half, &Properties)| Intent {
                half: half.clone(),
                properties: properties.clone(),
            };
            kept.intents.iter().map(intent).collect()
        }))
    }

    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        Ok(self.kept(installation, |kept| {
            let pairs = kept.pairs.range::<ContactId, _>((start, Bound::Unbounded));
            pairs.take(limit).map(|(_, pair)| Pair::clone(pair)).collect()
        }))
    }

    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        Ok(self.claims.claim(installation, subjects).await)
    }

    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()> {
        self.kept(claim.installation(), |kept| {
            for write in writes {
                kept.write(write);
            }
        });
        Ok(())
    }
}
