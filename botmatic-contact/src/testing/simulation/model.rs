//! The contacts of a simulation: what is in them, and how to know whom one is about.

use std::fmt;

use super::random::Random;
use crate::contact::{Properties, Value};
use crate::id::ExternalId;
use crate::mapping::{ContactMapping, ContactPatch, is_surely};
use crate::testing::{Draws, Sample};

/// How often a contact is looked for that can be written and read.
const ATTEMPTS: usize = 100;

/// Somebody: the number of the installation, and the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Person {
    pub(super) installation: usize,
    pub(super) number: usize,
}

impl fmt::Display for Person {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "person {} of {}", self.number, self.installation)
    }
}

impl Person {
    fn parse(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let (number, installation) = text.strip_prefix("person ")?.split_once(" of ")?;
        Some(Self { installation: installation.parse().ok()?, number: number.parse().ok()? })
    }
}

/// What is known of a type of contacts.
pub(super) struct Model<M> {
    assign: fn(&mut M, u64),
    /// The property that says who it is. The engine does not know, and nobody edits it.
    mark: &'static str,
    /// The properties that people edit.
    pub(super) edited: Vec<&'static str>,
    /// Whether everybody holds enough to be known by, and not just a first name, say.
    pub(super) is_telling: bool,
}

// The derive would ask for a contact that can be cloned.
impl<M> Clone for Model<M> {
    fn clone(&self) -> Self {
        Self { edited: self.edited.clone(), ..*self }
    }
}

impl<M: ContactMapping + Sample> Model<M> {
    /// Nothing if no property can hold any text.
    pub(super) fn new(assign: fn(&mut M, u64), is_telling: bool) -> Option<Self> {
        let names = M::PROPERTIES.iter().filter(|property| property.goes_both_ways());
        let mut names: Vec<&'static str> =
            names.map(|property| &*property.name).filter(|name| Some(*name) != M::EMAIL).collect();
        let text = Person { installation: 0, number: 1 }.to_string();
        let holds_text = |name: &&str| {
            let said = Properties::from_iter([((*name).to_owned(), text.as_str())]);
            M::canonical(said.clone()).is_ok_and(|canonical| canonical == said)
        };
        let mark = names.iter().position(holds_text).map(|mark| names.remove(mark))?;
        Some(Self { assign, mark, edited: names, is_telling })
    }

    /// Gives a contact its id on the external service.
    pub(super) fn assign(&self, contact: &mut M, number: u64) -> Option<ExternalId> {
        (self.assign)(contact, number);
        contact.external_id()
    }

    /// Whom properties are about.
    pub(super) fn person(&self, properties: &Properties) -> Option<Person> {
        Person::parse(properties.get(self.mark)?.as_str()?)
    }

    /// Any contact of this person.
    pub(super) fn contact(&self, person: Person, random: &mut Random) -> Option<Properties> {
        let has_email = random.percent(50) || self.is_telling && self.edited.is_empty();
        (0..ATTEMPTS).find_map(|_| {
            let mut made = Self::any(random)?;
            made.set(self.mark, person.to_string());
            if let Some(email) = M::EMAIL.filter(|_| has_email) {
                made.set(email, format!("person{}@example.org", person.number));
            }
            let again = M::from_properties(&made).ok()?.to_properties().ok()?;
            let is_sound = Self::shared(&again) == made;
            (is_sound && (!self.is_telling || is_surely::<M>(&made, &made))).then_some(made)
        })
    }

    /// A value for a property that people edit; `null` clears it.
    pub(super) fn change(&self, random: &mut Random) -> Option<(&'static str, Value)> {
        let name = random.one_of(&self.edited)?;
        let value = (0..ATTEMPTS).find_map(|_| {
            let value = Self::any(random)?.remove(name).unwrap_or(Value::Null);
            let said = Properties::from_iter([(name, value.clone())]);
            let canonical = M::Patch::from_properties(&said).ok()?.to_properties().ok()?;
            (canonical == said).then_some(value)
        })?;
        Some((name, value))
    }

    /// What both sides hold of a contact: properties that go both ways, and have a value.
    pub(super) fn shared(properties: &Properties) -> Properties {
        let both_ways = M::PROPERTIES.iter().filter(|property| property.goes_both_ways());
        let said = both_ways.filter_map(|property| Some((&*property.name, properties.get(&property.name)?)));
        said.filter(|(_, value)| !value.is_null()).map(|(name, value)| (name, value.clone())).collect()
    }

    fn any(random: &mut Random) -> Option<Properties> {
        let number = |random: &mut Random| match random.below(4) {
            0 => 0,
            1 | 2 => random.below(64),
            _ => random.next(),
        };
        let numbers: Vec<_> = (0..M::FIELDS).map(|_| number(random)).collect();
        let made = M::sample(&mut Draws::of(&numbers)).ok()?.to_properties().ok()?;
        let mut made = Self::shared(&made);
        if let Some(email) = M::EMAIL {
            made.remove(email);
        }
        Some(made)
    }
}
