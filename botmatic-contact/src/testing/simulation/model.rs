//! The contacts of a simulation: what is in them, and how to know whom one is about.

use std::fmt;

use super::plan::Side;
use super::random::Random;
use crate::contact::{Access, Properties, Value};
use crate::id::ExternalId;
use crate::mapping::{ContactMapping, ContactPatch, is_surely};
use crate::testing::{Draws, Sample};

/// How often a contact is looked for that can be written and read.
const ATTEMPTS: usize = 100;

/// How many e-mail addresses somebody may have, one after the other.
const ADDRESSES: u64 = 4;

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
    /// The properties that people edit on either side, beside the e-mail address.
    edited: Vec<&'static str>,
    /// Those that people edit on Botmatic, and that the external service is given and tells nobody of.
    given: Vec<&'static str>,
    /// Whether everybody holds enough to be known by, and not just a first name, say.
    pub(super) is_telling: bool,
}

// The derive would ask for a contact that can be cloned.
impl<M> Clone for Model<M> {
    fn clone(&self) -> Self {
        Self { edited: self.edited.clone(), given: self.given.clone(), ..*self }
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
        let given = M::PROPERTIES.iter().filter(|property| property.access == Access::WriteOnly);
        let given = given.map(|property| &*property.name).collect();
        Some(Self { assign, mark, edited: names, given, is_telling })
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

    /// Any contact of this person, as people create it on a side.
    pub(super) fn contact(&self, person: Person, side: Side, random: &mut Random) -> Option<Properties> {
        let mut contact = self.shared_contact(person, random)?;
        if side == Side::Botmatic && !self.given.is_empty() {
            let given = Self::any(random)?;
            let is_given = |name: &str| self.given.contains(&name);
            contact.extend(
                given.into_iter().filter(|(name, value)| is_given(name) && Self::is_sound(name, value)),
            );
        }
        Some(contact)
    }

    /// The same, of what both sides are told of.
    fn shared_contact(&self, person: Person, random: &mut Random) -> Option<Properties> {
        let has_email = random.percent(50) || self.is_telling && self.edited.is_empty();
        (0..ATTEMPTS).find_map(|_| {
            let mut made = Self::shared(&Self::any(random)?);
            if let Some(email) = M::EMAIL {
                made.remove(email);
            }
            made.set(self.mark, person.to_string());
            if let Some(email) = M::EMAIL.filter(|_| has_email) {
                made.set(email, address(person, 0));
            }
            let again = M::from_properties(&made).ok()?.to_properties().ok()?;
            let is_sound = Self::shared(&again) == made;
            (is_sound && (!self.is_telling || is_surely::<M>(&made, &made))).then_some(made)
        })
    }

    /// What people may set on a side: a property and its value; `null` clears it.
    pub(super) fn change(
        &self,
        person: Person,
        side: Side,
        random: &mut Random,
    ) -> Option<(&'static str, Value)> {
        let given = self.given.iter().filter(|_| side == Side::Botmatic);
        let names: Vec<_> = self.edited.iter().chain(given).copied().chain(M::EMAIL).collect();
        let name = random.one_of(&names)?;
        let value = (0..ATTEMPTS).find_map(|_| {
            let value = match (M::EMAIL == Some(name), random.below(ADDRESSES)) {
                (true, 0) if !self.is_telling => Value::Null,
                (true, number) => Value::from(address(person, number)),
                (false, _) => Self::any(random)?.remove(name).unwrap_or(Value::Null),
            };
            Self::is_sound(name, &value).then_some(value)
        })?;
        Some((name, value))
    }

    /// Whether a property can be set to this, and is that then.
    fn is_sound(name: &str, value: &Value) -> bool {
        let said = Properties::from_iter([(name.to_owned(), value.clone())]);
        let canonical = M::Patch::from_properties(&said).and_then(|patch| patch.to_properties());
        canonical.is_ok_and(|canonical| canonical == said)
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
        let made = M::sample(&mut Draws::of(&numbers)).ok()?;
        let mut properties = made.to_properties().ok()?;
        properties.extend(made.write_only().ok()?);
        Some(properties)
    }
}

/// One of the e-mail addresses of somebody, who shares them with nobody.
fn address(person: Person, number: u64) -> String {
    let number = if number == 0 { String::new() } else { format!("-{number}") };
    format!("person{}{number}@example.org", person.number)
}
