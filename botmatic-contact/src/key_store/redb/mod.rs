//! A key store in one file, without a server: `redb`.

mod tables;

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, fs};

use async_trait::async_trait;
use jiff::Timestamp;
use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, TableError, WriteTransaction};
use tokio::sync::Semaphore;

use self::tables::{
    CONTACT_OF, DELETED_CONTACTS, DELETED_EXTERNALS, INSTALLATIONS, INTENTS, JOURNALS, PAIRS, Tables,
    entry_key,
};
use super::{
    Claim, Entry, Half, Installation, Intent, Journal, KeyStore, Known, LocalClaims, Pair, Subject, Write,
    record,
};
use crate::error::{BoxError, Error, Kind, Result};
use crate::id::ContactId;
use crate::token::{InstallationId, Token};

/// How much of the file is kept in memory, in bytes. What is not stands in the memory of the system, which has some left
/// or has not; an import of everybody is not to fill that of the process.
const CACHE: usize = 1 << 20;

/// Pairs in one file. Only one process has it open at a time; a commit is on the disk when it returns, and a process
/// that is killed leaves the file as it was after the last commit.
pub struct RedbKeyStore {
    file: Arc<File>,
    claims: LocalClaims,
    /// Who writes. Who waits for that keeps no thread waiting, of which each has memory of its own.
    writing: Arc<Semaphore>,
}

/// The file, and what is known without looking into it.
struct File {
    database: Database,
    memory: Mutex<Memory>,
}

/// What one process knows, by installation. Nobody else has the file open.
#[derive(Default)]
struct Memory {
    /// The intents that are open. They are few, and looked at for everybody who is unknown.
    intents: HashMap<u128, Intents>,
    /// How often it was removed.
    removals: HashMap<u128, u64>,
}

impl Memory {
    fn removals(&self, installation: u128) -> u64 {
        self.removals.get(&installation).copied().unwrap_or_default()
    }
}

/// The guard of a claim. A commit has a part in it until it is over, also when nobody waits for that any more: so the next
/// one does not see what was there before.
struct Held {
    /// How often the installation had been removed when the claim was asked for.
    removals: u64,
    _turn: Claim,
}

type Intents = BTreeMap<Half, Intent>;

impl RedbKeyStore {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// When the file cannot be made, is not a redb database, or is open in another process.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let file = open(path).map_err(|source| {
            let message = format!(
                "cannot open the key store `{}`: is it a redb file that no other process has open?",
                path.display()
            );
            Error::new(Kind::KeyStore, message).with_source(source)
        })?;
        let writing = Arc::new(Semaphore::new(1));
        Ok(Self { file: Arc::new(file), claims: LocalClaims::default(), writing })
    }

    /// Looks at a record or two. That takes microseconds, since the system has them in memory as a rule, and waits for
    /// nobody who writes: less than a thread would take to begin.
    fn look<T>(&self, look: impl FnOnce(&ReadTransaction) -> Result<T, Failure>) -> Result<T> {
        let look = || look(&self.file.database.begin_read()?);
        look().map_err(|Failure(error)| error)
    }

    /// Reads many records.
    async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&ReadTransaction) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T> {
        let file = Arc::clone(&self.file);
        run(move || look(&file.database.begin_read()?)).await
    }

    /// Makes a change, and follows in memory what has become of it.
    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<T, Failure> + Send + 'static,
        follow: impl FnOnce(&T, &mut Memory) + Send + 'static,
    ) -> Result<T> {
        let file = Arc::clone(&self.file);
        let turn = Arc::clone(&self.writing).acquire_owned().await.map_err(Error::key_store)?;
        run(move || {
            // It lasts until the work is over, whether or not anybody still waits for that.
            let _turn = turn;
            let transaction = file.database.begin_write()?;
            let result = change(&transaction)?;
            transaction.commit()?;
            follow(&result, &mut locked(&file.memory));
            Ok(result)
        })
        .await
    }
}

fn open(path: &Path) -> Result<File, BoxError> {
    let database = open_or_make(path)?;
    let mut memory = Memory::default();
    for entry in database.begin_read()?.open_table(INTENTS)?.iter()? {
        let (key, bytes) = entry?;
        let intent = record::intent_from_bytes(bytes.value())?;
        memory.intents.entry(key.value().0).or_default().insert(intent.half.clone(), intent);
    }
    Ok(File { database, memory: Mutex::new(memory) })
}

fn open_or_make(path: &Path) -> Result<Database, BoxError> {
    if path.try_exists()? {
        return Ok(Database::builder().set_cache_size(CACHE).open(path)?);
    }
    // A file whose making was cut short is none that redb opens again: it gets its name when it is complete.
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    let _ = fs::remove_file(&unfinished);
    let database = Database::builder().set_cache_size(CACHE).create(&unfinished)?;
    let transaction = database.begin_write()?;
    transaction.open_table(INSTALLATIONS)?;
    Tables::open(&transaction, 0).map_err(|Failure(error)| error)?;
    transaction.commit()?;
    fs::rename(&unfinished, path)?;
    Ok(database)
}

impl fmt::Debug for RedbKeyStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedbKeyStore").finish_non_exhaustive()
    }
}

/// Either a failure of the database or one of ours, on its way out of a closure.
struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

macro_rules! failures {
    ($($error:ty),*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self(Error::key_store(error))
            }
        }
    )*};
}

failures!(TableError, redb::StorageError, redb::TransactionError, redb::CommitError);

/// Runs what may wait for the disk where waiting is allowed.
async fn run<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|Failure(error)| error),
        Err(stopped) => Err(Error::key_store(stopped)),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key(installation: InstallationId) -> u128 {
    u128::from_be_bytes(*installation.as_bytes())
}

/// What becomes of the open intents with a change.
fn follow(intents: &mut Intents, write: &Write) {
    match write {
        Write::Pair(pair) | Write::NewPair(pair) => {
            intents.remove(&pair.contact.clone().into());
            intents.remove(&pair.external.clone().into());
        }
        Write::Intent(intent) => {
            intents.insert(intent.half.clone(), intent.clone());
        }
        Write::Withdraw(half) | Write::Tombstone { half, .. } => {
            intents.remove(half);
        }
        Write::Deleted { .. } | Write::Put(..) | Write::Remove(..) => {}
    }
}

#[async_trait]
impl KeyStore for RedbKeyStore {
    async fn installation(&self, id: InstallationId) -> Result<Option<Installation>> {
        self.look(|transaction| {
            let found = transaction.open_table(INSTALLATIONS)?.get(key(id))?;
            Ok(found.map(|bytes| record::installation_from_bytes(bytes.value())).transpose()?)
        })
    }

    async fn save_installation(&self, token: &Token, now: Timestamp) -> Result<Installation> {
        let token = token.clone();
        let save = move |transaction: &WriteTransaction| {
            let mut installations = transaction.open_table(INSTALLATIONS)?;
            let id = key(token.installation());
            let known = installations.get(id)?;
            let known = known.map(|bytes| record::installation_from_bytes(bytes.value())).transpose()?;
            let generation = known.map_or(0, |known| known.generation) + 1;
            let installation = Installation { token, generation, installed_at: now };
            installations.insert(id, record::installation_to_bytes(&installation)?.as_slice())?;
            Ok(installation)
        };
        self.write(save, |_, _| {}).await
    }

    async fn remove_installation(&self, installation: &Installation) -> Result<bool> {
        let installation = installation.clone();
        let id = key(installation.token.installation());
        let remove = move |transaction: &WriteTransaction| {
            let mut installations = transaction.open_table(INSTALLATIONS)?;
            let known = installations.get(id)?;
            let known = known.map(|bytes| record::installation_from_bytes(bytes.value())).transpose()?;
            if known != Some(installation) {
                return Ok(false);
            }
            installations.remove(id)?;
            Tables::open(transaction, id)?.clear()?;
            Ok(true)
        };
        let follow = move |is_removed: &bool, memory: &mut Memory| {
            if *is_removed {
                memory.intents.remove(&id);
                *memory.removals.entry(id).or_default() += 1;
            }
        };
        self.write(remove, follow).await
    }

    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known> {
        self.look(|transaction| {
            let installation = key(installation);
            let contact = match half {
                Half::Contact(id) => Some(id.as_str().to_owned()),
                Half::External(id) => {
                    let contact = transaction.open_table(CONTACT_OF)?.get((installation, id.as_str()))?;
                    contact.map(|contact| contact.value().to_owned())
                }
            };
            if let Some(contact) = contact
                && let Some(bytes) = transaction.open_table(PAIRS)?.get((installation, contact.as_str()))?
            {
                return Ok(Known::Paired(record::pair_from_bytes(bytes.value())?.into()));
            }
            let tombstone = match half {
                Half::Contact(id) => {
                    transaction.open_table(DELETED_CONTACTS)?.get((installation, id.as_str()))?
                }
                Half::External(id) => {
                    transaction.open_table(DELETED_EXTERNALS)?.get((installation, id.as_str()))?
                }
            };
            Ok(tombstone.map_or(Known::No, |at| record::deleted(at.value())))
        })
    }

    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>> {
        let memory = locked(&self.file.memory);
        let open = memory.intents.get(&key(installation));
        Ok(open.map(|open| open.values().cloned().collect()).unwrap_or_default())
    }

    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>> {
        let after = after.cloned();
        self.read(move |transaction| {
            let installation = key(installation);
            let pairs = transaction.open_table(PAIRS)?;
            let start = after.as_ref().map_or(Bound::Included((installation, "")), |after| {
                Bound::Excluded((installation, after.as_str()))
            });
            let mut found = Vec::new();
            for entry in pairs.range((start, Bound::Unbounded))?.take(limit) {
                let (key, bytes) = entry?;
                if key.value().0 != installation {
                    break;
                }
                found.push(record::pair_from_bytes(bytes.value())?);
            }
            Ok(found)
        })
        .await
    }

    async fn entries(
        &self,
        installation: InstallationId,
        journal: Journal,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        let after = entry_key(journal, after.unwrap_or_default());
        // The character after the colon.
        let end = format!("{};", journal.name());
        self.read(move |transaction| {
            // A file of an earlier version has no such table.
            let journals = match transaction.open_table(JOURNALS) {
                Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
                journals => journals?,
            };
            let mut found = Vec::new();
            let id = key(installation);
            let range = (Bound::Excluded((id, after.as_str())), Bound::Excluded((id, end.as_str())));
            for entry in journals.range::<(u128, &str)>(range)?.take(limit) {
                let (key, value) = entry?;
                let key = key.value().1.get(end.len()..).unwrap_or_default().to_owned();
                found.push(Entry { key, value: value.value().to_owned() });
            }
            Ok(found)
        })
        .await
    }

    async fn installations(&self, after: Option<InstallationId>, limit: usize) -> Result<Vec<Installation>> {
        self.read(move |transaction| {
            let start = after.map_or(Bound::Unbounded, |after| Bound::Excluded(key(after)));
            let mut found = Vec::new();
            for entry in transaction.open_table(INSTALLATIONS)?.range((start, Bound::Unbounded))?.take(limit)
            {
                found.push(record::installation_from_bytes(entry?.1.value())?);
            }
            Ok(found)
        })
        .await
    }

    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        let removals = locked(&self.file.memory).removals(key(installation));
        let turn = self.claims.claim(installation, subjects).await;
        Ok(Claim::new(installation, Arc::new(Held { removals, _turn: turn })))
    }

    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()> {
        let installation = key(claim.installation());
        let held: Option<Arc<Held>> = claim.guard().downcast_ref().cloned();
        let (file, removals) = (Arc::clone(&self.file), held.as_ref().map(|held| held.removals));
        let change = move |transaction: &WriteTransaction| {
            if removals.is_some_and(|then| then != locked(&file.memory).removals(installation)) {
                return Err(Error::uninstalled().into());
            }
            let mut tables = Tables::open(transaction, installation)?;
            writes.iter().try_for_each(|write| tables.apply(write))?;
            Ok(writes)
        };
        let follow = move |writes: &Vec<Write>, memory: &mut Memory| {
            let open = memory.intents.entry(installation).or_default();
            writes.iter().for_each(|write| follow(open, write));
            if open.is_empty() {
                memory.intents.remove(&installation);
            }
            drop(held);
        };
        self.write(change, follow).await.map(drop)
    }
}
