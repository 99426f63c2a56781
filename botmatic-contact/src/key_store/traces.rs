//! What the engine remembers of how the two halves of a pair came to agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::contact::{Properties, Value};

/// What the engine remembers of how the two halves of a pair came to agree. A store keeps it with the pair, in the form
/// that its `Serialize` has; what is in it is the engine's.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traces {
    /// What the external service holds where it spells a value of the snapshot in its own way.
    #[serde(skip_serializing_if = "Properties::is_empty")]
    pub(crate) spelt: Properties,
    /// By property: what was written on Botmatic and has not been heard from there since.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) on_botmatic: Written,
    /// The same of the external service.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) on_external: Written,
    /// When we created the external contact, if we did and have heard nothing of it since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_is_new: Option<Timestamp>,
    /// Whether each was there before the other was created for it, and what is on Botmatic is still to be merged with what is
    /// agreed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unmerged_on_botmatic: bool,
    /// The same of the external service.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unmerged_on_external: bool,
    /// By way of which word of the external service's the two became a pair, if by one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<Origin>,
    /// What goes one way and was cleared, so that a creation that is told later has no say in it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) cleared: BTreeSet<String>,
    /// When a property was written last on Botmatic, since they are a pair.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) changed_on_botmatic: BTreeMap<String, Timestamp>,
    /// The same of the external service.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) changed_on_external: BTreeMap<String, Timestamp>,
    /// What Botmatic said in answer to what was written there, if it was something else.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) answers_of_botmatic: BTreeMap<String, OtherAnswer>,
    /// The same of the external service.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) answers_of_external: BTreeMap<String, OtherAnswer>,
}

/// A word of the external service's by way of which somebody got a counterpart on Botmatic.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) word: ExternalWord,
    /// When it was heard.
    pub(crate) at: Timestamp,
}

/// How the external service spoke of somebody, and so what it may have said before that is heard later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExternalWord {
    /// A creation, after which everything that is told is news. What was listed may be from before.
    Created,
    /// A change, which may have overtaken others.
    Changed,
    /// A listing: what is told now may be from before, and what is listed now is not.
    Listed,
}

/// Something that was written on a side, and something else that the side said in answer.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OtherAnswer {
    /// The digests of the two.
    pub(crate) written: u64,
    pub(crate) said: u64,
    /// How often it has said that.
    pub(crate) times: u32,
    /// When it did last.
    pub(crate) at: Timestamp,
}

/// Values by property that were written on one side and have not been heard from there since.
pub(crate) type Written = BTreeMap<String, Unconfirmed>;

/// A value that was written, or was about to be when the process was killed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unconfirmed {
    pub(crate) value: Value,
    /// Digests of what it replaced: what the side told last, and what was written there since and it has not told of. None of
    /// that is news when it is told late.
    pub(crate) replaced: Vec<u64>,
    pub(crate) at: Timestamp,
    /// Whether the side has answered that it was written.
    #[serde(default)]
    pub(crate) is_done: bool,
    /// Whether the side has said the same itself, before what is replaced was written there for all one knows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_said: bool,
    /// The digest of the last of those that were certainly written, of which the side has to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sure: Option<u64>,
}

impl Traces {
    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Traces").finish_non_exhaustive()
    }
}
