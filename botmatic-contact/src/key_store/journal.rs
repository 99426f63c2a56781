//! What the engine keeps beside pairs.

use std::fmt;

/// What the engine keeps for an installation beside its pairs: entries in the order of their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Journal {
    /// How far imports are.
    Imports,
    /// Events that were accepted and are not done.
    Accepted,
    /// Events that were set aside.
    SetAside,
    /// Creates of which it is not known whether they took place.
    Strays,
}

impl Journal {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Imports, Self::Accepted, Self::SetAside, Self::Strays];

    /// What a store calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Imports => "imports",
            Self::Accepted => "accepted",
            Self::SetAside => "set_aside",
            Self::Strays => "strays",
        }
    }
}

/// An entry of a [`Journal`].
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the journal: any text but an empty one, compared by its bytes. Not personal.
    pub key: String,
    /// What it says.
    pub value: Vec<u8>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entry").field("key", &self.key).finish_non_exhaustive()
    }
}
