//! The patterns of actions: how one is read, and what two of them say of the same name.
//!
//! Whether some name fits two patterns is decided, not guessed: both become automata, and a walk through the pairs of
//! their states finds the shortest such name, or that there is none. States are made as they are reached, so patterns
//! that begin differently cost next to nothing.

use std::collections::HashSet;

use regex::Regex;
use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Builder, Cache, Config, DFA};
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};

use crate::error::{BoxError, Error, Kind, Result};

/// How large the states of an automaton may become, in bytes, and how many pairs of states all walks may visit together.
/// Patterns that need more are served all the same; they are just not compared.
const CAPACITY: usize = 1 << 20;
const WALK_LIMIT: usize = 50_000;

const SHARED: &str = "two action patterns match the same names: the one that was added later answers";

/// The expression that matches what fits a pattern as a whole.
pub(crate) fn whole(pattern: &str) -> Result<Regex> {
    // By itself first: `a)|(?:b` is none, though it would be one between the anchors.
    syntax::parse(pattern).map_err(|error| refused(pattern, error))?;
    let whole = Regex::new(&format!("^(?:{pattern})$"));
    // The line break ends a comment that the pattern may end in; in a pattern without comments it would count.
    whole.or_else(|_| Regex::new(&format!("^(?:{pattern}\n)$"))).map_err(|error| refused(pattern, error))
}

fn refused(pattern: &str, source: impl Into<BoxError>) -> Error {
    let message = format!("the action pattern `{pattern}` is not a regular expression");
    Error::new(Kind::Configuration, message).with_source(source)
}

/// Compares each two patterns, which come in the order in which they were added: where both match a name, the later one
/// answers. That is reported, with such a name; if nothing remains for the earlier one, it is an error.
pub(crate) fn compare(patterns: &[(String, Regex)]) -> Result<()> {
    let mut automata: Vec<_> = match patterns {
        [] | [_] => return Ok(()),
        _ => patterns.iter().map(|(pattern, whole)| Automaton::new(pattern, whole)).collect(),
    };
    let mut budget = WALK_LIMIT;
    for (later, (answers, _)) in patterns.iter().enumerate() {
        let (before, rest) = automata.split_at_mut(later);
        let Some(second) = rest.first_mut().and_then(Option::as_mut) else { continue };
        for ((waits, _), first) in patterns.iter().zip(before) {
            let Some(first) = first else { continue };
            match walk(first, second, &mut budget) {
                Some(Shared { name: None, .. }) => {}
                Some(Shared { name: Some(_), all: true }) => {
                    let message = format!(
                        "the action pattern `{waits}` is never asked: `{answers}` matches all of its names, and was \
                         added later, so it comes first; add `{waits}` after `{answers}`, or remove one of them"
                    );
                    return Err(Error::new(Kind::Configuration, message));
                }
                Some(Shared { name: Some(name), all: false }) => {
                    // A special case of the earlier one is likely to be meant.
                    if walk(second, first, &mut budget).is_some_and(|shared| shared.all) {
                        tracing::info!(pattern = waits, answers, example = name, SHARED);
                    } else {
                        tracing::warn!(pattern = waits, answers, example = name, SHARED);
                    }
                }
                None => tracing::debug!(
                    waits,
                    answers,
                    "these action patterns cannot be compared: they are too large"
                ),
            }
        }
    }
    Ok(())
}

/// An expression that is anchored on both sides, as an automaton whose states are made when they are reached.
struct Automaton {
    dfa: DFA,
    cache: Cache,
}

impl Automaton {
    /// The automaton of an expression, unless it needs more than an automaton can do.
    fn new(pattern: &str, whole: &Regex) -> Option<Self> {
        let config = Config::new()
            .match_kind(MatchKind::All)
            .cache_capacity(CAPACITY)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(0));
        match Builder::new().configure(config).build(whole.as_str()) {
            Ok(dfa) => Some(Self { cache: dfa.create_cache(), dfa }),
            Err(error) => {
                tracing::debug!(pattern, %error, "this action pattern cannot be compared with others");
                None
            }
        }
    }

    fn start(&mut self) -> Option<LazyStateID> {
        let start = start::Config::new().anchored(Anchored::Yes);
        self.dfa.start_state(&mut self.cache, &start).ok()
    }

    fn next(&mut self, state: LazyStateID, byte: u8) -> Option<LazyStateID> {
        self.dfa.next_state(&mut self.cache, state, byte).ok().filter(|state| !state.is_quit())
    }

    fn matches(&mut self, state: LazyStateID) -> Option<bool> {
        Some(self.dfa.next_eoi_state(&mut self.cache, state).ok()?.is_match())
    }
}

/// What two patterns have in common.
#[derive(Debug, PartialEq)]
struct Shared {
    /// The shortest name that both match.
    name: Option<String>,
    /// Whether the second one matches all that the first one does.
    all: bool,
}

/// Two states, one of each automaton, which the same name leads to.
type States = (LazyStateID, LazyStateID);

/// Walks through both automata with the same names, the shortest first; `None` if that takes more states than there may
/// be.
fn walk(first: &mut Automaton, second: &mut Automaton, budget: &mut usize) -> Option<Shared> {
    let begin = (first.start()?, second.start()?);
    let bytes = distinct(&first.dfa, &second.dfa);
    let mut shared = Shared { name: None, all: true };
    let mut seen = HashSet::from([begin]);
    // The states in the order in which they were reached: by which byte, and from where.
    let mut reached: Vec<(States, usize, u8)> = vec![(begin, 0, 0)];
    let mut next = 0;
    while let Some(&((one, other), _, _)) = reached.get(next) {
        if first.matches(one)? {
            if !second.matches(other)? {
                shared.all = false;
            } else if shared.name.is_none() {
                shared.name = Some(name(&reached, next));
            }
        }
        if shared.name.is_some() && !shared.all {
            break;
        }
        for &byte in &bytes {
            let ahead = (first.next(one, byte)?, second.next(other, byte)?);
            if ahead.0.is_dead() {
                continue;
            }
            if ahead.1.is_dead() {
                // The first goes on alone: what it matches from here, the second does not.
                shared.all = false;
            } else if seen.insert(ahead) {
                reached.push((ahead, next, byte));
            }
        }
        *budget = budget.checked_sub(1)?;
        next += 1;
    }
    Some(shared)
}

/// One byte of each kind that the automata distinguish; of several those that read well in an example.
fn distinct(first: &DFA, second: &DFA) -> Vec<u8> {
    let readable = (b'a'..=b'z').chain(b'0'..=b'9').chain([b'_', b'-', b' ']);
    let mut seen = HashSet::new();
    let kind = |byte| (first.byte_classes().get(byte), second.byte_classes().get(byte));
    readable.chain(0..=u8::MAX).filter(|byte| seen.insert(kind(*byte))).collect()
}

/// The bytes on the way to a place among the states that were reached.
fn name(reached: &[(States, usize, u8)], mut place: usize) -> String {
    let mut bytes = Vec::new();
    while place != 0 {
        let (_, from, byte) = reached[place];
        bytes.push(byte);
        place = from;
    }
    bytes.reverse();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(first: &str, second: &str) -> Option<Shared> {
        let automaton = |pattern: &str| Automaton::new(pattern, &whole(pattern).unwrap());
        walk(&mut automaton(first)?, &mut automaton(second)?, &mut WALK_LIMIT.clone())
    }

    fn compared(patterns: &[&str]) -> Result<()> {
        let patterns: Vec<_> = patterns.iter().map(|one| ((*one).to_owned(), whole(one).unwrap())).collect();
        compare(&patterns)
    }

    #[test]
    fn the_shortest_name_that_fits_both_is_found_and_really_fits_both() {
        for (first, second, name) in [
            (".*a.*", ".*b.*", "ab"),
            (r"set_(?<name>\w+)", r"(?<verb>\w+)_age", "set_age"),
            (r"order_\d+", "order_[1-9]|other", "order_1"),
            ("salad|soup", "s.*p", "soup"),
            (r"(?i)go", "GO|STOP", "GO"),
            (r"\p{Greek}+", "[α-γ]{2}", "αα"),
            ("a?", "b?", ""),
            ("(?x) a b # both letters", "[ab]{2}", "ab"),
            (r"x(-\d+)?", r"x(-\w+)?", "x"),
        ] {
            let found = shared(first, second).unwrap();
            assert_eq!(found.name.as_deref(), Some(name), "{first} {second}");
            assert!(whole(first).unwrap().is_match(name) && whole(second).unwrap().is_match(name));
        }
    }

    #[test]
    fn patterns_without_a_name_in_common_are_told_apart() {
        for (first, second) in [
            ("a.*", "b.*"),
            (r"set_\w+", r"get_\w+"),
            ("go", "Go"),
            ("a", "a\n"),
            ("[a-m]", "[n-z]"),
            ("a^b", ".*"),
        ] {
            assert_eq!(shared(first, second).unwrap().name, None, "{first} {second}");
        }
    }

    #[test]
    fn a_pattern_of_which_nothing_remains_is_refused_with_what_to_do() {
        for (covered, by) in [
            ("a.*", ".*"),
            (r"order_\d{3}", r"order_\d+"),
            ("soup|salad", "s.*|salad"),
            ("é", r"\w"),
            ("x", "x"),
            ("(?x) a # one", "[a-c]"),
        ] {
            let error = compared(&[covered, "z.*z", by]).unwrap_err();
            assert!(error.is_configuration());
            let advice = format!("add `{covered}` after `{by}`");
            assert!(error.to_string().contains(&advice), "{error}");
            assert!(compared(&[by, "z.*z", covered]).is_ok() || covered == by, "{covered} {by}");
        }
        assert!(compared(&[".*a.*", ".*b.*", "c?"]).is_ok(), "they overlap, and each has names of its own");
    }

    #[test]
    fn what_is_said_of_two_patterns_is_what_trying_all_short_names_says() {
        let patterns = [
            "",
            "a",
            "b",
            "ab",
            "a*",
            "b+",
            "(a|b)*",
            "a|b",
            "a?b",
            "[ab]a",
            "a(a|b)*",
            "(ab)*",
            "..",
            "a.",
            r"\w+",
            "[^a]*",
            "(?i)A|c",
            "a{2,3}",
            "b*a",
            "(?x) a b? # c",
            "a|",
            "(|b)c",
            "(?m)a?$",
            "(?m)^a*|^$",
            r"\Aa|b\z",
            r"a(^|$)",
            "(a|^)b",
            r"(?-u:\b)a.*",
            r"(?-u:a\B)\w+",
            r".(?-u:\b).*",
            "(?s:.)*",
            "[a&&b]|ab*",
            "(?i:B)|[^b]",
            "(?U)a+b*",
        ];
        let mut names = vec![String::new()];
        for length in 0..4 {
            let longest: Vec<_> = names.iter().filter(|name| name.len() == length).cloned().collect();
            names.extend(
                longest.iter().flat_map(|name| ["a", "b", "c", "-"].map(|letter| format!("{name}{letter}"))),
            );
        }
        let matched: Vec<Vec<_>> = patterns
            .iter()
            .map(|pattern| whole(pattern).unwrap())
            .map(|regex| names.iter().map(|name| regex.is_match(name)).collect())
            .collect();
        let pairs = (0..patterns.len()).flat_map(|one| (0..patterns.len()).map(move |other| (one, other)));
        for (one, other) in pairs {
            let (first, second) = (patterns[one], patterns[other]);
            let mut names = names.iter().zip(matched[one].iter().zip(&matched[other]));
            let all = names.clone().all(|(_, (one, other))| !one || *other);
            let shortest = names.find(|(_, (one, other))| **one && **other).map(|(name, _)| name.len());
            let found = shared(first, second).unwrap();
            assert_eq!(found.name.map(|name| name.len()), shortest, "`{first}` and `{second}`");
            // Where there is no name in common, it is not looked any further.
            assert!(shortest.is_none() || found.all == all, "`{first}` and `{second}`");
        }
    }

    #[test]
    fn what_is_no_expression_by_itself_is_none_between_anchors_either() {
        for pattern in [r"a\", "a)|(?:b", "(", "[a", "a{2"] {
            let error = whole(pattern).map(|_| ()).unwrap_err();
            assert!(error.is_configuration() && error.to_string().contains(pattern), "{error}");
            let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            assert!(!cause.contains("^("), "{cause}");
        }
    }

    #[test]
    fn many_patterns_are_compared_to_the_last() {
        let many: Vec<_> = (0..40).map(|number| format!(r"verb{number}_(?<a>\w+)_(?<b>.+)")).collect();
        let mut patterns: Vec<_> = many.iter().map(String::as_str).collect();
        assert!(compared(&patterns).is_ok());
        patterns.extend(["x", "x|y"]);
        assert!(compared(&patterns).is_err());
    }

    #[test]
    fn what_is_too_large_or_beyond_automata_is_not_compared_and_not_refused() {
        for pattern in [r"[a-z]*x\w{40}", r"\bword\b", r"(a|b)*a(a|b){20}"] {
            assert_eq!(shared(pattern, ".*"), None, "{pattern}");
            assert!(compared(&[pattern, ".*", "x+"]).is_ok());
        }
    }
}
