//! What the sync engine did about one contact.

use crate::id::{ContactId, ExternalId};

/// What became of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was done.
    pub effect: Effect,
    /// The person on Botmatic.
    pub contact: ContactId,
    /// The person on the external service.
    pub external: ExternalId,
}

/// What was done about a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The other side did not have it: it was created there.
    Created,
    /// The other side had it already: the two are a pair now, and hold the same.
    Linked,
    /// The other side was brought up to date.
    Updated,
    /// The other side agreed already: a repetition, or an echo of our own write.
    Unchanged,
    /// It is gone on both sides.
    Deleted,
}

impl Outcome {
    pub(crate) fn new(effect: Effect, contact: &ContactId, external: &ExternalId) -> Self {
        Self { effect, contact: contact.clone(), external: external.clone() }
    }
}
