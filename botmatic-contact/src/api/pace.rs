//! When the requests of an installation may leave: not before Botmatic's `Retry-After` is over, and not faster than the
//! rate that was chosen. Each installation has a pace of its own.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use tokio::time::{Instant, sleep_until};

use crate::token::InstallationId;

/// The longest pause that is believed. After it Botmatic is asked again, and may ask for another.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// Those who waited for the end of a pause leave one after the other, so far apart: if it was too short, the first of
/// them finds out, and the others go on waiting.
const SPACING: Duration = Duration::from_millis(10);

/// After so many requests the installations that are at rest are forgotten.
const TIDYING: u32 = 1024;

/// When requests may leave.
pub(super) struct Pace {
    pauses: Mutex<HashMap<InstallationId, Pause>>,
    rate: Option<Rate>,
}

struct Pause {
    end: Instant,
    /// How many wait for it.
    waiting: u32,
}

struct Rate {
    limiter: Limiter,
    clock: Uptime,
    requests: AtomicU32,
}

type Limiter =
    RateLimiter<InstallationId, HashMapStateStore<InstallationId>, Uptime, NoOpMiddleware<Duration>>;

/// Tokio's clock, so that the pace is kept in virtual time too.
#[derive(Clone)]
struct Uptime(Instant);

impl Clock for Uptime {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Pace {
    /// At most so many requests per second, and so many at once after a rest; or as many as there are.
    pub(super) fn new(rate: Option<(NonZeroU32, NonZeroU32)>) -> Self {
        let rate = rate.map(|(per_second, burst)| {
            let clock = Uptime(Instant::now());
            let quota = Quota::per_second(per_second).allow_burst(burst);
            let limiter = RateLimiter::hashmap_with_clock(quota, clock.clone());
            Rate { limiter, clock, requests: AtomicU32::new(0) }
        });
        Self { pauses: Mutex::default(), rate }
    }

    /// Waits until a request of the installation may leave, if that is before the deadline; else says at once how long
    /// it would have to wait.
    pub(super) async fn turn(&self, installation: InstallationId, deadline: Instant) -> Result<(), Duration> {
        while let Some(turn) = self.held_until(installation, deadline) {
            if turn > deadline {
                return Err(turn.duration_since(Instant::now()));
            }
            sleep_until(turn).await;
        }
        Ok(())
    }

    /// No request of the installation leaves for so long.
    pub(super) fn pause(&self, installation: InstallationId, pause: Duration) {
        let now = Instant::now();
        let end = now + pause.min(LONGEST_PAUSE);
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        pauses.retain(|_, pause| pause.end > now);
        let known = pauses.entry(installation).or_insert(Pause { end, waiting: 0 });
        if known.end < end {
            *known = Pause { end, waiting: 0 };
        }
    }

    /// When to ask again; `None` lets a request leave.
    fn held_until(&self, installation: InstallationId, deadline: Instant) -> Option<Instant> {
        let now = Instant::now();
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pause) = pauses.get_mut(&installation).filter(|pause| pause.end > now) {
            let turn = pause.end + SPACING * pause.waiting;
            if turn <= deadline {
                pause.waiting += 1;
            }
            return Some(turn);
        }
        drop(pauses);
        self.rate.as_ref()?.held_for(installation).map(|wait| now + wait)
    }
}

impl Rate {
    fn held_for(&self, installation: InstallationId) -> Option<Duration> {
        if self.requests.fetch_add(1, Ordering::Relaxed) % TIDYING == TIDYING - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        let held = self.limiter.check_key(&installation).err()?;
        Some(held.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::time::{advance, pause};

    use super::*;
    use crate::token::Token;

    const SECOND: Duration = Duration::from_secs(1);

    fn installation(name: &str) -> InstallationId {
        Token::new(name).installation()
    }

    fn rate(per_second: u32, burst: u32) -> Pace {
        Pace::new(NonZeroU32::new(per_second).zip(NonZeroU32::new(burst)))
    }

    async fn turn(pace: &Pace, name: &str) -> Result<Duration, Duration> {
        let start = Instant::now();
        pace.turn(installation(name), start + 60 * SECOND).await.map(|()| start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_leaves_one_after_the_other_once_the_pause_is_over() {
        let pace = Pace::new(None);
        pace.pause(installation("a"), 2 * SECOND);
        let turns = join_all((0..3).map(|_| turn(&pace, "a"))).await;
        assert_eq!(turns, [0, 1, 2].map(|place| Ok(2 * SECOND + SPACING * place)));
        assert_eq!(turn(&pace, "a").await, Ok(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_grows_meanwhile_is_waited_for_to_its_end() {
        let pace = Pace::new(None);
        pace.pause(installation("a"), SECOND);
        let growing = async {
            tokio::time::sleep(SECOND / 2).await;
            pace.pause(installation("a"), 2 * SECOND);
            // A shorter one takes nothing back.
            pace.pause(installation("a"), Duration::ZERO);
        };
        let (waited, ()) = tokio::join!(turn(&pace, "a"), growing);
        assert_eq!(waited, Ok(5 * SECOND / 2));
    }

    #[tokio::test(start_paused = true)]
    async fn who_cannot_wait_so_long_hears_it_at_once_and_takes_nobodys_place() {
        let pace = Pace::new(None);
        pace.pause(installation("a"), 61 * SECOND);
        for _ in 0..3 {
            assert_eq!(turn(&pace, "a").await, Err(61 * SECOND));
        }
        assert_eq!(turn(&pace, "b").await, Ok(Duration::ZERO));
        advance(SECOND).await;
        assert_eq!(turn(&pace, "a").await, Ok(60 * SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_believed_to_want_a_pause_without_end() {
        let pace = Pace::new(None);
        pace.pause(installation("a"), Duration::MAX);
        advance(LONGEST_PAUSE).await;
        assert_eq!(turn(&pace, "a").await, Ok(Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn each_installation_has_the_rate_for_itself() {
        let pace = rate(10, 3);
        let turns = join_all((0..5).map(|_| turn(&pace, "a"))).await;
        let waits = [0, 0, 0, 100, 200].map(|millis| Ok(Duration::from_millis(millis)));
        assert_eq!(turns, waits);
        assert_eq!(join_all((0..3).map(|_| turn(&pace, "b"))).await, waits[..3]);

        // After a pause the rate still counts.
        pace.pause(installation("a"), SECOND);
        let turns = join_all((0..5).map(|_| turn(&pace, "a"))).await;
        assert!(turns.iter().all(|turn| turn.is_ok_and(|waited| waited >= SECOND)), "{turns:?}");
        assert!(turns[4].is_ok_and(|waited| waited >= SECOND + Duration::from_millis(200)), "{turns:?}");
    }

    #[tokio::test]
    async fn installations_at_rest_are_forgotten() {
        pause();
        let pace = rate(1000, 1);
        for number in 0..20 * TIDYING {
            advance(Duration::from_millis(2)).await;
            let name = number.to_string();
            assert_eq!(turn(&pace, &name).await, Ok(Duration::ZERO));
            pace.pause(installation(&name), Duration::from_millis(1));
        }
        assert!(pace.rate.as_ref().unwrap().limiter.len() <= TIDYING as usize);
        assert!(pace.pauses.lock().unwrap().len() <= 1);
    }
}
