//! What every key store promises: one battery, run against each.

mod claims;
mod installations;
mod journals;
mod pairs;
mod postgres;
mod processes;
mod redb;
mod redis;
mod shared;
mod wire;

use std::time::Duration;

use botmatic_contact::key_store::{Claim, Half, Intent, KeyStore, Known, Pair, Subject, Write};
use botmatic_contact::{ContactId, ExternalId, InstallationId, Properties, Token};
use jiff::Timestamp;

/// Runs each of the tests, `async fn(impl KeyStore)`, against every store.
macro_rules! battery {
    ($($test:ident),* $(,)?) => {
        mod memory {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(botmatic_contact::key_store::MemoryKeyStore::new()).await;
                }
            )*
        }
        mod redb {
            $(
                #[tokio::test]
                async fn $test() {
                    let folder = tempfile::tempdir().unwrap();
                    let store = botmatic_contact::key_store::RedbKeyStore::open(folder.path().join("pairs.redb"));
                    super::$test(store.unwrap()).await;
                }
            )*
        }
        mod postgres {
            $(
                #[tokio::test]
                async fn $test() {
                    let space = crate::key_store::postgres::OfPostgres::new();
                    super::$test(crate::key_store::shared::Space::open(&space, crate::key_store::LONG).await).await;
                }
            )*
        }
        mod redis {
            $(
                #[tokio::test]
                async fn $test() {
                    let space = crate::key_store::redis::OfRedis::new();
                    super::$test(crate::key_store::shared::Space::open(&space, crate::key_store::LONG).await).await;
                }
            )*
        }
    };
}
use battery;

/// A lease that is long enough for whatever a test does.
const LONG: Duration = Duration::from_secs(60);

/// The installation that a test is about.
fn here() -> InstallationId {
    Token::new("tok-alpha").installation()
}

fn elsewhere() -> InstallationId {
    Token::new("tok-beta").installation()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn contact(id: &str) -> ContactId {
    id.into()
}

fn external(id: &str) -> ExternalId {
    id.into()
}

fn pair(contact: &str, external: &str) -> Pair {
    let snapshot = Properties::from_iter([("firstname", format!("{contact} and {external}"))]);
    Pair::new(contact.into(), external.into(), snapshot)
}

fn deleted(pair: &Pair, second: i64) -> Write {
    Write::Deleted { contact: pair.contact.clone(), external: pair.external.clone(), at: at(second) }
}

fn intent(half: Half) -> Intent {
    Intent {
        half,
        properties: Properties::from_iter([("firstname", "Ada")]).into(),
        at: Timestamp::UNIX_EPOCH,
    }
}

/// A claim on whatever the writes are about.
async fn claim_for(store: &impl KeyStore, installation: InstallationId, writes: &[Write]) -> Claim {
    let mut subjects: Vec<Subject> = writes
        .iter()
        .flat_map(|write| match write {
            Write::Pair(Pair { contact, external, .. })
            | Write::NewPair(Pair { contact, external, .. })
            | Write::Deleted { contact, external, .. } => {
                vec![contact.clone().into(), external.clone().into()]
            }
            Write::Intent(intent) => vec![intent.half.clone().into()],
            Write::Withdraw(half) | Write::Tombstone { half, .. } => vec![half.clone().into()],
            Write::Put(..) | Write::Remove(..) => Vec::new(),
        })
        .collect();
    subjects.sort();
    subjects.dedup();
    store.claim(installation, &subjects).await.unwrap()
}

async fn write_for(store: &impl KeyStore, installation: InstallationId, writes: Vec<Write>) {
    let claim = claim_for(store, installation, &writes).await;
    store.commit(&claim, writes).await.unwrap();
}

async fn write(store: &impl KeyStore, writes: Vec<Write>) {
    write_for(store, here(), writes).await;
}

async fn by_contact(store: &impl KeyStore, id: &str) -> Known {
    store.look_up(here(), &contact(id).into()).await.unwrap()
}

async fn by_external(store: &impl KeyStore, id: &str) -> Known {
    store.look_up(here(), &external(id).into()).await.unwrap()
}
