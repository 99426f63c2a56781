//! A key store that is gone with the process: for tests, and for integrations whose pairs can be made anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;

use super::{
    BURIED, Claim, Entry, Half, Installation, Intent, Journal, KeyStore, Known, LocalClaims, Pair, Subject,
    TOMBSTONE, Write,
};
use crate::error::{Error, Result};
use crate::id::{ContactId, ExternalId};
use crate::token::{InstallationId, Token};

/// Pairs in memory.
#[derive(Default)]
pub struct MemoryKeyStore {
    installations: Mutex<BTreeMap<InstallationId, Installation>>,
    kept: Mutex<BTreeMap<InstallationId, Kept>>,
    /// How often each was removed.
    removals: Mutex<HashMap<InstallationId, u64>>,
    claims: LocalClaims,
}

/// The guard of a claim.
struct Held {
    /// How often the installation had been removed when it was asked for.
    removals: u64,
    _turn: Claim,
}

/// What is kept of one installation.
#[derive(Default)]
struct Kept {
    pairs: BTreeMap<ContactId, Arc<Pair>>,
    contact_of: HashMap<ExternalId, ContactId>,
    deleted: HashMap<Half, Timestamp>,
    /// The same by time.
    deletions: BTreeSet<(Timestamp, Half)>,
    intents: BTreeMap<Half, Intent>,
    journals: BTreeMap<(Journal, String), Vec<u8>>,
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

    fn kept(&self) -> MutexGuard<'_, BTreeMap<InstallationId, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn removals(&self) -> MutexGuard<'_, HashMap<InstallationId, u64>> {
        self.removals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at what is kept of an installation, if anything is.
    fn look<T>(&self, installation: InstallationId, look: impl FnOnce(&Kept) -> T) -> Option<T> {
        self.kept().get(&installation).map(look)
    }
}

impl fmt::Debug for MemoryKeyStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MemoryKeyStore").finish_non_exhaustive()
    }
}

impl Kept {
    fn write(&mut self, write: Write) {
        match write {
            Write::Pair(ref pair) | Write::NewPair(ref pair) => {
                let is_new = !self.pairs.contains_key(&pair.contact);
                if is_new {
                    self.revive(pair.contact.clone().into());
                    self.revive(pair.external.clone().into());
                    self.contact_of.insert(pair.external.clone(), pair.contact.clone());
                }
                if !self.intents.is_empty() {
                    self.intents.remove(&pair.contact.clone().into());
                    self.intents.remove(&pair.external.clone().into());
                }
                if is_new || matches!(write, Write::Pair(_)) {
                    self.pairs.insert(pair.contact.clone(), Arc::new(pair.clone()));
                }
            }
            Write::Deleted { contact, external, at } => {
                self.unpair(&contact, &external);
                self.bury(contact.into(), at);
                self.bury(external.into(), at);
            }
            Write::Intent(intent) => {
                self.intents.insert(intent.half.clone(), intent);
            }
            Write::Withdraw(half) => {
                self.intents.remove(&half);
            }
            Write::Tombstone { half, at } => {
                self.intents.remove(&half);
                self.bury(half, at);
            }
            Write::Put(journal, Entry { key, value }) => {
                self.journals.insert((journal, key), value);
            }
            Write::Remove(journal, key) => {
                self.journals.remove(&(journal, key));
            }
        }
    }

    /// Whether none of the pairs has an id that is half of another one at that point of the changes.
    fn accepts(&self, writes: &[Write]) -> bool {
        // Whose counterparts are others than it is written here by then, or nobody.
        let mut externals: HashMap<&ContactId, Option<&ExternalId>> = HashMap::new();
        let mut contacts: HashMap<&ExternalId, Option<&ContactId>> = HashMap::new();
        writes.iter().all(|write| {
            let (Write::Pair(Pair { contact, external, .. })
            | Write::NewPair(Pair { contact, external, .. })
            | Write::Deleted { contact, external, .. }) = write
            else {
                return true;
            };
            let is_paired = !matches!(write, Write::Deleted { .. });
            let of_contact = externals.insert(contact, is_paired.then_some(external));
            let of_contact =
                of_contact.unwrap_or_else(|| self.pairs.get(contact).map(|known| &known.external));
            let of_external = contacts.insert(external, is_paired.then_some(contact));
            let of_external = of_external.unwrap_or_else(|| self.contact_of.get(external));
            if is_paired {
                return of_contact.is_none_or(|known| known == external)
                    && of_external.is_none_or(|known| known == contact);
            }
            if let Some(other) = of_contact.filter(|other| *other != external) {
                contacts.insert(other, None);
            }
            if let Some(other) = of_external.filter(|other| *other != contact) {
                externals.insert(other, None);
            }
            true
        })
    }

    /// Leaves a tombstone, and removes some that are past.
    fn bury(&mut self, half: Half, at: Timestamp) {
        self.revive(half.clone());
        self.deleted.insert(half.clone(), at);
        self.deletions.insert((at, half));
        let is_past = |deletion: &&(Timestamp, Half)| at.duration_since(deletion.0) > TOMBSTONE;
        let past: Vec<_> = self.deletions.iter().take(BURIED).take_while(is_past).cloned().collect();
        past.into_iter().for_each(|(_, half)| self.revive(half));
    }

    /// Removes a tombstone.
    fn revive(&mut self, half: Half) {
        if let Some(at) = self.deleted.remove(&half) {
            self.deletions.remove(&(at, half));
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
            let mut removals = self.removals();
            *removals.entry(id).or_default() += 1;
            self.kept().remove(&id);
        }
        Ok(current)
    }

    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known> {
        let known = self.look(installation, |kept| {
            let contact = match half {
                Half::Contact(id) => Some(id),
                Half::External(id) => kept.contact_of.get(id),
            };
            match (contact.and_then(|contact| kept.pairs.get(contact)), kept.deleted.get(half)) {
                (Some(pair), _) => Known::Paired(pair.clone()),
                (None, Some(at)) => Known::Deleted(*at),
                (None, None) => Known::No,
            }
        });
        Ok(known.unwrap_or(Known::No))
    }

    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>> {
        let intents = self.look(installation, |kept| kept.intents.values().cloned().collect());
        Ok(intents.unwrap_or_default())
    }

    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let pairs = self.look(installation, |kept| {
            let pairs = kept.pairs.range::<ContactId, _>((start, Bound::Unbounded));
            pairs.take(limit).map(|(_, pair)| Pair::clone(pair)).collect()
        });
        Ok(pairs.unwrap_or_default())
    }

    async fn entries(
        &self,
        installation: InstallationId,
        journal: Journal,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        let start = Bound::Excluded((journal, after.unwrap_or_default().to_owned()));
        let entries = self.look(installation, |kept| {
            let entries = kept.journals.range((start, Bound::Unbounded));
            let entries = entries.take_while(|((of, _), _)| *of == journal).take(limit);
            entries.map(|((_, key), value)| Entry { key: key.clone(), value: value.clone() }).collect()
        });
        Ok(entries.unwrap_or_default())
    }

    async fn installations(&self, after: Option<InstallationId>, limit: usize) -> Result<Vec<Installation>> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let installations = self.installations();
        let installations = installations.range((start, Bound::Unbounded)).take(limit);
        Ok(installations.map(|(_, installation)| installation.clone()).collect())
    }

    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        let removals = self.removals().get(&installation).copied().unwrap_or_default();
        let turn = self.claims.claim(installation, subjects).await;
        Ok(Claim::new(installation, Held { removals, _turn: turn }))
    }

    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()> {
        // Until the changes are made, nobody removes the installation.
        let removals = self.removals();
        let now = removals.get(&claim.installation()).copied().unwrap_or_default();
        if claim.guard().downcast_ref().is_some_and(|held: &Held| held.removals != now) {
            return Err(Error::uninstalled());
        }
        let mut kept = self.kept();
        let kept = kept.entry(claim.installation()).or_default();
        if !kept.accepts(&writes) {
            return Err(Error::paired_otherwise());
        }
        writes.into_iter().for_each(|write| kept.write(write));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_is_kept_of_who_only_asked_or_has_gone() {
        let (store, token) = (MemoryKeyStore::new(), Token::new("tok-alpha"));
        let half = Half::from(ContactId::from("1"));
        for id in ["tok-beta", "tok-gamma"].map(|token| Token::new(token).installation()) {
            assert_eq!(store.look_up(id, &half).await.unwrap(), Known::No);
            assert!(store.intents(id).await.unwrap().is_empty());
            assert!(store.pairs(id, None, 9).await.unwrap().is_empty());
        }
        let installed = store.save_installation(&token, Timestamp::UNIX_EPOCH).await.unwrap();
        let claim = store.claim(token.installation(), &[]).await.unwrap();
        store.commit(&claim, vec![Write::Withdraw(half)]).await.unwrap();
        assert!(store.remove_installation(&installed).await.unwrap());
        assert!(store.kept.lock().unwrap().is_empty());
    }
    #[tokio::test]
    async fn debug_prints_nothing_of_what_is_kept_or_claimed() {
        let (store, id) = (MemoryKeyStore::new(), Token::new("tok-alpha").installation());
        let claim = store.claim(id, &[ContactId::from("c4n4ry").into()]).await.unwrap();
        let entry = Entry { key: "1".to_owned(), value: b"c4n4ry".to_vec() };
        store.commit(&claim, vec![Write::Put(Journal::Accepted, entry)]).await.unwrap();
        // As text, and as the bytes of a text.
        let printed = format!("{store:?} {:?}", store.claims);
        assert!(!printed.contains("c4n4ry") && !printed.contains("99, 52, 110"), "{printed}");
    }
}
