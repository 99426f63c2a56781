//! What a pair remembers: what each side holds as far as we know, and what was written there and not heard of since.

use std::mem;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::diff;
use super::side::Side;
use crate::contact::{Access, Properties, Property, Value};
use crate::id::{ContactId, ExternalId};
use crate::key_store::{ExternalWord, Origin, OtherAnswer, Pair, Traces, Unconfirmed, Written};
use crate::mapping::{ContactMapping, folded, near, one_way};

/// How late something may be told and be recognised as late.
pub(super) const LATE: SignedDuration = SignedDuration::from_mins(15);

/// How often a side says something else in answer to the same before that is taken for its way of spelling it: once is
/// somebody who spoke at the same time.
const OTHER_ANSWERS: u32 = 3;

/// How many replaced values are remembered.
const REMEMBERED: usize = 16;

/// What a side holds of a property, as far as we know.
pub(super) fn held<'a>(pair: &'a Pair, side: Side, name: &str) -> &'a Value {
    let spelt = if side == Side::External { pair.traces.spelt.get(name) } else { None };
    spelt.or_else(|| pair.snapshot.get(name)).unwrap_or(&Value::Null)
}

impl Pair {
    /// A pair that came about by way of a word of the external service's, heard at this time.
    pub(super) fn of_word(
        contact: ContactId,
        external: ExternalId,
        snapshot: Properties,
        word: ExternalWord,
        at: Timestamp,
    ) -> Self {
        let mut pair = Self::new(contact, external, snapshot);
        pair.traces.origin = Some(Origin { word, at });
        pair
    }

    /// Takes down that something is about to be written on a side.
    pub(super) fn will_write<M: ContactMapping>(&mut self, side: Side, changes: &Properties, now: Timestamp) {
        for (name, value) in changes.iter() {
            let changed = match side {
                Side::Botmatic => &mut self.traces.changed_on_botmatic,
                Side::External => &mut self.traces.changed_on_external,
            };
            changed.insert(name.to_owned(), now);
            // What goes one way is not told back.
            let property = M::PROPERTIES.iter().find(|property| property.name == name);
            if !property.is_some_and(Property::goes_both_ways) {
                if value.is_null() {
                    self.traces.cleared.insert(name.to_owned());
                } else {
                    self.traces.cleared.remove(name);
                }
                continue;
            }
            let (held, new) = (digest_of(held(self, side, name)), digest_of(value));
            let written = self.traces.written_mut(side);
            let (mut replaced, last, sure, is_said) = match written.remove(name) {
                // To try again is no change.
                Some(before) if digest_of(&before.value) == new => {
                    (before.replaced, new, before.sure, before.is_said)
                }
                Some(before) => {
                    let last = digest_of(&before.value);
                    let sure = if before.is_told() { Some(last) } else { before.sure };
                    (before.replaced, last, sure, false)
                }
                None => (Vec::new(), held, None, false),
            };
            if last != new {
                replaced.push(last);
            }
            let superfluous = replaced.len().saturating_sub(REMEMBERED);
            replaced.drain(..superfluous);
            written.insert(
                name.to_owned(),
                Unconfirmed { value: value.clone(), replaced, at: now, is_done: false, is_said, sure },
            );
        }
    }

    /// Takes down that these values were written on a side, and both sides hold them now, or are to.
    pub(super) fn agree_on(&mut self, side: Side, changes: Properties) {
        self.has_written(side, &changes);
        self.agree(changes);
    }

    /// The same of what was written on the side that spoke, in place of what it said. Where that was agreed before, the other
    /// side spells it as it did.
    pub(super) fn agree_again(&mut self, side: Side, changes: Properties) {
        self.has_written(side, &changes);
        let is_new =
            |name: &str, value: &Value| side == Side::External || self.snapshot.get(name) != Some(value);
        let changes = changes.into_iter().filter(|(name, value)| is_new(name, value)).collect();
        self.agree(changes);
    }

    fn has_written(&mut self, side: Side, changes: &Properties) {
        for (name, value) in changes.iter() {
            if let Some(written) = self.traces.written_mut(side).get_mut(name) {
                written.is_done |= written.value == *value;
            }
        }
    }

    /// Takes down that both sides hold these values now.
    fn agree(&mut self, values: Properties) {
        for (name, _) in values.iter() {
            self.traces.spelt.remove(name);
        }
        self.snapshot = diff::agreed(mem::take(&mut self.snapshot), values);
    }

    /// Takes down that a side holds what was written there, as it spells it.
    pub(super) fn confirm(&mut self, side: Side, name: &str, said: &Value) {
        let written = self.traces.written_mut(side).remove(name).map_or(Value::Null, |written| written.value);
        if !near(held(self, Side::Botmatic, name), &written) {
            self.agree(Properties::from_iter([(name.to_owned(), written)]));
        }
        if held(self, side, name) != said {
            self.spell(side, name, said.clone());
        }
    }

    /// Takes down how the external service spells what it was given when we created somebody there a moment ago, if these are
    /// the first words about them.
    pub(super) fn is_introduced(&mut self, says: &Properties, now: Timestamp) -> bool {
        let created = self.traces.external_is_new.take();
        let is_new = created.is_some_and(|at| is_recent(at, now));
        for (name, said) in says.iter().filter(|_| is_new) {
            let held = held(self, Side::External, name);
            if said != held && near(said, held) && !self.traces.on_external.contains_key(name) {
                self.spell(Side::External, name, said.clone());
            }
        }
        created.is_some()
    }

    /// Takes down that a side has answered our write with something else. Whether it does so every time: then that is its way
    /// of spelling what was written, however different it looks.
    pub(super) fn is_its_own_way(&mut self, side: Side, name: &str, said: &Value, now: Timestamp) -> bool {
        let written = self.traces.written(side).get(name);
        let Some(written) = written.filter(|written| written.is_done && is_recent(written.at, now)) else {
            return false;
        };
        let (written, said) = (digest_of(&written.value), digest_of(said));
        let answers = match side {
            Side::Botmatic => &mut self.traces.answers_of_botmatic,
            Side::External => &mut self.traces.answers_of_external,
        };
        answers.retain(|_, answer| is_recent(answer.at, now));
        let before = answers.remove(name).filter(|answer| (answer.written, answer.said) == (written, said));
        let times = before.map_or(1, |answer| answer.times.saturating_add(1));
        let is_its_own = times >= OTHER_ANSWERS;
        if !is_its_own {
            answers.insert(name.to_owned(), OtherAnswer { written, said, times, at: now });
        }
        is_its_own
    }

    /// Takes down that a side spells what is agreed in its own way.
    pub(super) fn spell(&mut self, side: Side, name: &str, value: Value) {
        match side {
            Side::External => self.traces.spelt.set(name.to_owned(), value),
            Side::Botmatic => {
                let theirs = held(self, Side::External, name).clone();
                self.agree(Properties::from_iter([(name.to_owned(), value)]));
                self.traces.spelt.set(name.to_owned(), theirs);
            }
        }
    }

    /// Whether news that came by such a word may be older than what is agreed: from before it was written, or from before the
    /// two became a pair.
    pub(super) fn may_be_late(&self, word: ExternalWord, news: &Properties, now: Timestamp) -> bool {
        let never_after = match word {
            ExternalWord::Listed => ExternalWord::Listed,
            ExternalWord::Created | ExternalWord::Changed => ExternalWord::Created,
        };
        let Traces { changed_on_external, changed_on_botmatic, origin, .. } = &self.traces;
        let is_newer = origin.is_some_and(|Origin { word, at }| word != never_after && is_recent(at, now));
        let is_changed = |name| {
            let changed = [changed_on_external, changed_on_botmatic];
            changed.iter().any(|at| at.get(name).is_some_and(|at| is_recent(*at, now)))
        };
        news.iter().any(|(name, _)| is_newer || is_changed(name))
    }

    /// Whether a property was not written since they are a pair.
    pub(super) fn is_unchanged(&self, name: &str) -> bool {
        let Traces { changed_on_botmatic, changed_on_external, .. } = &self.traces;
        !changed_on_botmatic.contains_key(name) && !changed_on_external.contains_key(name)
    }

    /// What a creation says of the properties with this access, if nothing is known of them: it may be told when they have
    /// long been cleared.
    pub(super) fn untold<M: ContactMapping>(&self, access: Access, properties: Properties) -> Properties {
        let is_untold = |name: &str| self.snapshot.get(name).is_none() && !self.traces.cleared.contains(name);
        one_way::<M>(access, properties).into_iter().filter(|(name, _)| is_untold(name)).collect()
    }

    /// Takes down that Botmatic clears something that goes to the external service alone and is not there. Whether that is
    /// new.
    pub(super) fn is_cleared<M: ContactMapping>(&mut self, name: &str, said: &Value) -> bool {
        let is_its_own = |property: &Property| property.name == name && property.access == Access::WriteOnly;
        said.is_null() && M::PROPERTIES.iter().any(is_its_own) && self.traces.cleared.insert(name.to_owned())
    }
}

impl Traces {
    pub(super) fn written(&self, side: Side) -> &Written {
        match side {
            Side::Botmatic => &self.on_botmatic,
            Side::External => &self.on_external,
        }
    }

    /// A side tells of something that was replaced there: what was there before that it tells no more. Whether that is of use.
    pub(super) fn has_told(&mut self, side: Side, name: &str, place: usize) -> bool {
        let Some(written) = self.written_mut(side).get_mut(name) else { return false };
        let was_sure = written.last_sure() == Some(place) && written.sure.take().is_some();
        written.replaced.drain(..place).next().is_some() || was_sure
    }

    /// What is written there a side has said itself, after all that it told before.
    pub(super) fn has_said(&mut self, side: Side, name: &str) {
        let Some(written) = self.written_mut(side).get_mut(name) else { return };
        written.is_said = true;
        written.replaced.splice(..1.min(written.replaced.len()), [digest_of(&written.value)]);
    }

    /// Whether what a side held before the two were a pair is still to be merged with what is agreed.
    pub(super) const fn is_unmerged(&self, side: Side) -> bool {
        match side {
            Side::Botmatic => self.unmerged_on_botmatic,
            Side::External => self.unmerged_on_external,
        }
    }

    pub(super) const fn set_unmerged(&mut self, side: Side, is_unmerged: bool) {
        match side {
            Side::Botmatic => self.unmerged_on_botmatic = is_unmerged,
            Side::External => self.unmerged_on_external = is_unmerged,
        }
    }

    pub(super) fn written_mut(&mut self, side: Side) -> &mut Written {
        match side {
            Side::Botmatic => &mut self.on_botmatic,
            Side::External => &mut self.on_external,
        }
    }
}

impl Unconfirmed {
    /// Whether something was certainly written after the value that stands in this place: the side still has to tell of that.
    pub(super) fn tells_after(&self, place: Option<usize>) -> bool {
        place.zip(self.last_sure()).is_some_and(|(place, sure)| place < sure)
    }

    /// Whether this was certainly written and is told of. What the side has said itself changes nothing there, unless something
    /// else was there by then.
    fn is_told(&self) -> bool {
        self.is_done && (!self.is_said || self.sure.is_some())
    }

    /// Where what was certainly written last stands among what was replaced, if the side has not told of it.
    pub(super) fn last_sure(&self) -> Option<usize> {
        self.replaced.iter().rposition(|replaced| Some(*replaced) == self.sure)
    }
}

/// Whether words that are still under way may be from before this moment.
pub(super) fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < LATE
}

/// The same for all spellings of a value, and in every process and version, since it is stored.
pub(super) fn digest_of(value: &Value) -> u64 {
    let spelling = match value.as_f64() {
        // Zero has two signs, and integers are written without a point.
        Some(number) => (number + 0.0).to_string(),
        None => folded(value).unwrap_or_else(|| value.to_string()),
    };
    let digest = Sha256::digest(spelling);
    digest.iter().take(8).fold(0, |digest, byte| (digest << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(crate::ContactMapping)]
    #[contact(crate = crate)]
    struct Person {
        #[contact(id)]
        id: u64,
        name: Option<String>,
    }

    #[test]
    fn a_number_is_late_however_it_is_written() {
        for (one, other) in [(Value::from(0.0), Value::from(-0.0)), (Value::from(1), Value::from(1.0))] {
            assert_eq!(digest_of(&one), digest_of(&other));
        }
        assert_ne!(digest_of(&Value::from(1)), digest_of(&Value::from(2)));
    }

    #[test]
    fn only_so_many_replaced_values_are_remembered() {
        let mut pair = Pair::new("9001".into(), "17".into(), Properties::new());
        for number in 0..100 {
            let value = Properties::from_iter([("name".to_owned(), format!("value {number}"))]);
            pair.will_write::<Person>(Side::External, &value, Timestamp::UNIX_EPOCH);
            pair.agree_on(Side::External, value);
        }
        let written = pair.traces.on_external.get("name").unwrap();
        assert_eq!(written.replaced.len(), REMEMBERED);
        assert!(written.replaced.contains(&digest_of(&Value::from("value 98"))));
    }
}
