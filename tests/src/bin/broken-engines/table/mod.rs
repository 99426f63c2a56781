//! The broken engines, one a row.

mod creates;
mod durable;
mod imports;
mod pairing;
mod words;

/// One way to break the engine.
#[derive(Debug)]
pub(crate) struct Break {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it breaks.
    pub(crate) what: &'static str,
    /// Where, below `botmatic-contact/src`.
    pub(crate) file: &'static str,
    /// What stands there, once.
    pub(crate) text: &'static str,
    /// What stands there when it is broken.
    pub(crate) replacement: &'static str,
    /// Within how many seeds it is caught.
    pub(crate) seeds: u64,
    /// What goes wrong meanwhile, beside the engine: arguments of `simulate`.
    pub(crate) faults: &'static [&'static str],
    /// A part of what is found: anything else would be found by chance. Empty where that is not said yet.
    pub(crate) found: &'static str,
}

/// What goes wrong unless something else is said.
const USUAL: &[&str] = &[];

/// Nobody waits for the news of what others have done, and news come late and in any order.
const HURRIED: &[&str] = &["none", "Reorder=30", "Delay=30", "Duplicate=30", "Haste=100", "Tidy=100"];

/// Everything is known that was done, and much comes twice and at once.
const KNOWN: &[&str] = &["none", "Duplicate=30", "Haste=80"];

/// The same address is that of several people, or of somebody on both sides.
const SHARED: &[&str] = &["none", "Duplicate=30", "Haste=50", "SharedAddress=50", "Acquaintance=50"];

/// Answers come late, and much is refused.
const SLOW: &[&str] =
    &["none", "Duplicate=30", "Reorder=30", "SlowAnswer=30", "Throttled=20", "PartialBatch=30", "Haste=50"];

/// Much is told again, as it was then.
const REPEATED: &[&str] = &["none", "Repeat=30", "TellsStates=100", "Haste=50"];

/// Much times out, and news come late.
const LATE: &[&str] = &["none", "TimedOut=30", "Delay=40", "Haste=30"];

/// Nobody knows what became of much that was asked.
const UNSURE: &[&str] = &["none", "Crash=20", "TimedOut=15", "FailedAfterwards=15", "StoreFailed=10"];

/// Creates are carried out when nobody waits for them any more.
const UNANSWERED: &[&str] =
    &["none", "LateEffect=30", "TimedOut=10", "Duplicate=20", "Delay=20", "SlowAnswer=60", "Crash=20"];

/// Both sides tidy what they are given, and answer late.
const TIDY: &[&str] = &["none", "Tidy=100", "SlowAnswer=30", "Duplicate=30", "Haste=80"];

/// The external service cannot be asked what it holds.
const UNREADABLE: &[&str] =
    &["none", "Unreadable=100", "Haste=80", "Duplicate=30", "SlowAnswer=10", "Tidy=50"];

/// Nobody waits for an import, and what it saves is often not saved.
const IMPATIENT: &[&str] = &["none", "Haste=100", "Delay=40", "StoreFailed=12"];

/// Processes end in the middle of much, and nobody waits.
const ENDING: &[&str] = &["none", "Haste=100", "Crash=60", "SlowAnswer=40"];

/// Nobody waits, and what is to be saved often is not.
const UNSAVED: &[&str] = &["none", "Haste=100", "StoreFailed=30"];

/// Nobody waits, what is saved often passes for not saved, and what is written for not written.
const DONE_UNSAVED: &[&str] = &["none", "Haste=100", "StoreFailedAfterwards=40", "TimedOut=20"];

/// Nobody waits, and much that failed was done.
const UNCERTAIN: &[&str] = &["none", "Haste=100", "FailedAfterwards=40", "Reorder=20"];

/// Whoever is created on Botmatic was on the external service before, and what an import saves may pass for not saved.
const MET: &[&str] = &["none", "Acquaintance=100", "StoreFailedAfterwards=50"];

/// News come in any order, and say what was.
const OVERTAKEN: &[&str] = &["none", "Reorder=40", "Delay=40", "TellsStates=100", "Haste=100"];

/// Claims end early, and what is asked for is slow.
const LEASES: &[&str] = &["none", "LeaseLost=20", "SlowAnswer=30", "Duplicate=30", "Haste=80"];

/// All of them.
pub(crate) fn breaks() -> impl Iterator<Item = &'static Break> {
    [pairing::BREAKS, creates::BREAKS, words::BREAKS, imports::BREAKS, durable::BREAKS].into_iter().flatten()
}
