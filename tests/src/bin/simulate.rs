//! Runs the simulation: `simulate [FIRST..]SEEDS [durable] [none] [FAULT=PERCENT]…`. Prints what was found to hold; or the seed with which
//! something does not, what it is and what leads there, and fails. Faults are called as in
//! [`botmatic_contact::testing::Fault`], and `none` turns all of them off that are not named. On average of all
//! seeds, an edit is to be written about once.
//!
//! It needs the runtime with the features `testing` and `simulator` and nothing else, so that `broken-engines` can build it
//! fast.

use std::ops::Range;
use std::process::ExitCode;

use botmatic_contact::prelude::*;
use botmatic_contact::testing::{Fault, Simulation};

/// How many seeds are run before the writes are looked at.
const SOME: usize = 50;

/// How many edits there have to be before: of a few, chance has much to say.
const ENOUGH: u64 = 5_000;

/// How much is written at most.
const WRITES_PER_100_EDITS: u64 = 110;

/// Somebody with a field of every kind that the engine tells apart.
#[derive(Debug, Clone, ContactMapping)]
struct Person {
    #[contact(id)]
    id: u64,
    #[contact("firstname")]
    first_name: String,
    #[contact("email", email)]
    email: Option<String>,
    city: Option<String>,
    score: Option<f64>,
    #[contact(owner = botmatic)]
    stage: Option<String>,
    #[contact(owner = external)]
    company: Option<String>,
    #[contact(read_only)]
    member_since: Option<u32>,
    #[contact(write_only)]
    greeting: Option<String>,
}

fn fault(word: &str) -> Option<(Fault, u8)> {
    let (name, percent) = word.split_once('=')?;
    let fault = Fault::ALL.into_iter().find(|fault| format!("{fault:?}") == name)?;
    Some((fault, percent.parse().ok()?))
}

/// From `100` all seeds below, from `50..100` those from 50 on.
fn seeds(word: &str) -> Option<Range<u64>> {
    let (first, last) = word.split_once("..").unwrap_or(("0", word));
    Some(first.parse().ok()?..last.parse().ok()?)
}

/// Which seeds, and what makes the simulation.
fn arguments() -> Result<(Range<u64>, impl Fn() -> Simulation<Person>), String> {
    let mut words = std::env::args().skip(1).peekable();
    let seeds = words.next().and_then(|word| seeds(&word));
    let seeds = seeds.ok_or("usage: simulate [FIRST..]SEEDS [durable] [none] [FAULT=PERCENT]…")?;
    let is_durable = words.next_if(|word| word == "durable").is_some();
    let is_quiet = words.next_if(|word| word == "none").is_some();
    let fault = |word: String| fault(&word).ok_or(format!("`{word}` is no fault and its rate"));
    let faults: Vec<_> = words.map(fault).collect::<Result<_, _>>()?;
    let simulation = move || {
        let simulation = Simulation::new(|person: &mut Person, number| person.id = number);
        let simulation = if is_durable { simulation.durable() } else { simulation };
        let simulation = if is_quiet { simulation.without_faults() } else { simulation };
        faults.iter().fold(simulation, |simulation, (fault, percent)| simulation.fault(*fault, *percent))
    };
    Ok((seeds, simulation))
}

/// Runs the seeds, some at a time, and says what was found.
fn run(seeds: Range<u64>, simulation: impl Fn() -> Simulation<Person>) -> Result<String, String> {
    let (mut edits, mut writes) = (0, 0);
    for first in seeds.clone().step_by(SOME) {
        let last = seeds.end.min(first + SOME as u64);
        let found = simulation().seeds(first..last).run();
        let report = found.map_err(|failure| format!("seed {}: {failure}", failure.seed))?;
        edits += report.edits;
        writes += report.writes;
        if edits >= ENOUGH && writes * 100 > edits * WRITES_PER_100_EDITS {
            return Err(format!("seed {}: of {edits} edits so far came {writes} writes", last - 1));
        }
    }
    Ok(format!("{} seeds, {edits} edits, {writes} writes", seeds.end - seeds.start))
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command that says what it found")]
fn main() -> ExitCode {
    match arguments() {
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
        Ok((seeds, simulation)) => match run(seeds, simulation) {
            Ok(found) => {
                println!("{found}");
                ExitCode::SUCCESS
            }
            Err(failure) => {
                println!("{failure}");
                ExitCode::FAILURE
            }
        },
    }
}
