//! What has changed on the external service without a word: found by comparing both sides, written down as a plan, and
//! done when somebody has looked at it.
//!
//! | file | what is in it |
//! |---|---|
//! | `view` | all that a plan is made of, and nothing that could write |
//! | `plan` | what differs |
//! | `apply` | doing it |

mod apply;
mod plan;
mod view;

use std::fmt;

pub use self::apply::ReconcileReport;
pub use self::plan::{PlannedChange, ReconcileFailure, ReconcilePlan};
use self::view::ReadOnly;
use super::Engine;
use crate::auth::Auth;
use crate::consumer::ExternalApiConsumer;
use crate::context::Context;
use crate::error::{Error, Kind, Result};

/// How many contacts are looked up or written at once.
const AT_ONCE: usize = 8;

/// So many pairs of a hundred may end without being asked for, ...
const GONE_PERCENT: u64 = 10;

/// ... but never more than that; a single one always may.
const GONE: u64 = 50;

/// What is done with a pair whose contact is gone from the external service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WhenGone {
    /// Nothing is written on Botmatic: the contact stays there, and is kept in step no more. What is said of it in the
    /// next 30 days changes nothing; who is edited on Botmatic after that is created on the external service again.
    #[default]
    Unlink,
    /// The contact is deleted on Botmatic too, as [`Botmatic::delete_contact`](crate::Botmatic::delete_contact) does.
    Delete,
}

/// Finds and does what the external service has not told of. See [`Botmatic::reconcile`](crate::Botmatic::reconcile).
#[must_use = "nothing is compared before `plan`, and nothing is written before `apply`"]
pub struct Reconcile<'a, I: ExternalApiConsumer> {
    context: &'a Context<I>,
    auth: Result<Auth<I::Client>>,
    when_gone: WhenGone,
    allowed: Option<u64>,
}

impl<'a, I: ExternalApiConsumer> Reconcile<'a, I> {
    pub(crate) fn new(context: &'a Context<I>, auth: Result<Auth<I::Client>>) -> Self {
        Self { context, auth, when_gone: WhenGone::default(), allowed: None }
    }

    /// Compares every contact of the external service with what both sides last agreed on. Nothing is written, neither on
    /// Botmatic nor on the external service nor in the key store.
    ///
    /// Somebody is gone only if the listing came to its end without them, and
    /// [`get_contact`](ExternalApiConsumer::get_contact) does not find them either; where the service has no such
    /// operation, it is listed once more. Of everybody who is there, 8 bytes are kept until the plan is made.
    ///
    /// # Errors
    /// When the listing breaks off, so that nothing can be said of who is gone: after 15 s of failures of the same page, or an
    /// hour in which the service wanted no requests. When the key store fails, or there is none.
    pub async fn plan(self) -> Result<ReconcilePlan> {
        let auth = self.auth?;
        let view = ReadOnly::new(Engine::new(self.context, &auth));
        plan::make(&view, auth.installation()).await
    }

    /// What [`apply`](Self::apply) does with pairs whose contact is gone: [`WhenGone::Unlink`] unless it is told here.
    pub fn when_gone(mut self, when_gone: WhenGone) -> Self {
        self.when_gone = when_gone;
        self
    }

    /// Has [`apply`](Self::apply) end up to so many pairs whose contact is gone, in place of a tenth of all pairs, at least
    /// one and at most 50.
    pub fn allow_gone(mut self, pairs: u64) -> Self {
        self.allowed = Some(pairs);
        self
    }

    /// Does what a plan says: under the claims and by the rules of events, several contacts at once. The plan may be old,
    /// so each contact is read again; whoever has changed otherwise or come back meanwhile is treated as they are now.
    /// A plan of which a part was done already can be applied once more.
    ///
    /// It takes [`get_contact`](ExternalApiConsumer::get_contact). Where the service has no such operation, every change
    /// of the plan is a failure that says so, and nothing is written. After ten failures in a row that are about no contact
    /// of their own, the rest is not tried.
    ///
    /// # Errors
    /// Before anything is written: when more pairs would end than are [allowed](Self::allow_gone)
    /// ([`is_unconfirmed`](Error::is_unconfirmed)), when the plan is of another installation, or when there is no key
    /// store. What goes wrong later is in the report.
    pub async fn apply(self, plan: &ReconcilePlan) -> Result<ReconcileReport> {
        let auth = self.auth?;
        if plan.installation != auth.installation() {
            return Err(Error::new(
                Kind::Configuration,
                "the plan is of another installation; apply it with the handle that made it",
            ));
        }
        let (gone, allowed) = (plan.gone(), self.allowed.unwrap_or_else(|| usually_allowed(plan.pairs)));
        if gone > allowed {
            return Err(Error::new(
                Kind::Unconfirmed,
                format!(
                    "{gone} of {} pairs would end because their contacts are gone from the external service, and no \
                     more than {allowed} are allowed to; look at the plan, and if it is right, call \
                     `.allow_gone({gone})` before `.apply(…)`",
                    plan.pairs
                ),
            ));
        }
        Ok(Engine::new(self.context, &auth).apply(plan, self.when_gone).await)
    }
}

fn usually_allowed(pairs: u64) -> u64 {
    (pairs / (100 / GONE_PERCENT)).clamp(1, GONE)
}

impl<I: ExternalApiConsumer> fmt::Debug for Reconcile<'_, I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reconcile")
            .field("when_gone", &self.when_gone)
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}
