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

    /// The property of which the last word is not what is there, in whatever spelling. Where both sides spoke at once, each
    /// word may have been the last.
    pub(super) fn lost(&self, person: Person, held: &Properties) -> Option<&str> {
        let absent = Value::Null;
        let mut said = self.people.get(&person)?.said.iter();
        let lost = said.find(|(name, said)| {
            let held = held.get(name).unwrap_or(&absent);
            let last_of =
                |of: Side| said.words.iter().rev().find(|(side, _)| *side == of).map(|(_, value)| value);
            let last = [Side::Botmatic, Side::External].map(last_of);
            let is_last = last.into_iter().flatten().any(|value| near(value, held));
            let is_any = said.is_back && said.words.iter().any(|(_, value)| near(value, held));
            !is_last && !is_any && !said.words.is_empty()
        });
        lost.map(|(name, _)| name.as_str())
    }
}
