//! Claims among several processes: leases in a store that they share.
//!
//! A claim is a *lease* on each of its subjects: an entry of the store with a *fencing number* and an end. While the
//! holder lives the end is moved on; when it is gone, the entry ends by itself. Who was away for too long, and thinks
//! that it still holds the claim, is found out by the number when it commits.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
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
    async fn take(&self, installation: InstallationId, keys: &[LeaseKey], lease: Duration) -> Result<Taking>;

    /// Has them end a whole lease from now. False if one of them is not ours any more.
    async fn renew(&self, keys: &[LeaseKey], fence: Fence, lease: Duration) -> Result<bool>;

    /// Ends those that are still ours, and tells the processes that share the store which.
    async fn release(&self, keys: &[LeaseKey], fence: Fence) -> Result<()>;
}

/// A number that rises with every claim that is granted in a store.
pub(super) type Fence = i64;

/// A number that an installation has until it is removed. It gets another one when somebody claims something of it after
/// that.
pub(super) type Tenancy = i64;

pub(super) enum Taking {
    Granted(Fence, Tenancy),
    /// Somebody holds one of them, at least for so long if it is not released before.
    HeldFor(Duration, Option<Tenancy>),
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
        let mut turn = pin!(self.local.claim(installation, subjects));
        let (turn, tenancy) = match turn.as_mut().now_or_never() {
            Some(turn) => (turn, None),
            None => {
                let tenancy = self.tenancy(installation).await?;
                (turn.await, tenancy)
            }
        };
        let keys = subjects.iter().map(|subject| LeaseKey::new(installation, subject)).collect();
        let keeper =
            Keeper { table: Arc::clone(&self.table), installation, tenancy, keys, lease: self.lease };
        // A task of its own: what the store was asked for is given back though nobody waits for the answer any more.
        let (asked, answer) = oneshot::channel();
        tokio::spawn(keeper.keep(self.releases.0.subscribe(), asked, turn));
        let lease = answer.await.map_err(Error::key_store)??;
        Ok(Claim::new(installation, lease))
    }

    /// Of which tenancy a claim is that is asked for now.
    async fn tenancy(&self, installation: InstallationId) -> Result<Option<Tenancy>> {
        Ok(match self.table.take(installation, &[], self.lease).await? {
            Taking::Granted(_, tenancy) => Some(tenancy),
            Taking::HeldFor(_, tenancy) => tenancy,
        })
    }
}

/// The guard of a claim: which entries it has, with which number.
pub(super) struct Lease {
    pub(super) keys: Arc<[LeaseKey]>,
    pub(super) fence: Fence,
    pub(super) tenancy: Tenancy,
    /// The keeper's part of it is closed when this is dropped.
    _held: oneshot::Sender<()>,
}

impl Lease {
    /// The lease behind a claim that a store with leases granted.
    pub(super) fn of(claim: &Claim) -> Result<&Self> {
        claim.guard().downcast_ref().ok_or_else(|| Error::key_store("the claim is one of another key store"))
    }
}

/// A claim from the side of the task that keeps it.
struct Keeper<T> {
    table: Arc<T>,
    installation: InstallationId,
    /// Of when the claim was asked for, if it could not be granted at once.
    tenancy: Option<Tenancy>,
    keys: Arc<[LeaseKey]>,
    lease: Duration,
}

impl<T: LeaseTable> Keeper<T> {
    /// Takes the claim, keeps it for as long as somebody holds it, and gives it back.
    async fn keep(
        self,
        releases: broadcast::Receiver<Box<str>>,
        mut asked: oneshot::Sender<Result<Lease>>,
        turn: Claim,
    ) {
        let (fence, tenancy) = match self.take(releases, &mut asked).await {
            Ok(Some(taken)) => taken,
            Ok(None) => return,
            Err(error) => {
                // Who does not wait any more need not know.
                let _ = asked.send(Err(error));
                return;
            }
        };
        let (held, holder) = oneshot::channel();
        // If nobody waits any more, the lease is dropped here, and ends at once.
        let _ = asked.send(Ok(Lease { keys: Arc::clone(&self.keys), fence, tenancy, _held: held }));
        let mut given_back = pin!(given_back(holder));
        match select(&mut given_back, pin!(self.renew_until_lost(fence))).await {
            Either::Left(_) => self.release(fence).await,
            Either::Right(_) => {
                tracing::warn!(
                    installation = %self.installation,
                    "a claim ended before the work under it did, which cannot be saved any more"
                );
                // In this process nobody else gets the subjects before their holder is done.
                given_back.await;
            }
        }
        drop(turn);
    }

    /// Waits for one's turn. Nothing if nobody waits for the answer any more.
    async fn take(
        &self,
        mut releases: broadcast::Receiver<Box<str>>,
        asked: &mut oneshot::Sender<Result<Lease>>,
    ) -> Result<Option<(Fence, Tenancy)>> {
        let mut of_first = self.tenancy;
        loop {
            // What is under way is awaited in any case, so that it is known whether the claim is ours.
            let left = match self.table.take(self.installation, &self.keys, self.lease).await? {
                Taking::Granted(fence, tenancy) => return Ok(Some((fence, of_first.unwrap_or(tenancy)))),
                Taking::HeldFor(left, tenancy) => {
                    of_first = of_first.or(tenancy);
                    left
                }
            };
            let (released, pause) = (pin!(self.released(&mut releases)), pin!(sleep(left.min(POLL))));
            let may_be_free = select(released, pause);
            let is_given_up = pin!(asked.closed());
            if let Either::Left(_) = select(is_given_up, may_be_free).await {
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

    /// Keeps the lease from ending, and returns when it has ended all the same.
    async fn renew_until_lost(&self, fence: Fence) {
        let mut pause = self.lease / RENEWALS;
        loop {
            sleep(pause).await;
            pause = match self.table.renew(&self.keys, fence, self.lease).await {
                Ok(true) => self.lease / RENEWALS,
                Ok(false) => return,
                Err(_) => self.lease / RENEWALS / 10,
            };
        }
    }

    async fn release(&self, fence: Fence) {
        if let Err(error) = self.table.release(&self.keys, fence).await {
            let installation = self.installation;
            tracing::warn!(
                %installation, error = %error.outline(), "a claim could not be given back, and ends by itself"
            );
        }
    }
}

/// Returns when the lease is dropped that has the other end of this.
async fn given_back(holder: oneshot::Receiver<()>) {
    // Nothing is ever sent.
    let _ = holder.await;
}

impl<T> fmt::Debug for SharedClaims<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedClaims").field("lease", &self.lease).finish_non_exhaustive()
    }
}
