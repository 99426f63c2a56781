//! What one side says of a contact, measured against what both sides agreed on: news, an echo, a late word, or our own
//! words in another spelling.
//!
//! For a property, with what the side holds as far as we know (`held`), and what we wrote there last and have not heard of
//! since (`written`):
//!
//! | nothing written | written | what is said | what it is |
//! |---|---|---|---|
//! | x | | held | nothing |
//! | x | | anything else | news |
//! | | x | written | the echo: confirmed, unless the write may not have taken place: then the external service is asked |
//! | | x | written, in another spelling | the side tidied it: confirmed as it is spelt there |
//! | | x | what was replaced, and it may be late | a late word: nothing |
//! | | x | anything else | a conflict: news, unless the other side owns the property; then it is written again |
//!
//! A word that was read just now is never late. One that is told may be, for a quarter of an hour.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::diff;
use crate::contact::{Owner, Properties, Property, Value};
use crate::key_store::{Half, Pair, Traces, Unconfirmed, Written};
use crate::mapping::{ContactMapping, folded, near};

/// How late something may be told and be recognised as late.
const LATE: SignedDuration = SignedDuration::from_mins(15);

/// How many replaced values are remembered.
const REMEMBERED: usize = 16;

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Botmatic,
    External,
}

impl Side {
    /// Where somebody is.
    pub(super) fn of(half: &Half) -> Self {
        match half {
            Half::Contact(_) => Self::Botmatic,
            Half::External(_) => Self::External,
        }
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::Botmatic => Self::External,
            Self::External => Self::Botmatic,
        }
    }

    fn owns(self, owner: Option<Owner>) -> bool {
        owner == Some(if self == Self::Botmatic { Owner::Botmatic } else { Owner::External })
    }
}

/// A statement of one side.
pub(super) struct Statement<'a> {
    pub(super) side: Side,
    /// What is said; what is cleared is `null`, and what is absent is not spoken of.
    pub(super) says: &'a Properties,
    /// Whether it was read just now, and so can be no late word.
    pub(super) is_current: bool,
    pub(super) now: Timestamp,
}

/// What follows from a statement.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Heard {
    /// News, for the other side.
    pub(super) news: Properties,
    /// What is to be written on the side that spoke, in place of what it said.
    pub(super) again: Properties,
    /// Whether something was taken for a late word.
    pub(super) has_doubt: bool,
    /// Whether the pair has changed: something was confirmed.
    pub(super) has_learnt: bool,
}

impl Heard {
    /// Whether nobody has to be told of anything.
    pub(super) fn is_settled(&self) -> bool {
        self.news.is_empty() && self.again.is_empty()
    }
}

/// Measures a statement against a pair, and takes down in the pair what it confirms.
pub(super) fn hear<M: ContactMapping>(pair: &mut Pair, statement: &Statement<'_>) -> Heard {
    let Statement { side, says, is_current, now } = *statement;
    let mut heard = Heard::default();
    let is_first_word = side == Side::External && pair.traces.external_is_new;
    if is_first_word {
        pair.traces.external_is_new = false;
        heard.has_learnt = true;
    }
    for (name, said) in says.iter() {
        let held = held(pair, side, name);
        // What was to be written on the other side when the process was killed, or when it did not answer.
        let undone = pair.traces.written(side.other()).get(name);
        let may_be_undone =
            near(said, held) && undone.is_some_and(|undone| !undone.is_done || !near(&undone.value, said));
        let Some(written) = pair.traces.written(side).get(name) else {
            let is_spelling = is_first_word && said != held && near(said, held);
            if may_be_undone || said != held && !is_spelling {
                heard.news.set(name.to_owned(), said.clone());
            }
            if is_spelling {
                pair.spell(side, name, said.clone());
            }
            continue;
        };
        let may_be_late = !is_current && now.duration_since(written.at) < LATE;
        let is_late = || may_be_late && written.replaced.contains(&digest_of(said));
        if may_be_late && side == Side::External && !written.is_done && near(said, &written.value) {
            // Somebody may have set it back to what it was there before, and our write did not take place.
            heard.has_doubt = true;
        } else if *said == written.value {
            let said = said.clone();
            pair.traces.written_mut(side).remove(name);
            pair.agree(name, said);
            heard.has_learnt = true;
        } else if near(said, &written.value) && now.duration_since(written.at) < LATE {
            let (said, written) = (said.clone(), written.value.clone());
            pair.traces.written_mut(side).remove(name);
            pair.agree(name, written);
            pair.spell(side, name, said);
            heard.has_learnt = true;
        } else if near(said, held) {
            // The write did not take place, or not yet.
            if may_be_undone {
                heard.news.set(name.to_owned(), said.clone());
            }
        } else if is_late() {
            heard.has_doubt = true;
        } else if side.other().owns(owner::<M>(name)) {
            heard.again.set(name.to_owned(), written.value.clone());
        } else {
            // What comes after this is measured against it.
            pair.traces.written_mut(side).remove(name);
            heard.news.set(name.to_owned(), said.clone());
        }
    }
    heard
}

/// What follows from what somebody was created with who was taken for the counterpart of somebody else, by the e-mail
/// address: the two may differ. Where both have a value the external one counts, unless Botmatic owns the property; what
/// only one has, the other gets.
pub(super) fn merge<M: ContactMapping>(pair: &Pair, side: Side, created: &Properties) -> Heard {
    let mut heard = Heard::default();
    let have_met = pair.traces.have_met;
    for property in M::PROPERTIES.iter().filter(|property| have_met && property.goes_both_ways()) {
        let name = &*property.name;
        let (known, said) = (pair.snapshot.get(name), created.get(name));
        let counts = match (known, said) {
            (Some(known), Some(said)) if !near(known, said) => {
                (side == Side::External) != (property.owner == Some(Owner::Botmatic))
            }
            (None, Some(_)) => true,
            (Some(_), None) => false,
            _ => continue,
        };
        let (changes, value) = if counts { (&mut heard.news, said) } else { (&mut heard.again, known) };
        changes.extend(value.map(|value| (name.to_owned(), value.clone())));
    }
    heard
}

/// What a side holds of a property, as far as we know.
fn held<'a>(pair: &'a Pair, side: Side, name: &str) -> &'a Value {
    let spelt = if side == Side::External { pair.traces.spelt.get(name) } else { None };
    spelt.or_else(|| pair.snapshot.get(name)).unwrap_or(&Value::Null)
}

/// Whose word counts where both sides said something.
pub(super) fn owner<M: ContactMapping>(name: &str) -> Option<Owner> {
    M::PROPERTIES.iter().find(|property| property.name == name)?.owner
}

impl Pair {
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
                continue;
            }
            let held = digest_of(held(self, side, name));
            let written = self.traces.written_mut(side);
            let before = written.remove(name);
            let mut replaced = before.as_ref().map_or_else(Vec::new, |before| before.replaced.clone());
            for digest in before.iter().map(|before| digest_of(&before.value)).chain([held]) {
                if !replaced.contains(&digest) {
                    replaced.push(digest);
                }
            }
            let superfluous = replaced.len().saturating_sub(REMEMBERED);
            replaced.drain(..superfluous);
            written.insert(
                name.to_owned(),
                Unconfirmed { value: value.clone(), replaced, at: now, is_done: false },
            );
        }
    }

    /// Takes down that both sides hold these values now.
    pub(super) fn agree_on(&mut self, changes: Properties) {
        let Traces { spelt, on_botmatic, on_external, have_met, .. } = &mut self.traces;
        *have_met = false;
        for (name, _) in changes.iter() {
            spelt.remove(name);
            for written in [on_botmatic.get_mut(name), on_external.get_mut(name)].into_iter().flatten() {
                written.is_done = true;
            }
        }
        self.snapshot = diff::agreed(std::mem::take(&mut self.snapshot), changes);
    }

    fn agree(&mut self, name: &str, value: Value) {
        self.agree_on(Properties::from_iter([(name.to_owned(), value)]));
    }

    /// Takes down that a side spells what is agreed in its own way.
    pub(super) fn spell(&mut self, side: Side, name: &str, value: Value) {
        match side {
            Side::External => self.traces.spelt.set(name.to_owned(), value),
            Side::Botmatic => {
                let theirs = held(self, Side::External, name).clone();
                self.agree(name, value);
                self.traces.spelt.set(name.to_owned(), theirs);
            }
        }
    }

    /// Whether news of the external service's may be older than what is agreed.
    pub(super) fn may_be_late(&self, news: &Properties, now: Timestamp) -> bool {
        let is_recent = |at: &Timestamp| now.duration_since(*at) < LATE;
        let Traces { told_at, changed_on_external, .. } = &self.traces;
        !news.is_empty() && told_at.iter().any(is_recent)
            || news.iter().any(|(name, _)| changed_on_external.get(name).is_some_and(is_recent))
            || self.may_overwrite(news, now)
    }

    /// Whether news of Botmatic's may be in the way of something that the external service has not told of yet: of what
    /// was changed there a short time ago.
    pub(super) fn may_overwrite(&self, news: &Properties, now: Timestamp) -> bool {
        let changed = &self.traces.changed_on_botmatic;
        news.iter().any(|(name, _)| changed.get(name).is_some_and(|at| now.duration_since(*at) < LATE))
    }

    /// Whether nothing was written since they are a pair.
    pub(super) fn is_unchanged(&self) -> bool {
        self.traces.changed_on_botmatic.is_empty() && self.traces.changed_on_external.is_empty()
    }
}

impl Traces {
    fn written(&self, side: Side) -> &Written {
        match side {
            Side::Botmatic => &self.on_botmatic,
            Side::External => &self.on_external,
        }
    }

    fn written_mut(&mut self, side: Side) -> &mut Written {
        match side {
            Side::Botmatic => &mut self.on_botmatic,
            Side::External => &mut self.on_external,
        }
    }
}

/// The same for all spellings of a value, and in every process and version, since it is stored.
fn digest_of(value: &Value) -> u64 {
    let digest = Sha256::digest(folded(value).unwrap_or_else(|| value.to_string()));
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
        anybodys: Option<String>,
        #[contact(owner = botmatic)]
        botmatics: Option<String>,
        #[contact(owner = external)]
        externals: Option<String>,
    }

    /// What is known of a property when something is said of it.
    #[derive(Debug, Clone, Copy)]
    enum Known {
        /// Both sides hold `Old`.
        Settled,
        /// `New` was written in place of `Old` so many minutes ago, and not heard of since.
        Written { minutes: i64 },
        /// The same was about to be written when the process was killed.
        Undone,
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Meaning {
        Nothing,
        News,
        Confirmed,
        Respelt,
        Late,
        /// It may be late, so the external service is asked; Botmatic is believed.
        Doubtful,
        /// News, or what was written is written again if the other side owns the property.
        Conflict,
    }

    use Known::{Settled, Undone, Written};
    use Meaning::{Confirmed, Conflict, Doubtful, Late, News, Nothing, Respelt};

    /// What is known, what is said, and what that means if it is told and if it was read just now.
    const TABLE: [(Known, Option<&str>, Meaning, Meaning); 20] = [
        (Settled, Some("Old"), Nothing, Nothing),
        (Settled, Some("old "), News, News),
        (Settled, Some("Other"), News, News),
        (Settled, None, News, News),
        (Written { minutes: 1 }, Some("New"), Confirmed, Confirmed),
        (Written { minutes: 1 }, Some(" new"), Respelt, Respelt),
        (Written { minutes: 1 }, Some("Old"), Late, Conflict),
        (Written { minutes: 1 }, Some("OLD"), Late, Conflict),
        (Written { minutes: 1 }, Some("Other"), Conflict, Conflict),
        (Written { minutes: 1 }, None, Conflict, Conflict),
        (Written { minutes: 20 }, Some("New"), Confirmed, Confirmed),
        // By now it is somebody who spells it otherwise, or wants it back.
        (Written { minutes: 20 }, Some("Old"), Conflict, Conflict),
        (Written { minutes: 20 }, Some("Other"), Conflict, Conflict),
        (Written { minutes: 20 }, None, Conflict, Conflict),
        (Undone, Some("Old"), Nothing, Nothing),
        (Undone, Some("old "), Nothing, Nothing),
        (Undone, Some("New"), Doubtful, Confirmed),
        (Undone, Some(" new"), Doubtful, Respelt),
        (Undone, Some("Other"), Conflict, Conflict),
        (Undone, None, Conflict, Conflict),
    ];

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + 60 * minute).unwrap()
    }

    fn properties(name: &str, value: &str) -> Properties {
        Properties::from_iter([(name.to_owned(), value)])
    }

    fn pair(known: Known, side: Side, name: &str) -> Pair {
        let mut pair = Pair::new("9001".into(), "17".into(), properties(name, "Old"));
        match known {
            Settled => {}
            Written { minutes } => {
                pair.will_write::<Person>(side, &properties(name, "New"), at(-minutes));
                pair.agree_on(properties(name, "New"));
            }
            Undone => pair.will_write::<Person>(side, &properties(name, "New"), at(-1)),
        }
        pair
    }

    #[test]
    fn of_two_who_met_the_external_value_counts_unless_botmatic_owns_it_and_nothing_is_cleared() {
        let values = |text: &str| -> Properties {
            let values = text.split_whitespace().filter_map(|value| value.split_once('='));
            values.map(|(name, value)| (name.to_owned(), value)).collect()
        };
        // What is agreed, what somebody was created with, and what follows if that was on Botmatic, and if outside.
        let table = [
            ("anybodys=A", "anybodys=B", ["", "anybodys=A"], ["anybodys=B", ""]),
            ("externals=A", "externals=B", ["", "externals=A"], ["externals=B", ""]),
            ("botmatics=A", "botmatics=B", ["botmatics=B", ""], ["", "botmatics=A"]),
            ("anybodys=A", "anybodys=a", ["", ""], ["", ""]),
            ("anybodys=A", "externals=B", ["externals=B", "anybodys=A"], ["externals=B", "anybodys=A"]),
        ];
        for (agreed, created, on_botmatic, outside) in table {
            for (side, [news, again]) in [(Side::Botmatic, on_botmatic), (Side::External, outside)] {
                let mut pair = Pair::new("9001".into(), "17".into(), values(agreed));
                assert_eq!(merge::<Person>(&pair, side, &values(created)), Heard::default());
                pair.traces.have_met = true;
                let heard = merge::<Person>(&pair, side, &values(created));
                assert_eq!((heard.news, heard.again), (values(news), values(again)), "{side:?}: {created}");
                pair.agree_on(values("anybodys=C"));
                assert_eq!(merge::<Person>(&pair, side, &values(created)), Heard::default());
            }
        }
    }

    #[test]
    fn each_word_means_one_thing_whoever_says_it_and_whoever_owns_the_property() {
        for side in [Side::Botmatic, Side::External] {
            for (name, owner) in [
                ("anybodys", None),
                ("botmatics", Some(Owner::Botmatic)),
                ("externals", Some(Owner::External)),
            ] {
                for (known, said, told, read) in TABLE {
                    let told = if (told, side) == (Doubtful, Side::Botmatic) { read } else { told };
                    for (is_current, expected) in [(false, told), (true, read)] {
                        let mut pair = pair(known, side, name);
                        let before = pair.clone();
                        let says = Properties::from_iter([(name.to_owned(), Value::from(said))]);
                        let heard = hear::<Person>(
                            &mut pair,
                            &Statement { side, says: &says, is_current, now: at(0) },
                        );
                        let other_owns = side.other().owns(owner);
                        let (news, again) = match expected {
                            Conflict if other_owns => (Properties::new(), properties(name, "New")),
                            News | Conflict => (says.clone(), Properties::new()),
                            Nothing | Confirmed | Respelt | Late | Doubtful => {
                                (Properties::new(), Properties::new())
                            }
                        };
                        let context = format!("{side:?} {name} {known:?} {said:?} {is_current}");
                        assert_eq!((&heard.news, &heard.again), (&news, &again), "{context}");
                        assert_eq!(heard.has_doubt, matches!(expected, Late | Doubtful), "{context}");
                        let has_learnt = matches!(expected, Confirmed | Respelt);
                        assert_eq!(heard.has_learnt, has_learnt, "{context}");
                        if has_learnt {
                            assert!(pair.traces.written(side).is_empty(), "{context}");
                            assert_eq!(*held(&pair, side, name), Value::from(said), "{context}");
                            assert_eq!(*held(&pair, side.other(), name), "New", "{context}");
                        } else if heard.is_settled() {
                            assert_eq!(pair, before, "{context}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_may_not_have_been_written_is_written_again_when_its_side_says_it_again() {
        for side in [Side::Botmatic, Side::External] {
            let mut pair = pair(Undone, side.other(), "anybodys");
            let says = properties("anybodys", "Old");
            let statement = Statement { side, says: &says, is_current: false, now: at(0) };
            assert_eq!(hear::<Person>(&mut pair, &statement).news, says);
        }
    }

    #[test]
    fn a_side_that_spells_a_value_in_its_own_way_is_asked_for_nothing() {
        for side in [Side::Botmatic, Side::External] {
            let mut pair = pair(Written { minutes: 1 }, side, "anybodys");
            let now = at(0);
            let tidy = properties("anybodys", "new");
            let heard = hear::<Person>(&mut pair, &Statement { side, says: &tidy, is_current: false, now });
            assert!(heard.is_settled());
            // From now on each says what it holds, and neither is news.
            for (side, says) in [(side, tidy), (side.other(), properties("anybodys", "New"))] {
                let heard =
                    hear::<Person>(&mut pair, &Statement { side, says: &says, is_current: true, now });
                assert_eq!(heard, Heard::default(), "{side:?}");
            }
        }
    }

    #[test]
    fn only_so_many_replaced_values_are_remembered() {
        let mut pair = pair(Settled, Side::External, "anybodys");
        for number in 0..100 {
            let value = properties("anybodys", &format!("value {number}"));
            pair.will_write::<Person>(Side::External, &value, at(0));
            pair.agree_on(value);
        }
        let written = pair.traces.on_external.get("anybodys").unwrap();
        assert_eq!(written.replaced.len(), REMEMBERED);
        assert!(written.replaced.contains(&digest_of(&Value::from("value 98"))));
    }
}
