//! The two sides between which contacts are kept in step.

use crate::contact::Owner;
use crate::key_store::Half;

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

    pub(super) fn owns(self, owner: Option<Owner>) -> bool {
        owner == Some(if self == Self::Botmatic { Owner::Botmatic } else { Owner::External })
    }
}
