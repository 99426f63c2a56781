//! What can go wrong.

use std::collections::BTreeMap;

/// Something that goes wrong in a [`Simulation`](super::Simulation), or is done that makes things difficult.
///
/// Some are off unless one asks for them, because the engine does not hold against them yet:
///
/// | off | what goes wrong | what it takes |
/// |---|---|---|
/// | [`FailedAfterwards`](Self::FailedAfterwards), [`TimedOut`](Self::TimedOut), [`StoreFailed`](Self::StoreFailed), [`Crash`](Self::Crash) | a contact is created on Botmatic again when the service tells of it a second time before Botmatic has told of the first | to wait for Botmatic's event, or to ask Botmatic, before a create is tried again |
/// | [`Haste`](Self::Haste), [`Repeat`](Self::Repeat) | an earlier word replaces a later one, or somebody who was deleted comes back | an order of what is told of one contact, and tombstones of those who had no pair |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// An event is told twice, at about the same time.
    Duplicate,
    /// An event is told once more long after it was accepted, when others may have followed.
    Repeat,
    /// An event is told long after it happened.
    Delay,
    /// An event does not wait for those before it that are about the same contact, nor do those after it wait.
    Reorder,
    /// An event never arrives, and is told again.
    LostEvent,
    /// The answer to an event never arrives, and the event is told again.
    LostAnswer,
    /// A request is refused with a time to wait: HTTP's 429.
    Throttled,
    /// A request fails, and nothing was done: 503, for example.
    Unavailable,
    /// A request fails, and everything was done all the same.
    FailedAfterwards,
    /// A request is never answered, and everything was done all the same.
    TimedOut,
    /// Some contacts of a batch are refused, and the others are not.
    PartialBatch,
    /// The key store fails, and nothing is saved.
    StoreFailed,
    /// The key store fails, and everything is saved all the same.
    StoreFailedAfterwards,
    /// A process ends wherever it is, and another one begins over the same store. The rate is that of all that people
    /// do.
    Crash,
    /// Somebody does something though news of the same contact are still to be told.
    Haste,
    /// The external service tidies what it is given: texts without spaces around them and in lower case. The rate is that
    /// of runs.
    Tidy,
    /// The external service tells what a contact was after each change, and not what it is when it is told. The rate is
    /// that of runs.
    TellsStates,
}

/// How often each goes wrong, in percent of the occasions.
#[derive(Debug, Clone, Default)]
pub(super) struct Rates(BTreeMap<Fault, u8>);

impl Fault {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::Duplicate,
        Self::Repeat,
        Self::Delay,
        Self::Reorder,
        Self::LostEvent,
        Self::LostAnswer,
        Self::Throttled,
        Self::Unavailable,
        Self::FailedAfterwards,
        Self::TimedOut,
        Self::PartialBatch,
        Self::StoreFailed,
        Self::StoreFailedAfterwards,
        Self::Crash,
        Self::Haste,
        Self::Tidy,
        Self::TellsStates,
    ];

    /// How often it goes wrong unless something else is said, in percent of the occasions; 0 if it is off.
    #[must_use]
    pub const fn rate(self) -> u8 {
        match self {
            Self::Duplicate
            | Self::Delay
            | Self::Reorder
            | Self::LostEvent
            | Self::LostAnswer
            | Self::Throttled
            | Self::Unavailable
            | Self::PartialBatch
            | Self::StoreFailedAfterwards => 5,
            Self::Tidy | Self::TellsStates => 50,
            Self::FailedAfterwards
            | Self::TimedOut
            | Self::StoreFailed
            | Self::Crash
            | Self::Haste
            | Self::Repeat => 0,
        }
    }
}

impl Rates {
    /// What goes wrong unless something else is said.
    pub(super) fn usual() -> Self {
        Self(Fault::ALL.into_iter().map(|fault| (fault, fault.rate())).collect())
    }

    pub(super) fn set(&mut self, fault: Fault, percent: u8) {
        self.0.insert(fault, percent);
    }

    pub(super) fn of(&self, fault: Fault) -> u8 {
        self.0.get(&fault).copied().unwrap_or_default()
    }

    /// What can go wrong at all.
    pub(super) fn on(&self) -> Vec<Fault> {
        self.0.iter().filter(|(_, percent)| **percent > 0).map(|(fault, _)| *fault).collect()
    }
}
