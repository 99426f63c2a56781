//! What people did, and so what both sides may hold in the end: the engine has no say in it.

use std::collections::BTreeMap;

use super::model::Person;
use super::plan::Side;
use crate::contact::{Properties, Value};
use crate::mapping::near;

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
    said: BTreeMap<String, Said>,
}

/// What was said of a property.
#[derive(Debug, Default)]
struct Said {
    /// Since both sides were at rest, and the last word before that, unless the first one since was said at rest; and where.
    words: Vec<(Side, Value)>,
    /// How many words there were since both sides were at rest.
    since_rest: usize,
    /// Everything that it was ever set to.
    ever: Vec<Value>,
    /// Whether it was set to something that it was before.
    is_back: bool,
}

impl Said {
    fn says(&mut self, side: Side, value: &Value) {
        self.words.push((side, value.clone()));
        self.since_rest += 1;
        self.is_back |= self.ever.contains(value);
        self.ever.push(value.clone());
    }

    /// What may have been said last: where both sides spoke at once, the last word of either. If something was set back, an
    /// earlier word may pass for that.
    fn may_be_last(&self) -> impl Iterator<Item = &Value> {
        let are_both =
            self.words.iter().any(|(side, _)| self.words.first().is_some_and(|(first, _)| side != first));
        let is_last = move |place: usize, side: Side| {
            let later = self.words.get(place + 1..).unwrap_or_default();
            if self.is_back && are_both { true } else { later.iter().all(|(other, _)| *other != side) }
        };
        let words = self.words.iter().enumerate();
        words.filter(move |(place, (side, _))| is_last(*place, *side)).map(|(_, (_, value))| value)
    }
}

impl Ledger {
    pub(super) fn created(&mut self, person: Person, side: Side, properties: &Properties) {
        self.edits += 1;
        let entry = self.people.entry(person).or_default();
        for (name, value) in properties.iter() {
            entry.said.entry(name.to_owned()).or_default().says(side, value);
        }
    }

    /// Somebody set a property. If both sides were at rest, that is what counts.
    pub(super) fn edited(&mut self, person: Person, side: Side, name: &str, value: &Value, at_rest: bool) {
        self.edits += 1;
        let entry = self.people.entry(person).or_default();
        if at_rest {
            entry.said.values_mut().for_each(|said| said.since_rest = 0);
        }
        let said = entry.said.entry(name.to_owned()).or_default();
        if at_rest {
            said.words.clear();
        }
        said.says(side, value);
    }

    /// Whether a property was spoken of more than once since both sides were at rest.
    pub(super) fn is_contested(&self, person: Person, name: &str) -> bool {
        let said = self.people.get(&person).and_then(|entry| entry.said.get(name));
        said.is_some_and(|said| said.since_rest > 1)
    }

    /// Whether a property was spoken of since both sides were at rest, and nowhere but on this one. Where one does not know
    /// what was done, and something was set back, late words may be taken for new ones, for a while.
    pub(super) fn is_said_only(&self, person: Person, name: &str, on: Side, is_unsure: bool) -> bool {
        let said = self.people.get(&person).and_then(|entry| entry.said.get(name));
        said.is_some_and(|said| {
            let mut since_rest = said.words.iter().rev().take(said.since_rest);
            said.since_rest > 0 && !(is_unsure && said.is_back) && since_rest.all(|(side, _)| *side == on)
        })
    }

    /// Whether a property was set to this before.
    pub(super) fn was(&self, person: Person, name: &str, value: &Value) -> bool {
        let said = self.people.get(&person).and_then(|entry| entry.said.get(name));
        said.is_some_and(|said| said.ever.iter().any(|before| near(before, value)))
    }

    pub(super) fn deleted(&mut self, person: Person) {
        self.edits += 1;
        self.people.entry(person).or_default().deleted = true;
    }

    /// Whether somebody is or was there.
    pub(super) fn knows(&self, person: Person) -> bool {
        self.people.contains_key(&person)
    }

    pub(super) fn is_deleted(&self, person: Person) -> bool {
        self.people.get(&person).is_some_and(|entry| entry.deleted)
    }

    /// Those who have to be there.
    pub(super) fn living(&self) -> impl Iterator<Item = Person> {
        self.people.iter().filter(|(_, entry)| !entry.deleted).map(|(person, _)| *person)
    }

    /// The property of which the last word is not what is there, in whatever spelling.
    pub(super) fn lost(&self, person: Person, held: &Properties) -> Option<&str> {
        let absent = Value::Null;
        let mut said = self.people.get(&person)?.said.iter();
        let lost = said.find(|(name, said)| {
            let held = held.get(name).unwrap_or(&absent);
            said.may_be_last().all(|value| !near(value, held))
        });
        lost.map(|(name, _)| name.as_str())
    }
}
