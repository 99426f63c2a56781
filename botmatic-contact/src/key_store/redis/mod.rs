//! A key store that several processes share: Redis, or what speaks its protocol.

mod scripts;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{
    Client, FromRedisValue, IntoConnectionInfo, ProtocolVersion, PushInfo, PushKind, RedisError, RedisResult,
    Script, ScriptInvocation, Value,
};

use self::scripts::Scripts;
use super::lease::{Fence, LEASE, Lease, LeaseKey, LeaseTable, Releases, SharedClaims, Taking, Tenancy};
use super::{
    BURIED, Claim, Entry, Half, Installation, Intent, Journal, KeyStore, Known, Pair, Subject, TOMBSTONE,
    Write, record,
};
use crate::error::{Error, Kind, Result};
use crate::id::ContactId;
use crate::token::{InstallationId, Token};

/// How long a connection may take to be made, and the server to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a connection is tried again, after pauses of 0.1 s, 0.2 s and so on, before a call fails.
const RETRIES: usize = 3;

/// What the names of all keys begin with if nobody says otherwise.
const PREFIX: &str = "botmatic";

/// Pairs in Redis 6.2 or later, or in Valkey: any number of processes may share them.
///
/// ```no_run
/// # async fn connect() -> botmatic_contact::Result<()> {
/// use std::time::Duration;
///
/// use botmatic_contact::key_store::RedisKeyStore;
///
/// let store = RedisKeyStore::connect("redis://127.0.0.1:6379").await?;
/// // Or, where others use the same database:
/// let store = RedisKeyStore::builder("redis://127.0.0.1:6379/2").prefix("recruiting").connect().await?;
/// # drop(store);
/// # Ok(())
/// # }
/// ```
///
/// Each commit is one script that runs by itself, so all of its changes are seen or none. A claim is a lease of 30 s
/// that is renewed every 10 s while its holder lives; see [`KeyStore::claim`].
///
/// **What a commit is worth is up to the server.** It is on the disk when it returns only with `appendonly yes` and
/// `appendfsync always`; with `everysec` the last second is lost when the machine goes down, and without `appendonly`
/// everything since the last snapshot. Replicas are not waited for: a failover may lose the last commits, and with them
/// claims, so that a contact is worked on twice at that moment. Let no `maxmemory-policy` but `noeviction` take keys
/// away.
///
/// A connection that is lost is made anew. Keys begin with the prefix and a colon. Redis Cluster, where the keys of a
/// script have to be on one node, and TLS are not supported.
#[derive(Clone)]
pub struct RedisKeyStore {
    redis: Arc<Redis>,
    claims: Arc<SharedClaims<Redis>>,
}

/// How to connect to a [`RedisKeyStore`]; made by [`RedisKeyStore::builder`].
#[derive(Clone)]
pub struct RedisKeyStoreBuilder {
    url: String,
    prefix: String,
    lease: Duration,
}

impl RedisKeyStore {
    /// Connects to the server at `redis://[user:password@]host[:port][/database]`, with keys that begin with
    /// `botmatic:`.
    ///
    /// # Errors
    /// When the address is none, or nobody answers there.
    pub async fn connect(url: impl Into<String>) -> Result<Self> {
        Self::builder(url).connect().await
    }

    /// The same, with a prefix or a lease of one's own.
    pub fn builder(url: impl Into<String>) -> RedisKeyStoreBuilder {
        RedisKeyStoreBuilder { url: url.into(), prefix: PREFIX.to_owned(), lease: LEASE }
    }
}

impl RedisKeyStoreBuilder {
    /// What the names of all keys begin with, before a colon; `botmatic` if nothing is said. Processes that are to share
    /// pairs say the same.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// How long a claim outlives its holder, if that ends without giving it back; 30 s if nothing is said. It is renewed
    /// when a third of this is over, so it has to be much longer than the server takes to answer.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Connects.
    ///
    /// # Errors
    /// When the address is none, the lease is shorter than a millisecond, or nobody answers.
    pub async fn connect(self) -> Result<RedisKeyStore> {
        if self.lease < Duration::from_millis(1) {
            let message = "the lease of a key store has no length: give it some seconds";
            return Err(Error::new(Kind::Configuration, message));
        }
        let releases = Releases::new();
        let redis = Redis::connect(&self.url, self.prefix, releases.clone()).await.map_err(|error| {
            let message = "cannot connect to the key store: is the address one like `redis://127.0.0.1:6379`, and does \
                           Redis 6.2 or later answer there?";
            Error::new(Kind::KeyStore, message).with_source(outline(&error))
        })?;
        let redis = Arc::new(redis);
        let claims = SharedClaims::new(Arc::clone(&redis), releases, self.lease);
        Ok(RedisKeyStore { redis, claims: Arc::new(claims) })
    }
}

impl fmt::Debug for RedisKeyStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedisKeyStore").field("prefix", &self.redis.prefix).finish_non_exhaustive()
    }
}

impl fmt::Debug for RedisKeyStoreBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("RedisKeyStoreBuilder");
        shown.field("prefix", &self.prefix).field("lease", &self.lease).finish_non_exhaustive()
    }
}

/// A connection, and how things are named.
struct Redis {
    connection: ConnectionManager,
    prefix: String,
    scripts: Scripts,
}

/// The tables of an installation, in the order in which the commit's script wants them.
const TABLES: [&str; 11] = [
    "tenancy",
    "pairs",
    "external_of",
    "contact_of",
    "order",
    "deleted_contacts",
    "deleted_externals",
    "deletions",
    "intents",
    "journals",
    "journal_keys",
];

impl Redis {
    async fn connect(url: &str, prefix: String, releases: Releases) -> RedisResult<Self> {
        let info = url.into_connection_info()?;
        // Messages come over the same connection as answers.
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(RETRIES)
            .set_push_sender(move |push: PushInfo| {
                if let (PushKind::Message, [_, Value::BulkString(key)]) = (push.kind, push.data.as_slice()) {
                    releases.say(&String::from_utf8_lossy(key));
                }
                Ok::<_, RedisError>(())
            })
            .set_automatic_resubscription();
        let client = Client::open(info.set_redis_settings(settings).set_tcp_settings(tcp_settings()))?;
        let mut connection = ConnectionManager::new_with_config(client, config).await?;
        connection.subscribe(format!("{prefix}:released")).await?;
        Ok(Self { connection, prefix, scripts: Scripts::new() })
    }

    fn name(&self, what: impl fmt::Display) -> String {
        format!("{}:{what}", self.prefix)
    }

    fn table(&self, installation: InstallationId, table: &str) -> String {
        self.name(format_args!("{installation}:{table}"))
    }

    fn lease(&self, key: &LeaseKey) -> String {
        self.name(format_args!("{}:claim", key.as_str()))
    }

    /// The record of an installation.
    async fn installation(&self, id: InstallationId) -> Result<Option<Vec<u8>>> {
        self.call(&script(&self.scripts.installation, [self.table(id, "installation")])).await.map_err(failed)
    }

    async fn once<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> RedisResult<T> {
        call.invoke_async(&mut self.connection.clone()).await
    }

    /// For what may be done twice, also when others have done something in between: once more, over a new connection, if the
    /// first was lost.
    async fn call<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> RedisResult<T> {
        match self.once(call).await {
            Err(error) if error.is_io_error() && !error.is_timeout() => self.once(call).await,
            answer => answer,
        }
    }
}

/// A server that is gone without a word is noticed, also by whoever only listens: a call that is not answered in time leaves
/// the connection as it is.
fn tcp_settings() -> TcpSettings {
    let keepalive = TcpKeepalive::new().with_time(PATIENCE).with_interval(PATIENCE);
    let settings = TcpSettings::default().set_keepalive(keepalive);
    #[cfg(any(target_os = "android", target_os = "linux"))]
    let settings = settings.set_user_timeout(2 * PATIENCE);
    settings
}

/// A call of a script with these keys; arguments are added to it.
fn script(script: &Script, keys: impl IntoIterator<Item = String>) -> ScriptInvocation<'_> {
    let mut call = script.prepare_invoke();
    for key in keys {
        call.key(key);
    }
    call
}

/// What an error is about, without the server's words: they may quote what was sent.
fn outline(error: &RedisError) -> String {
    match error.code() {
        Some(code) => format!("redis: {} ({code})", error.category()),
        None => format!("redis: {}", error.category()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function that maps errors")]
fn failed(error: RedisError) -> Error {
    Error::key_store(outline(&error))
}

/// A commit that failed: usually nothing was done, but an answer may be lost as well.
fn commit_failed(error: RedisError) -> Error {
    if !error.is_io_error() {
        return failed(error);
    }
    let message =
        "the key store did not answer, so it is not known whether it saved what was done; try again";
    Error::new(Kind::KeyStore, message).with_source(outline(&error))
}

fn milliseconds(lease: Duration) -> u64 {
    u64::try_from(lease.as_millis()).unwrap_or(u64::MAX)
}

#[async_trait]
impl LeaseTable for Redis {
    async fn take(&self, installation: InstallationId, keys: &[LeaseKey], lease: Duration) -> Result<Taking> {
        let names = [self.name("fence"), self.table(installation, "tenancy")];
        let names = names.into_iter().chain(keys.iter().map(|key| self.lease(key)));
        let mut call = script(&self.scripts.take, names);
        // If the answer is lost, nobody holds what may have been granted, and it ends by itself.
        let (granted, number, tenancy): (bool, i64, Tenancy) =
            self.once(call.arg(milliseconds(lease))).await.map_err(failed)?;
        if granted {
            return Ok(Taking::Granted(number, tenancy));
        }
        let left = Duration::from_millis(u64::try_from(number).unwrap_or_default().max(1));
        Ok(Taking::HeldFor(left, Some(tenancy)))
    }

    async fn renew(&self, keys: &[LeaseKey], fence: Fence, lease: Duration) -> Result<bool> {
        let mut call = script(&self.scripts.renew, keys.iter().map(|key| self.lease(key)));
        self.call(call.arg(fence).arg(milliseconds(lease))).await.map_err(failed)
    }

    async fn release(&self, keys: &[LeaseKey], fence: Fence) -> Result<()> {
        let mut call = script(&self.scripts.release, keys.iter().map(|key| self.lease(key)));
        call.arg(fence).arg(self.name("released"));
        for key in keys {
            call.arg(key.as_str());
        }
        self.call(&call).await.map_err(failed)
    }
}

fn half_field(half: &Half) -> String {
    match half {
        Half::Contact(id) => format!("c{id}"),
        Half::External(id) => format!("e{id}"),
    }
}

/// The key of an entry, beside those of all journals.
fn entry_key(journal: Journal, key: &str) -> String {
    format!("{}:{key}", journal.name())
}

/// Adds a change to the arguments of the commit's script.
fn add(call: &mut ScriptInvocation<'_>, write: Write) -> Result<()> {
    match write {
        Write::Pair(ref pair) | Write::NewPair(ref pair) => {
            let word = if matches!(write, Write::Pair(_)) { "pair" } else { "new_pair" };
            let record = record::pair_to_bytes(pair)?;
            call.arg(word).arg(pair.contact.as_str()).arg(pair.external.as_str()).arg(record);
        }
        Write::Deleted { contact, external, at } => {
            call.arg("deleted").arg(contact.as_str()).arg(external.as_str()).arg(at.as_millisecond());
        }
        Write::Intent(intent) => {
            call.arg("intent").arg(half_field(&intent.half)).arg(record::intent_to_bytes(&intent)?);
        }
        Write::Withdraw(half) => {
            call.arg("withdraw").arg(half_field(&half));
        }
        Write::Tombstone { half, at } => {
            let (side, id) = match &half {
                Half::Contact(id) => ("c", id.as_str()),
                Half::External(id) => ("e", id.as_str()),
            };
            call.arg("tombstone").arg(side).arg(id).arg(at.as_millisecond());
        }
        Write::Put(journal, Entry { key, value }) => {
            call.arg("put").arg(entry_key(journal, &key)).arg(value);
        }
        Write::Remove(journal, key) => {
            call.arg("remove").arg(entry_key(journal, &key));
        }
    }
    Ok(())
}

#[async_trait]
impl KeyStore for RedisKeyStore {
    async fn installation(&self, id: InstallationId) -> Result<Option<Installation>> {
        let found = self.redis.installation(id).await?;
        found.map(|record| record::installation_from_bytes(&record)).transpose()
    }

    async fn save_installation(&self, token: &Token, now: Timestamp) -> Result<Installation> {
        let id = token.installation();
        loop {
            let known = self.redis.installation(id).await?;
            let generation = match &known {
                Some(record) => record::installation_from_bytes(record)?.generation + 1,
                None => 1,
            };
            let installation = Installation { token: token.clone(), generation, installed_at: now };
            let names = [self.redis.table(id, "installation"), self.redis.name("installations")];
            let mut call = script(&self.redis.scripts.install, names);
            call.arg(known.unwrap_or_default()).arg(record::installation_to_bytes(&installation)?);
            call.arg(id.to_string());
            // Otherwise somebody else has installed it meanwhile.
            if self.redis.call(&call).await.map_err(failed)? {
                return Ok(installation);
            }
        }
    }

    async fn remove_installation(&self, installation: &Installation) -> Result<bool> {
        let id = installation.token.installation();
        let names = ["installation"].into_iter().chain(TABLES).map(|table| self.redis.table(id, table));
        let names = [self.redis.name("installations")].into_iter().chain(names);
        let mut call = script(&self.redis.scripts.uninstall, names);
        call.arg(record::installation_to_bytes(installation)?).arg(id.to_string());
        self.redis.once(&call).await.map_err(failed)
    }

    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known> {
        let (id, tables): (_, &[_]) = match half {
            Half::Contact(id) => (id.as_str(), &["pairs", "deleted_contacts"]),
            Half::External(id) => (id.as_str(), &["pairs", "deleted_externals", "contact_of"]),
        };
        let names = tables.iter().map(|table| self.redis.table(installation, table));
        let mut call = script(&self.redis.scripts.look_up, names);
        let (pair, deleted): (Option<Vec<u8>>, Option<i64>) =
            self.redis.call(call.arg(id)).await.map_err(failed)?;
        Ok(match (pair, deleted) {
            (Some(record), _) => Known::Paired(record::pair_from_bytes(&record)?.into()),
            (None, Some(at)) => record::deleted(at),
            (None, None) => Known::No,
        })
    }

    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>> {
        let call = script(&self.redis.scripts.intents, [self.redis.table(installation, "intents")]);
        let records: Vec<Vec<u8>> = self.redis.call(&call).await.map_err(failed)?;
        records.iter().map(|record| record::intent_from_bytes(record)).collect()
    }

    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>> {
        let names = ["order", "pairs"].map(|table| self.redis.table(installation, table));
        let mut call = script(&self.redis.scripts.pairs, names);
        call.arg(after.map_or_else(|| "-".to_owned(), |after| format!("({after}"))).arg(limit);
        let records: Vec<Vec<u8>> = self.redis.call(&call).await.map_err(failed)?;
        records.iter().map(|record| record::pair_from_bytes(record)).collect()
    }

    async fn entries(
        &self,
        installation: InstallationId,
        journal: Journal,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        let names = ["journal_keys", "journals"].map(|table| self.redis.table(installation, table));
        let mut call = script(&self.redis.scripts.entries, names);
        let name = journal.name();
        call.arg(format!("({}", entry_key(journal, after.unwrap_or_default())));
        // The character after the colon.
        call.arg(format!("({name};")).arg(limit);
        let found: Vec<(String, Vec<u8>)> = self.redis.call(&call).await.map_err(failed)?;
        let entry = |(key, value): (String, Vec<u8>)| {
            let key = key.get(name.len() + 1..).unwrap_or_default().to_owned();
            Entry { key, value }
        };
        Ok(found.into_iter().map(entry).collect())
    }

    async fn installations(&self, after: Option<InstallationId>, limit: usize) -> Result<Vec<Installation>> {
        let mut call = script(&self.redis.scripts.installations, [self.redis.name("installations")]);
        call.arg(after.map_or_else(|| "-".to_owned(), |after| format!("({after}"))).arg(limit);
        let ids: Vec<String> = self.redis.call(&call).await.map_err(failed)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let mut call = self.redis.scripts.installation.prepare_invoke();
            call.key(self.redis.name(format_args!("{id}:installation")));
            let record: Option<Vec<u8>> = self.redis.call(&call).await.map_err(failed)?;
            // Otherwise it was uninstalled meanwhile.
            if let Some(record) = record {
                found.push(record::installation_from_bytes(&record)?);
            }
        }
        Ok(found)
    }

    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        self.claims.claim(installation, subjects).await
    }

    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()> {
        let lease = Lease::of(claim)?;
        let tables = TABLES.iter().map(|table| self.redis.table(claim.installation(), table));
        let leases = lease.keys.iter().map(|key| self.redis.lease(key));
        let mut call = script(&self.redis.scripts.commit, tables.chain(leases));
        call.arg(lease.fence).arg(lease.tenancy).arg(TOMBSTONE.as_millis().to_string()).arg(BURIED);
        writes.into_iter().try_for_each(|write| add(&mut call, write))?;
        // While the leases are ours, nobody undoes what was done. Without any, somebody may have before it is done again.
        let committed = match lease.keys.is_empty() {
            true => self.redis.once(&call).await,
            false => self.redis.call(&call).await,
        };
        match committed.map_err(commit_failed)? {
            0 => Err(Error::claim_lost()),
            1 => Ok(()),
            3 => Err(Error::uninstalled()),
            _ => Err(Error::paired_otherwise()),
        }
    }
}
