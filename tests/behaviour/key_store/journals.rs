//! What the engine keeps beside pairs.

use botmatic_contact::Token;
use botmatic_contact::key_store::{Entry, Journal, KeyStore, Write};

use super::{at, battery, elsewhere, here, write, write_for};

battery! {
    a_journal_is_read_page_by_page_in_the_order_of_its_keys,
    an_entry_replaces_the_one_with_its_key_and_can_be_removed,
    journals_and_tenants_never_mix,
    a_journal_is_forgotten_with_its_installation,
    installations_are_walked_through_page_by_page,
}

fn entry(key: &str, value: &[u8]) -> Entry {
    Entry { key: key.to_owned(), value: value.to_owned() }
}

async fn keys(store: &impl KeyStore, journal: Journal, after: Option<&str>, limit: usize) -> Vec<String> {
    let entries = store.entries(here(), journal, after, limit).await.unwrap();
    entries.into_iter().map(|entry| entry.key).collect()
}

async fn a_journal_is_read_page_by_page_in_the_order_of_its_keys(store: impl KeyStore) {
    let written = ["b", "10", "é", ";", ":", "a", "B", "\u{10ffff}x", "9", "\u{1}"];
    write(&store, written.map(|key| Write::Put(Journal::Imports, entry(key, b""))).into()).await;
    let mut sorted = written.to_vec();
    sorted.sort_unstable();
    assert_eq!(keys(&store, Journal::Imports, None, 99).await, sorted);
    let (mut read, mut after) = (Vec::new(), None);
    while let Some(last) = keys(&store, Journal::Imports, after.as_deref(), 3).await.last().cloned() {
        read.extend(keys(&store, Journal::Imports, after.as_deref(), 3).await);
        after = Some(last);
    }
    assert_eq!(read, sorted);
}

async fn an_entry_replaces_the_one_with_its_key_and_can_be_removed(store: impl KeyStore) {
    let any_bytes: Vec<u8> = (0..=255).collect();
    write(&store, vec![Write::Put(Journal::Accepted, entry("1", b"one"))]).await;
    write(&store, vec![Write::Put(Journal::Accepted, entry("1", &any_bytes))]).await;
    let found = store.entries(here(), Journal::Accepted, None, 9).await.unwrap();
    assert_eq!(found, [entry("1", &any_bytes)]);
    let writes = ["1", "2"].map(|key| Write::Remove(Journal::Accepted, key.to_owned()));
    write(&store, writes.into()).await;
    assert!(keys(&store, Journal::Accepted, None, 9).await.is_empty());
}

async fn journals_and_tenants_never_mix(store: impl KeyStore) {
    for journal in Journal::ALL {
        write(&store, vec![Write::Put(journal, entry("1", journal.name().as_bytes()))]).await;
        write_for(&store, elsewhere(), vec![Write::Put(journal, entry("2", b"theirs"))]).await;
    }
    for journal in Journal::ALL {
        let found = store.entries(here(), journal, None, 9).await.unwrap();
        assert_eq!(found, [entry("1", journal.name().as_bytes())]);
    }
}

async fn a_journal_is_forgotten_with_its_installation(store: impl KeyStore) {
    let installed = store.save_installation(&Token::new("tok-alpha"), at(1)).await.unwrap();
    write(&store, vec![Write::Put(Journal::SetAside, entry("1", b"mine"))]).await;
    write_for(&store, elsewhere(), vec![Write::Put(Journal::SetAside, entry("1", b"theirs"))]).await;
    assert!(store.remove_installation(&installed).await.unwrap());
    assert!(keys(&store, Journal::SetAside, None, 9).await.is_empty());
    assert_eq!(store.entries(elsewhere(), Journal::SetAside, None, 9).await.unwrap().len(), 1);
}

async fn installations_are_walked_through_page_by_page(store: impl KeyStore) {
    let tokens: Vec<_> = (0..7).map(|number| Token::new(format!("tok-{number}"))).collect();
    let mut saved = Vec::new();
    for token in &tokens {
        saved.push(store.save_installation(token, at(5)).await.unwrap());
    }
    assert!(store.remove_installation(&saved.remove(3)).await.unwrap());
    saved.sort_by_key(|installation| installation.token.installation());
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = store.installations(after, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.token.installation());
        read.extend(page);
    }
    assert_eq!(read, saved);
}
