//! One run of a plan, from the first step to the last word.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::fault::{Fault, Rates};
use super::model::{Model, Person};
use super::plan::{Plan, What};
use super::process::{Begin, Process};
use super::scheduler::End;
use super::world::{OUTSIDE, World, group};
use crate::clock::Clock;
use crate::error::Result;
use crate::id::ContactId;
use crate::key_store::{KeyStore, Pair};
use crate::mapping::ContactMapping;
use crate::simulator::{Endpoint, Simulator, Undelivered};
use crate::testing::Sample;
use crate::token::Token;

/// How many steps of tasks a run takes at most.
const STEPS: u64 = 400_000;

/// How long somebody waits before looking again whether others have finished.
const LOOK: Duration = Duration::from_millis(50);

/// The same for those who look until the end.
const LONG_LOOK: Duration = Duration::from_secs(1);

/// How often somebody looks.
const LOOKS: u32 = 20_000;

/// How many pairs are read at once.
const PAIRS: usize = 1_000;

/// What became of a run.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) history: Vec<String>,
    pub(super) violation: Option<String>,
    pub(super) edits: u64,
    pub(super) writes: u64,
    /// On which occasions something went wrong, and what it was.
    pub(super) struck: BTreeMap<u64, Fault>,
    /// What made things difficult without an occasion of its own, and how often.
    pub(super) difficulties: BTreeMap<Fault, u64>,
}

impl Run {
    /// What went wrong, and what made things difficult, and how often; some of it several times.
    pub(super) fn strikes(&self) -> impl Iterator<Item = (Fault, u64)> {
        let struck = self.struck.values().map(|fault| (*fault, 1));
        struck.chain(self.difficulties.iter().map(|(fault, times)| (*fault, *times)))
    }
}

/// Runs a plan.
pub(super) fn run<M: ContactMapping + Sample + Clone>(
    plan: &Plan,
    model: Model<M>,
    rates: Rates,
    store: Arc<dyn KeyStore>,
    begin: Begin<M>,
) -> Run {
    let world = World::new(plan, model, rates, store, begin);
    if let Err(why) = world.runs(plan) {
        world.violated(why);
    }
    // Tasks and processes hold the world, which holds them.
    world.clock.end();
    let mut state = world.state();
    state.processes.clear();
    Run {
        history: std::mem::take(&mut state.history),
        violation: state.violation.take(),
        edits: state.ledger.edits,
        writes: state.writes,
        struck: std::mem::take(&mut state.struck),
        difficulties: difficulties(&world, plan),
    }
}

/// What made things difficult in a run, beside what went wrong on an occasion.
fn difficulties<M>(world: &World<M>, plan: &Plan) -> BTreeMap<Fault, u64> {
    let crashes = plan.steps.iter().filter(|step| matches!(step.what, What::Crash { .. })).count();
    let counted = [
        (Fault::Crash, crashes),
        (Fault::Acquaintance, world.met.len()),
        (Fault::SharedAddress, world.sharing.len()),
        (Fault::Tidy, world.tidy.len()),
        (Fault::TellsChanges, usize::from(world.tells_changes)),
        (Fault::TellsStates, usize::from(world.tells_states)),
        (Fault::Unreadable, usize::from(!world.is_readable)),
    ];
    counted.into_iter().filter(|(_, times)| *times > 0).map(|(fault, times)| (fault, times as u64)).collect()
}

impl<M: ContactMapping + Sample + Clone> World<M> {
    /// What can be read of a history before it begins.
    fn shown(&self, plan: &Plan) -> String {
        let is = |is: bool, what: &'static str| is.then(|| what.to_owned());
        let tidy = self.tidy.iter().map(|side| format!("{side} tidies what it is given"));
        let facts = [
            Some(format!("{} installations and {} processes", plan.installations, plan.processes)),
            is(self.is_durable, "events are accepted before they are worked on"),
            is(self.tells_changes, "Botmatic tells changes"),
            is(!self.is_readable, "the external service cannot be asked"),
            is(self.tells_states, "the external service tells states"),
            is(self.tells_creations, "the external service tells of creations as such"),
            is(self.refuses_twins, "the external service refuses a second contact with an e-mail address"),
        ];
        facts.into_iter().flatten().chain(tidy).collect::<Vec<_>>().join("; ")
    }

    fn runs(self: &Arc<Self>, plan: &Plan) -> Result<(), String> {
        self.note(self.shown(plan));
        self.state().processes.resize_with(plan.processes, || None);
        for process in 0..plan.processes {
            self.process_begins(process).map_err(|error| error.to_string())?;
        }
        if self.tells_changes {
            self.simulators.iter().for_each(Simulator::tell_changes);
        }
        self.outside(Self::install)?;
        for step in &plan.steps {
            let (world, step) = (Arc::clone(self), step.clone());
            self.clock.spawn(OUTSIDE, async move {
                world.clock.sleep(step.at).await;
                world.acts(&step.what).await;
                world.state().undone -= 1;
            });
        }
        self.until_idle()?;
        if self.state().undone > 0 || !self.all_told() {
            return Err("somebody waits forever".to_owned());
        }
        self.all_are_paired(&plan.stock())?;
        // Of whom nobody was told is found by an import, and a second one finds nothing.
        self.state().is_told = true;
        self.outside(Self::import_everybody)?;
        self.until_idle()?;
        let writes = self.state().writes;
        self.outside(Self::import_everybody)?;
        if self.state().writes != writes {
            return Err("an import writes where nothing has changed".to_owned());
        }
        if !self.outside(Self::agree)? {
            return Err("a plan to reconcile finds what an import did not".to_owned());
        }
        let pairs = self.outside(Self::all_pairs)?;
        self.judge(&pairs)
    }

    /// Of whom somebody was told has a pair before an import could find them.
    fn all_are_paired(&self, stock: &BTreeSet<Person>) -> Result<(), String> {
        let state = self.state();
        let is_told = |person: &Person| !stock.contains(person) && !self.sharing.contains(person);
        let unpaired = state.ledger.living().find(|person| is_told(person) && !state.paired.contains(person));
        unpaired
            .map_or(Ok(()), |person| Err(format!("{person} was told of and has no pair before an import")))
    }

    /// Begins a process over the store that is there.
    fn process_begins(self: &Arc<Self>, number: usize) -> Result<()> {
        let process = (self.begin)(self)?;
        if self.is_durable {
            let (world, process) = (Arc::clone(self), Arc::clone(&process));
            self.clock.spawn(group(number), async move { process.works(Box::pin(world.is_over())).await });
        }
        self.replace(number, Some(process));
        Ok(())
    }

    /// Returns when people have done everything, and nothing is left to be told or worked on.
    async fn is_over(self: Arc<Self>) {
        while self.state().undone > 0 || !self.all_told() || self.have_accepted(None) {
            self.clock.sleep(LONG_LOOK).await;
        }
    }

    fn until_idle(&self) -> Result<(), String> {
        self.until(|| false)
    }

    /// Runs until something has happened, or nothing can happen any more.
    fn until(&self, has_happened: impl Fn() -> bool) -> Result<(), String> {
        match self.clock.run(STEPS, || has_happened() || self.state().violation.is_some()) {
            End::Limit => Err("the two sides do not stop writing to each other".to_owned()),
            End::Panicked => Err(format!("panicked: {}", self.clock.panicked().unwrap_or_default())),
            End::Idle | End::Stopped => Ok(()),
        }
    }

    /// Does something while time passes.
    fn outside<T: Send + 'static, F>(self: &Arc<Self>, work: fn(Arc<Self>) -> F) -> Result<T, String>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let done = Arc::new(Mutex::new(None));
        let (slot, work) = (Arc::clone(&done), work(Arc::clone(self)));
        self.clock.spawn(OUTSIDE, async move {
            let result = work.await;
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        });
        let look = || done.lock().unwrap_or_else(PoisonError::into_inner);
        self.until(|| look().is_some())?;
        let result = look().take();
        result.ok_or_else(|| "somebody waits forever".to_owned())?.map_err(|error| error.to_string())
    }

    async fn install(self: Arc<Self>) -> Result<()> {
        for (token, botmatic) in self.tokens.iter().zip(&self.simulators) {
            botmatic.connect(token, AnyProcess(Arc::downgrade(&self)));
            botmatic.install(token).await?;
        }
        Ok(())
    }

    /// Somebody does something as soon as it is their turn.
    async fn acts(self: &Arc<Self>, what: &What) {
        match what {
            What::Import { installation } => {
                let is_hasty = self.met.is_empty() && self.is_readable && self.strikes(Fault::Haste);
                let is_quiet = || is_hasty || self.all_told() && !self.have_accepted(Some(*installation));
                self.is_time(|| is_quiet() && !self.state().importing.contains(installation)).await;
                self.note(what);
                let import = self.import(*installation).await;
                match import {
                    Ok(()) => self.note(format_args!("done: {what}")),
                    Err(error) => self.note(format_args!("not done: {what}: {error}")),
                }
            }
            What::Crash { process, pause } => {
                // What was accepted is tried again after some seconds: some processes end there.
                if self.is_durable && pause.as_millis() % 2 == 0 {
                    self.clock.sleep(*pause * 6).await;
                }
                self.note(what);
                self.state().unsure += 1;
                self.replace(*process, None);
                self.state().is_killing = true;
                self.clock.kill(group(*process));
                self.state().is_killing = false;
                self.clock.sleep(*pause).await;
                if let Err(error) = self.process_begins(*process) {
                    self.violated(error.to_string());
                }
            }
            What::Create { person, .. }
            | What::Stock { person, .. }
            | What::Edit { person, .. }
            | What::Delete { person, .. } => {
                // Of whom is on both sides without a pair, or is refused, nobody need know what was said of them.
                let has_met = self.met.contains(person) && !self.state().paired.contains(person);
                let may_be_unpaired = has_met || self.sharing.contains(person);
                // Who cannot be asked and may not have answered has to be heard out.
                let is_unclear = !self.is_readable && self.rates.leave_unsure();
                let waits = may_be_unpaired || is_unclear || !self.is_recognised(*person);
                if waits || !self.strikes(Fault::Haste) {
                    self.is_time(|| self.at_rest(*person)).await;
                } else if !self.is_readable || self.sets_back(what) {
                    self.is_time(|| !self.state().importing.contains(&person.installation)).await;
                }
                self.does(what);
            }
        }
    }

    fn replace(&self, number: usize, process: Option<Arc<dyn Process<M>>>) {
        if let Some(place) = self.state().processes.get_mut(number) {
            *place = process;
        }
    }

    /// Waits for an occasion.
    async fn is_time(&self, is_time: impl Fn() -> bool + Send) {
        for _ in 0..LOOKS {
            if is_time() {
                return;
            }
            self.clock.sleep(LOOK).await;
        }
    }

    async fn import(self: &Arc<Self>, installation: usize) -> Result<()> {
        let (Some((group, process)), Some(token)) = (self.process(), self.tokens.get(installation).cloned())
        else {
            return Ok(());
        };
        let import = async move { process.imports(&token).await };
        self.state().importing.insert(installation);
        let imported = self.at(group, import).await.unwrap_or(Ok(()));
        self.state().importing.remove(&installation);
        imported
    }

    async fn import_everybody(self: Arc<Self>) -> Result<()> {
        for installation in 0..self.tokens.len() {
            self.import(installation).await?;
        }
        Ok(())
    }

    /// Whether there is nothing to reconcile.
    async fn agree(self: Arc<Self>) -> Result<bool> {
        let mut agree = true;
        for (installation, token) in self.tokens.iter().enumerate() {
            let Some((_, process)) = self.process() else { continue };
            self.state().importing.insert(installation);
            agree &= process.agrees(token).await?;
            self.state().importing.remove(&installation);
        }
        Ok(agree)
    }

    async fn all_pairs(self: Arc<Self>) -> Result<Vec<Vec<Pair>>> {
        let mut all = Vec::new();
        for token in &self.tokens {
            let mut pairs: Vec<Pair> = Vec::new();
            loop {
                let last: Option<ContactId> = pairs.last().map(|pair| pair.contact.clone());
                let more = self.store.pairs(token.installation(), last.as_ref(), PAIRS).await?;
                if more.is_empty() {
                    break;
                }
                pairs.extend(more);
            }
            all.push(pairs);
        }
        Ok(all)
    }
}

/// The integration as Botmatic calls it at installation. The world holds Botmatic.
struct AnyProcess<M>(Weak<World<M>>);

#[async_trait::async_trait]
impl<M: ContactMapping + Sample + Clone> Endpoint for AnyProcess<M> {
    async fn deliver(&self, token: &Token, body: Vec<u8>) -> Result<Vec<u8>, Undelivered> {
        let process = self.0.upgrade().and_then(|world| world.process());
        let (_, process) = process.ok_or_else(|| Undelivered::new("nobody listens"))?;
        process.deliver(token, body).await
    }
}
