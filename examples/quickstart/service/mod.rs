//! The external service: people in one file, served over REST, with a webhook that hears of every change.
//!
//! It stands for whatever a company keeps its people in, and knows nothing of Botmatic. A change and the word about it
//! are one transaction, so a process that is killed loses neither.

mod rest;
mod store;
#[cfg(test)]
mod tests;
mod webhook;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::store::Store;
use crate::person::Person;

/// Whatever went wrong below.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The service. Clones are handles to the same one.
#[derive(Debug, Clone)]
pub(crate) struct AddressBook {
    store: Arc<Store>,
    tally: Arc<Tally>,
}

/// How many requests of each kind there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Lists and single people asked for.
    pub(crate) reads: u64,
    /// People to be created.
    pub(crate) creates: u64,
    /// People to be changed, whether that changed anything or not.
    pub(crate) updates: u64,
    /// People to be deleted.
    pub(crate) deletes: u64,
    /// Calls to the webhook, repeated ones included.
    pub(crate) webhooks: u64,
}

/// The same, while it is being counted.
#[derive(Debug, Default)]
struct Tally {
    reads: AtomicU64,
    creates: AtomicU64,
    updates: AtomicU64,
    deletes: AtomicU64,
    webhooks: AtomicU64,
}

impl AddressBook {
    /// Opens the file, or makes it. One process at a time has it open.
    pub(crate) async fn open(path: impl AsRef<Path>) -> Result<Self, BoxError> {
        let path = path.as_ref().to_owned();
        let store = tokio::task::spawn_blocking(move || Store::open(&path)).await??;
        Ok(Self {
            store: Arc::new(store),
            tally: Arc::default(),
        })
    }

    /// Lays in the initial stock and returns how many people that added. Who is here, or was and has been deleted, is
    /// left as is; the webhook hears nothing.
    pub(crate) async fn load(&self, people: Vec<Person>) -> Result<usize, BoxError> {
        self.blocking(move |store| store.load(&people)).await
    }

    /// The routes, for a server of your own. They keep word of every change; only [`serve`](Self::serve) sends it.
    pub(crate) fn router(&self) -> Router {
        rest::router(self.clone())
    }

    /// Serves, and tells the webhook of changes, until `shutdown` comes to an end and what is in flight is answered.
    /// What the webhook has not heard by then, it hears next time.
    pub(crate) async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), BoxError> {
        let stop = CancellationToken::new();
        let serving = async {
            let _stop_at_the_end = stop.clone().drop_guard();
            axum::serve(listener, self.router())
                .with_graceful_shutdown(shutdown)
                .await
                .map_err(BoxError::from)
        };
        tokio::try_join!(serving, webhook::deliver(self, &stop))?;
        Ok(())
    }

    /// Waits until the webhook has heard of every change.
    pub(crate) async fn settled(&self) -> Result<(), BoxError> {
        let mut changes = self.store.changes();
        while !self.blocking(Store::nothing_to_tell).await? {
            changes.changed().await?;
        }
        Ok(())
    }

    /// Everybody, in the order of their ids.
    pub(crate) async fn people(&self) -> Result<Vec<Person>, BoxError> {
        self.blocking(|store| store.list(0, usize::MAX)).await
    }

    /// One person, if there is one of that id.
    pub(crate) async fn person(&self, id: impl Into<String>) -> Result<Option<Person>, BoxError> {
        let id = id.into();
        self.blocking(move |store| store.person(&id)).await
    }

    /// What was asked of this process so far.
    pub(crate) fn requests(&self) -> Counts {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            reads: count(&self.tally.reads),
            creates: count(&self.tally.creates),
            updates: count(&self.tally.updates),
            deletes: count(&self.tally.deletes),
            webhooks: count(&self.tally.webhooks),
        }
    }

    /// Runs what may wait for the disk where waiting is allowed. It runs to its end, whoever stops waiting for it.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, BoxError> + Send + 'static,
    ) -> Result<T, BoxError> {
        let store = Arc::clone(&self.store);
        tokio::task::spawn_blocking(move || work(&store)).await?
    }
}

impl Tally {
    fn one_more(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
