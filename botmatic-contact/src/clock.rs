//! Time, as the engine sees it: given from outside, so that a test can run years in a second.

use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

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

/// A part of the whole that is between one half and all of it, and always the same for a seed: so that not all who wait
/// come back at once, though there is no chance in it.
pub(crate) fn jittered(whole: SignedDuration, seed: &str) -> SignedDuration {
    let byte = Sha256::digest(seed).first().copied().unwrap_or_default();
    whole / 2 + whole / 512 * i32::from(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_between_one_half_and_all_of_it_and_the_same_for_a_seed() {
        let whole = SignedDuration::from_secs(512);
        let parts: Vec<_> = (0..500).map(|seed| jittered(whole, &seed.to_string())).collect();
        assert!(parts.iter().all(|part| *part >= whole / 2 && *part <= whole));
        assert!(
            parts.iter().any(|part| *part < whole * 5 / 8) && parts.iter().any(|part| *part > whole * 7 / 8)
        );
        assert_eq!(jittered(whole, "0"), parts[0]);
    }
}
