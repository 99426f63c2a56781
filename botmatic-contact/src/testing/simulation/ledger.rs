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

/// What somebody said of a property, and where.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) side: Side,
    pub(super) value: Value,
    /// Whether the side held the last word of the other one by then.
    pub(super) has_heard: bool,
}

/// What was said of a property.
#[derive(Debug, Default)]
struct Said {
    /// Since both sides were at rest, and the last word before that, unless the first one since was said at rest.
    words: Vec<Word>,
    /// How many words there were since both sides were at rest.
    since_rest: usize,
    /// Everything that it was ever set to.
    ever: Vec<Value>,
    /// Whether it was set to something that it was before.
    is_back: bool,
    /// Whether the integration wrote it in the moment after it had asked, in which somebody else spoke.
    is_crossed: bool,
    /// What the integration wrote since both sides were at rest, and how many words there were by then.
    written: Vec<(Side, Value, usize)>,
    /// What it may have written or not.
    failed: Vec<(Side, Value)>,
    /// Whether it wrote something once more, not knowing what had become of that, on a side that had said something else
    /// meanwhile, or somebody said there what it may have written.
    is_retried: bool,
}

impl Said {
    fn says(&mut self, word: Word) {
        self.since_rest += 1;
        self.is_back |= self.ever.contains(&word.value);
        self.ever.push(word.value.clone());
        self.words.push(word);
    }

    /// Whether somebody says on a side what the integration may have written there when the two spoke without having heard of
    /// each other: that may be taken for the echo.
    fn may_be_written(&self, word: &Word) -> bool {
        let there = self.words.iter().filter(|said| said.side != word.side).map(|said| &said.value);
        let on_this_side = |(side, value)| (side == word.side).then_some(value);
        let failed = self.failed.iter().map(|(side, value)| (*side, value)).filter_map(on_this_side);
        let written = self.written.iter().map(|(side, value, _)| (*side, value)).filter_map(on_this_side);
        let mut written = failed.chain(written).chain(there);
        self.words.iter().any(|said| !said.has_heard) && written.any(|value| near(value, &word.value))
    }

    /// Both sides were at rest.
    fn rests(&mut self) {
        self.words.clear();
        self.written.clear();
        (self.is_crossed, self.is_retried) = (false, false);
    }

    /// The integration writes it on a side.
    fn writes(&mut self, side: Side, value: &Value, is_unsure: bool) {
        let is_heard_over = |(on, what, words): &(Side, Value, usize)| {
            let mut since = self.words.iter().skip(*words);
            (*on, what) == (side, value) && since.any(|word| word.side == side)
        };
        self.is_retried |= is_unsure && self.written.iter().any(is_heard_over);
        self.written.push((side, value.clone(), self.words.len()));
    }

    /// What may have been said last: where both sides spoke at once, the last word of either, or of the owner. If something was
    /// set back, an earlier word may pass for that; and what is retried may pass for it in any case, as may what somebody was
    /// linked with.
    fn may_be_last(&self, owner: Option<Side>, is_linked: bool) -> impl Iterator<Item = &Word> {
        let are_both =
            self.words.iter().any(|word| self.words.first().is_some_and(|first| word.side != first.side));
        let may_be_any = self.is_back && are_both || self.is_retried || is_linked;
        let owner = owner.filter(|_| !self.is_crossed);
        let of_owner = self.words.iter().rposition(|word| Some(word.side) == owner);
        // Whoever spoke again had heard before what they had heard then.
        let since = of_owner.and_then(|last| self.words.get(last + 1..)).unwrap_or_default();
        let has_heard = since.iter().any(|word| word.has_heard);
        let is_last = move |place: usize, word: &Word| {
            let later = self.words.get(place + 1..).unwrap_or_default();
            let is_overruled =
                Some(word.side) != owner && of_owner.is_some_and(|last| place < last || !has_heard);
            later.iter().all(|other| other.side != word.side) && !is_overruled
        };
        let words = self.words.iter().enumerate();
        let lasts = words.filter(move |(place, word)| may_be_any || is_last(*place, word));
        lasts.map(|(_, word)| word)
    }
}

impl Ledger {
    pub(super) fn created(&mut self, person: Person, side: Side, properties: &Properties) {
        self.edits += 1;
        let entry = self.people.entry(person).or_default();
        for (name, value) in properties.iter() {
            entry.said.entry(name.to_owned()).or_default().says(Word {
                side,
                value: value.clone(),
                has_heard: false,
            });
        }
    }

    /// Somebody set a property. If both sides were at rest, that is what counts, unless it may be taken for an echo where one is
    /// not sure of what was done.
    pub(super) fn edited(&mut self, person: Person, name: &str, word: Word, at_rest: bool, is_sure: bool) {
        self.edits += 1;
        let entry = self.people.entry(person).or_default();
        if at_rest {
            entry.said.values_mut().for_each(|said| said.since_rest = 0);
        }
        let said = entry.said.entry(name.to_owned()).or_default();
        let may_be_echo = !is_sure && said.may_be_written(&word);
        if at_rest && !may_be_echo {
            said.rests();
        }
        said.is_retried |= may_be_echo;
        said.says(word);
    }

    /// Whether a property was spoken of more than once since both sides were at rest.
    pub(super) fn is_contested(&self, person: Person, name: &str) -> bool {
        let said = self.people.get(&person).and_then(|entry| entry.said.get(name));
        said.is_some_and(|said| said.since_rest > 1)
    }

    /// Whether a property was spoken of since both sides were at rest, and nowhere but on this one. Where one does not know
    /// what was done, and something was set back, late words may be taken for new ones, for a while.
    pub(super) fn is_said_only(&self, person: Person, name: &str, on: Side, is_sure: bool) -> bool {
        let said = self.people.get(&person).and_then(|entry| entry.said.get(name));
        said.is_some_and(|said| {
            let mut since_rest = said.words.iter().rev().take(said.since_rest);
            said.since_rest > 0 && (is_sure || !said.is_back) && since_rest.all(|word| word.side == on)
        })
    }

    /// The integration was to write properties on a side, and does not know whether it has.
    pub(super) fn fails(&mut self, person: Person, side: Side, changes: &Properties) {
        let mut entry = self.people.get_mut(&person);
        for (name, value) in changes.iter() {
            if let Some(said) = entry.as_mut().and_then(|entry| entry.said.get_mut(name)) {
                said.failed.push((side, value.clone()));
            }
        }
    }

    /// The integration writes properties on a side.
    pub(super) fn writes(&mut self, person: Person, side: Side, changes: &Properties, is_unsure: bool) {
        let mut entry = self.people.get_mut(&person);
        for (name, value) in changes.iter() {
            if let Some(said) = entry.as_mut().and_then(|entry| entry.said.get_mut(name)) {
                said.writes(side, value, is_unsure);
            }
        }
    }

    /// Whether all of this was set back once, to something that it was before.
    pub(super) fn are_back(&self, person: Person, changes: &Properties) -> bool {
        let entry = self.people.get(&person);
        let is_back =
            |name: &str| entry.and_then(|entry| entry.said.get(name)).is_some_and(|said| said.is_back);
        changes.iter().all(|(name, _)| is_back(name))
    }

    /// The integration wrote properties that somebody set after it had asked for them.
    pub(super) fn crossed(&mut self, person: Person, changes: &Properties) {
        let mut entry = self.people.get_mut(&person);
        for (name, _) in changes.iter() {
            if let Some(said) = entry.as_mut().and_then(|entry| entry.said.get_mut(name)) {
                said.is_crossed = true;
            }
        }
    }

    /// What was said last of a property on a side.
    pub(super) fn last_word(&self, person: Person, name: &str, on: Side) -> Option<Value> {
        let said = self.people.get(&person)?.said.get(name)?;
        said.words.iter().rfind(|word| word.side == on).map(|word| word.value.clone())
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

    /// The property of which the last word is not what is there, in whatever spelling, and what may have been that word.
    pub(super) fn lost(
        &self,
        person: Person,
        held: &Properties,
        owner: impl Fn(&str) -> Option<Side>,
        is_linked: bool,
    ) -> Option<(&str, Vec<String>)> {
        let absent = Value::Null;
        let mut said = self.people.get(&person)?.said.iter();
        let (name, said) = said.find(|(name, said)| {
            let held = held.get(name).unwrap_or(&absent);
            said.may_be_last(owner(name), is_linked).all(|word| !near(&word.value, held))
        })?;
        let words =
            said.may_be_last(owner(name), is_linked).map(|word| format!("{} on {}", word.value, word.side));
        Some((name, words.collect()))
    }
}
