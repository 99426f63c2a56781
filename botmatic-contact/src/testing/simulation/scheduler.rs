//! Tasks in one thread and time that jumps: which task runs next follows from a seed, and time passes when nobody can
//! run.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{self, Poll, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::task::coop::unconstrained;

use super::random::Random;
use crate::clock::Clock;

/// When every simulation begins.
const START: Timestamp = Timestamp::UNIX_EPOCH;

/// Who ends together: the tasks of one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group(pub(super) u64);

/// The tasks and the time. Clones are the same one; it is the [`Clock`] of what runs on it.
#[derive(Clone)]
pub(super) struct Scheduler(Arc<Shared>);

struct Shared(Mutex<Inner>);

struct Inner {
    random: Random,
    now: Timestamp,
    tasks: BTreeMap<u64, Task>,
    /// Those that can go on, each once.
    ready: Vec<u64>,
    timers: BTreeMap<(Timestamp, u64), Waker>,
    /// The number of the next task or timer.
    next: u64,
    /// With which words a task has panicked.
    panicked: Option<String>,
}

struct Task {
    group: Group,
    /// Absent while it is polled.
    future: Option<BoxFuture<'static, ()>>,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Nobody can go on, and nobody waits for a moment to come.
    Idle,
    /// So many steps were made.
    Limit,
    /// Somebody wanted it.
    Stopped,
    /// A task has panicked.
    Panicked,
}

impl Scheduler {
    pub(super) fn new(random: Random) -> Self {
        let inner = Inner {
            random,
            now: START,
            tasks: BTreeMap::new(),
            ready: Vec::new(),
            timers: BTreeMap::new(),
            next: 0,
            panicked: None,
        };
        Self(Arc::new(Shared(Mutex::new(inner))))
    }

    /// Begins a task of a group.
    pub(super) fn spawn(&self, group: Group, future: impl Future<Output = ()> + Send + 'static) {
        let mut inner = self.0.inner();
        let number = inner.number();
        // Within a runtime of tokio's, whatever is polled for long is told to wait, by which nothing would be the same again.
        let future = Box::pin(unconstrained(future));
        inner.tasks.insert(number, Task { group, future: Some(future) });
        inner.ready.push(number);
    }

    /// Ends all tasks of a group wherever they are.
    pub(super) fn kill(&self, group: Group) {
        let mut inner = self.0.inner();
        let (killed, others) =
            mem::take(&mut inner.tasks).into_iter().partition(|(_, task)| task.group == group);
        inner.tasks = others;
        drop(inner);
        // What they held is given back now, which wakes others.
        drop::<BTreeMap<_, _>>(killed);
    }

    /// Ends all tasks: they hold the scheduler, which holds them.
    pub(super) fn end(&self) {
        let tasks = mem::take(&mut self.0.inner().tasks);
        drop(tasks);
    }

    /// With which words a task has panicked, if one has.
    pub(super) fn panicked(&self) -> Option<String> {
        self.0.inner().panicked.take()
    }

    /// How long it has been running.
    pub(super) fn elapsed(&self) -> Duration {
        self.0.inner().now.duration_since(START).unsigned_abs()
    }

    /// Runs until nobody can go on, or `stop` says so, for at most that many steps.
    pub(super) fn run(&self, steps: u64, stop: impl Fn() -> bool) -> End {
        for _ in 0..steps {
            if stop() {
                return End::Stopped;
            }
            if self.0.inner().panicked.is_some() {
                return End::Panicked;
            }
            if !self.step() && !self.jump() {
                return End::Idle;
            }
        }
        End::Limit
    }

    /// Lets one of those go on who can.
    fn step(&self) -> bool {
        let (number, mut future) = {
            let mut inner = self.0.inner();
            let length = inner.ready.len();
            if length == 0 {
                return false;
            }
            let chosen = inner.random.index(length);
            let number = inner.ready.swap_remove(chosen);
            match inner.tasks.get_mut(&number).and_then(|task| task.future.take()) {
                Some(future) => (number, future),
                None => return true,
            }
        };
        let waker = Waker::from(Arc::new(Call { number, scheduler: Arc::downgrade(&self.0) }));
        let mut context = task::Context::from_waker(&waker);
        // Whoever looks at what a task leaves behind is told that it has panicked.
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut context).is_ready()));
        let mut inner = self.0.inner();
        let done = polled.unwrap_or_else(|panic| {
            inner.panicked.get_or_insert_with(|| words(&*panic));
            true
        });
        if done {
            inner.tasks.remove(&number);
        } else if let Some(task) = inner.tasks.get_mut(&number) {
            task.future = Some(future);
            return true;
        }
        drop(inner);
        drop(future);
        true
    }

    /// Goes on to the next moment for which somebody waits.
    fn jump(&self) -> bool {
        let due = {
            let mut inner = self.0.inner();
            let Some(&(next, _)) = inner.timers.keys().next() else { return false };
            inner.now = next;
            let later = inner.timers.split_off(&(next, u64::MAX));
            mem::replace(&mut inner.timers, later)
        };
        due.into_values().for_each(Waker::wake);
        true
    }
}

#[async_trait]
impl Clock for Scheduler {
    fn now(&self) -> Timestamp {
        self.0.inner().now
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now().saturating_add(duration).unwrap_or(Timestamp::MAX);
        Sleep { scheduler: Arc::clone(&self.0), until, timer: None }.await;
    }
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

impl fmt::Debug for Scheduler {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Scheduler").finish_non_exhaustive()
    }
}

/// What a panic says.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without words".to_owned())
}

/// Says that a task can go on.
struct Call {
    number: u64,
    scheduler: Weak<Shared>,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        let Some(scheduler) = self.scheduler.upgrade() else { return };
        let mut inner = scheduler.inner();
        if inner.tasks.contains_key(&self.number) && !inner.ready.contains(&self.number) {
            inner.ready.push(self.number);
        }
    }
}

/// Waits for a moment. A timer that nobody waits for any more is gone.
struct Sleep {
    scheduler: Arc<Shared>,
    until: Timestamp,
    timer: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<()> {
        let scheduler = Arc::clone(&self.scheduler);
        let mut inner = scheduler.inner();
        if inner.now >= self.until {
            return Poll::Ready(());
        }
        let number = *self.timer.get_or_insert_with(|| inner.number());
        inner.timers.insert((self.until, number), context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(number) = self.timer {
            self.scheduler.inner().timers.remove(&(self.until, number));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What three tasks that sleep write down.
    fn order(seed: u64) -> Vec<(u64, Duration)> {
        let scheduler = Scheduler::new(Random::of(seed, 0));
        let seen = Arc::new(Mutex::new(Vec::new()));
        for task in 0..3 {
            let (clock, seen) = (scheduler.clone(), Arc::clone(&seen));
            scheduler.spawn(Group(task), async move {
                for hours in 1..4 {
                    clock.sleep(Duration::from_secs(3600 * hours)).await;
                    seen.lock().unwrap().push((task, clock.elapsed()));
                }
            });
        }
        assert_eq!(scheduler.run(1000, || false), End::Idle);
        drop(scheduler);
        Arc::into_inner(seen).unwrap().into_inner().unwrap()
    }

    #[test]
    fn the_order_follows_from_the_seed_and_time_is_the_same_for_all() {
        let seeds: Vec<_> = (0..20).map(order).collect();
        assert_eq!(seeds, (0..20).map(order).collect::<Vec<_>>());
        assert!(seeds.iter().any(|other| *other != seeds[0]));
        for order in seeds {
            let moments: Vec<_> = order.iter().map(|(_, moment)| moment.as_secs() / 3600).collect();
            assert_eq!(moments, [1, 1, 1, 3, 3, 3, 6, 6, 6]);
        }
    }

    #[test]
    fn who_is_killed_lets_go_of_what_it_held() {
        let scheduler = Scheduler::new(Random::of(1, 0));
        let held = Arc::new(());
        for group in [Group(1), Group(2)] {
            let (clock, held) = (scheduler.clone(), Arc::clone(&held));
            scheduler.spawn(group, async move {
                clock.sleep(Duration::from_secs(1)).await;
                drop(held);
            });
        }
        scheduler.run(3, || false);
        scheduler.kill(Group(1));
        assert_eq!(Arc::strong_count(&held), 2);
        assert_eq!(scheduler.run(1000, || false), End::Idle);
        assert_eq!(Arc::strong_count(&held), 1);
    }

    #[test]
    fn a_timer_that_nobody_waits_for_takes_no_time() {
        let scheduler = Scheduler::new(Random::of(1, 0));
        let clock = scheduler.clone();
        scheduler.spawn(Group(0), async move {
            let hour = clock.sleep(Duration::from_secs(3600));
            let second = clock.sleep(Duration::from_secs(1));
            futures_util::future::select(hour, second).await;
        });
        assert_eq!(scheduler.run(1000, || false), End::Idle);
        assert_eq!(scheduler.elapsed(), Duration::from_secs(1));
    }
}
