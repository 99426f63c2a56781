//! What the engine remembers of how the two halves of a pair came to agree.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::contact::Properties;

/// What the engine remembers of how the two halves of a pair came to agree. A store keeps it with the pair, in the form
/// that its `Serialize` has; what is in it is the engine's.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traces {
    /// What the external service holds where it spells a value of the snapshot in its own way.
    #[serde(skip_serializing_if = "Properties::is_empty")]
    pub(crate) spelt: Properties,
    /// By property: what we wrote on Botmatic, and have not heard of from there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) on_botmatic: BTreeMap<String, Unconfirmed>,
    /// The same of the external service.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) on_external: BTreeMap<String, Unconfirmed>,
    /// The calls of Botmatic's that changed something lately, the oldest first: what they said, and when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) calls: Vec<(u64, Timestamp)>,
    /// When something was changed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changed_at: Option<Timestamp>,
}

/// A value that was written and of which the other side has not told since.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unconfirmed {
    /// Digests of the values that it replaced, the oldest first: told late, they are no news.
    pub(crate) replaced: Vec<u64>,
    /// When it was written.
    pub(crate) at: Timestamp,
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
