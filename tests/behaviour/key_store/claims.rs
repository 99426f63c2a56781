//! Claims: who works on a subject keeps others away, for as long as the claim lives and no longer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use botmatic_contact::Result;
use botmatic_contact::key_store::{Claim, KeyStore, Subject};
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::time::timeout;

use super::{battery, by_contact, contact, elsewhere, external, here};

battery! {
    a_claim_keeps_others_away_until_it_is_dropped,
    claims_on_different_subjects_and_of_different_tenants_do_not_wait,
    who_gives_up_waiting_leaves_nothing_behind,
    of_many_who_claim_the_same_one_works_at_a_time,
    a_claim_says_whose_it_is_and_nothing_personal,
}

fn subject(id: &str) -> Subject {
    contact(id).into()
}

/// A claim that nobody else holds, or not for long.
async fn granted(claim: impl Future<Output = Result<Claim>>) -> Claim {
    timeout(Duration::from_secs(20), claim).await.expect("granted").unwrap()
}

/// Asserts that a claim waits, while its store is quick to answer other things.
async fn waits(store: &impl KeyStore, claim: &mut Pin<Box<impl Future<Output = Result<Claim>>>>) {
    for _ in 0..20 {
        assert!(claim.as_mut().now_or_never().is_none(), "granted though somebody has it");
        by_contact(store, "1").await;
    }
}

async fn a_claim_keeps_others_away_until_it_is_dropped(store: impl KeyStore) {
    let first = store.claim(here(), &[subject("1"), subject("2")]).await.unwrap();
    let overlapping = [subject("2"), subject("3")];
    let mut second = Box::pin(store.claim(here(), &overlapping));
    waits(&store, &mut second).await;
    drop(first);
    granted(second).await;
}

async fn claims_on_different_subjects_and_of_different_tenants_do_not_wait(store: impl KeyStore) {
    let same = "same";
    let _first = store.claim(here(), &[subject(same)]).await.unwrap();
    for other in [subject("other"), external(same).into(), Subject::Email(same.to_owned())] {
        granted(store.claim(here(), &[other])).await;
    }
    granted(store.claim(elsewhere(), &[subject(same)])).await;
}

async fn who_gives_up_waiting_leaves_nothing_behind(store: impl KeyStore) {
    let first = store.claim(here(), &[subject("2")]).await.unwrap();
    let both = [subject("1"), subject("2")];
    let mut impatient = Box::pin(store.claim(here(), &both));
    waits(&store, &mut impatient).await;
    drop(impatient);
    granted(store.claim(here(), &[subject("1")])).await;
    drop(first);
    granted(store.claim(here(), &both)).await;
}

async fn of_many_who_claim_the_same_one_works_at_a_time(store: impl KeyStore) {
    let (store, inside, turns) = (Arc::new(store), AtomicUsize::new(0), AtomicUsize::new(0));
    let (inside, turns) = (&inside, &turns);
    let workers = (0..32).map(|number| {
        let store = Arc::clone(&store);
        async move {
            // Each shares one subject with the next, so all of them wait for each other somewhere.
            let mut subjects = vec![subject("shared"), subject(&format!("{number:02}"))];
            subjects.push(subject(&format!("{:02}", (number + 1) % 32)));
            subjects.sort();
            let claim = store.claim(here(), &subjects).await.unwrap();
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
            tokio::task::yield_now().await;
            inside.fetch_sub(1, Ordering::SeqCst);
            turns.fetch_add(1, Ordering::SeqCst);
            drop(claim);
        }
    });
    join_all(workers).await;
    assert_eq!(turns.load(Ordering::SeqCst), 32);
}

async fn a_claim_says_whose_it_is_and_nothing_personal(store: impl KeyStore) {
    let subjects = [subject("1"), Subject::Email("canary@example.org".to_owned())];
    let claim = store.claim(here(), &subjects).await.unwrap();
    assert_eq!(claim.installation(), here());
    assert!(!format!("{claim:?}").contains("canary"), "an address is personal data");
}
