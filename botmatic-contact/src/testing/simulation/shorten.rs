//! A shorter way to the same end: leaves out what people do, and what goes wrong, as long as the end is the same.

use std::collections::BTreeSet;

use super::plan::Plan;
use super::run::Run;

/// How often a shorter plan is tried.
const TRIES: u64 = 8;

/// The run of the shortest plan that was found with which the same goes wrong as in the first run; and whether a second run of
/// the same plan was like the first. If it was not, nothing can be learnt from shorter ones.
pub(super) fn shortened(plan: &Plan, first: Run, run: impl Fn(&Plan) -> Run) -> (Run, bool) {
    let second = run(plan);
    if (&second.violation, &second.history) != (&first.violation, &first.history) {
        return (first, false);
    }
    let mut shortest = plan.clone();
    let mut found = first;
    let mut size = shortest.steps.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        while from < shortest.steps.len() {
            let mut shorter = shortest.clone();
            shorter.steps.drain(from..(from + size).min(shortest.steps.len()));
            // With less to do everybody comes at another moment, so that luck is needed to meet again.
            let tries = (0..TRIES).map(|luck| Plan { luck, ..shorter.clone() });
            let again = tries.map(|plan| (run(&plan), plan)).find(|(again, _)| kind(again) == kind(&found));
            match again {
                Some((again, plan)) => (shortest, found) = (plan, again),
                None => from += size,
            }
        }
        size /= 2;
    }
    let mut occasions: BTreeSet<u64> = found.struck.keys().copied().collect();
    for occasion in occasions.clone() {
        occasions.remove(&occasion);
        let fewer = Plan { occasions: Some(occasions.clone()), ..shortest.clone() };
        let again = run(&fewer);
        if kind(&again) == kind(&found) {
            found = again;
        } else {
            occasions.insert(occasion);
        }
    }
    (found, true)
}

/// What goes wrong, without who it is: people differ from plan to plan.
fn kind(run: &Run) -> Option<String> {
    let violation = run.violation.as_ref()?;
    Some(violation.chars().filter(|letter| !letter.is_ascii_digit()).collect())
}
