//! The sync engine under a seed: both sides, the store and the processes of an integration in one thread, in a time that
//! jumps, so that everything that happens can happen again. With the features `testing` and `simulator`.
//!
//! ```
//! use botmatic_contact::prelude::*;
//! use botmatic_contact::testing::Simulation;
//!
//! #[derive(Debug, Clone, ContactMapping)]
//! struct Person {
//!     #[contact(id)]
//!     id: u64,
//!     #[contact("lastname")]
//!     name: String,
//!     #[contact("email", email)]
//!     email: Option<String>,
//!     city: Option<String>,
//! }
//!
//! Simulation::new(|person: &mut Person, number| person.id = number).seeds(0..20).check();
//! ```
//!
//! A seed decides what people do on either side of one or two installations: they create, edit and delete
//! [samples](crate::testing::samples) of the contact, and import. It decides how long everything takes, and which of
//! those who can go on goes on first. Botmatic is the [simulator](crate::simulator); the external service is an address
//! book in memory; both tell of every change, also of those that the integration made. In half of the runs the external
//! service tells creations from changes, and in half of them it refuses a second contact with an e-mail address. One or two
//! processes of the integration share a store.
//!
//! | what has to hold | when |
//! |---|---|
//! | nobody is on one side twice, but for a while: on Botmatic, if it has not told for ten seconds of a create that may have failed; on either side, if a create is carried out when nobody waits for it any more | always |
//! | of two with one e-mail address one is on the external service at most | always |
//! | a pair is one person | always |
//! | nobody is written in an installation that is not theirs | always |
//! | nothing is written on a side that this side alone has spoken of | always, unless something was set back and one does not know what became of a request |
//! | nothing is written that is there already, an answer takes ten seconds at most, and nobody is looked for in a listing | as long as one knows what became of every request |
//! | both sides stop telling each other, and accept what they are told | in the end |
//! | everybody who was not deleted is on both sides and has one pair; who was deleted is gone | in the end |
//! | both sides hold the same, and what was said last was not lost | in the end |
//! | nothing that people do is written more than twice, on average of a run | in the end |
//! | an import changes nobody of whom everything was told, a second one writes nothing, and there is nothing to reconcile | in the end |
//!
//! [`Fault`] says what goes wrong meanwhile, and what goes wrong only if one asks for it. When people have done
//! everything, nothing goes wrong any more, and the end begins. All news are told until they are accepted; an import then
//! finds what nobody was told of.
//!
//! The integration is one without handlers, unless [`Simulation::integration`] says which: then that one's consumer and
//! handlers take part.
//!
//! What fails prints its seed, and as few steps as were found to lead there. `SIMULATION_SEED` in the environment runs that
//! one alone, `SIMULATION_SEEDS` that many, where the test does not say how many.

mod address_book;
mod courier;
mod disk;
mod fault;
mod judge;
mod lease;
mod ledger;
mod line;
mod model;
mod people;
mod plan;
mod process;
mod queue;
mod random;
mod run;
mod scheduler;
mod shorten;
mod trouble;
mod world;

use std::collections::BTreeSet;
use std::env;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use self::address_book::AddressBook;
pub use self::fault::Fault;
use self::fault::Rates;
use self::model::Model;
use self::plan::Plan;
use self::process::Begin;
use self::run::{Run, run};
use super::Sample;
use crate::builder::DefaultClient;
use crate::consumer::ExternalApiConsumer;
use crate::integration::Integration;
use crate::key_store::{KeyStore, MemoryKeyStore};
use crate::mapping::ContactMapping;

/// The variables of the environment.
const ONE_SEED: &str = "SIMULATION_SEED";
const SEEDS: &str = "SIMULATION_SEEDS";

/// How much of a history is shown.
const SHOWN: usize = 120;

/// How many seeds are run, unless something else is said.
const DEFAULT_SEEDS: u64 = 200;

type MakeStore = Box<dyn Fn() -> Arc<dyn KeyStore>>;

/// A simulation about to run. See the [module](self).
pub struct Simulation<M> {
    assign: fn(&mut M, u64),
    seeds: Range<u64>,
    store: MakeStore,
    begin: Begin<M>,
    rates: Rates,
    is_durable: bool,
}

/// What was found to hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulationReport {
    /// How many seeds were run.
    pub seeds: u64,
    /// How often a person did something that the other side has to hear of.
    pub edits: u64,
    /// How often the integration wrote to either side.
    pub writes: u64,
    strikes: [u64; Fault::ALL.len()],
}

impl SimulationReport {
    /// How often something went wrong. What never did was not tried: then more seeds are needed, or a higher rate.
    ///
    /// Of [`Fault::Crash`] these are the processes that ended; of [`Fault::Acquaintance`] and [`Fault::SharedAddress`] the
    /// people concerned; of [`Fault::Tidy`] the sides, and of the others that are of a whole run the runs.
    #[must_use]
    pub fn strikes(&self, fault: Fault) -> u64 {
        self.strikes.get(fault as usize).copied().unwrap_or_default()
    }
}

/// What did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SimulationFailure {
    /// With which seed.
    pub seed: u64,
    /// What it was.
    pub violation: String,
    /// What went wrong on the way, and what made things difficult.
    pub faults: Vec<Fault>,
    /// Everything that happened, as little of it as was found to lead there.
    pub history: Vec<String>,
    /// Whether the same happened when the seed was run a second time. Otherwise the integration or the key store does not
    /// only depend on what it is told, but on a clock of its own, say, or on the order of a hash map; and the history is
    /// that of the first run, as long as it is.
    pub is_repeatable: bool,
}

impl<M: ContactMapping + Sample + Clone> Simulation<M> {
    /// A simulation with these contacts. `assign` gives a contact the id that the external service has made of a number:
    /// another one for each number. One property at least has to hold any text, by which people are told apart.
    #[must_use]
    pub fn new(assign: fn(&mut M, u64)) -> Self {
        let store: MakeStore = Box::new(|| Arc::new(MemoryKeyStore::new()));
        let seeds = env_number(SEEDS).unwrap_or(DEFAULT_SEEDS);
        let begin = process::begin(std::convert::identity::<AddressBook<M>>);
        Self { assign, seeds: 0..seeds, store, begin, rates: Rates::usual(), is_durable: false }
    }

    /// Runs these seeds, whatever `SIMULATION_SEEDS` says, and not the first 200.
    #[must_use]
    pub fn seeds(mut self, seeds: Range<u64>) -> Self {
        self.seeds = seeds;
        self
    }

    /// Has nothing go wrong.
    #[must_use]
    pub fn without_faults(mut self) -> Self {
        self.rates = Rates::default();
        self
    }

    /// Has something go wrong on so many of a hundred occasions, in place of [`Fault::rate`].
    #[must_use]
    pub fn fault(mut self, fault: Fault, percent: u8) -> Self {
        self.rates.set(fault, percent);
        self
    }

    /// Has each process run this integration, in place of one without handlers that calls the external service without more
    /// ado. `make` is given the external service, and is called whenever a process begins.
    ///
    /// What the consumer makes of errors and contacts takes part, and so do the handlers of contact events: what goes wrong
    /// on the way happens to them, too. There is no runtime: they may wait for the external service and for nothing else.
    ///
    /// ```
    /// use botmatic_contact::prelude::*;
    /// use botmatic_contact::testing::Simulation;
    ///
    /// #[derive(Debug, Clone, ContactMapping)]
    /// struct Person {
    ///     #[contact(id)]
    ///     id: u64,
    ///     name: String,
    ///     #[contact(email)]
    ///     email: Option<String>,
    ///     city: Option<String>,
    /// }
    ///
    /// /// The integration; `S` is the client of the service in earnest.
    /// struct Crm<S>(S);
    ///
    /// #[botmatic::integration]
    /// impl<S: ExternalApiConsumer<Contact = Person, Client = ()>> Crm<S> {
    ///     #[botmatic::on(contact_deleted)]
    ///     async fn farewell(&self, told: ContactDeleted) {
    ///         println!("{} has left us", told.contact_id);
    ///     }
    /// }
    ///
    /// impl<S: ExternalApiConsumer<Contact = Person, Client = ()>> ExternalApiConsumer for Crm<S> {
    ///     type Contact = Person;
    ///     type Client = ();
    ///
    ///     async fn create_contact(&self, auth: &Auth, person: Person) -> Result<ExternalId, ConsumerError> {
    ///         self.0.create_contact(auth, person).await
    ///     }
    ///
    ///     // This one is wrong: what was not written is taken to be written.
    ///     async fn update_contact(&self, auth: &Auth, id: &ExternalId, patch: PersonPatch) -> Result<(), ConsumerError> {
    ///         let _ = self.0.update_contact(auth, id, patch).await;
    ///         Ok(())
    ///     }
    ///
    ///     // And so on.
    /// #   async fn get_contact(&self, auth: &Auth, id: &ExternalId) -> Result<Option<Person>, ConsumerError> {
    /// #       self.0.get_contact(auth, id).await
    /// #   }
    /// #   async fn get_contact_by_email(&self, auth: &Auth, email: &str) -> Result<Option<Person>, ConsumerError> {
    /// #       self.0.get_contact_by_email(auth, email).await
    /// #   }
    /// #   async fn list_contacts(&self, auth: &Auth, page: Page) -> Result<Vec<Person>, ConsumerError> {
    /// #       self.0.list_contacts(auth, page).await
    /// #   }
    /// #   async fn delete_contact(&self, auth: &Auth, id: &ExternalId) -> Result<(), ConsumerError> {
    /// #       self.0.delete_contact(auth, id).await
    /// #   }
    /// }
    ///
    /// let simulation = Simulation::new(|person: &mut Person, number| person.id = number).integration(Crm);
    /// println!("{}", simulation.run().unwrap_err());
    /// ```
    ///
    /// It has to use the [`AddressBook`] that it is given, for that is where people are: one that keeps its contacts elsewhere
    /// pairs people who are not the same. A consumer that speaks to its service over HTTP is simulated by what it does around
    /// that, with the address book in the client's place, as in the example; how it speaks is what its own tests are for.
    #[must_use]
    pub fn integration<I>(mut self, make: impl Fn(AddressBook<M>) -> I + Send + Sync + 'static) -> Self
    where
        I: ExternalApiConsumer<Contact = M, Client: DefaultClient> + Integration,
    {
        self.begin = process::begin(make);
        self
    }

    /// Has the integration accept events before they are worked on: see [`Builder::durable`](crate::Builder::durable).
    #[must_use]
    pub fn durable(mut self) -> Self {
        self.is_durable = true;
        self
    }

    /// Has each run begin with such a key store. It may wait for nothing but itself: there is no runtime.
    #[must_use]
    pub fn key_store<K: KeyStore>(mut self, make: impl Fn() -> K + 'static) -> Self {
        self.store = Box::new(move || Arc::new(make()));
        self
    }

    /// Runs the seeds, up to the first one with which something does not hold.
    ///
    /// # Errors
    /// What did not hold.
    pub fn run(&self) -> Result<SimulationReport, SimulationFailure> {
        let mut report = SimulationReport::default();
        let Some(model) = self.model() else {
            let violation = "no property that goes both ways can hold any text: nobody would be recognised";
            return Err(SimulationFailure {
                seed: 0,
                violation: violation.to_owned(),
                faults: Vec::new(),
                history: Vec::new(),
                is_repeatable: true,
            });
        };
        let seeds =
            env_number(ONE_SEED).map_or_else(|| self.seeds.clone(), |seed| seed..seed.saturating_add(1));
        for seed in seeds {
            let plan = self.plan(seed, &model);
            let again = |plan: &Plan| self.run_once(plan, &model);
            let found = again(&plan);
            if found.violation.is_some() {
                let (found, is_repeatable) = shorten::shortened(&plan, found, again);
                let faults: BTreeSet<_> = found.strikes().map(|(fault, _)| fault).collect();
                let (faults, history) = (faults.into_iter().collect(), found.history);
                let violation = found.violation.unwrap_or_default();
                return Err(SimulationFailure { seed, violation, faults, history, is_repeatable });
            }
            report.seeds += 1;
            report.edits += found.edits;
            report.writes += found.writes;
            for (fault, times) in found.strikes() {
                if let Some(strikes) = report.strikes.get_mut(fault as usize) {
                    *strikes += times;
                }
            }
        }
        Ok(report)
    }

    /// The same, for tests.
    ///
    /// # Panics
    /// When something does not hold: with the seed, and with what happened.
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion of a test")]
    pub fn check(&self) -> SimulationReport {
        self.run().unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Everything that happens with a seed.
    #[must_use]
    pub fn history(&self, seed: u64) -> Vec<String> {
        let Some(model) = self.model() else { return Vec::new() };
        let plan = self.plan(seed, &model);
        self.run_once(&plan, &model).history
    }

    fn model(&self) -> Option<Model<M>> {
        Model::new(self.assign, self.rates.leave_unsure())
    }

    fn run_once(&self, plan: &Plan, model: &Model<M>) -> Run {
        let (store, begin) = ((self.store)(), Arc::clone(&self.begin));
        run(plan, model.clone(), self.rates.clone(), store, begin)
    }

    fn plan(&self, seed: u64, model: &Model<M>) -> Plan {
        Plan { is_durable: self.is_durable, ..Plan::of(seed, model, &self.rates) }
    }
}

fn env_number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

impl<M> fmt::Debug for Simulation<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Simulation").field("seeds", &self.seeds).finish_non_exhaustive()
    }
}

impl fmt::Display for SimulationFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.violation)?;
        writeln!(formatter, "with: {:?}", self.faults)?;
        if self.is_repeatable {
            writeln!(formatter, "run it again with {ONE_SEED}={}; this leads there:", self.seed)?;
        } else {
            writeln!(
                formatter,
                "with {ONE_SEED}={} something else happened when it was run again: not all of it follows from the seed; this was the first time:",
                self.seed
            )?;
        }
        // How it began, and how it ended.
        let left_out = self.history.len().saturating_sub(SHOWN);
        let (begins, goes_on) = self.history.split_at(self.history.len().min(SHOWN / 2));
        begins.iter().try_for_each(|line| writeln!(formatter, "  {line}"))?;
        if left_out > 0 {
            writeln!(formatter, "  … {left_out} more …")?;
        }
        goes_on.iter().skip(left_out).try_for_each(|line| writeln!(formatter, "  {line}"))
    }
}

impl std::error::Error for SimulationFailure {}
