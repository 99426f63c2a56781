//! Installations: remembered, counted, and forgotten with all that was kept of them.

use botmatic_contact::Token;
use botmatic_contact::key_store::{Half, KeyStore, Known, Write};

use super::{
    at, battery, by_contact, by_external, contact, deleted, elsewhere, here, intent, pair, write, write_for,
};

battery! {
    an_installation_is_found_under_its_name,
    installing_again_raises_the_generation_and_keeps_the_pairs,
    uninstalling_forgets_everything_of_the_installation_and_nothing_else,
    a_late_uninstall_does_not_wipe_a_newer_installation,
    a_late_uninstall_does_not_wipe_an_installation_that_followed_another_uninstall,
    what_is_not_installed_cannot_be_removed,
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
