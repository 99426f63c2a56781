//! Everything that there is in a simulation, and everything that has happened.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::crm::Crm;
use super::fault::{Fault, Rates};
use super::ledger::Ledger;
use super::model::{Model, Person};
use super::plan::{Plan, Side, What};
use super::random::Random;
use super::scheduler::{Group, Scheduler};
use crate::clock::Clock;
use crate::contact::{Properties, Value};
use crate::id::ContactId;
use crate::integration::Service;
use crate::key_store::{KeyStore, Pair};
use crate::mapping::{ContactMapping, ContactPatch};
use crate::simulator::Simulator;
use crate::testing::Sample;
use crate::token::{InstallationId, Token};

/// Those who are no process of the integration: users, and whoever delivers events.
pub(super) const OUTSIDE: Group = Group(0);

/// How many events are told at most, beside some for each thing that people do.
const DELIVERIES: u64 = 100;

/// How many events are told at most for each thing that people do.
const DELIVERIES_PER_EDIT: u64 = 20;

/// How long nobody answers when a request times out.
const TIME_OUT: Duration = Duration::from_secs(10);

/// What happens to a request that is not answered as it should be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Trouble {
    Throttled,
    Failed,
    TimedOut,
}

/// Somebody on one side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) installation: usize,
    pub(super) side: Side,
    pub(super) id: String,
}

/// What is told to the integration.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// Botmatic's call.
    Call(Vec<u8>),
    /// The external service says that something changed; what it is now is read when it is told.
    Changed,
}

/// How long a request is under way at most, in either direction, in milliseconds.
const REQUEST: u64 = 20;

/// The tasks of a process.
pub(super) const fn group(process: usize) -> Group {
    Group(1 + process as u64)
}

pub(super) struct World<M> {
    pub(super) model: Model<M>,
    pub(super) clock: Scheduler,
    pub(super) simulator: Simulator,
    pub(super) tokens: Vec<Token>,
    pub(super) store: Arc<dyn KeyStore>,
    tidies: bool,
    seed: u64,
    rates: Rates,
    allowed: Option<BTreeSet<u64>>,
    state: Mutex<State<M>>,
}

pub(super) struct State<M> {
    random: Random,
    /// The contacts of the external service, and the highest number that was given.
    pub(super) books: Vec<BTreeMap<u64, M>>,
    pub(super) last_number: u64,
    who: BTreeMap<Key, Person>,
    /// What is to be told about whom. While there is an entry, somebody is at telling it.
    queues: BTreeMap<Key, VecDeque<Event>>,
    /// How many events are told beside those that came after them.
    late: BTreeMap<Key, usize>,
    pub(super) importing: BTreeSet<usize>,
    deliveries: u64,
    /// The processes by their numbers; nothing where one has ended.
    pub(super) processes: Vec<Option<Service<Crm<M>>>>,
    pub(super) ledger: Ledger,
    /// What the integration wrote on either side.
    pub(super) writes: u64,
    /// What people have not done yet.
    pub(super) undone: usize,
    /// How many occasions there were for something to go wrong, and those on which it did.
    occasions: u64,
    pub(super) struck: BTreeSet<u64>,
    pub(super) history: Vec<String>,
    pub(super) violation: Option<String>,
}

impl<M: ContactMapping + Sample + Clone> World<M> {
    pub(super) fn new(plan: &Plan, model: Model<M>, rates: Rates, store: Arc<dyn KeyStore>) -> Arc<Self> {
        let simulator = Simulator::new();
        let tokens: Vec<_> =
            (0..plan.installations).map(|number| Token::new(format!("installation {number}"))).collect();
        let state = State {
            random: Random::of(plan.seed, 2),
            books: tokens.iter().map(|_| BTreeMap::new()).collect(),
            last_number: 0,
            who: BTreeMap::new(),
            queues: BTreeMap::new(),
            late: BTreeMap::new(),
            importing: BTreeSet::new(),
            deliveries: 0,
            processes: Vec::new(),
            ledger: Ledger::default(),
            writes: 0,
            undone: plan.steps.len(),
            occasions: 0,
            struck: BTreeSet::new(),
            history: Vec::new(),
            violation: None,
        };
        Arc::new(Self {
            model,
            clock: Scheduler::new(Random::of(plan.seed, 3)),
            simulator,
            tokens,
            store,
            tidies: Random::of(plan.seed, 5).percent(rates.of(Fault::Tidy)),
            seed: plan.seed,
            rates,
            allowed: plan.occasions.clone(),
            state: Mutex::new(state),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what happened.
    pub(super) fn note(&self, what: impl std::fmt::Display) {
        let at = self.clock.elapsed();
        self.state().history.push(format!("{:>9.3} s  {what}", at.as_secs_f64()));
    }

    /// Something happened that must not.
    pub(super) fn violated(&self, what: impl Into<String>) {
        let what = what.into();
        if self.state().violation.is_none() {
            self.note(format_args!("VIOLATION: {what}"));
            self.state().violation = Some(what);
        }
    }

    /// What takes a while: up to that many milliseconds.
    pub(super) async fn passes(&self, milliseconds: u64) {
        let chosen = self.state().random.below(milliseconds + 1);
        self.clock.sleep(Duration::from_millis(chosen)).await;
    }

    pub(super) fn installation(&self, token: &Token) -> Option<usize> {
        self.tokens.iter().position(|known| known == token)
    }

    pub(super) fn installation_of(&self, id: InstallationId) -> Option<usize> {
        self.tokens.iter().position(|known| known.installation() == id)
    }

    /// One of the processes of the integration, whichever a call comes to.
    pub(super) fn process(&self) -> Option<(Group, Service<Crm<M>>)> {
        let mut state = self.state();
        let running = (0..).zip(&state.processes).filter(|(_, service)| service.is_some());
        let running: Vec<_> = running.map(|(number, _)| number).collect();
        let chosen = state.random.one_of(&running)?;
        let service = state.processes.get(chosen)?.clone()?;
        Some((group(chosen), service))
    }

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
            state.struck.insert(occasion);
            drop(state);
            self.note(format_args!("fault: {fault:?}"));
        }
        strikes
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
        if self.strikes(Fault::TimedOut) {
            self.clock.sleep(TIME_OUT).await;
            return Err(Trouble::TimedOut);
        }
        Ok(answer)
    }

    /// What the external service makes of a value.
    fn kept(&self, value: &Value) -> Value {
        match value {
            Value::String(text) if self.tidies => Value::from(text.trim().to_lowercase()),
            value => value.clone(),
        }
    }

    /// What the external service makes of properties. What it could not hold afterwards it leaves as it was.
    fn tidied(&self, properties: &Properties) -> Properties {
        let tidied: Properties =
            properties.iter().map(|(name, value)| (name.to_owned(), self.kept(value))).collect();
        let is_sound = M::canonical(tidied.clone()).is_ok_and(|canonical| canonical == tidied);
        if is_sound { tidied } else { properties.clone() }
    }

    /// Whom an id is about.
    pub(super) fn person(&self, key: &Key) -> Option<Person> {
        self.state().who.get(key).copied()
    }

    /// Somebody is on a side from now on: once.
    pub(super) fn appeared(&self, key: Key, properties: &Properties) {
        let Some(person) = self.model.person(properties) else {
            self.violated(format!("nobody knows who was created as {key:?}"));
            return;
        };
        if person.installation != key.installation {
            self.violated(format!("{person} was created in installation {}", key.installation));
        }
        let already = self.present(person, key.side);
        if let Some(other) = already.into_iter().find(|other| *other != key.id) {
            self.violated(format!("{person} is on {} twice: as {other} and as {}", key.side, key.id));
        }
        self.state().who.insert(key, person);
    }

    /// As whom somebody is on a side.
    pub(super) fn present(&self, person: Person, side: Side) -> Vec<String> {
        let ids: Vec<String> = {
            let state = self.state();
            let same = |key: &&Key| key.side == side && state.who.get(*key) == Some(&person);
            state.who.keys().filter(same).map(|key| key.id.clone()).collect()
        };
        ids.into_iter().filter(|id| self.held(person.installation, side, id).is_some()).collect()
    }

    /// What a side holds of somebody.
    pub(super) fn held(&self, installation: usize, side: Side, id: &str) -> Option<Properties> {
        match side {
            Side::Botmatic => {
                let token = self.tokens.get(installation)?;
                let contact = self.simulator.contact(token, &ContactId::from(id))?;
                Some(Model::<M>::shared(&M::canonical(contact.properties).ok()?))
            }
            Side::External => {
                let contact = self.state().books.get(installation)?.get(&id.parse().ok()?)?.clone();
                Some(Model::<M>::shared(&contact.to_properties().ok()?))
            }
        }
    }

    /// Whether nobody is at telling anything about somebody.
    pub(super) fn at_rest(&self, person: Person) -> bool {
        let state = self.state();
        let mut told = state.queues.keys().chain(state.late.keys());
        let is_told = told.any(|key| state.who.get(key) == Some(&person));
        !is_told && !state.importing.contains(&person.installation)
    }

    /// Whether nobody is at telling anything at all.
    pub(super) fn all_told(&self) -> bool {
        let state = self.state();
        state.queues.is_empty() && state.late.is_empty()
    }

    /// Sends everything that Botmatic has to say.
    pub(super) fn botmatic_tells(self: &Arc<Self>) {
        for event in self.simulator.take_events() {
            let token = Token::new(event.token);
            let Some(installation) = self.installation(&token) else { continue };
            let id = event.contact.as_str().to_owned();
            self.tell(Key { installation, side: Side::Botmatic, id }, Event::Call(event.body));
        }
    }

    /// Tells the integration something, after all that was said about the same contact before.
    pub(super) fn tell(self: &Arc<Self>, key: Key, event: Event) {
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
    pub(super) fn next_event(&self, key: &Key) -> Option<Event> {
        self.state().queues.get(key)?.front().cloned()
    }

    /// The event is told beside those that come after it.
    pub(super) fn put_aside(&self, key: &Key) {
        *self.state().late.entry(key.clone()).or_default() += 1;
        self.told(key);
    }

    /// An event that was put aside was told.
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

    /// Looks at a pair that is saved.
    pub(super) fn paired(&self, installation: InstallationId, pair: &Pair) {
        let Some(installation) = self.installation_of(installation) else { return };
        let key = |side, id: &str| Key { installation, side, id: id.to_owned() };
        let contact = self.person(&key(Side::Botmatic, pair.contact.as_str()));
        let external = self.person(&key(Side::External, pair.external.as_str()));
        if contact.is_none() || contact != external {
            self.violated(format!("{} and {} are not the same person", pair.contact, pair.external));
        }
    }

    /// Looks at everything, when all is said and done.
    pub(super) fn judge(&self, pairs: &[Vec<Pair>]) -> Result<(), String> {
        let living: BTreeSet<_> = self.state().ledger.living().collect();
        let mut known = BTreeSet::new();
        for (installation, pairs) in pairs.iter().enumerate() {
            for pair in pairs {
                let key = Key { installation, side: Side::Botmatic, id: pair.contact.as_str().to_owned() };
                let person = self.person(&key).ok_or_else(|| format!("{} is nobody", pair.contact))?;
                if !known.insert(person) {
                    return Err(format!("{person} has two pairs"));
                }
                if !living.contains(&person) {
                    return Err(format!("{person} was deleted and has a pair"));
                }
                let on_botmatic = self.held(installation, Side::Botmatic, pair.contact.as_str());
                let outside = self.held(installation, Side::External, pair.external.as_str());
                let (Some(on_botmatic), Some(outside)) = (on_botmatic, outside) else {
                    return Err(format!("{person} has a pair and is not on both sides"));
                };
                if on_botmatic != outside {
                    return Err(format!("the two sides hold different things of {person}"));
                }
                if let Some(name) = self.state().ledger.lost(person, &outside, |value| self.kept(value)) {
                    return Err(format!("what was said last of `{name}` of {person} was lost"));
                }
            }
        }
        if let Some(person) = living.iter().find(|person| !known.contains(person)) {
            return Err(format!("{person} has no pair"));
        }
        for (installation, token) in self.tokens.iter().enumerate() {
            let living = living.iter().filter(|person| person.installation == installation).count();
            let sides = [
                self.simulator.contacts(token).len(),
                self.state().books.get(installation).map_or(0, BTreeMap::len),
            ];
            if sides != [living; 2] {
                return Err(format!(
                    "of {living} people of installation {installation}, {} are on Botmatic and {} on the external service",
                    sides[0], sides[1]
                ));
            }
        }
        Ok(())
    }

    /// What a person does, if it can be done.
    pub(super) fn does(self: &Arc<Self>, what: &What) {
        let done = match what {
            What::Stock { person, properties } => self.creates(*person, Side::External, properties, false),
            What::Create { side, person, properties } => self.creates(*person, *side, properties, true),
            What::Edit { side, person, property, value } => {
                let changes = Properties::from_iter([(*property, value.clone())]);
                let at_rest = self.at_rest(*person);
                let done = self.writes(*person, *side, Some(&changes));
                if done.is_some() {
                    self.state().ledger.edited(*person, *side, property, value, at_rest);
                }
                done
            }
            What::Delete { side, person } => {
                let done = self.writes(*person, *side, None);
                if done.is_some() {
                    self.state().ledger.deleted(*person);
                }
                done
            }
            What::Import { .. } | What::Crash { .. } => None,
        };
        self.note(if done.is_some() { format!("{what}") } else { format!("not possible: {what}") });
    }

    fn creates(
        self: &Arc<Self>,
        person: Person,
        side: Side,
        properties: &Properties,
        is_told: bool,
    ) -> Option<()> {
        let installation = person.installation;
        let id = match side {
            Side::Botmatic => {
                let created =
                    self.simulator.create_contact(self.tokens.get(installation)?, properties.clone());
                created.ok()?.as_str().to_owned()
            }
            Side::External => self.enters(installation, M::from_properties(properties).ok()?)?.to_string(),
        };
        let key = Key { installation, side, id };
        self.appeared(key.clone(), properties);
        self.state().ledger.created(person, side, properties);
        self.botmatic_tells();
        if side == Side::External && is_told {
            self.tell(key, Event::Changed);
        }
        Some(())
    }

    /// Writes a contact into the book of an installation, under a new number.
    pub(super) fn enters(&self, installation: usize, mut contact: M) -> Option<u64> {
        let tidied = self.tidied(&contact.to_properties().ok()?);
        M::Patch::from_properties(&tidied).ok()?.apply(&mut contact).ok()?;
        let mut state = self.state();
        state.last_number += 1;
        let number = state.last_number;
        self.model.assign(&mut contact, number)?;
        state.books.get_mut(installation)?.insert(number, contact);
        Some(number)
    }

    /// Changes or deletes somebody on a side.
    fn writes(self: &Arc<Self>, person: Person, side: Side, changes: Option<&Properties>) -> Option<()> {
        if self.state().ledger.is_deleted(person) {
            return None;
        }
        let id = self.present(person, side).pop()?;
        let installation = person.installation;
        match side {
            Side::Botmatic => {
                let (token, contact) = (self.tokens.get(installation)?, ContactId::from(id.as_str()));
                match changes {
                    Some(changes) => self.simulator.update_contact(token, &contact, changes.clone()),
                    None => self.simulator.delete_contact(token, &contact),
                }
                .ok()?;
                self.botmatic_tells();
            }
            Side::External => {
                self.rewrites(installation, id.parse().ok()?, changes)?;
                self.tell(Key { installation, side, id }, Event::Changed);
            }
        }
        Some(())
    }

    /// Changes or deletes an entry of a book.
    pub(super) fn rewrites(
        &self,
        installation: usize,
        number: u64,
        changes: Option<&Properties>,
    ) -> Option<()> {
        let mut state = self.state();
        let book = state.books.get_mut(installation)?;
        match changes {
            Some(changes) => {
                M::Patch::from_properties(&self.tidied(changes)).ok()?.apply(book.get_mut(&number)?).ok()
            }
            None => book.remove(&number).map(drop),
        }
    }
}
