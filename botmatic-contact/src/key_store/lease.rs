//! Claims among several processes: leases in a store that they share.
//!
//! A claim is a *lease* on each of its subjects: an entry of the store with a *fencing number* and an end. While the
//! holder lives the end is moved on; when it is gone, the entry ends by itself. Who was away for too long, and thinks
//! that it still holds the claim, is found out by the number when it commits.

use std::convert::Infallible;
use std::fmt;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{Either, select};
use sha2::{Digest, Sha256};
use tokio::sync::{broadcast, oneshot};
use tokio::time::sleep;

use super::{Claim, Half, LocalClaims, Subject};
use crate::error::{Error, Result};
use crate::token::InstallationId;

/// How long a lease lasts if nobody says otherwise.
pub(super) const LEASE: Duration = Duration::from_secs(30);

/// A lease is renewed when this part of it is over; if that fails, it is tried again after a tenth of this.
const RENEWALS: u32 = 3;

/// Who waits is woken, but messages may be lost: so it looks as often as this.
const POLL: Duration = Duration::from_secs(1);

/// How many messages a waiting claim may be behind before it looks without having read them.
const BACKLOG: usize = 1024;

/// The entries of leases in a store.
#[async_trait]
pub(super) trait LeaseTable: Send + Sync + 'static {
    /// Takes all of these or none.
    async fn take(&self, keys: &[LeaseKey], lease: Duration) -> Result<Taking>;

    /// Has them end a whole lease from now. False if one of them is not ours any more.
    async fn renew(&self, keys: &[LeaseKey], fence: Fence, lease: Duration) -> Result<bool>;

    /// Ends those that are still ours, and tells the processes that share the store which.
    async fn release(&self, keys: &[LeaseKey], fence: Fence) -> Result<()>;
}

/// A number that rises with every claim that is granted in a store.
pub(super) type Fence = i64;

pub(super) enum Taking {
    Granted(Fence),
    /// Somebody holds one of them, at least for so long if it is not released before.
    HeldFor(Duration),
}

/// The name of a subject in a store: of fixed length, without special characters, and not personal.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct LeaseKey(String);

impl LeaseKey {
    fn new(installation: InstallationId, subject: &Subject) -> Self {
        let (kind, text) = match subject {
            Subject::Half(Half::Contact(id)) => ('c', id.as_str()),
            Subject::Half(Half::External(id)) => ('e', id.as_str()),
            Subject::Email(address) => ('m', address.as_str()),
            Subject::Work(name) => ('w', &**name),
        };
        let digest = Sha256::digest(format!("{kind}{text}"));
        let short: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{installation}:{short}"))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who hears of leases that were released, in this process or another.
#[derive(Clone)]
pub(super) struct Releases(broadcast::Sender<Box<str>>);

impl Releases {
    pub(super) fn new() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }

    /// Says that the lease of this key was released.
    pub(super) fn say(&self, key: &str) {
        // It is of no interest if nobody waits.
        let _ = self.0.send(key.into());
    }
}

/// Claims in a store that several processes share. Within this process they wait in a queue, so only one claim of it
/// asks the store for a subject.
pub(super) struct SharedClaims<T> {
    table: Arc<T>,
    releases: Releases,
    local: LocalClaims,
    lease: Duration,
}

impl<T: LeaseTable> SharedClaims<T> {
    pub(super) fn new(table: Arc<T>, releases: Releases, lease: Duration) -> Self {
        Self { table, releases, local: LocalClaims::default(), lease }
    }

    pub(super) async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        let local = self.local.claim(installation, subjects).await;
        let keys = subjects.iter().map(|subject| LeaseKey::new(installation, subject)).collect();
        let held = Held { table: Arc::clone(&self.table), keys, lease: self.lease };
        // A task of its own: what the store was asked for is given back though nobody waits for the answer any more.
        let (asked, answer) = oneshot::channel();
        tokio::spawn(held.hold(self.releases.0.subscribe(), asked, local));
        let lease = answer.await.map_err(Error::key_store)??;
        Ok(Claim::new(installation, lease))
    }
}

/// The guard of a claim: which entries it has, with which number.
pub(super) struct Lease {
    pub(super) keys: Arc<[LeaseKey]>,
    pub(super) fence: Fence,
    /// Tells the task that renews the lease when this is dropped.
    _holder: oneshot::Sender<Infallible>,
}

impl Lease {
    /// The lease behind a claim that a store with leases granted.
    pub(super) fn of(claim: &Claim) -> Result<&Self> {
        claim.guard().downcast_ref().ok_or_else(|| Error::key_store("the claim is one of another key store"))
    }
}

/// A claim from the side of the task that holds it.
struct Held<T> {
    table: Arc<T>,
    keys: Arc<[LeaseKey]>,
    lease: Duration,
}

impl<T: LeaseTable> Held<T> {
    /// Takes the claim, keeps it for as long as its holder does, and gives it back.
    async fn hold(
        self,
        releases: broadcast::Receiver<Box<str>>,
        mut asked: oneshot::Sender<Result<Lease>>,
        local: Claim,
    ) {
        let fence = match self.take(releases, &mut asked).await {
            Ok(Some(fence)) => fence,
            Ok(None) => return,
            Err(error) => {
                // Who does not wait any more need not know.
                let _ = asked.send(Err(error));
                return;
            }
        };
        let (holder, mut ended) = oneshot::channel();
        // If nobody waits any more, the lease is dropped here, and ends at once.
        let _ = asked.send(Ok(Lease { keys: Arc::clone(&self.keys), fence, _holder: holder }));
        select(&mut ended, pin!(self.renew(fence))).await;
        if let Err(error) = self.table.release(&self.keys, fence).await {
            tracing::warn!(error = %error.outline(), "a claim could not be given back, and ends by itself");
        }
        drop(local);
    }

    /// Waits for one's turn. Nothing if nobody waits for the answer any more.
    async fn take(
        &self,
        mut releases: broadcast::Receiver<Box<str>>,
        asked: &mut oneshot::Sender<Result<Lease>>,
    ) -> Result<Option<Fence>> {
        loop {
            // What is under way is awaited in any case, so that it is known whether the claim is ours.
            let left = match self.table.take(&self.keys, self.lease).await? {
                Taking::Granted(fence) => return Ok(Some(fence)),
                Taking::HeldFor(left) => left,
            };
            let (released, pause) = (pin!(self.released(&mut releases)), pin!(sleep(left.min(POLL))));
            if let Either::Left(_) = select(pin!(asked.closed()), select(released, pause)).await {
                return Ok(None);
            }
        }
    }

    /// Returns when one of these may be free.
    async fn released(&self, releases: &mut broadcast::Receiver<Box<str>>) {
        while let Ok(key) = releases.recv().await {
            if self.keys.iter().any(|ours| *ours.0 == *key) {
                return;
            }
        }
    }

    /// Keeps the lease from ending. If it has ended all the same, that is found out at commit; in this process the
    /// subjects stay claimed.
    async fn renew(&self, fence: Fence) -> Infallible {
        let mut pause = self.lease / RENEWALS;
        loop {
            sleep(pause).await;
            pause = match self.table.renew(&self.keys, fence, self.lease).await {
                Ok(true) => self.lease / RENEWALS,
                Ok(false) => pending().await,
                Err(_) => self.lease / RENEWALS / 10,
            };
        }
    }
}

impl<T> fmt::Debug for SharedClaims<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedClaims").field("lease", &self.lease).finish_non_exhaustive()
    }
}
