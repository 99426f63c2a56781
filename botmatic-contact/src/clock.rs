//! Time, as the engine sees it: given from outside, so that a test can run years in a second.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

/// Where the engine takes the time from.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Returns after a while.
    async fn sleep(&self, duration: Duration);
}

/// The clock of the machine, and tokio's timers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
