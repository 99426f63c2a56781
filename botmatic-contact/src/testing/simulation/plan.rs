//! What people do in a simulation, decided before it begins, so that a part of it can be left out.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::fault::{Fault, Rates};
use super::model::{Model, Person};
use super::random::Random;
use crate::contact::{Properties, Value};
use crate::mapping::{ContactMapping, near};
use crate::testing::Sample;

/// Where something is done or held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Botmatic,
    External,
}

impl Side {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Botmatic => Self::External,
            Self::External => Self::Botmatic,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Botmatic => "Botmatic",
            Self::External => "the external service",
        })
    }
}

/// What happens in a simulation.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) installations: usize,
    pub(super) processes: usize,
    /// Whether events are accepted before they are worked on.
    pub(super) is_durable: bool,
    pub(super) steps: Vec<Step>,
    /// Which of the orders and durations that are possible: 0 are those of the seed.
    pub(super) luck: u64,
    /// The only occasions on which something goes wrong, where not all of them count.
    pub(super) occasions: Option<BTreeSet<u64>>,
}

/// Something that happens at a moment, at the earliest.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) at: Duration,
    pub(super) what: What,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    /// Was there before anybody was told of anything.
    Stock {
        person: Person,
        properties: Properties,
    },
    Create {
        side: Side,
        person: Person,
        properties: Properties,
    },
    Edit {
        side: Side,
        person: Person,
        property: &'static str,
        value: Value,
    },
    Delete {
        side: Side,
        person: Person,
    },
    Import {
        installation: usize,
    },
    /// A process ends, and begins again after a while.
    Crash {
        process: usize,
        pause: Duration,
    },
}

impl What {
    /// To whom it is done.
    fn person(&self) -> Option<Person> {
        match self {
            Self::Stock { person, .. }
            | Self::Create { person, .. }
            | Self::Edit { person, .. }
            | Self::Delete { person, .. } => Some(*person),
            Self::Import { .. } | Self::Crash { .. } => None,
        }
    }

    /// To what it sets a property of a person.
    fn set(&self, of: Person, name: &str) -> Option<&Value> {
        match self {
            Self::Stock { person, properties } | Self::Create { person, properties, .. } if *person == of => {
                Some(properties.get(name).unwrap_or(&Value::Null))
            }
            Self::Edit { person, property, value, .. } if *person == of && *property == name => Some(value),
            _ => None,
        }
    }
}

/// The e-mail address by which somebody is found.
fn address<M: ContactMapping>(properties: &Properties) -> Option<&Value> {
    properties.get(M::EMAIL?)
}

impl fmt::Display for What {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stock { person, .. } => write!(formatter, "{person} was on the external service before"),
            Self::Create { side, person, .. } => write!(formatter, "a user creates {person} on {side}"),
            Self::Edit { side, person, property, value } => {
                write!(formatter, "a user sets `{property}` of {person} on {side} to {value}")
            }
            Self::Delete { side, person } => write!(formatter, "a user deletes {person} on {side}"),
            Self::Import { installation } => write!(formatter, "a user imports everybody of {installation}"),
            Self::Crash { process, .. } => write!(formatter, "process {process} ends"),
        }
    }
}

impl Plan {
    /// The plan of a seed.
    pub(super) fn of<M: ContactMapping + Sample>(seed: u64, model: &Model<M>, rates: &Rates) -> Self {
        let mut random = Random::of(seed, 1);
        let (installations, processes) = (1 + random.index(2), 1 + random.index(2));
        let mut plan = Self {
            seed,
            installations,
            processes,
            is_durable: false,
            steps: Vec::new(),
            luck: 0,
            occasions: None,
        };
        let mut people = Vec::new();
        let mut at = Duration::ZERO;
        for _ in 0..4 + random.below(12) {
            // Often one thing comes right after the other.
            let pause = if random.percent(50) { 40 } else { 400 };
            at += Duration::from_millis(random.below(pause));
            if let Some(what) = plan.next(&mut people, &mut random, model) {
                plan.steps.push(Step { at, what });
            }
        }
        plan.acquaintances(model, rates);
        if !rates.leave_unsure() {
            plan.shared_addresses::<M>(rates);
        }
        plan.crashes(rates);
        plan
    }

    /// Has some of those be created on Botmatic, too, who were on the external service before.
    fn acquaintances<M: ContactMapping + Sample>(&mut self, model: &Model<M>, rates: &Rates) {
        let mut random = Random::of(self.seed, 7);
        for place in (0..self.steps.len()).rev() {
            let later = self.steps.get(place..).unwrap_or_default();
            let Some((Step { what: What::Stock { person, properties }, .. }, at)) =
                later.first().zip(later.get(random.index(later.len())).map(|step| step.at))
            else {
                continue;
            };
            let (person, address) = (*person, address::<M>(properties).cloned());
            if let (Some((name, address)), true) =
                (M::EMAIL.zip(address), random.percent(rates.of(Fault::Acquaintance)))
                && !self.has_moved::<M>(person)
                && let Some(mut properties) = model.contact(person, Side::Botmatic, &mut random)
            {
                properties.set(name, address);
                if self.respells::<M>(person, &properties) {
                    continue;
                }
                let what = What::Create { side: Side::Botmatic, person, properties };
                let place = self.steps.partition_point(|step| step.at <= at);
                self.steps.insert(place, Step { at, what });
            }
        }
    }

    /// Whether somebody gets another e-mail address: by the first one they are not found any more.
    fn has_moved<M: ContactMapping>(&self, of: Person) -> bool {
        let mut whats = self.steps.iter().map(|step| &step.what);
        whats.any(|what| matches!(what, What::Edit { person, property, .. } if *person == of && M::EMAIL == Some(*property)))
    }

    /// Whether somebody is given what is another spelling of something that they are given elsewhere: it would pass for that.
    fn respells<M: ContactMapping>(&self, person: Person, properties: &Properties) -> bool {
        M::PROPERTIES.iter().any(|property| {
            let value = properties.get(&property.name).unwrap_or(&Value::Null);
            let mut others = self.steps.iter().filter_map(|step| step.what.set(person, &property.name));
            others.any(|other| other != value && near(other, value))
        })
    }

    /// Gives some who are created on Botmatic the e-mail address of somebody else there.
    fn shared_addresses<M: ContactMapping>(&mut self, rates: &Rates) {
        let rate = rates.of(Fault::SharedAddress);
        let mut random = Random::of(self.seed, 8);
        let mut known: Vec<(usize, Value)> = Vec::new();
        let mut others = self.stock();
        let known_people = self.steps.iter().filter_map(|step| step.what.person());
        others.extend(known_people.filter(|person| self.has_moved::<M>(*person)));
        for step in &mut self.steps {
            if let What::Create { side: Side::Botmatic, person, properties } = &mut step.what
                && let (Some(name), false) = (M::EMAIL, others.contains(person))
            {
                let here: Vec<_> = known.iter().filter(|(of, _)| *of == person.installation).collect();
                match random.one_of(&here) {
                    Some((_, shared)) if random.percent(rate) => properties.set(name, shared.clone()),
                    _ => known.extend(address::<M>(properties).map(|own| (person.installation, own.clone()))),
                }
            }
        }
    }

    /// Those who were on the external service before anybody was told.
    pub(super) fn stock(&self) -> BTreeSet<Person> {
        let stock = self.steps.iter().filter_map(|step| match &step.what {
            What::Stock { person, .. } => Some(*person),
            _ => None,
        });
        stock.collect()
    }

    /// Those of them who are created on Botmatic, too.
    pub(super) fn met(&self) -> BTreeSet<Person> {
        let mut met = self.stock();
        met.retain(|of| {
            let is_created = |step: &Step| matches!(&step.what, What::Create { person, .. } if person == of);
            self.steps.iter().any(is_created)
        });
        met
    }

    /// Those who have the e-mail address of somebody else.
    pub(super) fn sharing<M: ContactMapping>(&self) -> BTreeSet<Person> {
        let addresses = self.steps.iter().filter_map(|step| match &step.what {
            What::Create { side: Side::Botmatic, person, properties } => {
                Some((*person, address::<M>(properties)?))
            }
            _ => None,
        });
        let addresses: Vec<_> = addresses.collect();
        let is_shared = |(person, own): &&(Person, &Value)| {
            addresses.iter().any(|(other, address)| {
                other != person && other.installation == person.installation && address == own
            })
        };
        addresses.iter().filter(is_shared).map(|(person, _)| *person).collect()
    }

    /// Adds crashes: from numbers of their own, so that people do the same whatever goes wrong.
    fn crashes(&mut self, rates: &Rates) {
        let mut random = Random::of(self.seed, 4);
        for place in (0..self.steps.len()).rev() {
            if let Some(at) = self.steps.get(place).map(|step| step.at)
                && random.percent(rates.of(Fault::Crash))
            {
                let at = at + Duration::from_millis(random.below(300));
                let pause = Duration::from_millis(random.below(2000));
                let what = What::Crash { process: random.index(self.processes), pause };
                self.steps.insert(place + 1, Step { at, what });
            }
        }
    }

    fn next<M: ContactMapping + Sample>(
        &self,
        people: &mut Vec<Person>,
        random: &mut Random,
        model: &Model<M>,
    ) -> Option<What> {
        let side = if random.percent(50) { Side::Botmatic } else { Side::External };
        let installation = random.index(self.installations);
        let known = random.one_of(people);
        Some(match (random.below(100), known) {
            (0..50, Some(person)) => {
                let (property, value) = model.change(person, side, random)?;
                // People do set things back.
                let earlier: Vec<_> =
                    self.steps.iter().filter_map(|step| step.what.set(person, property)).collect();
                let set_back = random.one_of(&earlier).filter(|_| random.percent(30));
                let value = set_back.cloned().unwrap_or(value);
                // Who has no e-mail address is known by the rest.
                let address = M::EMAIL.and_then(|email| {
                    let mut set = self.steps.iter().filter_map(|step| step.what.set(person, email));
                    set.next()
                });
                if near(&value, &Value::Null) && model.is_telling && address.is_none_or(Value::is_null) {
                    return None;
                }
                // What is another spelling of something that was said before would pass for that.
                if earlier.iter().any(|set| **set != value && near(set, &value)) {
                    return None;
                }
                What::Edit { side, person, property, value }
            }
            (50..60, Some(person)) => {
                people.retain(|other| *other != person);
                What::Delete { side, person }
            }
            (60..68, _) => What::Import { installation },
            (chance, _) => {
                let number = 1 + self.people(installation);
                let person = Person { installation, number };
                let was_there = chance >= 90;
                let side = if was_there { Side::External } else { side };
                let properties = model.contact(person, side, random)?;
                people.push(person);
                if was_there {
                    What::Stock { person, properties }
                } else {
                    What::Create { side, person, properties }
                }
            }
        })
    }

    /// How many people of an installation have been planned.
    fn people(&self, installation: usize) -> usize {
        let is_new = |step: &&Step| matches!(&step.what, What::Stock { person, .. } | What::Create { person, .. } if person.installation == installation);
        self.steps.iter().filter(is_new).count()
    }
}
