//! Events on their way: those of one contact in order, those of several contacts at once, each until it is answered.

use std::collections::HashSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::Simulator;
use super::state::{Queued, State};
use crate::id::ContactId;
use crate::token::Token;
use crate::wire::webhook as wire;

/// How many events are under way at once.
const AT_ONCE: usize = 8;

/// The first pause before an event is delivered again; each further one is twice as long, up to the longest.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

impl Simulator {
    /// Delivers events until `end` comes to an end. Those that are under way then are delivered again the next time.
    pub async fn deliver(&self, end: impl Future<Output = ()>) {
        let mut end = pin!(end);
        let mut queued = self.shared.undelivered.subscribe();
        let mut busy = HashSet::new();
        let mut under_way = FuturesUnordered::new();
        loop {
            queued.mark_unchanged();
            for (number, event) in self.deliverable(&mut busy) {
                under_way.push(self.deliver_one(number, event));
            }
            tokio::select! {
                () = &mut end => return,
                Some(contact) = under_way.next() => { busy.remove(&contact); }
                Ok(()) = queued.changed() => {}
            }
        }
    }

    /// The events that can be delivered now: the oldest of each contact that has none under way.
    fn deliverable(&self, busy: &mut HashSet<(String, ContactId)>) -> Vec<(u64, Queued)> {
        let inner = self.inner();
        let mut found = Vec::new();
        for (number, queued) in inner.state.queue() {
            if busy.len() == AT_ONCE {
                break;
            }
            let connected = inner.endpoints.contains_key(&queued.token);
            if connected && busy.insert((queued.token.clone(), queued.contact.clone())) {
                found.push((number, queued.clone()));
            }
        }
        found
    }

    /// Delivers one event, however often it takes.
    async fn deliver_one(&self, number: u64, queued: Queued) -> (String, ContactId) {
        let token = Token::new(queued.token.as_str());
        let mut pause = PAUSE;
        loop {
            let endpoint = self.inner().endpoints.get(&queued.token).map(Arc::clone);
            let body = wire::call(false, &queued.event, &queued.data);
            let answered = match endpoint {
                Some(endpoint) => endpoint.deliver(&token, body).await.is_ok(),
                None => false,
            };
            let withdrawn = !self.inner().state.queue().any(|(waiting, _)| waiting == number);
            if withdrawn || (answered && self.transact(|_| State::delivered(number)).is_ok()) {
                return (queued.token, queued.contact);
            }
            tokio::time::sleep(pause).await;
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }
}
