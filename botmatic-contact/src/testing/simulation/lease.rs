//! Claims as a store has them that several processes share: one may end while its holder goes on, and stay when its holder is
//! gone.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::fault::Fault;
use super::world::{OUTSIDE, World};
use crate::clock::Clock;
use crate::key_store::Claim;
use crate::mapping::ContactMapping;
use crate::testing::Sample;

/// How long a claim lasts at most that ends early, in milliseconds.
const EARLY: u64 = 80;

/// How long a claim stays whose holder is gone.
const LEFT: Duration = Duration::from_secs(30);

type Held = Arc<Mutex<Option<Arc<Claim>>>>;

/// What the holder of a claim has: the claim on the store itself, as long as it lasts.
pub(super) struct Lease {
    held: Held,
    /// Has the claim stay for a while, if its holder did not give it back.
    leave: Box<dyn Fn(Arc<Claim>) + Send + Sync>,
}

impl Lease {
    pub(super) fn begin<M: ContactMapping + Sample + Clone>(world: &Arc<World<M>>, claim: Claim) -> Self {
        let held: Held = Arc::new(Mutex::new(Some(Arc::new(claim))));
        if world.strikes(Fault::LeaseLost) {
            // Whoever has it next may create somebody whom the first one is creating.
            world.state().has_late_effect = true;
            let (ending, held) = (Arc::clone(world), Arc::clone(&held));
            world.clock.spawn(OUTSIDE, async move {
                ending.passes(EARLY).await;
                if taken(&held).is_some() {
                    ending.note("a claim ends early");
                }
            });
        }
        let world: Weak<World<M>> = Arc::downgrade(world);
        let leave = Box::new(move |claim| {
            let Some(world) = world.upgrade().filter(|world| world.state().is_killing) else { return };
            if world.strikes(Fault::LeaseLeft) {
                let clock = world.clock.clone();
                world.clock.spawn(OUTSIDE, async move {
                    clock.sleep(LEFT).await;
                    drop(claim);
                });
            }
        });
        Self { held, leave }
    }

    /// The claim on the store, unless it has ended.
    pub(super) fn held(&self) -> Option<Arc<Claim>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(claim) = taken(&self.held) {
            (self.leave)(claim);
        }
    }
}

fn taken(held: &Held) -> Option<Arc<Claim>> {
    held.lock().unwrap_or_else(PoisonError::into_inner).take()
}
