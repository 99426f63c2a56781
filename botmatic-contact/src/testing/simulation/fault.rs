//! What can go wrong.

use std::collections::BTreeMap;

/// Something that goes wrong in a [`Simulation`](super::Simulation), or is done that makes things difficult.
///
/// Two things are taken for granted of Botmatic, since nothing that it says tells when it happened: it tells of the changes of
/// one contact in their order, and it repeats none of them when it has told of others since. The same holds for an external
/// service that cannot be asked.
///
/// And some things cannot be helped. Who is changed or deleted where they are being created, in the moment before one knows
/// that they were, is recognised by nothing but an e-mail address; so people do not do that where a create can fail in between. And a
/// contact that holds little more than a first name may be anybody's: if it was created twice, by a create that seemed to
/// have failed, it stays twice. So everybody holds an e-mail address or two other things where that can happen. A write that
/// seemed to have failed is made again, over what was said there meanwhile, and whoever says there what it was to write may pass
/// for its echo. And a change that is told after another that set it
/// back looks like a new one, if it says what was.
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
    /// The answer to a request comes long after everything was done.
    SlowAnswer,
    /// A request is never answered, and everything was done all the same.
    TimedOut,
    /// A request to create somebody is never answered, and is carried out when nobody waits for it any more.
    LateEffect,
    /// Some contacts of a batch are refused, and the others are not.
    PartialBatch,
    /// The key store fails, and nothing is saved.
    StoreFailed,
    /// The key store fails, and everything is saved all the same.
    StoreFailedAfterwards,
    /// The key store fails where it is read, or asked for a claim.
    StoreNotRead,
    /// A claim ends early while its holder goes on: another gets it, and what the first one wants to be saved is refused.
    LeaseLost,
    /// The claims of a process that ends stay for half a minute.
    LeaseLeft,
    /// A process ends wherever it is, and another one begins over the same store. The rate is that of all that people
    /// do.
    Crash,
    /// Somebody does something though news of the same contact are still to be told. Nothing is set back while an import
    /// reads, which could not tell what it has listed from what came after that.
    Haste,
    /// Somebody is created on Botmatic who was on the external service before, with the same e-mail address.
    Acquaintance,
    /// Somebody is created on Botmatic with the e-mail address of somebody else there: one of the two is refused. This is
    /// done where one always knows what became of a request, and nowhere else: nobody could tell the two from each other.
    SharedAddress,
    /// A side tidies what it is given: texts without spaces around them, and in lower case on the external service, in
    /// capitals on Botmatic. The rate is that of runs, for either side.
    Tidy,
    /// Botmatic tells what was changed of a contact, and not the whole contact; then it tells everything of a contact in
    /// order. The rate is that of runs.
    TellsChanges,
    /// The external service tells what a contact was after each change, and not what it is when it is told. The rate is
    /// that of runs.
    TellsStates,
    /// The external service cannot be asked for somebody by the id. Then it tells states; nobody does anything during an
    /// import; and where one may not know what became of a request, people wait for each other. The rate is that of runs.
    Unreadable,
}

/// How often each goes wrong, in percent of the occasions.
#[derive(Debug, Clone, Default)]
pub(super) struct Rates(BTreeMap<Fault, u8>);

impl Fault {
    /// All of them.
    pub const ALL: [Self; 26] = [
        Self::Duplicate,
        Self::Repeat,
        Self::Delay,
        Self::Reorder,
        Self::LostEvent,
        Self::LostAnswer,
        Self::Throttled,
        Self::Unavailable,
        Self::FailedAfterwards,
        Self::SlowAnswer,
        Self::TimedOut,
        Self::LateEffect,
        Self::PartialBatch,
        Self::StoreFailed,
        Self::StoreFailedAfterwards,
        Self::StoreNotRead,
        Self::LeaseLost,
        Self::LeaseLeft,
        Self::Crash,
        Self::Haste,
        Self::Acquaintance,
        Self::SharedAddress,
        Self::Tidy,
        Self::TellsChanges,
        Self::TellsStates,
        Self::Unreadable,
    ];

    /// Whether one does not know afterwards what was done.
    pub(super) const fn leaves_unsure(self) -> bool {
        matches!(
            self,
            Self::Unavailable
                | Self::FailedAfterwards
                | Self::TimedOut
                | Self::LateEffect
                | Self::StoreFailed
                | Self::StoreFailedAfterwards
                | Self::StoreNotRead
                | Self::LeaseLost
                | Self::LeaseLeft
                | Self::Crash
        )
    }

    /// How often it goes wrong unless something else is said, in percent of the occasions.
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
            | Self::FailedAfterwards
            | Self::SlowAnswer
            | Self::TimedOut
            | Self::LateEffect
            | Self::StoreFailed
            | Self::StoreFailedAfterwards
            | Self::Crash
            | Self::Repeat => 5,
            Self::StoreNotRead | Self::LeaseLost => 1,
            Self::PartialBatch | Self::SharedAddress | Self::Unreadable => 20,
            Self::LeaseLeft
            | Self::Acquaintance
            | Self::Haste
            | Self::Tidy
            | Self::TellsChanges
            | Self::TellsStates => 50,
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

    /// Whether something can go wrong after which one does not know what was done.
    pub(super) fn leave_unsure(&self) -> bool {
        self.on().into_iter().any(Fault::leaves_unsure)
    }

    /// What can go wrong at all.
    pub(super) fn on(&self) -> Vec<Fault> {
        self.0.iter().filter(|(_, percent)| **percent > 0).map(|(fault, _)| *fault).collect()
    }
}
