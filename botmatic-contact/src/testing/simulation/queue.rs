//! News of either side that wait to be told.

use std::sync::Arc;

use futures_util::FutureExt;

use super::model::Person;
use super::plan::Side;
use super::world::{Event, Key, OUTSIDE, World};
use crate::key_store::Journal;
use crate::mapping::ContactMapping;
use crate::simulator::Simulator;
use crate::testing::Sample;
use crate::token::Token;

/// How many events are told at most, beside some for each thing that people do.
const DELIVERIES: u64 = 100;

/// How many events are told at most for each thing that people do.
const DELIVERIES_PER_EDIT: u64 = 20;

impl<M: ContactMapping + Sample + Clone> World<M> {
    /// Whether nobody is at telling anything about somebody.
    pub(super) fn at_rest(&self, person: Person) -> bool {
        let state = self.state();
        let mut told = state.queues.keys().chain(state.late.keys());
        let is_told = told.any(|key| state.who.get(key) == Some(&person));
        let is_at_rest = !is_told && !state.importing.contains(&person.installation);
        drop(state);
        is_at_rest && !self.have_accepted(Some(person.installation))
    }

    /// Whether something was accepted, of one installation or of any, that is not done yet.
    pub(super) fn have_accepted(&self, installation: Option<usize>) -> bool {
        let of_one = |token: &Token| {
            let accepted = self.store.entries(token.installation(), Journal::Accepted, None, 1);
            !matches!(accepted.now_or_never(), Some(Ok(entries)) if entries.is_empty())
        };
        let tokens = match installation {
            Some(installation) => self.tokens.get(installation..=installation).unwrap_or_default(),
            None => &self.tokens,
        };
        self.is_durable && tokens.iter().any(of_one)
    }

    /// Whether somebody who is changed now can be recognised: whoever is being created, and of whom one may not know
    /// whether they were, is recognised by what was sent.
    pub(super) fn is_recognised(&self, person: Person) -> bool {
        !self.rates.leave_unsure() || self.state().paired.contains(&person)
    }

    /// Whether nobody is at telling anything at all.
    pub(super) fn all_told(&self) -> bool {
        let state = self.state();
        state.queues.is_empty() && state.late.is_empty()
    }

    /// Sends everything that Botmatic has to say.
    pub(super) fn botmatic_tells(self: &Arc<Self>) {
        for event in self.simulators.iter().flat_map(Simulator::take_events) {
            let token = Token::new(event.token);
            let Some(installation) = self.installation(&token) else { continue };
            let id = event.contact.as_str().to_owned();
            let key = Key { installation, side: Side::Botmatic, id };
            let number = {
                let mut state = self.state();
                let calls = state.calls.entry(key.clone()).or_default();
                *calls += 1;
                *calls
            };
            self.tell(key, Event::Call { body: event.body, is_update: event.is_update, number });
        }
    }

    /// Sends what the external service has to say of somebody.
    pub(super) fn external_tells(self: &Arc<Self>, key: Key, is_new: bool) {
        let is_new = is_new && self.tells_creations;
        let was = self.tells_states.then(|| self.entry(key.installation, key.id.parse().ok()?));
        self.tell(key, Event::Changed { is_new, was });
    }

    /// Tells the integration something, after all that was said about the same contact before.
    pub(super) fn tell(self: &Arc<Self>, key: Key, event: Event<M>) {
        let mut state = self.state();
        let queue = state.queues.entry(key.clone()).or_default();
        queue.push_back(event);
        let is_first = queue.len() == 1;
        drop(state);
        if is_first {
            self.clock.spawn(OUTSIDE, Arc::clone(self).tells(key));
        }
    }

    /// The event that is to be told next.
    pub(super) fn next_event(&self, key: &Key) -> Option<Event<M>> {
        self.state().queues.get(key)?.front().cloned()
    }

    /// Whether Botmatic has said nothing of the contact since.
    pub(super) fn is_last(&self, key: &Key, event: &Event<M>) -> bool {
        matches!(event, Event::Call { number, .. } if self.state().calls.get(key) == Some(number))
    }

    /// An event is told beside those that come after it.
    pub(super) fn put_aside(&self, key: &Key) {
        *self.state().late.entry(key.clone()).or_default() += 1;
    }

    /// An event was told beside others.
    pub(super) fn told_late(&self, key: &Key) {
        let mut state = self.state();
        if let Some(late) = state.late.get_mut(key) {
            *late -= 1;
            if *late == 0 {
                state.late.remove(key);
            }
        }
    }

    /// The event was told.
    pub(super) fn told(&self, key: &Key) {
        let mut state = self.state();
        if let Some(queue) = state.queues.get_mut(key) {
            queue.pop_front();
            if queue.is_empty() {
                state.queues.remove(key);
            }
        }
        state.deliveries += 1;
        let is_endless = state.deliveries > DELIVERIES + DELIVERIES_PER_EDIT * state.ledger.edits;
        drop(state);
        if is_endless {
            self.violated("the two sides do not stop writing to each other");
        }
    }
}
