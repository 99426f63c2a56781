//! When something goes wrong, and what then becomes of a request.

use std::sync::Arc;
use std::time::Duration;

use super::fault::Fault;
use super::random::Random;
use super::world::{OUTSIDE, World};
use crate::clock::Clock;
use crate::mapping::ContactMapping;
use crate::testing::Sample;

/// How long nobody answers when a request times out.
const TIME_OUT: Duration = Duration::from_secs(10);

/// How long a request is under way at most, in either direction, in milliseconds.
const REQUEST: u64 = 20;

/// How long an answer is under way at most that is slow, in milliseconds.
const SLOW: u64 = 1_000;

/// How long a request is carried out at most after nobody waits for it any more, in milliseconds.
const LATE: u64 = 15_000;

/// What happens to a request that is not answered as it should be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trouble {
    Throttled,
    Failed,
    TimedOut,
}

impl<M: ContactMapping + Sample + Clone> World<M> {
    /// Whether something goes wrong on this occasion. When people have done everything, nothing does any more.
    pub(super) fn strikes(&self, fault: Fault) -> bool {
        let rate = self.rates.of(fault);
        let mut state = self.state();
        if rate == 0 || state.undone == 0 {
            return false;
        }
        state.occasions += 1;
        let occasion = state.occasions;
        let is_allowed = self.allowed.as_ref().is_none_or(|allowed| allowed.contains(&occasion));
        let strikes = is_allowed && Random::of(self.seed, 1000 + occasion).percent(rate);
        if strikes {
            state.struck.insert(occasion, fault);
            state.unsure += u64::from(fault.leaves_unsure());
            drop(state);
            self.note(format_args!("fault: {fault:?}"));
        }
        strikes
    }

    /// The same of a request to create somebody, which may be carried out when nobody waits for it any more.
    pub(super) async fn creation<T: Send + 'static>(
        self: &Arc<Self>,
        effect: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        if !self.strikes(Fault::LateEffect) {
            return self.request(effect).await;
        }
        self.state().has_late_effect = true;
        let world = Arc::clone(self);
        self.clock.spawn(OUTSIDE, async move {
            world.clock.sleep(TIME_OUT).await;
            world.passes(LATE).await;
            effect();
        });
        self.clock.sleep(TIME_OUT).await;
        Err(Trouble::TimedOut)
    }

    /// A request of the integration's: takes a while, and may go wrong.
    pub(super) async fn request<T>(&self, effect: impl FnOnce() -> T) -> Result<T, Trouble> {
        self.passes(REQUEST).await;
        if self.strikes(Fault::Throttled) {
            return Err(Trouble::Throttled);
        }
        if self.strikes(Fault::Unavailable) {
            return Err(Trouble::Failed);
        }
        let answer = effect();
        self.passes(REQUEST).await;
        if self.strikes(Fault::FailedAfterwards) {
            return Err(Trouble::Failed);
        }
        if self.strikes(Fault::SlowAnswer) {
            self.passes(SLOW).await;
        }
        if self.strikes(Fault::TimedOut) {
            self.clock.sleep(TIME_OUT).await;
            return Err(Trouble::TimedOut);
        }
        Ok(answer)
    }
}
