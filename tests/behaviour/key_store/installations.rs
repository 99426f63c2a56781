//! Installations: remembered, counted, and forgotten with all that was kept of them.

use botmatic_contact::Token;
use botmatic_contact::key_store::{Claim, Entry, Half, Journal, KeyStore, Known, Write};
use futures_util::FutureExt;

use super::{
    at, battery, by_contact, by_external, claim_for, contact, deleted, elsewhere, here, intent, pair, write,
    write_for,
};

battery! {
    an_installation_is_found_under_its_name,
    installing_again_raises_the_generation_and_keeps_the_pairs,
    uninstalling_forgets_everything_of_the_installation_and_nothing_else,
    a_late_uninstall_does_not_wipe_a_newer_installation,
    a_late_uninstall_does_not_wipe_an_installation_that_followed_another_uninstall,
    what_is_not_installed_cannot_be_removed,
    what_was_under_way_at_an_uninstall_is_not_saved_any_more,
    what_was_under_way_for_whom_only_an_authorizer_knew_is_not_saved_after_an_uninstall,
    what_waited_for_its_turn_at_an_uninstall_is_not_saved_either,
    what_is_under_way_while_somebody_is_installed_again_is_saved,
}

fn token() -> Token {
    Token::new("tok-alpha")
}

async fn an_installation_is_found_under_its_name(store: impl KeyStore) {
    assert_eq!(store.installation(here()).await.unwrap(), None);
    let saved = store.save_installation(&token(), at(10)).await.unwrap();
    assert_eq!((saved.generation, saved.installed_at), (1, at(10)));
    let found = store.installation(here()).await.unwrap().unwrap();
    assert_eq!(found, saved);
    assert_eq!(found.token.expose(), "tok-alpha");
    assert_eq!(store.installation(elsewhere()).await.unwrap(), None);
}

async fn installing_again_raises_the_generation_and_keeps_the_pairs(store: impl KeyStore) {
    let first = store.save_installation(&token(), at(10)).await.unwrap();
    write(&store, vec![Write::Pair(pair("1", "a"))]).await;
    let second = store.save_installation(&token(), at(20)).await.unwrap();
    assert!(second.generation > first.generation);
    assert_eq!(second.installed_at, at(20));
    assert_eq!(by_contact(&store, "1").await, Known::Paired(pair("1", "a").into()));
}

async fn uninstalling_forgets_everything_of_the_installation_and_nothing_else(store: impl KeyStore) {
    let writes = || {
        vec![
            Write::Pair(pair("1", "a")),
            deleted(&pair("2", "b"), 2),
            Write::Intent(intent(Half::Contact(contact("3")))),
        ]
    };
    let mine = store.save_installation(&token(), at(10)).await.unwrap();
    store.save_installation(&Token::new("tok-beta"), at(10)).await.unwrap();
    write_for(&store, here(), writes()).await;
    write_for(&store, elsewhere(), writes()).await;

    assert!(store.remove_installation(&mine).await.unwrap());
    assert_eq!(store.installation(here()).await.unwrap(), None);
    for id in ["1", "2"] {
        assert_eq!(by_contact(&store, id).await, Known::No);
    }
    for id in ["a", "b"] {
        assert_eq!(by_external(&store, id).await, Known::No);
    }
    assert!(store.intents(here()).await.unwrap().is_empty());
    assert!(store.pairs(here(), None, 10).await.unwrap().is_empty());

    assert!(store.installation(elsewhere()).await.unwrap().is_some());
    assert_eq!(store.intents(elsewhere()).await.unwrap().len(), 1);
    assert_eq!(store.pairs(elsewhere(), None, 10).await.unwrap(), [pair("1", "a")]);
    let tombstone = store.look_up(elsewhere(), &contact("2").into()).await.unwrap();
    assert_eq!(tombstone, Known::Deleted(at(2)));
}

async fn a_late_uninstall_does_not_wipe_a_newer_installation(store: impl KeyStore) {
    let old = store.save_installation(&token(), at(10)).await.unwrap();
    let new = store.save_installation(&token(), at(20)).await.unwrap();
    write(&store, vec![Write::Pair(pair("1", "a"))]).await;
    assert!(!store.remove_installation(&old).await.unwrap());
    assert_eq!(store.installation(here()).await.unwrap(), Some(new));
    assert_eq!(by_contact(&store, "1").await, Known::Paired(pair("1", "a").into()));
}

async fn a_late_uninstall_does_not_wipe_an_installation_that_followed_another_uninstall(
    store: impl KeyStore,
) {
    let old = store.save_installation(&token(), at(10)).await.unwrap();
    assert!(store.remove_installation(&old).await.unwrap());
    let new = store.save_installation(&token(), at(20)).await.unwrap();
    write(&store, vec![Write::Pair(pair("1", "a"))]).await;
    // The first uninstall is delivered twice, and the second delivery comes to its end only now.
    assert!(!store.remove_installation(&old).await.unwrap());
    assert_eq!(store.installation(here()).await.unwrap(), Some(new));
    assert_eq!(by_contact(&store, "1").await, Known::Paired(pair("1", "a").into()));
}

async fn what_is_not_installed_cannot_be_removed(store: impl KeyStore) {
    let gone = store.save_installation(&token(), at(10)).await.unwrap();
    assert!(store.remove_installation(&gone).await.unwrap());
    assert!(!store.remove_installation(&gone).await.unwrap());
}

/// One of each kind.
fn everything() -> Vec<Write> {
    vec![
        Write::Pair(pair("1", "a")),
        deleted(&pair("2", "b"), 2),
        Write::Intent(intent(Half::Contact(contact("3")))),
        Write::Put(Journal::Accepted, Entry { key: "1".to_owned(), value: b"mine".to_vec() }),
    ]
}

async fn assert_nothing_is_kept(store: &impl KeyStore) {
    assert_eq!(by_contact(store, "1").await, Known::No);
    assert_eq!(by_external(store, "b").await, Known::No);
    assert!(store.intents(here()).await.unwrap().is_empty());
    assert!(store.pairs(here(), None, 9).await.unwrap().is_empty());
    assert!(store.entries(here(), Journal::Accepted, None, 9).await.unwrap().is_empty());
}

async fn assert_refused(store: &impl KeyStore, claim: &Claim) {
    let error = store.commit(claim, everything()).await.unwrap_err();
    assert!(error.is_unauthorized() && error.to_string().contains("nothing was saved"), "{error:?}");
    assert!(!error.is_transient(), "it would be tried again in vain");
    assert_nothing_is_kept(store).await;
}

async fn what_was_under_way_at_an_uninstall_is_not_saved_any_more(store: impl KeyStore) {
    let installed = store.save_installation(&token(), at(10)).await.unwrap();
    let claims = [
        claim_for(&store, here(), &everything()).await,
        // As who accepts an event does.
        store.claim(here(), &[]).await.unwrap(),
    ];
    assert!(store.remove_installation(&installed).await.unwrap());
    for claim in &claims {
        assert_refused(&store, claim).await;
    }
    store.save_installation(&token(), at(20)).await.unwrap();
    for claim in &claims {
        assert_refused(&store, claim).await;
    }
    drop(claims);
    write(&store, everything()).await;
    assert_eq!(by_contact(&store, "1").await, Known::Paired(pair("1", "a").into()));
}

async fn what_was_under_way_for_whom_only_an_authorizer_knew_is_not_saved_after_an_uninstall(
    store: impl KeyStore,
) {
    write(&store, everything()).await;
    let claim = claim_for(&store, here(), &everything()).await;
    store.commit(&claim, everything()).await.unwrap();
    // So it is uninstalled, and installed or not in between.
    let installed = store.save_installation(&token(), at(10)).await.unwrap();
    store.commit(&claim, everything()).await.unwrap();
    assert!(store.remove_installation(&installed).await.unwrap());
    assert_refused(&store, &claim).await;
}

async fn what_waited_for_its_turn_at_an_uninstall_is_not_saved_either(store: impl KeyStore) {
    let installed = store.save_installation(&token(), at(10)).await.unwrap();
    let first = claim_for(&store, here(), &everything()).await;
    let writes = everything();
    let mut second = Box::pin(claim_for(&store, here(), &writes));
    for _ in 0..20 {
        assert!((&mut second).now_or_never().is_none());
        by_contact(&store, "1").await;
    }
    assert!(store.remove_installation(&installed).await.unwrap());
    drop(first);
    assert_refused(&store, &second.await).await;
}

async fn what_is_under_way_while_somebody_is_installed_again_is_saved(store: impl KeyStore) {
    store.save_installation(&token(), at(10)).await.unwrap();
    let claim = claim_for(&store, here(), &everything()).await;
    store.save_installation(&token(), at(20)).await.unwrap();
    store.commit(&claim, everything()).await.unwrap();
    assert_eq!(by_contact(&store, "1").await, Known::Paired(pair("1", "a").into()));
}
