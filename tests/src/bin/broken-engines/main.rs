//! That the simulation finds what is wrong: every engine of the table, which is broken on purpose, has to be caught, and
//! the one that is not broken must hold. `broken-engines [NAME]…` tries those whose names contain one of these, or all.
//!
//! A break that is not caught means that something is missing in the simulation.

mod table;
mod workshop;

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;

use crate::table::{Break, breaks};
use crate::workshop::{Verdict, Workshop, misfit};

type Faults = &'static [&'static str];

/// What is said of a break.
struct Row {
    is_good: bool,
    seeds: String,
    violation: String,
}

impl Row {
    fn bad(why: impl Into<String>) -> Self {
        Self { is_good: false, seeds: "-".to_owned(), violation: why.into() }
    }
}

async fn row(workshop: &Workshop, broken: &Break) -> io::Result<Row> {
    if let Some(misfit) = misfit(broken) {
        return Ok(Row::bad(format!("NO LONGER FITS: {misfit}")));
    }
    workshop.break_it(broken)?;
    let built = workshop.build().await?;
    let verdict = match built {
        Ok(()) => workshop.run(broken.seeds, broken.faults).await,
        Err(errors) => Ok(Verdict::Odd(format!("DOES NOT BUILD: {errors}"))),
    };
    workshop.mend(broken)?;
    Ok(match verdict? {
        Verdict::Held => Row::bad("NOT CAUGHT"),
        Verdict::Failed { seed, violation } if violation.contains(broken.found) => {
            Row { is_good: true, seeds: (seed + 1).to_string(), violation }
        }
        Verdict::Failed { seed, violation } => {
            Row::bad(format!("SOMETHING ELSE IS FOUND, with seed {seed}: {violation}"))
        }
        Verdict::Odd(why) => Row::bad(why),
    })
}

/// What does not hold of the engine as it is, by the faults with which it is broken.
async fn sound(workshop: &Workshop, breaks: &[&Break]) -> io::Result<BTreeMap<Faults, Verdict>> {
    if let Err(errors) = workshop.build().await? {
        return Err(io::Error::other(errors));
    }
    let mut seeds_with = BTreeMap::new();
    for broken in breaks {
        let seeds = seeds_with.entry(broken.faults).or_insert(0);
        *seeds = broken.seeds.max(*seeds);
    }
    let mut verdicts = BTreeMap::new();
    for (faults, seeds) in seeds_with {
        verdicts.insert(faults, workshop.run(seeds, faults).await?);
    }
    Ok(verdicts)
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "a command that prints a table")]
async fn main() -> io::Result<ExitCode> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let is_named = |broken: &&Break| asked.iter().any(|part| broken.name.contains(part));
    let breaks: Vec<_> = breaks().filter(|broken| asked.is_empty() || is_named(broken)).collect();
    let workshop = Workshop::set_up()?;
    let sound = sound(&workshop, &breaks).await?;
    println!("{:<24} {:>7} {:>7}  what is found", "broken engine", "within", "needed");
    let mut caught = 0;
    for broken in &breaks {
        let Row { is_good, seeds, violation } = match sound.get(broken.faults) {
            Some(Verdict::Held) => row(&workshop, broken).await?,
            whole => Row::bad(format!("FAILS WITHOUT BEING BROKEN: {whole:?}")),
        };
        caught += usize::from(is_good);
        println!("{:<24} {:>7} {seeds:>7}  {violation}", broken.name, broken.seeds);
        if !is_good {
            println!("{:<24} {:>16} {}", "", "it means that", broken.what);
        }
    }
    println!("{caught} of {} were caught", breaks.len());
    Ok(if caught == breaks.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_break_fits_the_engine() {
        let misfits: Vec<_> = breaks().filter_map(|broken| Some((broken.name, misfit(broken)?))).collect();
        assert!(misfits.is_empty(), "{misfits:#?}");
        assert!(breaks().count() >= 25);
    }
}
