//! Durable acceptance: what was answered with success is done, whatever becomes of the external service and of the
//! process meanwhile. Under virtual time.

mod accepted;
mod killed;
mod moment;
mod retried;
mod set_aside;
mod throttled;
mod together;

use std::sync::Arc;
use std::time::Duration;

use botmatic_contact::key_store::{Entry, Journal, KeyStore, MemoryKeyStore, RedbKeyStore};
use botmatic_contact::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{AddressBook, Parts, Person, TokiosClock, World, WorldBuilder};

/// What outlives a process: both services, the key store, and time.
struct Machine {
    parts: Parts,
    clock: TokiosClock,
    kept: Kept,
    patience: Option<Duration>,
}

/// Where the pairs are.
enum Kept {
    InMemory(Arc<MemoryKeyStore>),
    InFile(TempDir),
}

impl Machine {
    fn new() -> Self {
        Self::keeping(Kept::InMemory(Arc::default()))
    }

    fn with_file() -> Self {
        Self::keeping(Kept::InFile(tempfile::tempdir().unwrap()))
    }

    fn keeping(kept: Kept) -> Self {
        Self { parts: Parts::new(AddressBook::default()), clock: TokiosClock::new(), kept, patience: None }
    }

    fn start(&self) -> World {
        self.start_with(|builder| builder)
    }

    /// The same, where the builder is told more.
    fn start_with(&self, further: impl FnOnce(WorldBuilder) -> WorldBuilder) -> World {
        let store: Arc<dyn KeyStore> = match &self.kept {
            Kept::InMemory(store) => Arc::clone(store) as _,
            Kept::InFile(folder) => Arc::new(RedbKeyStore::open(folder.path().join("pairs.redb")).unwrap()),
        };
        World::built(self.parts.clone(), store, |builder| {
            let builder = further(builder.clock(self.clock.clone()));
            match self.patience {
                Some(patience) => builder.durable_for(patience),
                None => builder.durable(),
            }
        })
    }

    async fn installed(&self) -> World {
        let world = self.start();
        world.install().await;
        world
    }
}

/// The event that a contact is there, or is called otherwise.
async fn tell(world: &World, event: &str, id: u64, name: &str) -> String {
    world.tell(event, json!({ "id": id, "firstname": name })).await
}

/// What is kept in a journal, reminders included.
async fn entries(world: &World, journal: Journal) -> Vec<Entry> {
    world.store.entries(world.token.installation(), journal, None, 10_000).await.unwrap()
}

/// How many events are accepted and not done.
async fn waiting(world: &World) -> usize {
    entries(world, Journal::Accepted).await.iter().filter(|entry| !entry.value.is_empty()).count()
}

/// Waits until nothing of what was accepted is left, not even a reminder. Returns after how long.
async fn all_done(world: &World, within: Duration) -> Duration {
    let begun = tokio::time::Instant::now();
    while !entries(world, Journal::Accepted).await.is_empty() {
        assert!(begun.elapsed() < within, "{} are waiting", waiting(world).await);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    begun.elapsed()
}

fn down() -> ConsumerError {
    ConsumerError::failed("connection refused")
}

/// Has the external service be out of reach.
fn take_down(world: &World) {
    for operation in
        ["create_contact", "get_contact_by_email", "list_contacts", "update_contact", "delete_contact"]
    {
        world.book.fail(operation, down);
    }
}

fn names(world: &World) -> Vec<String> {
    world.book.people().into_iter().map(|Person { first_name, .. }| first_name).collect()
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
