//! The store in PostgreSQL: what the battery and the tests of shared stores cannot say of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use botmatic_contact::key_store::{KeyStore, Known, PostgresKeyStore, Write};
use futures_util::future::{BoxFuture, join_all};

use super::shared::{self, Space};
use super::{LONG, by_contact, pair, write};
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
