//! Everything that there is in a simulation, and everything that has happened.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::fault::{Fault, Rates};
use super::ledger::Ledger;
use super::model::{Model, Person};
use super::plan::{Plan, Side};
use super::process::{Begin, Process};
use super::random::Random;
use super::scheduler::{Group, Scheduler};
use crate::clock::Clock;
use crate::contact::{Properties, Value};
use crate::id::ContactId;
use crate::key_store::KeyStore;
use crate::mapping::ContactMapping;
use crate::simulator::Simulator;
use crate::testing::Sample;
use crate::token::{InstallationId, Token};

/// Those who are no process of the integration: users, and whoever delivers events.
pub(super) const OUTSIDE: Group = Group(0);

/// So long Botmatic has to tell of somebody before they are created there again.
const A_WHILE: Duration = Duration::from_secs(9);

/// So long the integration may take between asking and writing, which it may have to try again.
const A_MOMENT: Duration = Duration::from_secs(15);

/// Somebody on one side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) installation: usize,
    pub(super) side: Side,
    pub(super) id: String,
}

/// What is told to the integration.
#[derive(Debug, Clone)]
pub(super) enum Event<M> {
    /// Botmatic's call, whether it is about a change, and its number among those about the same contact.
    Call { body: Vec<u8>, is_update: bool, number: u64 },
    /// The external service says that somebody was created or changed, and what they are since then; or else what they are
    /// now is read when it is told.
    Changed { is_new: bool, was: Option<Option<M>> },
}

impl<M> Event<M> {
    /// Whether Botmatic says that somebody was changed.
    pub(super) fn is_update(&self) -> bool {
        matches!(self, Self::Call { is_update: true, .. })
    }
}

/// The tasks of a process.
pub(super) const fn group(process: usize) -> Group {
    Group(1 + process as u64)
}

/// The contacts of the external service in one installation by their numbers, and the highest number that was given. Every
/// installation counts from one.
pub(super) struct Book<M> {
    pub(super) contacts: BTreeMap<u64, M>,
    pub(super) last_number: u64,
}

pub(super) struct World<M> {
    pub(super) model: Model<M>,
    pub(super) clock: Scheduler,
    /// A Botmatic for each installation, so that they give their contacts the same ids: whoever mixes two installations finds
    /// somebody else.
    pub(super) simulators: Vec<Simulator>,
    pub(super) tokens: Vec<Token>,
    pub(super) store: Arc<dyn KeyStore>,
    /// What makes the integration.
    pub(super) begin: Begin<M>,
    /// Those who were on the external service before anybody was told, and are created on Botmatic, too.
    pub(super) met: BTreeSet<Person>,
    /// Those who have the e-mail address of somebody else.
    pub(super) sharing: BTreeSet<Person>,
    pub(super) is_durable: bool,
    /// The sides that tidy what they are given.
    pub(super) tidy: Vec<Side>,
    /// Whether the external service can be asked for somebody.
    pub(super) is_readable: bool,
    /// Whether the external service tells a creation from a change.
    pub(super) tells_creations: bool,
    /// Whether the external service refuses somebody with the e-mail address of somebody else.
    pub(super) refuses_twins: bool,
    pub(super) tells_changes: bool,
    pub(super) tells_states: bool,
    pub(super) seed: u64,
    pub(super) rates: Rates,
    pub(super) allowed: Option<BTreeSet<u64>>,
    state: Mutex<State<M>>,
}

pub(super) struct State<M> {
    random: Random,
    pub(super) books: Vec<Book<M>>,
    pub(super) who: BTreeMap<Key, Person>,
    /// When somebody was created on a side the last time.
    pub(super) appeared: BTreeMap<(Person, Side), Duration>,
    /// Who has had a pair.
    pub(super) paired: BTreeSet<Person>,
    /// When somebody on the external service was changed by people the last time, and asked for by the integration.
    pub(super) edited: BTreeMap<Key, Duration>,
    pub(super) asked: BTreeMap<Key, Duration>,
    /// What is to be told about whom. While there is an entry, somebody is at telling it.
    pub(super) queues: BTreeMap<Key, VecDeque<Event<M>>>,
    /// How many calls of Botmatic's there were.
    pub(super) calls: BTreeMap<Key, u64>,
    /// How many events are told beside those that came after them.
    pub(super) late: BTreeMap<Key, usize>,
    /// The installations that are being listed as a whole.
    pub(super) importing: BTreeSet<usize>,
    pub(super) deliveries: u64,
    /// The processes by their numbers; nothing where one has ended.
    pub(super) processes: Vec<Option<Arc<dyn Process<M>>>>,
    /// Whether a process is ending at this moment.
    pub(super) is_killing: bool,
    pub(super) ledger: Ledger,
    /// What the integration wrote on either side.
    pub(super) writes: u64,
    /// What people have not done yet.
    pub(super) undone: usize,
    /// Whether everything was told, so that nobody has to be changed any more.
    pub(super) is_told: bool,
    /// How often something went wrong after which one does not know what was done.
    pub(super) unsure: u64,
    /// Whom the integration was to change, and does not know whether it has: of what was refused a part may be done.
    in_doubt: BTreeSet<Person>,
    /// Whether somebody was created when nobody waited for it any more.
    pub(super) has_late_effect: bool,
    /// How many occasions there were for something to go wrong, and those on which it did.
    pub(super) occasions: u64,
    pub(super) struck: BTreeMap<u64, Fault>,
    pub(super) history: Vec<String>,
    pub(super) violation: Option<String>,
}

impl<M> State<M> {
    /// Whether something went wrong after which one does not know what was done.
    pub(super) fn is_unsure(&self) -> bool {
        self.unsure > 0
    }

    /// Whether one knows of everything that was done with somebody.
    pub(super) fn is_sure_of(&self, person: Person) -> bool {
        !self.is_unsure() && !self.in_doubt.contains(&person)
    }
}

impl<M: ContactMapping + Sample + Clone> World<M> {
    pub(super) fn new(
        plan: &Plan,
        model: Model<M>,
        rates: Rates,
        store: Arc<dyn KeyStore>,
        begin: Begin<M>,
    ) -> Arc<Self> {
        let tokens: Vec<_> =
            (0..plan.installations).map(|number| Token::new(format!("installation {number}"))).collect();
        let is_readable = !Random::of(plan.seed, 10).percent(rates.of(Fault::Unreadable));
        let is_tidy =
            |(side, number)| Random::of(plan.seed, number).percent(rates.of(Fault::Tidy)).then_some(side);
        let tidy = [(Side::External, 5), (Side::Botmatic, 11)].into_iter().filter_map(is_tidy).collect();
        let state = State {
            random: Random::of(plan.seed, 2 + 10 * plan.luck),
            books: tokens.iter().map(|_| Book { contacts: BTreeMap::new(), last_number: 0 }).collect(),
            who: BTreeMap::new(),
            appeared: BTreeMap::new(),
            paired: BTreeSet::new(),
            edited: BTreeMap::new(),
            asked: BTreeMap::new(),
            queues: BTreeMap::new(),
            calls: BTreeMap::new(),
            late: BTreeMap::new(),
            importing: BTreeSet::new(),
            deliveries: 0,
            processes: Vec::new(),
            is_killing: false,
            ledger: Ledger::default(),
            writes: 0,
            undone: plan.steps.len(),
            is_told: false,
            unsure: 0,
            in_doubt: BTreeSet::new(),
            has_late_effect: false,
            occasions: 0,
            struck: BTreeMap::new(),
            history: Vec::new(),
            violation: None,
        };
        Arc::new(Self {
            model,
            clock: Scheduler::new(Random::of(plan.seed, 3 + 10 * plan.luck)),
            simulators: tokens.iter().map(|_| Simulator::new()).collect(),
            tokens,
            store,
            begin,
            met: plan.met(),
            sharing: plan.sharing::<M>(),
            is_durable: plan.is_durable,
            tells_changes: Random::of(plan.seed, 9).percent(rates.of(Fault::TellsChanges)),
            tells_states: !is_readable || Random::of(plan.seed, 6).percent(rates.of(Fault::TellsStates)),
            tidy,
            is_readable,
            tells_creations: Random::of(plan.seed, 12).percent(50),
            refuses_twins: Random::of(plan.seed, 13).percent(50),
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

    /// The integration changes somebody: nobody of whom everything was told, and nothing that this side alone has spoken of.
    /// While it knows what it has done, it writes nothing that is there already, unless more than one thing was said of it
    /// meanwhile. Who was deleted on one side has nothing to lose.
    pub(super) fn sets(&self, key: &Key, held: &Properties, changes: &Properties) {
        let Some(person) = self.person(key) else { return };
        let is_deleted = {
            let mut state = self.state();
            let is_sure = state.is_sure_of(person);
            state.ledger.writes(person, key.side, changes, !is_sure);
            state.ledger.is_deleted(person)
        };
        let is_held = |name: &str, value: &Value| held.get(name).unwrap_or(&Value::Null) == value;
        let (idle, overwritten) = {
            let state = self.state();
            let is_sure = state.is_sure_of(person);
            let is_known = |(name, value): (&str, &Value)| {
                is_held(name, value) && !state.ledger.is_contested(person, name)
            };
            let is_overwritten = |(name, value): &(&str, &Value)| {
                !is_held(name, value) && state.ledger.is_said_only(person, name, key.side, is_sure)
            };
            let overwritten = changes.iter().find(is_overwritten).map(|(name, _)| name.to_owned());
            (is_sure && changes.iter().all(is_known), overwritten)
        };
        if idle && !is_deleted {
            self.violated(format!("{person} is told on {} what is there already", key.side));
        }
        if let Some(name) = overwritten.filter(|_| !is_deleted) {
            self.violated(format!(
                "`{name}` of {person} is overwritten on {}, and nobody set it elsewhere",
                key.side
            ));
        }
        let is_told = {
            let state = self.state();
            // States that come in any order show no trace of what was set back.
            state.is_told && !(self.tells_states && state.ledger.are_back(person, changes))
        };
        if is_told {
            self.violated(format!("an import changes {person} on {}, of whom everything was told", key.side));
        }
    }

    /// The integration was to change somebody, and does not know whether it has.
    pub(super) fn fails(&self, key: &Key, changes: &Properties) {
        let Some(person) = self.person(key) else { return };
        let mut state = self.state();
        state.in_doubt.insert(person);
        state.ledger.fails(person, key.side, changes);
    }

    /// The integration writes on the external service. Nobody can help it if somebody speaks in the moment after it has asked.
    pub(super) fn crosses(&self, key: &Key, changes: &Properties) {
        let Some(person) = self.person(key) else { return };
        let now = self.clock.elapsed();
        let mut state = self.state();
        let (asked, edited) = (state.asked.get(key), state.edited.get(key));
        let is_crossed = asked
            .zip(edited)
            .is_some_and(|(asked, edited)| edited >= asked && now.saturating_sub(*asked) < A_MOMENT);
        if is_crossed {
            state.ledger.crossed(person, changes);
        }
    }

    /// What takes a while: up to that many milliseconds.
    pub(super) async fn passes(&self, milliseconds: u64) {
        let chosen = self.state().random.below(milliseconds + 1);
        self.clock.sleep(Duration::from_millis(chosen)).await;
    }

    /// Botmatic, as one installation has it.
    pub(super) fn botmatic(&self, installation: usize) -> Option<&Simulator> {
        self.simulators.get(installation)
    }

    /// The integration asks a side for somebody: of this installation.
    pub(super) fn asks(&self, installation: usize, side: Side, id: &str) {
        let is_known_in = |installation| {
            let key = Key { installation, side, id: id.to_owned() };
            self.state().who.contains_key(&key)
        };
        if !is_known_in(installation) && (0..self.tokens.len()).any(is_known_in) {
            self.violated(format!(
                "installation {installation} asks {side} for {id} of another installation"
            ));
        }
    }

    pub(super) fn installation(&self, token: &Token) -> Option<usize> {
        self.tokens.iter().position(|known| known == token)
    }

    pub(super) fn installation_of(&self, id: InstallationId) -> Option<usize> {
        self.tokens.iter().position(|known| known.installation() == id)
    }

    /// One of the processes of the integration, whichever a call comes to.
    pub(super) fn process(&self) -> Option<(Group, Arc<dyn Process<M>>)> {
        let mut state = self.state();
        let running = (0..).zip(&state.processes).filter(|(_, process)| process.is_some());
        let running: Vec<_> = running.map(|(number, _)| number).collect();
        let chosen = state.random.one_of(&running)?;
        let process = state.processes.get(chosen)?.clone()?;
        Some((group(chosen), process))
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
        let other = already.into_iter().find(|other| *other != key.id);
        // On Botmatic, which cannot be asked, a create whose outcome is unknown is tried again if it has not told of it for
        // a while, and one of the two goes in the end.
        let now = self.clock.elapsed();
        let may_be_twice = {
            let state = self.state();
            let last = state.appeared.get(&(person, key.side)).copied().unwrap_or_default();
            let is_tried_again =
                state.is_unsure() && key.side == Side::Botmatic && now.saturating_sub(last) >= A_WHILE;
            is_tried_again || state.has_late_effect
        };
        if let Some(other) = other.filter(|_| !may_be_twice) {
            self.violated(format!("{person} is on {} twice: as {other} and as {}", key.side, key.id));
        }
        let mut state = self.state();
        state.appeared.insert((person, key.side), now);
        state.who.insert(key, person);
    }

    /// Who has this e-mail address on the external service.
    pub(super) fn with_email(&self, installation: usize, email: &str) -> Option<M> {
        let has_email = |contact: &&M| {
            let properties = contact.to_properties().ok();
            let known = M::EMAIL.and_then(|name| properties?.get(name)?.as_str().map(str::to_owned));
            known.is_some_and(|known| known.eq_ignore_ascii_case(email))
        };
        let state = self.state();
        state.books.get(installation).and_then(|book| book.contacts.values().find(has_email)).cloned()
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
                let contact = self.botmatic(installation)?.contact(token, &ContactId::from(id))?;
                Some(Model::<M>::shared(&M::canonical(contact.properties).ok()?))
            }
            Side::External => {
                let contact = self.entry(installation, id.parse().ok()?)?;
                Some(Model::<M>::shared(&contact.to_properties().ok()?))
            }
        }
    }

    /// What the external service holds under a number.
    pub(super) fn entry(&self, installation: usize, number: u64) -> Option<M> {
        self.state().books.get(installation)?.contacts.get(&number).cloned()
    }
}
