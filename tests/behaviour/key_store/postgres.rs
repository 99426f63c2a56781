//! The store in PostgreSQL: what the battery and the tests of shared stores cannot say of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use botmatic_contact::key_store::{KeyStore, Known, PostgresKeyStore, Write};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use tokio::time::timeout;

use super::shared::{self, SHORT, SOON, Space};
use super::wire::{Fate, Wire};
use super::{LONG, by_contact, claim_for, contact, here, pair, write};
use crate::support::servers;

/// A schema that no other test has.
pub(super) struct OfPostgres(String);

impl OfPostgres {
    pub(super) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        Self(format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Space for OfPostgres {
    fn open(&self, lease: Duration) -> BoxFuture<'static, Arc<dyn KeyStore>> {
        let builder = PostgresKeyStore::builder(servers::postgres()).schema(&self.0).lease(lease);
        Box::pin(async { Arc::new(builder.connect().await.unwrap()) as _ })
    }

    fn place(&self) -> (&str, &str) {
        (servers::postgres(), &self.0)
    }
}

#[tokio::test]
async fn a_server_that_went_down_has_lost_nothing_when_it_is_back_and_claims_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (server, port) = servers::postgres_of_ones_own(folder.path());
    let url = format!("postgres://test@127.0.0.1:{port}/postgres");
    let stores =
        [PostgresKeyStore::connect(&url).await.unwrap(), PostgresKeyStore::connect(&url).await.unwrap()];
    shared::outlives_its_server(stores, server, || servers::start_postgres(folder.path(), port, None)).await;
}

/// A store whose server is gone without a word when its commit has locked the claims and begins to write a pair.
async fn that_dies_in_a_commit(space: &OfPostgres, lease: Duration) -> (PostgresKeyStore, Wire) {
    let (user, server) = servers::postgres().split_once('@').unwrap();
    let (server, database) = server.split_once('/').unwrap();
    let wire = Wire::new(server, "insert into pairs", Fate::GoesDead).await;
    let url = format!("{user}@127.0.0.1:{}/{database}", wire.port);
    let store = PostgresKeyStore::builder(url).schema(&space.0).lease(lease).connect().await.unwrap();
    (store, wire)
}

#[tokio::test]
async fn a_process_that_is_gone_in_the_middle_of_a_commit_keeps_nobody_waiting_longer_than_its_lease() {
    let space = OfPostgres::new();
    let (dying, _wire) = that_dies_in_a_commit(&space, SHORT).await;
    let writes = vec![Write::Pair(pair("1", "a"))];
    let claim = claim_for(&dying, here(), &writes).await;
    let lost = dying.commit(&claim, writes.clone());
    let next = async {
        let store = space.open(SHORT).await;
        let claim = claim_for(&store, here(), &writes).await;
        assert_eq!(by_contact(&store, "1").await, Known::No);
        store.commit(&claim, writes.clone()).await.unwrap();
    };
    let (lost, next) = futures_util::future::join(timeout(SOON, lost), timeout(SOON, next)).await;
    next.expect("the lease is over");
    let error = lost.expect("nobody answers").unwrap_err();
    assert!(
        error.is_key_store() && error.to_string().contains("nothing of this call was saved"),
        "{error:?}"
    );
}

#[tokio::test]
async fn who_waits_for_somebody_in_the_middle_of_a_commit_takes_no_connection_from_others() {
    let space = OfPostgres::new();
    let (dying, _wire) = that_dies_in_a_commit(&space, LONG).await;
    let writes: Vec<_> =
        (0..9).map(|number| Write::Pair(pair(&number.to_string(), &format!("x{number}")))).collect();
    let claim = claim_for(&dying, here(), &writes).await;
    let mut lost = Box::pin(dying.commit(&claim, writes));
    let store = space.open(LONG).await;
    let subjects: Vec<_> = (0..9).map(|number| [contact(&number.to_string()).into()]).collect();
    let mut waiting: Vec<_> = subjects.iter().map(|subjects| store.claim(here(), subjects)).collect();
    for _ in 0..50 {
        assert!((&mut lost).now_or_never().is_none());
        assert!(waiting.iter_mut().all(|claim| claim.now_or_never().is_none()));
        let known = timeout(Duration::from_secs(4), by_contact(&store, "0")).await;
        assert_eq!(known.expect("there are connections left"), Known::No);
    }
}

#[tokio::test]
async fn claims_of_processes_that_are_gone_are_removed_when_another_one_connects() {
    let space = OfPostgres::new();
    drop(shared::abandoned(&space, LONG).await);
    servers::ask_postgres(&format!("update {}.claims set ends = ends - interval '1 hour'", space.0));
    let left = || servers::ask_postgres(&format!("select count(*) from {}.claims", space.0));
    assert_ne!(left(), "0");
    let _store = space.open(LONG).await;
    let removed = async {
        while left() != "0" {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, removed).await.expect("nobody holds them");
}

#[tokio::test]
async fn options_in_the_address_hold_and_the_schema_stays() {
    let url = |options: &str| format!("{}?options={options}", servers::postgres());
    let space = OfPostgres::new();
    let connect = |options| PostgresKeyStore::builder(url(options)).schema(&space.0).connect();
    assert!(connect("-c%20no_such_setting=1").await.unwrap_err().is_key_store());
    let store = connect("-c%20search_path=public%20-c%20lock_timeout=1s").await.unwrap();
    write(&store, vec![Write::Pair(pair("1", "a"))]).await;
    assert_eq!(by_contact(&space.open(LONG).await, "1").await, Known::Paired(pair("1", "a").into()));
}

#[tokio::test]
async fn many_who_connect_at_once_make_the_tables_once() {
    let space = OfPostgres::new();
    let stores = join_all((0..8).map(|_| space.open(LONG))).await;
    write(&stores[0], vec![Write::Pair(pair("1", "a"))]).await;
    assert_eq!(by_contact(&stores[7], "1").await, Known::Paired(pair("1", "a").into()));
}

#[tokio::test]
async fn an_address_where_nobody_answers_is_a_clear_error_that_does_not_repeat_it() {
    for url in ["postgres://user:s3cret@127.0.0.1:1/x", "s3cret", ""] {
        let error = PostgresKeyStore::connect(url).await.unwrap_err();
        assert!(error.is_key_store());
        let message = format!("{error} {error:?}");
        assert!(message.contains("`postgres://user@127.0.0.1/database`"), "{message}");
        assert!(!message.contains("s3cret"), "{message}");
        assert!(!format!("{:?}", PostgresKeyStore::builder(url)).contains("s3cret"));
    }
}

#[tokio::test]
async fn a_schema_that_is_no_name_and_a_lease_of_no_length_are_refused() {
    let builder = || PostgresKeyStore::builder(servers::postgres());
    for schema in ["", "A", "a b", "a\"; drop schema b; --", "é"] {
        let error = builder().schema(schema).connect().await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("small letters"), "{error:?}");
    }
    assert!(builder().lease(Duration::ZERO).connect().await.unwrap_err().is_configuration());
    // A word of the language is a name like any other.
    builder().schema("user").connect().await.unwrap();
}
