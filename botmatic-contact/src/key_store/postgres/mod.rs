//! A key store that several processes share: PostgreSQL.

mod claims;
mod commit;
mod connection;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use jiff::Timestamp;
use tokio::time::timeout;
use tokio_postgres::{Config, NoTls, Row};

use self::claims::Listener;
use self::connection::{Connection, Parameters};
use super::lease::{LEASE, Lease, Releases, SharedClaims};
use super::{
    Claim, Entry, Half, Installation, Intent, Journal, KeyStore, Known, Pair, Subject, Write, record,
};
use crate::error::{Error, Kind, Result};
use crate::id::ContactId;
use crate::token::{InstallationId, Token};

/// How long a connection may take to be made or to become free, and a transaction of ours may stand still.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same for a lease that is shorter: no transaction is to stand still for longer than that, but a busy server
/// needs some time.
const LEAST_PATIENCE: Duration = Duration::from_secs(1);

/// How long the tables may take to be made, in a database that has many pairs and lacks an index.
const MAKING: Duration = Duration::from_secs(60);

/// How many rows are removed by one statement: all pairs of an installation at once would take too long.
const BATCH: i64 = 10_000;

/// How many connections there are at most, beside the one that listens.
const CONNECTIONS: usize = 8;

/// Where the tables are if nobody says otherwise.
const SCHEMA: &str = "botmatic";

/// Pairs in PostgreSQL 12 or later: any number of processes may share them.
///
/// ```no_run
/// # async fn connect() -> botmatic_contact::Result<()> {
/// use botmatic_contact::key_store::PostgresKeyStore;
///
/// let store = PostgresKeyStore::connect("postgres://crm@127.0.0.1/crm").await?;
/// // Or with the tables somewhere else:
/// let store = PostgresKeyStore::builder("postgres://crm@127.0.0.1/crm").schema("recruiting").connect().await?;
/// # drop(store);
/// # Ok(())
/// # }
/// ```
///
/// The tables are made when a process connects for the first time, which therefore has to have the right to create a
/// schema. A commit is a transaction, and on the disk when it returns unless `synchronous_commit` is off. A claim is a
/// lease of 30 s that is renewed every 10 s while its holder lives; see [`KeyStore::claim`].
///
/// Each process has up to eight connections and one to listen with; those that are lost are made anew. A proxy in
/// between has to leave sessions alone, since settings and `LISTEN` belong to them. TLS is not supported.
///
/// Nothing is waited for without end. The server ends a transaction that stands still for 5 s, since its process may be
/// gone without a word, and a statement after 10 s; after 15 s without an answer a call fails and its connection is
/// given up. `options` in the address can say otherwise of the server's part: `…/crm?options=-c%20statement_timeout%3D60s`.
#[derive(Clone)]
pub struct PostgresKeyStore {
    postgres: Arc<Postgres>,
    claims: Arc<SharedClaims<Postgres>>,
}

/// How to connect to a [`PostgresKeyStore`]; made by [`PostgresKeyStore::builder`].
#[derive(Clone)]
pub struct PostgresKeyStoreBuilder {
    url: String,
    schema: String,
    lease: Duration,
}

impl PostgresKeyStore {
    /// Connects to the server at `postgres://[user[:password]@]host[:port][/database]`, with the tables in the schema
    /// `botmatic`.
    ///
    /// # Errors
    /// When the address is none, nobody answers there, or the tables cannot be made.
    pub async fn connect(url: impl Into<String>) -> Result<Self> {
        Self::builder(url).connect().await
    }

    /// The same, with a schema or a lease of one's own.
    pub fn builder(url: impl Into<String>) -> PostgresKeyStoreBuilder {
        PostgresKeyStoreBuilder { url: url.into(), schema: SCHEMA.to_owned(), lease: LEASE }
    }
}

impl PostgresKeyStoreBuilder {
    /// The schema that the tables are in, made if there is none; `botmatic` if nothing is said. A name of small letters,
    /// digits and `_`. Processes that are to share pairs say the same.
    #[must_use]
    pub fn schema(self, schema: impl Into<String>) -> Self {
        Self { schema: schema.into(), ..self }
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
    /// When the address is none, the schema's name is none, the lease is shorter than a millisecond, nobody answers, or
    /// the tables cannot be made.
    pub async fn connect(self) -> Result<PostgresKeyStore> {
        let refused = |message: &str| Error::new(Kind::Configuration, message);
        if self.lease < Duration::from_millis(1) {
            return Err(refused("the lease of a key store has no length: give it some seconds"));
        }
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if self.schema.is_empty() || self.schema.len() > 50 || !self.schema.bytes().all(is_name) {
            return Err(refused(
                "the schema of a key store has no name: write up to 50 small letters, digits and `_`",
            ));
        }
        let unreachable = |why: String| {
            let message = "cannot connect to the key store: is the address one like `postgres://user@127.0.0.1/database`, \
                           does PostgreSQL answer there, and may the user create a schema?";
            Error::new(Kind::KeyStore, message).with_source(why)
        };
        let mut config: Config = self.url.parse().map_err(|_| unreachable("no address".to_owned()))?;
        let patience = self.lease.clamp(LEAST_PATIENCE, PATIENCE);
        let options = options(patience, config.get_options().unwrap_or_default(), &self.schema);
        config.connect_timeout(PATIENCE).options(options);
        // For whoever only listens, and for what is under way when the other side is gone without a word.
        config.keepalives_idle(PATIENCE).keepalives_interval(PATIENCE).tcp_user_timeout(3 * PATIENCE);
        let pool = pool(config.clone()).map_err(unreachable)?;
        make_tables(&pool, &self.schema).await.map_err(unreachable)?;

        let (channel, releases) = (format!("{}_released", self.schema), Releases::new());
        let listener = Listener::start(config, channel.clone(), releases.clone());
        let postgres = Arc::new(Postgres {
            pool,
            patience: 3 * patience,
            schema: self.schema,
            channel,
            _listener: listener,
        });
        let claims = SharedClaims::new(Arc::clone(&postgres), releases, self.lease);
        Ok(PostgresKeyStore { postgres, claims: Arc::new(claims) })
    }
}

impl fmt::Debug for PostgresKeyStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PostgresKeyStore")
            .field("schema", &self.postgres.schema)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PostgresKeyStoreBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("PostgresKeyStoreBuilder");
        shown.field("schema", &self.schema).field("lease", &self.lease).finish_non_exhaustive()
    }
}

/// The connections.
struct Postgres {
    pool: Pool,
    /// How long an answer may take.
    patience: Duration,
    schema: String,
    /// Where released leases are told.
    channel: String,
    _listener: Listener,
}

impl Postgres {
    async fn connection(&self) -> Result<Connection> {
        let object = self.pool.get().await.map_err(|error| Error::key_store(pool_outline(&error)))?;
        Ok(Connection::new(object, self.patience))
    }
}

/// What a session is to hold to: the server gives up what stands still before others give up waiting for it. What the
/// address says comes after that, and counts.
fn options(patience: Duration, further: &str, schema: &str) -> String {
    let still = patience.as_millis();
    let (locked, slow) = (still * 3 / 2, still * 2);
    format!(
        "-c idle_in_transaction_session_timeout={still} -c lock_timeout={locked} -c statement_timeout={slow} {further} \
         -c search_path=\"{schema}\""
    )
}

fn pool(config: Config) -> Result<Pool, String> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let pool = Pool::builder(Manager::from_config(config, NoTls, recycling)).max_size(CONNECTIONS);
    let pool = pool.runtime(Runtime::Tokio1).wait_timeout(Some(PATIENCE)).build();
    pool.map_err(|_| "postgres: there is no runtime to wait with".to_owned())
}

async fn make_tables(pool: &Pool, schema: &str) -> Result<(), String> {
    let client = pool.get().await.map_err(|error| pool_outline(&error))?;
    let tables = include_str!("schema.sql").replace("SCHEMA", &format!("\"{schema}\""));
    match timeout(MAKING, client.batch_execute(&tables)).await {
        Ok(made) => made.map_err(|error| outline(&error)),
        Err(_) => Err("postgres: the tables were not made in time".to_owned()),
    }
}

/// What an error is about, without the server's words: they may quote what was sent.
fn outline(error: &tokio_postgres::Error) -> String {
    match error.code() {
        Some(code) => format!("postgres: refused with SQLSTATE {}", code.code()),
        None if error.is_closed() => "postgres: the connection was lost".to_owned(),
        None => "postgres: the server was not understood or did not answer".to_owned(),
    }
}

fn pool_outline(error: &PoolError) -> String {
    match error {
        PoolError::Backend(error) => outline(error),
        _ => "postgres: no connection became free".to_owned(),
    }
}

/// An installation as the tables have it.
fn key(installation: InstallationId) -> Vec<u8> {
    installation.as_bytes().to_vec()
}

fn half_key(half: &Half) -> Vec<u8> {
    match half {
        Half::Contact(id) => format!("c{id}").into_bytes(),
        Half::External(id) => format!("e{id}").into_bytes(),
    }
}

/// What begins a transaction in which an installation does not change, and what one that changes it.
fn begin(installation: InstallationId, changes: bool) -> String {
    let [a, b, c, d, e, f, g, h, ..] = *installation.as_bytes();
    let lock = i64::from_be_bytes([a, b, c, d, e, f, g, h]);
    let shared = if changes { "" } else { "_shared" };
    // A statement of its own: those after it see what was there when the lock was free.
    format!("begin; select pg_advisory_xact_lock{shared}({lock})")
}

fn limited(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[async_trait]
impl KeyStore for PostgresKeyStore {
    async fn installation(&self, id: InstallationId) -> Result<Option<Installation>> {
        let query = "select record from installations where installation = $1";
        let rows = self.postgres.connection().await?.rows(query, &[&key(id)]).await?;
        rows.first().map(|row| record::installation_from_bytes(row.get(0))).transpose()
    }

    async fn save_installation(&self, token: &Token, now: Timestamp) -> Result<Installation> {
        let id = key(token.installation());
        let save = async |connection: &mut Connection| {
            let query = "select record from installations where installation = $1";
            let known = connection.rows(query, &[&id]).await?;
            let known = known.first().map(|row| record::installation_from_bytes(row.get(0))).transpose()?;
            let generation = known.map_or(0, |known| known.generation) + 1;
            let installation = Installation { token: token.clone(), generation, installed_at: now };
            let save = "insert into installations values ($1, $2) \
                        on conflict (installation) do update set record = excluded.record";
            connection.execute(save, &[&id, &record::installation_to_bytes(&installation)?]).await?;
            Ok(installation)
        };
        let begin = begin(token.installation(), true);
        self.postgres.connection().await?.transaction(&begin, save).await
    }

    async fn remove_installation(&self, installation: &Installation) -> Result<bool> {
        let id = key(installation.token.installation());
        let record = record::installation_to_bytes(installation)?;
        let remove = async |connection: &mut Connection| {
            let remove = "delete from installations where installation = $1 and record = $2";
            if connection.execute(remove, &[&id, &record]).await? == 0 {
                return Ok(false);
            }
            for table in
                ["tenancies", "pairs", "deleted_contacts", "deleted_externals", "intents", "journals"]
            {
                let forget = format!(
                    "delete from {table} where ctid = any(array(\
                     select ctid from {table} where installation = $1 limit $2))"
                );
                while connection.execute(&forget, &[&id, &BATCH]).await? > 0 {}
            }
            Ok(true)
        };
        let begin = begin(installation.token.installation(), true);
        self.postgres.connection().await?.transaction(&begin, remove).await
    }

    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known> {
        // One statement sees one state.
        let (query, id) = match half {
            Half::Contact(id) => (
                "select (select record from pairs where installation = $1 and contact = $2), \
                 (select at from deleted_contacts where installation = $1 and id = $2)",
                id.as_str(),
            ),
            Half::External(id) => (
                "select (select record from pairs where installation = $1 and external = $2), \
                 (select at from deleted_externals where installation = $1 and id = $2)",
                id.as_str(),
            ),
        };
        let mut connection = self.postgres.connection().await?;
        let row = connection.row(query, &[&key(installation), &id.as_bytes()]).await?;
        Ok(match (row.get::<_, Option<&[u8]>>(0), row.get(1)) {
            (Some(record), _) => Known::Paired(record::pair_from_bytes(record)?.into()),
            (None, Some(at)) => record::deleted(at),
            (None, None) => Known::No,
        })
    }

    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>> {
        let query = "select record from intents where installation = $1";
        let rows = self.postgres.connection().await?.rows(query, &[&key(installation)]).await?;
        rows.iter().map(|row| record::intent_from_bytes(row.get(0))).collect()
    }

    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>> {
        let query = "select record from pairs where installation = $1 and ($2::bytea is null or contact > $2) \
                     order by contact limit $3";
        let after = after.map(|after| after.as_str().as_bytes());
        let mut connection = self.postgres.connection().await?;
        let rows = connection.rows(query, &[&key(installation), &after, &limited(limit)]).await?;
        rows.iter().map(|row| record::pair_from_bytes(row.get(0))).collect()
    }

    async fn entries(
        &self,
        installation: InstallationId,
        journal: Journal,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        let query = "select key, value from journals where installation = $1 and journal = $2 and key > $3 \
                     order by key limit $4";
        let after = after.unwrap_or_default().as_bytes();
        let mut connection = self.postgres.connection().await?;
        let values: Parameters<'_> = &[&key(installation), &journal.name(), &after, &limited(limit)];
        let rows = connection.rows(query, values).await?;
        let entry =
            |row: &Row| Entry { key: String::from_utf8_lossy(row.get(0)).into_owned(), value: row.get(1) };
        Ok(rows.iter().map(entry).collect())
    }

    async fn installations(&self, after: Option<InstallationId>, limit: usize) -> Result<Vec<Installation>> {
        let query = "select record from installations where $1::bytea is null or installation > $1 \
                     order by installation limit $2";
        let mut connection = self.postgres.connection().await?;
        let rows = connection.rows(query, &[&after.map(key), &limited(limit)]).await?;
        rows.iter().map(|row| record::installation_from_bytes(row.get(0))).collect()
    }

    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        self.claims.claim(installation, subjects).await
    }

    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()> {
        let lease = Lease::of(claim)?;
        self.postgres.commit(claim.installation(), lease, writes).await
    }
}
