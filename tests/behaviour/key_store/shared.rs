//! Stores that several processes share: here each has a store and a runtime of its own.

use std::sync::Arc;
use std::time::Duration;

use botmatic_contact::Token;
use botmatic_contact::key_store::{Claim, KeyStore, Known, MemoryKeyStore, Subject, Write};
use futures_util::future::{BoxFuture, join_all};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::{LONG, at, by_contact, claim_for, contact, here, pair, write};
use crate::support::servers::Server;

/// A place for pairs that is empty at first, and that any number of stores can open.
pub(super) trait Space: Send + Sync {
    fn open(&self, lease: Duration) -> BoxFuture<'static, Arc<dyn KeyStore>>;

    /// Where it is, for another process: the address of the server, and a name of its own there.
    fn place(&self) -> (&str, &str);
}

/// Runs each of the tests, `async fn(&impl Space)`, against every store that several processes can share.
macro_rules! shared_battery {
    ($($test:ident),* $(,)?) => {
        mod postgres {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(&super::super::postgres::OfPostgres::new()).await;
                }
            )*
        }
        mod redis {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(&super::super::redis::OfRedis::new()).await;
                }
            )*
        }
    };
}
pub(super) use shared_battery;

shared_battery! {
    what_one_writes_the_other_reads,
    of_two_who_claim_the_same_one_waits_until_the_other_is_done,
    a_claim_outlives_its_lease_while_its_holder_lives,
    a_holder_that_is_gone_loses_the_claim_when_the_lease_is_over,
    a_commit_with_a_claim_that_went_to_somebody_else_changes_nothing,
    a_commit_with_a_claim_that_has_ended_changes_nothing,
    who_gives_up_waiting_for_another_process_leaves_nothing_behind,
    many_in_several_processes_work_one_at_a_time,
    what_is_installed_by_several_at_once_is_counted_each_time,
    a_claim_of_another_store_is_refused,
}

/// Soon over, but long enough to be renewed on a busy machine.
pub(super) const SHORT: Duration = Duration::from_secs(1);

/// Within this a claim is granted that nobody holds.
pub(super) const SOON: Duration = Duration::from_secs(20);

fn writes() -> Vec<Write> {
    vec![Write::Pair(pair("1", "a"))]
}

/// A claim of a process that is killed: nothing of it is left running, and nothing was given back.
pub(super) async fn abandoned(space: &impl Space, lease: Duration) -> Claim {
    let process = Runtime::new().unwrap();
    let store = space.open(lease);
    let claim = process.spawn(async move { claim_for(&store.await, here(), &writes()).await }).await.unwrap();
    process.shutdown_background();
    claim
}

async fn what_one_writes_the_other_reads(space: &impl Space) {
    let (one, other) = (space.open(LONG).await, space.open(LONG).await);
    write(&one, writes()).await;
    assert_eq!(by_contact(&other, "1").await, Known::Paired(pair("1", "a").into()));
}

async fn of_two_who_claim_the_same_one_waits_until_the_other_is_done(space: &impl Space) {
    let (one, other) = (space.open(LONG).await, space.open(LONG).await);
    for _ in 0..20 {
        let claim = claim_for(&one, here(), &writes()).await;
        let writes = writes();
        let mut second = Box::pin(claim_for(&other, here(), &writes));
        assert!(timeout(Duration::from_millis(20), &mut second).await.is_err());
        drop(claim);
        timeout(SOON, second).await.expect("it was given back");
    }
}

async fn a_claim_outlives_its_lease_while_its_holder_lives(space: &impl Space) {
    let (one, other) = (space.open(SHORT).await, space.open(SHORT).await);
    let claim = claim_for(&one, here(), &writes()).await;
    let writes = writes();
    assert!(timeout(SHORT * 3, claim_for(&other, here(), &writes)).await.is_err());
    one.commit(&claim, writes).await.unwrap();
}

async fn a_holder_that_is_gone_loses_the_claim_when_the_lease_is_over(space: &impl Space) {
    let abandoned = abandoned(space, SHORT).await;
    let store = space.open(SHORT).await;
    let writes = writes();
    let claim = timeout(SOON, claim_for(&store, here(), &writes)).await.expect("the lease is over");
    store.commit(&claim, writes).await.unwrap();
    drop(abandoned);
}

async fn a_commit_with_a_claim_that_went_to_somebody_else_changes_nothing(space: &impl Space) {
    let abandoned = abandoned(space, SHORT).await;
    let store = space.open(SHORT).await;
    let claim = timeout(SOON, claim_for(&store, here(), &writes())).await.expect("the lease is over");
    let error = store.commit(&abandoned, writes()).await.unwrap_err();
    assert!(error.is_busy() && error.to_string().contains("nothing was saved"), "{error:?}");
    assert_eq!(by_contact(&store, "1").await, Known::No);
    assert!(store.pairs(here(), None, 9).await.unwrap().is_empty());
    store.commit(&claim, writes()).await.unwrap();
}

async fn a_commit_with_a_claim_that_has_ended_changes_nothing(space: &impl Space) {
    let abandoned = abandoned(space, SHORT).await;
    let store = space.open(SHORT).await;
    drop(timeout(SOON, claim_for(&store, here(), &writes())).await.expect("the lease is over"));
    // Nobody else has it now either.
    let error = store.commit(&abandoned, writes()).await.unwrap_err();
    assert!(error.is_busy(), "{error:?}");
    assert_eq!(by_contact(&store, "1").await, Known::No);
}

async fn who_gives_up_waiting_for_another_process_leaves_nothing_behind(space: &impl Space) {
    let (one, other) = (space.open(LONG).await, space.open(LONG).await);
    for patience in [0, 1, 5, 50] {
        let claim = claim_for(&one, here(), &writes()).await;
        let both: [Subject; 2] = [contact("0").into(), contact("1").into()];
        let impatient = other.claim(here(), &both);
        assert!(timeout(Duration::from_millis(patience), impatient).await.is_err());
        drop(claim);
        // Given up while it was granted, perhaps.
        let impatient = other.claim(here(), &both);
        let _ = timeout(Duration::from_millis(patience), impatient).await;
        timeout(SOON, one.claim(here(), &both)).await.expect("half a claim was kept").unwrap();
    }
}

async fn many_in_several_processes_work_one_at_a_time(space: &impl Space) {
    let stores = join_all((0..3).map(|_| space.open(LONG))).await;
    let workers = (0..24).map(|number| {
        let store = Arc::clone(&stores[number % 3]);
        async move {
            let mut subjects: Vec<Subject> =
                vec![contact("shared").into(), contact(&number.to_string()).into()];
            subjects.push(contact(&((number + 1) % 24).to_string()).into());
            subjects.sort();
            let claim = timeout(SOON * 2, store.claim(here(), &subjects)).await.expect("its turn").unwrap();
            // Whoever has the claim adds one to what is there; two at once would lose one.
            let Known::Paired(found) = by_contact(&store, "shared").await else { panic!("not paired") };
            let mut next = Arc::unwrap_or_clone(found);
            let count = next.snapshot.get("count").unwrap().as_u64().unwrap();
            next.snapshot.set("count", count + 1);
            store.commit(&claim, vec![Write::Pair(next)]).await.unwrap();
        }
    });
    let mut first = pair("shared", "x");
    first.snapshot.set("count", 0);
    write(&stores[0], vec![Write::Pair(first)]).await;
    join_all(workers).await;
    let Known::Paired(found) = by_contact(&stores[0], "shared").await else { panic!("not paired") };
    assert_eq!(found.snapshot.get("count").unwrap().as_u64(), Some(24));
}

async fn what_is_installed_by_several_at_once_is_counted_each_time(space: &impl Space) {
    let stores = join_all((0..3).map(|_| space.open(LONG))).await;
    let token = Token::new("tok-alpha");
    let installed = stores.iter().map(|store| store.save_installation(&token, at(1)));
    let mut generations: Vec<_> =
        join_all(installed).await.into_iter().map(|installed| installed.unwrap().generation).collect();
    generations.sort_unstable();
    assert_eq!(generations, [1, 2, 3]);
}

async fn a_claim_of_another_store_is_refused(space: &impl Space) {
    let store = space.open(LONG).await;
    let memory = MemoryKeyStore::new();
    let claim = claim_for(&memory, here(), &writes()).await;
    let error = store.commit(&claim, writes()).await.unwrap_err();
    assert!(error.is_key_store(), "{error:?}");
    assert_eq!(by_contact(&store, "1").await, Known::No);
}

/// What is saved and what is claimed survives the end of the server, and goes on with the next one.
pub(super) async fn outlives_its_server(
    [store, other]: [impl KeyStore; 2],
    server: Server,
    start_again: impl FnOnce() -> Option<Server>,
) {
    let writes = vec![Write::Pair(pair("2", "b"))];
    let claim = claim_for(&store, here(), &writes).await;
    write(&store, vec![Write::Pair(pair("1", "a"))]).await;

    drop(server);
    let error = store.commit(&claim, writes.clone()).await.unwrap_err();
    assert!(error.is_key_store(), "{error:?}");
    let _server = start_again().expect("the port is still free");

    assert_eq!(by_contact(&store, "1").await, Known::Paired(pair("1", "a").into()));
    store.commit(&claim, writes.clone()).await.unwrap();
    assert_eq!(by_contact(&other, "2").await, Known::Paired(pair("2", "b").into()));
    let next = claim_for(&other, here(), &writes);
    drop(claim);
    timeout(Duration::from_secs(20), next).await.expect("released over the new connection");
}
