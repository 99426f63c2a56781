//! What people did, and so what both sides may hold in the end: the engine has no say in it.

use std::collections::BTreeMap;

use super::model::Person;
use super::plan::Side;
use crate::contact::{Properties, Value};

/// What people did with whom.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    people: BTreeMap<Person, Entry>,
    /// How often somebody did something that the other side has to hear of.
    pub(super) edits: u64,
}

#[derive(Debug, Default)]
struct Entry {
    deleted: bool,
    /// For each property what was said of it since both sides were at rest, and where.
    said: BTreeMap<String, Vec<(Side, Value)>>,
}

impl Ledger {
    pub(super) fn created(&mut self, person: Person, side: Side, properties: &Properties) {
        self.edits += 1;
        let entry = self.people.entry(person).or_default();
        for (name, value) in properties.iter() {
            entry.said.insert(name.to_owned(), vec![(side, value.clone())]);
        }
    }

    /// Somebody set a property. If both sides were at rest, that is what counts.
    pub(super) fn edited(&mut self, person: Person, side: Side, name: &str, value: &Value, at_rest: bool) {
        self.edits += 1;
        let said = self.people.entry(person).or_default().said.entry(name.to_owned()).or_default();
        if at_rest {
            said.clear();
        }
        said.push((side, value.clone()));
    }

    pub(super) fn deleted(&mut self, person: Person) {
        self.edits += 1;
        self.people.entry(person).or_default().deleted = true;
    }

    pub(super) fn is_deleted(&self, person: Person) -> bool {
        self.people.get(&person).is_some_and(|entry| entry.deleted)
    }

    /// Those who have to be there.
    pub(super) fn living(&self) -> impl Iterator<Item = Person> {
        self.people.iter().filter(|(_, entry)| !entry.deleted).map(|(person, _)| *person)
    }

    /// The property of which the last word is not what is there; `kept` says what is made of it. Where both sides spoke at
    /// once, each word may have been the last.
    pub(super) fn lost(
        &self,
        person: Person,
        held: &Properties,
        kept: impl Fn(&Value) -> Value,
    ) -> Option<&str> {
        let absent = Value::Null;
        let mut said = self.people.get(&person)?.said.iter();
        let lost = said.find(|(name, said)| {
            let held = held.get(name).unwrap_or(&absent);
            let is_of_one_side =
                said.iter().all(|(side, _)| said.first().is_some_and(|(first, _)| side == first));
            let last = if is_of_one_side { said.len().saturating_sub(1) } else { 0 };
            said.iter().skip(last).all(|(_, value)| kept(value) != *held)
        });
        lost.map(|(name, _)| name.as_str())
    }
}
