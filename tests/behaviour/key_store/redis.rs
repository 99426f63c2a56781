//! The store in Redis: what the battery and the tests of shared stores cannot say of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use botmatic_contact::key_store::{Entry, Journal, KeyStore, Known, RedisKeyStore, Write};
use futures_util::future::BoxFuture;

use super::shared::{self, Space};
use super::wire::{Fate, Wire};
use super::{LONG, by_contact, claim_for, contact, here, intent, pair, write};
use crate::support::servers;

/// Keys that no other test has.
pub(super) struct OfRedis(String);

impl OfRedis {
    pub(super) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        Self(format!("test-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
    }
}

impl Space for OfRedis {
    fn open(&self, lease: Duration) -> BoxFuture<'static, Arc<dyn KeyStore>> {
        let builder = RedisKeyStore::builder(servers::redis()).prefix(&self.0).lease(lease);
        Box::pin(async { Arc::new(builder.connect().await.unwrap()) as _ })
    }

    fn place(&self) -> (&str, &str) {
        (servers::redis(), &self.0)
    }
}

#[tokio::test]
async fn a_server_that_was_killed_has_lost_nothing_when_it_is_back_and_claims_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (server, port) = servers::redis_of_ones_own(folder.path());
    let url = format!("redis://127.0.0.1:{port}");
    let stores = [RedisKeyStore::connect(&url).await.unwrap(), RedisKeyStore::connect(&url).await.unwrap()];
    shared::outlives_its_server(stores, server, || servers::start_redis(folder.path(), port, None)).await;
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_made_again_only_under_a_lease_that_keeps_others_away() {
    let space = OfRedis::new();
    let server = servers::redis().strip_prefix("redis://").unwrap();
    let intent = intent(contact("1").into());
    // So that the server knows the script: it is asked once.
    write(&space.open(LONG).await, vec![Write::Withdraw(contact("1").into())]).await;
    for (is_leased, text) in [(true, "one-entry"), (false, "other-entry")] {
        let wire = Wire::new(server, text, Fate::LosesAnswer).await;
        let url = format!("redis://127.0.0.1:{}", wire.port);
        let store = RedisKeyStore::builder(url).prefix(&space.0).lease(LONG).connect().await.unwrap();
        let subjects = [contact(text).into()];
        let claim = store.claim(here(), if is_leased { &subjects } else { &[] }).await.unwrap();
        let entry = Entry { key: text.to_owned(), value: Vec::new() };
        let writes = vec![Write::Put(Journal::Accepted, entry), Write::Intent(intent.clone())];
        let committed = store.commit(&claim, writes).await;
        match committed {
            Ok(()) => assert!(is_leased),
            Err(error) => assert!(!is_leased && error.to_string().contains("not known"), "{error:?}"),
        }
    }
    let store = space.open(LONG).await;
    assert_eq!(
        store.entries(here(), Journal::Accepted, None, 9).await.unwrap().len(),
        2,
        "the server had both"
    );
}

#[tokio::test]
async fn stores_with_different_prefixes_share_nothing() {
    let (here_too, there) = (OfRedis::new(), OfRedis::new());
    let (one, other) = (here_too.open(LONG).await, there.open(LONG).await);
    let writes = vec![Write::Pair(pair("1", "a"))];
    let _claim = claim_for(&one, here(), &writes).await;
    write(&one, vec![Write::Pair(pair("2", "b"))]).await;
    drop(claim_for(&other, here(), &writes).await);
    assert_eq!(by_contact(&other, "2").await, Known::No);
}

#[tokio::test]
async fn an_address_where_nobody_answers_is_a_clear_error_that_does_not_repeat_it() {
    for url in ["redis://user:s3cret@127.0.0.1:1", "rediss://user:s3cret@127.0.0.1:1", "s3cret", ""] {
        let error = RedisKeyStore::connect(url).await.unwrap_err();
        assert!(error.is_key_store());
        let message = format!("{error} {error:?}");
        assert!(message.contains("`redis://127.0.0.1:6379`") && !message.contains("s3cret"), "{message}");
        assert!(!format!("{:?}", RedisKeyStore::builder(url)).contains("s3cret"));
    }
    let error = RedisKeyStore::builder(servers::redis()).lease(Duration::ZERO).connect().await.unwrap_err();
    assert!(error.is_configuration(), "{error:?}");
}
