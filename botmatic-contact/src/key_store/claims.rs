//! Claims within one process: for stores that no other process can open at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as Lock, OwnedMutexGuard};

use super::{Claim, Subject};
use crate::token::InstallationId;

type Key = (InstallationId, Subject);
type Locks = HashMap<Key, Arc<Lock<()>>>;

/// Claims among the tasks of one process. Who comes first is served first; a claim ends with its guard, also when the
/// task is cancelled or panics, so there is no lease to run out.
#[derive(Debug, Clone, Default)]
pub struct LocalClaims(Arc<Mutex<Locks>>);

impl LocalClaims {
    /// Waits for each subject in turn. They have to be sorted.
    pub async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Claim {
        let mut held = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let mut place = self.place((installation, subject.clone()));
            let guard = Arc::clone(&place.lock).lock_owned().await;
            place.guard = Some(guard);
            held.push(place);
        }
        Claim::new(installation, subjects, held)
    }

    fn place(&self, key: Key) -> Place {
        let lock = Arc::clone(self.locks().entry(key.clone()).or_default());
        Place { claims: self.clone(), key, lock, guard: None }
    }

    fn locks(&self) -> MutexGuard<'_, Locks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue for one subject; forgets the subject when nobody else stands there.
#[derive(Debug)]
struct Place {
    claims: LocalClaims,
    key: Key,
    lock: Arc<Lock<()>>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.guard = None;
        let mut locks = self.claims.locks();
        // One reference is the table's, one is ours.
        if Arc::strong_count(&self.lock) == 2 {
            locks.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::id::ContactId;
    use crate::token::Token;

    #[tokio::test]
    async fn a_subject_is_claimed_by_one_at_a_time_and_forgotten_afterwards() {
        let claims = LocalClaims::default();
        let installation = Token::new("t").installation();
        let subjects = [ContactId::from("1").into(), Subject::Email("a@b.c".into())];

        let first = claims.claim(installation, &subjects).await;
        let mut second = Box::pin(claims.claim(installation, &subjects[1..]));
        assert!((&mut second).now_or_never().is_none());
        let elsewhere = claims.claim(Token::new("u").installation(), &subjects).now_or_never();
        assert!(elsewhere.is_some(), "installations do not wait for each other");

        drop(first);
        let second = second.now_or_never().expect("free again");
        drop(claims.claim(installation, &subjects[1..]).now_or_never());
        drop((second, elsewhere));
        assert!(claims.locks().is_empty());
    }
}
