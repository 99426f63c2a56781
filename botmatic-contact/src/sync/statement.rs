//! What one side says of a contact, measured against what both sides agreed on: news, an echo, a late word, or our own
//! words in another spelling.
//!
//! For a property, with what the side holds as far as we know (`held`), and what we wrote there last, within a quarter of an
//! hour, and have not heard of since (`written`):
//!
//! | nothing written | written | what is said | what it is |
//! |---|---|---|---|
//! | x | | held | nothing, unless it may not have got to the other side: then it is news |
//! | x | | anything else | news |
//! | | x | written | the echo: confirmed, unless it may be what was there before: that is asked for, or waited for |
//! | | x | written, in place of the same word, and not known to be done | its own word: written once more |
//! | | x | what may have been there after its own word, before we wrote that once more | a late word, or somebody's: ours is written again |
//! | | x | written, in another spelling | the side tidied it: confirmed as it is spelt there |
//! | | x | held, in whatever spelling | our write did not take place, or not yet: nothing |
//! | | x | what was replaced, and it may be late | a late word: nothing |
//! | | x | anything else | a conflict: news, unless the other side owns the property: then ours is written again |
//! | | x | the same in answer to the same for the third time | the side makes that of it: confirmed as it is spelt there |
//!
//! A word that was read just now is never late. One that is told may be, for a quarter of an hour. While one waits for an echo,
//! our write may have come after the word on the side that spoke: so news are written there, too. After that time nobody
//! waits for an echo any more: a side need not tell of what we write.

use jiff::Timestamp;

use super::side::Side;
use super::traces::{digest_of, held, is_recent};
use crate::contact::{Owner, Properties, Value};
use crate::key_store::Pair;
use crate::mapping::{ContactMapping, near};

/// A statement of one side.
pub(super) struct Statement<'a> {
    pub(super) side: Side,
    /// What is said; what is cleared is `null`, and what is absent is not spoken of.
    pub(super) says: &'a Properties,
    pub(super) came: Came,
    pub(super) now: Timestamp,
}

/// How a statement came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// It was read just now, and so can be no late word.
    Read,
    /// It was told after all that was so before, by somebody who cannot be asked.
    InOrder,
    /// It was told in any order, by somebody who can be asked.
    Told,
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
    /// Whether that was said in another spelling.
    pub(super) is_respelt: bool,
}

impl Heard {
    /// Whether nobody has to be told of anything.
    pub(super) fn is_settled(&self) -> bool {
        self.news.is_empty() && self.again.is_empty()
    }
}

/// What a side says of one property.
enum Word {
    Known,
    /// It is written on the side that spoke, too, if our own write may have come after it there.
    News {
        again: bool,
    },
    /// Our own, in whatever spelling.
    Echo,
    /// It may have been so before our write, at this place among what was replaced.
    Late(Option<usize>),
    /// What was there before our write, which has not been told of yet, and may not have taken place.
    Before(Option<usize>),
    /// Ours is written again. What was said stands at this place among what was replaced.
    Overruled(Option<usize>),
}

/// Measures a statement against a pair, and takes down in the pair what it confirms.
pub(super) fn hear<M: ContactMapping>(pair: &mut Pair, statement: &Statement<'_>) -> Heard {
    let Statement { side, says, came, now } = *statement;
    if pair.traces.is_unmerged(side) {
        return merge::<M>(pair, side, says);
    }
    let has_learnt = side == Side::External && pair.is_introduced(says, now);
    let mut heard = Heard { has_learnt, ..Heard::default() };
    for (name, said) in says.iter() {
        let mut word = understood::<M>(pair, statement, name, said);
        // What may have been told twice is no other answer, and what was said before our write is none.
        let is_answer = came != Came::Told && matches!(word, Word::News { .. } | Word::Overruled(_));
        if is_answer && pair.is_its_own_way(side, name, said, now) {
            word = Word::Echo;
        }
        match word {
            Word::Known => heard.has_learnt |= pair.is_cleared::<M>(name, said),
            Word::News { again } => {
                heard.news.set(name.to_owned(), said.clone());
                if again {
                    heard.again.set(name.to_owned(), said.clone());
                } else {
                    // What comes after this is measured against it.
                    pair.traces.written_mut(side).remove(name);
                }
            }
            Word::Echo => {
                heard.is_respelt |=
                    pair.traces.written(side).get(name).is_some_and(|ours| ours.value != *said);
                heard.has_learnt = true;
                pair.confirm(side, name, said);
            }
            Word::Late(place) => {
                heard.has_doubt = true;
                heard.has_learnt |= place.is_some_and(|place| pair.traces.has_told(side, name, place));
            }
            Word::Before(place) => {
                heard.has_learnt |= place.is_some_and(|place| pair.traces.has_told(side, name, place));
            }
            Word::Overruled(place) => {
                heard.has_learnt |= place.is_some_and(|place| pair.traces.has_told(side, name, place));
                let ours = pair.traces.written(side).get(name).map(|written| written.value.clone());
                heard.again.extend(ours.map(|ours| (name.to_owned(), ours)));
            }
        }
    }
    heard
}

/// What is said of a property.
fn understood<M: ContactMapping>(pair: &Pair, statement: &Statement<'_>, name: &str, said: &Value) -> Word {
    let Statement { side, came, now, .. } = *statement;
    let held = held(pair, side, name);
    let written = pair.traces.written(side).get(name);
    // What was to be written on the other side when the process was killed, or when it did not answer: but for what that side
    // has said itself, and was to be written on both.
    let is_on_both = |value: &Value| written.is_some_and(|written| written.value == *value);
    let undone = pair.traces.written(side.other()).get(name);
    let undone = undone.filter(|undone| !(undone.is_said && is_on_both(&undone.value)));
    let may_be_undone =
        near(said, held) && undone.is_some_and(|undone| !undone.is_done || !near(&undone.value, said));
    let written = match written {
        Some(written) if is_recent(written.at, now) => written,
        Some(written) if written.value == *said => return Word::Echo,
        _ if may_be_undone || said != held => return Word::News { again: false },
        _ => return Word::Known,
    };
    let may_be_late = came != Came::Read;
    let digest = digest_of(said);
    let replaced = written.replaced.iter().position(|replaced| may_be_late && *replaced == digest);
    let is_back = written.tells_after(replaced);
    // Whether we wrote what the side itself had said, and it has not told of all that may have been there between.
    let is_between = came == Came::InOrder && written.is_said && written.replaced.len() > 1;
    let may_be_older = match came {
        Came::Told => replaced.is_some() || !written.is_done || is_back,
        Came::InOrder | Came::Read => is_back || is_between,
    };
    if near(said, &written.value) {
        let is_begun = undone.is_some_and(|undone| !undone.is_done && near(&undone.value, said));
        return if came == Came::InOrder && !written.is_done && (is_begun || is_back) {
            // The word that we were about to write on both sides, and not the echo of that.
            Word::News { again: true }
        } else if came == Came::InOrder && !written.is_done && is_between {
            // It is on the other side meanwhile; what was replaced here may have come after it.
            Word::Overruled(None)
        } else if may_be_late && may_be_older {
            // It was the same before: set back by us, or by somebody there before our write, which did not take place.
            Word::Late(None)
        } else {
            Word::Echo
        };
    }
    // It was there for a moment, and ours after it; or it never was, and somebody wants it now.
    let may_be_wanted = is_between && replaced > written.last_sure().max(Some(0));
    if near(said, held) && !may_be_undone {
        Word::Before(replaced)
    } else if may_be_wanted {
        Word::Overruled(replaced)
    } else if replaced.is_some() && !near(said, held) {
        Word::Late(replaced)
    } else if side.other().owns(owner::<M>(name)) {
        Word::Overruled(None)
    } else {
        Word::News { again: may_be_late }
    }
}

/// What follows from what a side says of somebody who was taken for the counterpart of somebody else, by the e-mail address,
/// and of whom this is the first word since: the two may differ. Where both have a value the external one counts, unless
/// Botmatic owns the property; what only one has, the other gets.
pub(super) fn merge<M: ContactMapping>(pair: &mut Pair, side: Side, says: &Properties) -> Heard {
    let mut heard = Heard::default();
    let mut is_under_way = false;
    if !pair.traces.is_unmerged(side) {
        return heard;
    }
    for property in M::PROPERTIES.iter().filter(|property| property.goes_both_ways()) {
        let name = &*property.name;
        let (known, said) = (pair.snapshot.get(name), says.get(name).filter(|said| !said.is_null()));
        let ours = pair.traces.written(side).get(name).map(|written| &written.value);
        let counts = match (known, said) {
            // The echo of an attempt to merge the two that was cut short, and will be made again.
            (_, Some(said)) if ours.is_some_and(|ours| near(ours, said)) => {
                is_under_way = true;
                continue;
            }
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
    if heard.is_settled() && !is_under_way {
        pair.traces.set_unmerged(side, false);
        heard.has_learnt = true;
    }
    heard
}

/// Whose word counts where both sides said something.
pub(super) fn owner<M: ContactMapping>(name: &str) -> Option<Owner> {
    M::PROPERTIES.iter().find(|property| property.name == name)?.owner
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
        /// News, which is written where it was said, too, if what we wrote may have come after it; or what was written is
        /// written again, if the other side owns the property.
        Conflict,
    }

    use Known::{Settled, Undone, Written};
    use Meaning::{Confirmed, Conflict, Doubtful, Late, News, Nothing, Respelt};

    /// What is known, what is said, and what that means if it is told and if it was read just now.
    const TABLE: [(Known, Option<&str>, Meaning, Meaning); 21] = [
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
        (Written { minutes: 20 }, Some(" new"), News, News),
        (Written { minutes: 20 }, Some("Old"), News, News),
        (Written { minutes: 20 }, Some("Other"), News, News),
        (Written { minutes: 20 }, None, News, News),
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

    /// How the side tells.
    fn came_of(side: Side) -> Came {
        if side == Side::Botmatic { Came::InOrder } else { Came::Told }
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
                pair.agree_on(side, properties(name, "New"));
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
                assert_eq!(merge::<Person>(&mut pair, side, &values(created)), Heard::default());
                pair.traces.set_unmerged(side, true);
                assert_eq!(merge::<Person>(&mut pair, side.other(), &values(created)), Heard::default());
                let heard = merge::<Person>(&mut pair, side, &values(created));
                assert_eq!(heard.has_learnt, heard.is_settled(), "{side:?}: {created}");
                assert_eq!((heard.news, heard.again), (values(news), values(again)), "{side:?}: {created}");
                pair.traces.set_unmerged(side, false);
                assert_eq!(merge::<Person>(&mut pair, side, &values(created)), Heard::default());
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
                    for (came, expected) in [(came_of(side), told), (Came::Read, read)] {
                        let mut pair = pair(known, side, name);
                        let before = pair.clone();
                        let says = Properties::from_iter([(name.to_owned(), Value::from(said))]);
                        let heard =
                            hear::<Person>(&mut pair, &Statement { side, says: &says, came, now: at(0) });
                        let other_owns = side.other().owns(owner);
                        let may_be_late = came != Came::Read;
                        let (news, again) = match expected {
                            Conflict if other_owns => (Properties::new(), properties(name, "New")),
                            Conflict if may_be_late => (says.clone(), says.clone()),
                            News | Conflict => (says.clone(), Properties::new()),
                            Nothing | Confirmed | Respelt | Late | Doubtful => {
                                (Properties::new(), Properties::new())
                            }
                        };
                        let context = format!("{side:?} {name} {known:?} {said:?} {came:?}");
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
    fn what_was_set_back_is_confirmed_when_the_side_has_told_of_what_was_there_between() {
        for side in [Side::Botmatic, Side::External] {
            for is_certain in [true, false] {
                let mut pair = Pair::new("9001".into(), "17".into(), properties("anybodys", "Old"));
                pair.will_write::<Person>(side, &properties("anybodys", "New"), at(0));
                if is_certain {
                    pair.agree_on(side, properties("anybodys", "New"));
                }
                pair.will_write::<Person>(side, &properties("anybodys", "Old"), at(0));
                pair.agree_on(side, properties("anybodys", "Old"));
                let mut hear = |value| {
                    let says = properties("anybodys", value);
                    let heard = hear::<Person>(
                        &mut pair,
                        &Statement { side, says: &says, came: came_of(side), now: at(1) },
                    );
                    assert!(heard.is_settled(), "{side:?} {value}");
                    (heard.has_doubt, pair.traces.written(side).is_empty())
                };
                // Of before, or of now.
                if side == Side::External || is_certain {
                    assert_eq!(hear("Old"), (true, false), "{side:?}");
                    assert_eq!(hear("New"), (true, false), "{side:?}");
                }
                // Botmatic, which cannot be asked, may not have to tell of what may not have taken place.
                assert_eq!(hear("Old"), (false, true), "{side:?}");
            }
        }
    }

    #[test]
    fn what_a_side_said_itself_is_confirmed_when_it_has_told_of_what_we_wrote_between() {
        for side in [Side::Botmatic, Side::External] {
            // It said `Other`, and may have been given `New` after that.
            let mut pair = pair(Written { minutes: 1 }, side, "anybodys");
            let other = properties("anybodys", "Other");
            pair.will_write::<Person>(side, &other, at(0));
            pair.traces.has_said(side, "anybodys");
            pair.agree_on(side, other);
            for (value, is_confirmed) in [("Other", false), ("New", false), ("Other", true)] {
                let says = properties("anybodys", value);
                let came = Came::InOrder;
                let heard = hear::<Person>(&mut pair, &Statement { side, says: &says, came, now: at(0) });
                assert!(heard.is_settled(), "{side:?} {value}");
                assert_eq!(pair.traces.written(side).is_empty(), is_confirmed, "{side:?} {value}");
            }
        }
    }

    #[test]
    fn what_a_side_said_itself_is_written_again_when_it_tells_of_what_may_have_been_there_after_it() {
        for side in [Side::Botmatic, Side::External] {
            // It was to be given `New`, which may have failed, and said `Other`.
            let mut pair = pair(Undone, side, "anybodys");
            let other = properties("anybodys", "Other");
            pair.will_write::<Person>(side, &other, at(0));
            pair.traces.has_said(side, "anybodys");
            let mut hear = |value| {
                let says = properties("anybodys", value);
                let came = Came::InOrder;
                let heard = hear::<Person>(&mut pair, &Statement { side, says: &says, came, now: at(0) });
                assert!(heard.news.is_empty(), "{side:?} {value}");
                let is_again = heard.again == other;
                assert!(is_again || heard.again.is_empty(), "{side:?} {value}");
                pair.agree_again(side, heard.again);
                (is_again, pair.traces.written(side).is_empty())
            };
            // Nobody knows whether that was written, then nobody knows what came of `New`, and then it has.
            for (value, expected) in [
                ("Other", (true, false)),
                ("Other", (false, false)),
                ("New", (true, false)),
                ("Other", (false, true)),
            ] {
                assert_eq!(hear(value), expected, "{side:?} {value}");
            }
        }
    }

    #[test]
    fn what_may_not_have_been_written_is_written_again_when_its_side_says_it_again() {
        for side in [Side::Botmatic, Side::External] {
            let mut pair = pair(Undone, side.other(), "anybodys");
            let says = properties("anybodys", "Old");
            let statement = Statement { side, says: &says, came: came_of(side), now: at(0) };
            assert_eq!(hear::<Person>(&mut pair, &statement).news, says);
        }
    }

    #[test]
    fn who_met_is_merged_by_whatever_is_said_first_and_nothing_is_cleared() {
        let mut pair = Pair::new("9001".into(), "17".into(), properties("anybodys", "Paris"));
        pair.traces.set_unmerged(Side::External, true);
        let says = Properties::from_iter([
            ("anybodys".to_owned(), Value::Null),
            ("externals".to_owned(), Value::from("Told")),
        ]);
        let statement = Statement { side: Side::External, says: &says, came: Came::Told, now: at(0) };
        let heard = hear::<Person>(&mut pair, &statement);
        assert_eq!(heard.news, properties("externals", "Told"));
        assert_eq!(heard.again, properties("anybodys", "Paris"));
    }

    #[test]
    fn a_side_that_makes_something_else_of_a_value_is_not_given_it_for_ever() {
        for (name, is_overruled) in [("anybodys", false), ("botmatics", true), ("externals", false)] {
            let side = Side::External;
            let mut pair = pair(Settled, side, name);
            let [ours, theirs] = ["+33 6 12 34 56", "06 12 34 56"].map(|value| properties(name, value));
            let told = |says: &Properties, pair: &mut Pair| {
                let heard = hear::<Person>(pair, &Statement { side, says, came: Came::Read, now: at(0) });
                assert!(heard.news.is_empty() || !is_overruled);
                heard
            };
            for answer in 1.. {
                pair.will_write::<Person>(side, &ours, at(0));
                pair.agree_on(side, ours.clone());
                let heard = told(&theirs, &mut pair);
                if heard.is_settled() {
                    assert!(heard.has_learnt && answer == 3, "{name} {answer}");
                    break;
                }
                // Botmatic is given what they say, and makes of it what it said before.
                pair.agree_on(side.other(), heard.news);
            }
            assert!(told(&theirs, &mut pair).is_settled(), "{name}");
            assert_eq!(pair.snapshot, ours, "{name}");
        }
    }

    #[test]
    fn a_side_that_spells_a_value_in_its_own_way_is_asked_for_nothing() {
        for side in [Side::Botmatic, Side::External] {
            let mut pair = pair(Written { minutes: 1 }, side, "anybodys");
            let now = at(0);
            let tidy = properties("anybodys", "new");
            let heard = hear::<Person>(&mut pair, &Statement { side, says: &tidy, came: came_of(side), now });
            assert!(heard.is_settled());
            // From now on each says what it holds, and neither is news.
            for (side, says) in [(side, tidy), (side.other(), properties("anybodys", "New"))] {
                let heard =
                    hear::<Person>(&mut pair, &Statement { side, says: &says, came: Came::Read, now });
                assert_eq!(heard, Heard::default(), "{side:?}");
            }
        }
    }
}
