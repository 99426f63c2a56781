//! Claims within one process: for stores that no other process can open at the same time.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::{Claim, Subject};
use crate::token::InstallationId;

type Key = (InstallationId, Subject);

/// What is claimed, and who waits for it in the order in which they came. There are seldom more than a few.
type Queues = BTreeMap<Key, VecDeque<oneshot::Sender<()>>>;

/// Claims among the tasks of one process. Who comes first is served first; a claim ends with its guard, also when the
/// task is cancelled or panics, so there is no lease to run out.
#[derive(Clone, Default)]
pub struct LocalClaims(Arc<Mutex<Queues>>);

impl fmt::Debug for LocalClaims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LocalClaims").finish_non_exhaustive()
    }
}

impl LocalClaims {
    /// Waits for each subject in turn. They have to be sorted.
    pub async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Claim {
        let mut held = Vec::with_capacity(subjects.len());
        for subject in subjects {
            let mut place = self.place(installation, subject.clone());
            place.turn().await;
            held.push(place);
        }
        Claim::new(installation, held)
    }

    /// Takes a place in the queue for one subject, at once.
    pub(crate) fn place(&self, installation: InstallationId, subject: Subject) -> Place {
        let key = (installation, subject);
        let turn = match self.queues().entry(key.clone()) {
            Entry::Vacant(free) => {
                free.insert(VecDeque::new());
                None
            }
            Entry::Occupied(mut taken) => {
                let (call, turn) = oneshot::channel();
                taken.get_mut().push_back(call);
                Some(turn)
            }
        };
        Place { claims: self.clone(), key, turn }
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue for one subject, or at its head. Whoever drops it leaves the queue.
#[derive(Debug)]
pub(crate) struct Place {
    claims: LocalClaims,
    key: Key,
    /// Tells that it is our turn; nothing once it is.
    turn: Option<oneshot::Receiver<()>>,
}

impl Place {
    /// Waits until it is at the head.
    pub(crate) async fn turn(&mut self) {
        if let Some(turn) = &mut self.turn {
            // Nobody leaves a queue without telling the next.
            let _ = turn.await;
            self.turn = None;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.close();
            // Who was not called yet is passed over from now on; who was has the subject and hands it on.
            if turn.try_recv().is_err() {
                return;
            }
        }
        let mut queues = self.claims.queues();
        while let Some(next) = queues.get_mut(&self.key).and_then(VecDeque::pop_front) {
            if next.send(()).is_ok() {
                return;
            }
        }
        queues.remove(&self.key);
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
        assert!(claims.queues().is_empty());
    }

    #[tokio::test]
    async fn who_gives_up_before_or_after_being_called_keeps_nobody_waiting() {
        let claims = LocalClaims::default();
        let (installation, subjects) = (Token::new("t").installation(), [ContactId::from("1").into()]);
        for called in [false, true] {
            let first = claims.claim(installation, &subjects).await;
            let mut second = Box::pin(claims.claim(installation, &subjects));
            let mut third = Box::pin(claims.claim(installation, &subjects));
            assert!((&mut second).now_or_never().is_none() && (&mut third).now_or_never().is_none());
            if called {
                drop(first);
                drop(second);
            } else {
                drop(second);
                drop(first);
            }
            assert!(third.now_or_never().is_some(), "called: {called}");
            assert!(claims.queues().is_empty());
        }
    }
}
