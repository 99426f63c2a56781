//! When a call is worked on: what arrives first about a contact comes first, and only so much at once.
//!
//! A call takes its places when it arrives, before anything is awaited, so that neither the authorizer nor the key store
//! has a say in who is first. It keeps them until it is answered, and leaves them when it is cancelled. An event that is
//! accepted before it is worked on lets the next one about its contact pass as soon as it stands in line in the store.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, FutureExt, select};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::clock::Clock;
use crate::error::{Error, Kind, Result};
use crate::key_store::{Half, LocalClaims, Place};
use crate::token::InstallationId;

/// How long one waits for others who work on the same contact, or until fewer are at work.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many calls of a kind are worked on at once unless the builder says otherwise.
const CONCURRENCY: usize = 256;

/// How many more of a kind may be there.
const BACKLOG: usize = 1024;

/// How much is done at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) concurrency: usize,
    pub(crate) backlog: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: CONCURRENCY, backlog: BACKLOG }
    }
}

/// The calls of a service that are under way.
#[derive(Debug)]
pub(crate) struct Order {
    contacts: LocalClaims,
    /// What Botmatic tells of contacts.
    syncs: Room,
    /// Whatever else it calls for: a bot that asks does not wait for a sync.
    others: Room,
}

/// Room for a number of calls, of which some are at work.
#[derive(Debug)]
struct Room {
    there: Semaphore,
    at_work: Arc<Semaphore>,
}

impl Order {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { contacts: LocalClaims::default(), syncs: Room::new(limits), others: Room::new(limits) }
    }

    /// A contact event arrives; of one that cannot be read it is not known whom it is about. Nothing if there is no room.
    pub(crate) fn sync(&self, installation: InstallationId, about: Option<Half>) -> Option<Arrival<'_>> {
        self.syncs.enter(about.map(|half| self.place(installation, half)))
    }

    /// Any other call arrives.
    pub(crate) fn other(&self) -> Option<Arrival<'_>> {
        self.others.enter(None)
    }

    /// The handle is told of a contact. However many those are is up to whoever calls.
    pub(crate) fn place(&self, installation: InstallationId, about: Half) -> Place {
        self.contacts.place(installation, about.into())
    }
}

impl Room {
    fn new(Limits { concurrency, backlog }: Limits) -> Self {
        let semaphore = |permits: usize| Semaphore::new(permits.min(Semaphore::MAX_PERMITS));
        Self {
            there: semaphore(concurrency.saturating_add(backlog)),
            at_work: Arc::new(semaphore(concurrency)),
        }
    }

    fn enter(&self, place: Option<Place>) -> Option<Arrival<'_>> {
        let there = self.there.try_acquire().ok()?;
        Some(Arrival { at_work: &self.at_work, place, there })
    }
}

/// A call that is there.
pub(crate) struct Arrival<'a> {
    at_work: &'a Arc<Semaphore>,
    place: Option<Place>,
    there: SemaphorePermit<'a>,
}

impl<'a> Arrival<'a> {
    /// Waits until it is this call's turn: until what came before it about the same contact is answered, and there is
    /// room among those at work.
    ///
    /// # Errors
    /// When that takes too long.
    pub(crate) async fn turn(self, clock: &dyn Clock) -> Result<Turn<'a>> {
        let Self { at_work, mut place, there } = self;
        let turn = async {
            if let Some(place) = &mut place {
                place.turn().await;
            }
            // Nobody closes it.
            at_work.acquire().await.ok()
        };
        let at_work = patiently(clock, pin!(turn)).await?;
        Ok(Turn { _at_work: at_work, _place: place, _there: there })
    }

    /// Waits until what came before this call about the same contact lets it pass.
    ///
    /// # Errors
    /// When that takes too long.
    pub(crate) async fn at_contact(&mut self, clock: &dyn Clock) -> Result<()> {
        match &mut self.place {
            Some(place) => patiently(clock, pin!(place.turn())).await,
            None => Ok(()),
        }
    }

    /// Lets the next call about the same contact pass, while this one is still there.
    pub(crate) fn lets_pass(&mut self) {
        self.place = None;
    }

    /// Waits for room among those at work, which is taken until this is dropped.
    pub(crate) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(self.at_work).acquire_owned().await.ok()
    }
}

/// The right to work, until it is dropped.
pub(crate) struct Turn<'a> {
    _at_work: Option<SemaphorePermit<'a>>,
    _place: Option<Place>,
    _there: SemaphorePermit<'a>,
}

/// Waits for others, but not for ever.
pub(crate) async fn patiently<T>(clock: &dyn Clock, mut turn: impl Future<Output = T> + Unpin) -> Result<T> {
    // Most of the time nobody is in the way.
    if let Some(done) = (&mut turn).now_or_never() {
        return Ok(done);
    }
    match select(turn, clock.sleep(PATIENCE)).await {
        Either::Left((done, _)) => Ok(done),
        Either::Right(((), _)) => Err(Error::new(
            Kind::Busy,
            format!("somebody has been working on the same contact for {} s; try again", PATIENCE.as_secs()),
        )),
    }
}
