//! A clock that goes with tokio's, so that a test can stop it.

use std::time::Duration;

use async_trait::async_trait;
use botmatic_contact::Clock;
use jiff::Timestamp;
use tokio::time::Instant;

/// Clones tell the same time.
#[derive(Debug, Clone)]
pub(crate) struct TokiosClock(Instant, Duration);

impl TokiosClock {
    pub(crate) fn new() -> Self {
        Self(Instant::now(), Duration::ZERO)
    }
}

impl TokiosClock {
    /// The same clock, but that it is fast.
    pub(crate) fn fast_by(&self, ahead: Duration) -> Self {
        Self(self.0, ahead)
    }
}

#[async_trait]
impl Clock for TokiosClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap() + self.0.elapsed() + self.1
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
