//! What the store in a file promises beyond the battery: it lasts, and says clearly when it cannot be opened.

use std::error::Error as _;
use std::fs;
use std::path::Path;

use botmatic_contact::Token;
use botmatic_contact::key_store::{Half, KeyStore, Known, RedbKeyStore, Write};
use futures_util::FutureExt;

use super::{at, by_contact, by_external, claim_for, contact, deleted, here, intent, pair, write};

#[tokio::test]
async fn a_file_that_is_opened_again_has_everything() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.redb");
    let store = RedbKeyStore::open(&path).unwrap();
    let installation = store.save_installation(&Token::new("tok-alpha"), at(10)).await.unwrap();
    write(
        &store,
        vec![
            Write::Pair(pair("1", "a")),
            deleted(&pair("2", "b"), 2),
            Write::Intent(intent(Half::Contact(contact("3")))),
        ],
    )
    .await;
    drop(store);

    let store = RedbKeyStore::open(&path).unwrap();
    assert_eq!(store.installation(here()).await.unwrap(), Some(installation));
    assert_eq!(by_contact(&store, "1").await, Known::Paired(pair("1", "a").into()));
    assert_eq!(by_external(&store, "a").await, Known::Paired(pair("1", "a").into()));
    assert_eq!(by_contact(&store, "2").await, Known::Deleted(at(2)));
    assert_eq!(by_external(&store, "b").await, Known::Deleted(at(2)));
    assert_eq!(store.intents(here()).await.unwrap(), [intent(Half::Contact(contact("3")))]);
}

#[tokio::test]
async fn who_claims_what_a_cancelled_commit_was_about_sees_it_done_or_it_never_happens() {
    let folder = tempfile::tempdir().unwrap();
    let store = RedbKeyStore::open(folder.path().join("pairs.redb")).unwrap();
    for number in 0..50 {
        let id = number.to_string();
        let writes = vec![Write::Pair(pair(&id, &id))];
        let claim = claim_for(&store, here(), &writes).await;
        // Dropped as soon as it is under way.
        let _ = store.commit(&claim, writes.clone()).now_or_never();
        drop(claim);
        let _claim = claim_for(&store, here(), &writes).await;
        let seen = by_contact(&store, &id).await;
        // Whatever was to be written before this is written by then.
        write(&store, vec![Write::Withdraw(contact("x").into())]).await;
        assert_eq!(by_contact(&store, &id).await, seen, "it came after the next claim");
    }
}

#[tokio::test]
async fn claims_end_with_the_process_that_held_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.redb");
    let store = RedbKeyStore::open(&path).unwrap();
    let writes = [Write::Pair(pair("1", "a"))];
    let abandoned = claim_for(&store, here(), &writes).await;
    drop(store);
    let store = RedbKeyStore::open(&path).unwrap();
    drop(claim_for(&store, here(), &writes).await);
    drop(abandoned);
}

#[tokio::test]
async fn the_copy_of_a_file_in_use_is_as_it_was_after_the_last_commit() {
    // What a killed process leaves behind: the bytes on the disk, with nothing closed.
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("pairs.redb"), folder.path().join("copy.redb"));
    let store = RedbKeyStore::open(&path).unwrap();
    for number in 0..20 {
        write(&store, vec![Write::Pair(pair(&number.to_string(), &format!("x{number}")))]).await;
        fs::copy(&path, &copy).unwrap();
        let found = RedbKeyStore::open(&copy).unwrap();
        assert_eq!(found.pairs(here(), None, 100).await.unwrap().len(), number + 1);
    }
}

/// Asserts that the file cannot be opened, and that the error says which file, what to look for, and why.
fn refuses(path: &Path) {
    let error = RedbKeyStore::open(path).unwrap_err();
    assert!(error.is_key_store());
    let message = error.to_string();
    assert!(message.contains(&path.display().to_string()), "{message}");
    assert!(message.contains("no other process"), "{message}");
    assert!(error.source().is_some());
}

#[test]
fn a_file_that_is_open_elsewhere_is_a_clear_error_and_stays_usable_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.redb");
    let first = RedbKeyStore::open(&path).unwrap();
    refuses(&path);
    drop(first);
    RedbKeyStore::open(&path).unwrap();
}

#[test]
fn what_is_no_key_store_is_a_clear_error_and_stays_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    for garbage in [&b"dear diary"[..], &[0xff; 8192], &[0; 8192], b"redb\x1A\x0A\xA9\x0D\x0A"] {
        fs::write(&path, garbage).unwrap();
        refuses(&path);
        assert_eq!(fs::read(&path).unwrap(), garbage);
    }
    refuses(folder.path());
    refuses(&folder.path().join("no such folder").join("pairs.redb"));
}

#[test]
fn a_file_that_was_cut_short_is_a_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.redb");
    drop(RedbKeyStore::open(&path).unwrap());
    let whole = fs::read(&path).unwrap();
    for length in [1, 9, 64, 320, 4096, whole.len() / 2] {
        fs::write(&path, &whole[..length]).unwrap();
        refuses(&path);
    }
}
