//! Doing what a plan says, as if the external service had told of it.

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::super::Engine;
use super::plan::{PlannedChange, ReconcileFailure, ReconcilePlan};
use super::{AT_ONCE, WhenGone};
use crate::consumer::{ConsumerError, ExternalApiConsumer};
use crate::error::{Error, Result};
use crate::id::ExternalId;
use crate::key_store::Known;
use crate::outcome::{Effect, Outcome};

/// After so many failures in a row that are not about one contact, one of the two services is taken to be out of reach.
const FAILURES: u32 = 10;

/// What became of a plan.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ReconcileReport {
    /// How many were created on Botmatic.
    pub created: u64,
    /// How many were updated on Botmatic.
    pub updated: u64,
    /// How many pairs were ended, with the contact left on Botmatic.
    pub unlinked: u64,
    /// How many were deleted on Botmatic.
    pub deleted: u64,
    /// How many needed nothing any more.
    pub unchanged: u64,
    /// Those that did not go through, with the reason; the others did.
    pub failures: Vec<ReconcileFailure>,
    /// Why the rest of the plan was not tried, if it was not. Apply it again to go on.
    pub interrupted: Option<Error>,
}

impl ReconcileReport {
    /// Whether the whole plan was done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.interrupted.is_none()
    }

    fn count(&mut self, effect: Effect, when_gone: WhenGone) {
        let counter = match (effect, when_gone) {
            (Effect::Created, _) => &mut self.created,
            (Effect::Updated, _) => &mut self.updated,
            (Effect::Deleted, WhenGone::Unlink) => &mut self.unlinked,
            (Effect::Deleted, WhenGone::Delete) => &mut self.deleted,
            (Effect::Linked | Effect::Unchanged, _) => &mut self.unchanged,
        };
        *counter += 1;
    }
}

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// Does what a plan says. What has begun is finished, whatever happens to the others.
    pub(super) async fn apply(&self, plan: &ReconcilePlan, when_gone: WhenGone) -> ReconcileReport {
        let mut report = ReconcileReport::default();
        let mut rest = plan.changes();
        let mut under_way = FuturesUnordered::new();
        let mut failed_in_a_row = 0;
        loop {
            while report.interrupted.is_none()
                && under_way.len() < AT_ONCE
                && let Some(change) = rest.next()
            {
                under_way.push(async move { (change, self.apply_change(change, when_gone).await) });
            }
            let Some((change, result)) = under_way.next().await else { return report };
            match result {
                Ok(effect) => {
                    failed_in_a_row = 0;
                    report.count(effect, when_gone);
                }
                Err(error) => {
                    failed_in_a_row += u32::from(!error.failure().is_about_one());
                    if error.is_key_store() || failed_in_a_row >= FAILURES {
                        report.interrupted.get_or_insert_with(|| error.clone_message());
                    }
                    let external_id = Some(change.external_id().clone());
                    report.failures.push(ReconcileFailure { external_id, error });
                }
            }
        }
    }

    async fn apply_change(&self, change: &PlannedChange, when_gone: WhenGone) -> Result<Effect> {
        match change {
            PlannedChange::Create { external } | PlannedChange::Update { external, .. } => {
                // Who is gone since is left to the next plan.
                match self.external_now(external).await? {
                    Some(contact) => Ok(self.external_listed(&contact).await?.effect),
                    None => Ok(Effect::Unchanged),
                }
            }
            PlannedChange::Gone { external, .. } => self.external_gone(external, when_gone).await,
        }
    }

    /// Ends the pair of a contact that is gone, if it is gone now that nobody else is at it.
    async fn external_gone(&self, external: &ExternalId, when_gone: WhenGone) -> Result<Effect> {
        let (claim, known) = self.claim_half(&external.clone().into(), None).await?;
        let Known::Paired(pair) = known else { return Ok(Effect::Unchanged) };
        if self.external_now(external).await?.is_some() {
            return Ok(Effect::Unchanged);
        }
        if when_gone == WhenGone::Delete {
            self.delete(&pair.contact.clone().into()).await?;
        }
        let Outcome { effect, .. } = self.bury(&claim, &pair).await?;
        Ok(effect)
    }

    /// What the external service has under an id now, if it has it.
    pub(in crate::sync) async fn external_now(
        &self,
        id: &ExternalId,
    ) -> Result<Option<I::Contact>, ConsumerError> {
        match self.consumer().get_contact(self.auth, id).await {
            Err(error) if error.is_not_found() => Ok(None),
            found => found,
        }
    }
}
