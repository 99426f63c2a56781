//! Where pairs live, with all that the engine has to remember about them.
//!
//! The port is small on purpose: look up, claim, commit. Everything that belongs together is committed together, under
//! a [`Claim`] on the contacts it is about, so that two deliveries of one event, in one process or in several, come
//! one after the other.

mod claims;
mod intent_record;
mod journal;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod lease;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "redb", feature = "redis"))]
mod record;
#[cfg(feature = "redb")]
mod redb;
#[cfg(feature = "redis")]
mod redis;
mod traces;

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

pub use self::claims::LocalClaims;
pub(crate) use self::claims::Place;
pub(crate) use self::intent_record::{intent_from_bytes, intent_to_bytes};
pub use self::journal::{Entry, Journal};
pub use self::memory::MemoryKeyStore;
#[cfg(feature = "postgres")]
pub use self::postgres::{PostgresKeyStore, PostgresKeyStoreBuilder};
#[cfg(feature = "redb")]
pub use self::redb::RedbKeyStore;
#[cfg(feature = "redis")]
pub use self::redis::{RedisKeyStore, RedisKeyStoreBuilder};
pub use self::traces::Traces;
pub(crate) use self::traces::{ExternalWord, Origin, OtherAnswer, Unconfirmed, Written};
use crate::contact::Properties;
use crate::error::Result;
use crate::id::{ContactId, ExternalId};
use crate::token::{InstallationId, Token};

/// How long a deletion is remembered, so that what was said before it and arrives after it changes nothing.
pub(crate) const TOMBSTONE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How many tombstones that are past are removed when one is written, at most: more than that one, so that they do not pile
/// up, and few, so that nobody waits for it.
const BURIED: usize = 4;

/// A store of pairs and of installations.
///
/// Implementations live beside this trait; your own needs no more than a transaction, or a script that runs as one.
/// Report failures with [`Error::key_store`](crate::Error::key_store).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key store",
    label = "pairs cannot be kept here",
    note = "keep them in a file with `RedbKeyStore::open(path)?` (feature `redb`), in memory with `MemoryKeyStore::new()`, \
            where several processes share them with `RedisKeyStore` or `PostgresKeyStore` (features `redis` and \
            `postgres`), or implement `KeyStore`"
)]
#[async_trait]
pub trait KeyStore: Send + Sync + 'static {
    /// The installation of that name, if it was installed and not uninstalled since.
    async fn installation(&self, id: InstallationId) -> Result<Option<Installation>>;

    /// Remembers an installation. One that is known already counts as installed anew: its generation goes up by one,
    /// its pairs stay.
    async fn save_installation(&self, token: &Token, now: Timestamp) -> Result<Installation>;

    /// Forgets an installation with all its pairs, tombstones, intents and journals, unless it was installed anew since
    /// `installation` was read. Returns whether it was forgotten. What is still worked on for it cannot be committed any
    /// more; see [`commit`](Self::commit).
    async fn remove_installation(&self, installation: &Installation) -> Result<bool>;

    /// What is known of one half of a pair.
    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known>;

    /// The creates that were begun and not finished: those under way, which an import has hundreds of, and those whose
    /// outcome is not known yet. They are asked for whenever somebody unknown turns up.
    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>>;

    /// Pairs in the order of their contact ids, after the one given: for walking through all of them.
    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>>;

    /// What is kept in a journal, in the order of the keys, after the one given.
    async fn entries(
        &self,
        installation: InstallationId,
        journal: Journal,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>>;

    /// Installations in the order of their ids, after the one given: for walking through all of them.
    async fn installations(&self, after: Option<InstallationId>, limit: usize) -> Result<Vec<Installation>>;

    /// Waits until nobody else, in this process or another that shares the store, works on any of the subjects, and
    /// keeps others away until the claim is dropped. Subjects come sorted and without repetition; taking them in that
    /// order keeps two claims from waiting for each other.
    ///
    /// Within one process a claim holds until it is dropped. One that several processes respect is a *lease* with a
    /// *fencing number* that no other claim has had: it is renewed while its holder lives, and ends by itself some time
    /// after the holder is gone. A process that stood still for longer may think that it holds what somebody else has
    /// by now; [`commit`](Self::commit) refuses what it writes.
    ///
    /// A claim belongs to the installation as it is when the claim is asked for, also to one that was never saved since only
    /// an authorizer knows of it. A store remembers which that was in the guard of the claim: by a number, for example,
    /// that an installation has until it is removed.
    ///
    /// Who stops polling has stopped waiting, and leaves nothing behind. Who stops polling a commit may have made it: a
    /// claim holds until it is certain what becomes of that.
    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim>;

    /// Makes all of these changes or none, one after the other; when it returns, they are on stable storage.
    ///
    /// Tombstones of which it is 30 days ago are of no use to anybody. A commit that writes one removes a few of those that
    /// are that much older, so that they do not pile up.
    ///
    /// # Errors
    /// [`Error::uninstalled`](crate::Error::uninstalled), and nothing is changed, when the installation was removed since
    /// the claim was asked for, whether or not it was installed anew since: looked up in the same transaction. Otherwise
    /// what was under way would come back after an uninstall, and nobody would ever remove it. To be installed anew
    /// without having been removed takes no claim away.
    /// [`Error::claim_lost`](crate::Error::claim_lost), and nothing is changed, when the claim has ended or went to
    /// somebody else: looked up by its fencing number, in the transaction or script that makes the changes.
    /// [`Error::paired_otherwise`](crate::Error::paired_otherwise), and nothing is changed, when an id of a
    /// [`Write::Pair`] or [`Write::NewPair`] is half of another pair.
    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()>;
}

/// A shared store is a store.
#[async_trait]
impl<K: KeyStore + ?Sized> KeyStore for Arc<K> {
    async fn installation(&self, id: InstallationId) -> Result<Option<Installation>> {
        (**self).installation(id).await
    }

    async fn save_installation(&self, token: &Token, now: Timestamp) -> Result<Installation> {
        (**self).save_installation(token, now).await
    }

    async fn remove_installation(&self, installation: &Installation) -> Result<bool> {
        (**self).remove_installation(installation).await
    }

    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known> {
        (**self).look_up(installation, half).await
    }

    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>> {
        (**self).intents(installation).await
    }

    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>> {
        (**self).pairs(installation, after, limit).await
    }

    async fn entries(
        &self,
        installation: InstallationId,
        journal: Journal,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        (**self).entries(installation, journal, after, limit).await
    }

    async fn installations(&self, after: Option<InstallationId>, limit: usize) -> Result<Vec<Installation>> {
        (**self).installations(after, limit).await
    }

    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        (**self).claim(installation, subjects).await
    }

    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()> {
        (**self).commit(claim, writes).await
    }
}

/// An installation that was validated with Botmatic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Its token.
    pub token: Token,
    /// How often it was installed since nothing was known of it. It begins anew after an uninstall, so it takes the
    /// whole record to tell a late uninstall from a timely one.
    pub generation: u64,
    /// When it was installed last.
    pub installed_at: Timestamp,
}

/// Two ids that are one person, and what both sides last agreed on.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The person on Botmatic.
    pub contact: ContactId,
    /// The person on the external service.
    pub external: ExternalId,
    /// The agreed snapshot: mapped properties in canonical form; what both sides do not have is absent.
    pub snapshot: Properties,
    /// What the engine remembers of how they came to agree; kept with the pair, and of no meaning to a store.
    pub traces: Traces,
}

impl Pair {
    /// A pair of which nothing else is remembered.
    #[must_use]
    pub fn new(contact: ContactId, external: ExternalId, snapshot: Properties) -> Self {
        Self { contact, external, snapshot, traces: Traces::default() }
    }
}

/// What a store knows of an id.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Nothing.
    No,
    /// It is one half of this pair.
    Paired(Arc<Pair>),
    /// It was deleted then, whether or not it had a pair: a tombstone.
    Deleted(Timestamp),
}

/// Somebody whose counterpart is about to be created on the other side. Written before the create is sent and removed
/// with the commit that saves the pair, so that a create whose answer was lost can be recognised afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// Who gets a counterpart.
    pub half: Half,
    /// What the counterpart was created with, in canonical form. Shared, for whoever turns up is compared with all of them.
    pub properties: Arc<Properties>,
    /// When.
    pub at: Timestamp,
}

/// One half of a pair: a person on one of the two sides.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Half {
    /// The person on Botmatic.
    Contact(ContactId),
    /// The person on the external service.
    External(ExternalId),
}

impl From<ContactId> for Half {
    fn from(id: ContactId) -> Self {
        Self::Contact(id)
    }
}

impl From<ExternalId> for Half {
    fn from(id: ExternalId) -> Self {
        Self::External(id)
    }
}

impl fmt::Debug for Half {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contact(id) => id.fmt(formatter),
            Self::External(id) => id.fmt(formatter),
        }
    }
}

/// Something that one claims.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A person on one side.
    Half(Half),
    /// Whoever has this e-mail address.
    Email(String),
    /// A piece of work that is done once at a time for an installation, by its name.
    Work(Cow<'static, str>),
}

impl<H: Into<Half>> From<H> for Subject {
    fn from(half: H) -> Self {
        Self::Half(half.into())
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Half(half) => half.fmt(formatter),
            Self::Email(_) => formatter.write_str("Email(…)"),
            Self::Work(name) => name.fmt(formatter),
        }
    }
}

/// One change to a store.
#[derive(Debug, Clone)]
pub enum Write {
    /// Saves a pair in place of what was saved of it before, and of any tombstone or intent that one of its ids has.
    Pair(Pair),
    /// The same of two who have just become a pair. If they are one already, what was saved of it stays: who is told of a
    /// create knows more than who made it.
    NewPair(Pair),
    /// Removes a pair and leaves a tombstone for both ids.
    Deleted {
        /// The person on Botmatic.
        contact: ContactId,
        /// The person on the external service.
        external: ExternalId,
        /// When.
        at: Timestamp,
    },
    /// Writes down that a counterpart is about to be created.
    Intent(Intent),
    /// The counterpart was not created after all.
    Withdraw(Half),
    /// Leaves a tombstone for an id that has no pair, and withdraws its intent.
    Tombstone {
        /// Who was deleted.
        half: Half,
        /// When.
        at: Timestamp,
    },
    /// Writes an entry of a journal, in place of the one with this key.
    Put(Journal, Entry),
    /// Removes the entry of a journal with this key, if there is one.
    Remove(Journal, String),
}

/// The right to write about some subjects, until it is dropped.
pub struct Claim {
    installation: InstallationId,
    guard: Box<dyn Any + Send + Sync>,
}

impl Claim {
    /// A claim that ends when `guard` is dropped.
    pub fn new(installation: InstallationId, guard: impl Any + Send + Sync) -> Self {
        Self { installation, guard: Box::new(guard) }
    }

    /// The installation that the subjects belong to.
    #[must_use]
    pub fn installation(&self) -> InstallationId {
        self.installation
    }

    /// What the store gave to [`new`](Self::new), to be looked into at commit.
    #[must_use]
    pub fn guard(&self) -> &(dyn Any + Send + Sync) {
        &*self.guard
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Claim").field("installation", &self.installation).finish_non_exhaustive()
    }
}
