//! What differs between the external service and what was agreed on. Made of a view, so making it changes nothing.

use std::collections::BTreeMap;
use std::fmt;

use futures_util::stream::{self, StreamExt};
use serde::{Serialize, Serializer};

use super::super::external_id;
use super::super::side::Side;
use super::super::statement::{Came, Statement, hear};
use super::AT_ONCE;
use super::view::{CompleteListing, ReadOnly, Step};
use crate::consumer::ExternalApiConsumer;
use crate::error::{Error, Result};
use crate::id::{ContactId, ExternalId};
use crate::key_store::{Known, Pair};
use crate::mapping::whole;
use crate::token::InstallationId;

/// What would be done to bring both sides together again. Made by [`Reconcile::plan`](super::Reconcile::plan).
///
/// It shows what differs and nothing else: ids, and the names of properties, but none of their values. `Display` is one line
/// of numbers; as JSON it is everything. Of an error `Debug` and JSON show what kind it is: its words may quote a contact.
#[derive(Debug, Serialize)]
pub struct ReconcilePlan {
    #[serde(skip)]
    pub(super) installation: InstallationId,
    /// How many contacts the external service has.
    contacts: u64,
    /// How many pairs there are.
    pub(super) pairs: u64,
    #[serde(serialize_with = "values_of")]
    changes: BTreeMap<ExternalId, PlannedChange>,
    left_out: Vec<ReconcileFailure>,
}

/// A change that a plan has found to be due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PlannedChange {
    /// Somebody on the external service has no counterpart: created on Botmatic.
    #[non_exhaustive]
    Create {
        /// Who.
        external: ExternalId,
    },
    /// Somebody differs from what both sides agreed on: updated on Botmatic.
    #[non_exhaustive]
    Update {
        /// Who, on the external service.
        external: ExternalId,
        /// Who, on Botmatic.
        contact: ContactId,
        /// The names of the properties that differ.
        properties: Vec<String>,
    },
    /// Somebody is gone from the external service: what is done about that says [`WhenGone`](super::WhenGone).
    #[non_exhaustive]
    Gone {
        /// Who, on the external service.
        external: ExternalId,
        /// Who, on Botmatic.
        contact: ContactId,
    },
}

/// One contact that could not be reconciled. Of the reason `Debug` and JSON show what kind it is.
#[derive(Serialize)]
#[non_exhaustive]
pub struct ReconcileFailure {
    /// Which one; `None` if it had no id.
    pub external_id: Option<ExternalId>,
    #[serde(serialize_with = "outline_of")]
    pub(super) error: Error,
}

impl ReconcileFailure {
    /// Why, in full. Its words may be those of your consumer, or of Botmatic, and those may quote what the contact holds:
    /// think before you log them.
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }
}

impl fmt::Debug for ReconcileFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ReconcileFailure")
            .field("external_id", &self.external_id)
            .field("error", &format_args!("{}", self.error.outline()))
            .finish()
    }
}

impl ReconcilePlan {
    fn new(installation: InstallationId) -> Self {
        Self { installation, contacts: 0, pairs: 0, changes: BTreeMap::new(), left_out: Vec::new() }
    }

    /// What is due, in the order of the external ids as texts; at most one change for each.
    pub fn changes(&self) -> impl ExactSizeIterator<Item = &PlannedChange> {
        self.changes.values()
    }

    /// Whom the plan can say nothing about, with the reason: who was deleted in the last 30 days, whose values do not fit,
    /// who could not be looked up.
    #[must_use]
    pub fn left_out(&self) -> &[ReconcileFailure] {
        &self.left_out
    }

    /// Whether both sides agree on everybody already.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many would be created on Botmatic.
    #[must_use]
    pub fn created(&self) -> u64 {
        self.count(|change| matches!(change, PlannedChange::Create { .. }))
    }

    /// How many would be updated on Botmatic.
    #[must_use]
    pub fn updated(&self) -> u64 {
        self.count(|change| matches!(change, PlannedChange::Update { .. }))
    }

    /// How many pairs would end, because their contact is gone from the external service.
    #[must_use]
    pub fn gone(&self) -> u64 {
        self.count(|change| matches!(change, PlannedChange::Gone { .. }))
    }

    fn count(&self, is_counted: impl Fn(&PlannedChange) -> bool) -> u64 {
        self.changes().filter(|change| is_counted(change)).count() as u64
    }

    fn add(&mut self, due: Due) {
        match due {
            Due::Nothing => {}
            Due::Change(change) => drop(self.changes.insert(change.external_id().clone(), change)),
            Due::Unclear(failure) => self.left_out.push(failure),
        }
    }
}

impl PlannedChange {
    /// Whom it is about.
    #[must_use]
    pub fn external_id(&self) -> &ExternalId {
        match self {
            Self::Create { external } | Self::Update { external, .. } | Self::Gone { external, .. } => {
                external
            }
        }
    }
}

impl fmt::Display for ReconcilePlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (created, updated, gone) = (self.created(), self.updated(), self.gone());
        write!(
            formatter,
            "{created} to create, {updated} to update, {gone} gone, {} left out; ",
            self.left_out.len()
        )?;
        write!(formatter, "of {} contacts and {} pairs", self.contacts, self.pairs)
    }
}

fn values_of<S: Serializer>(
    changes: &BTreeMap<ExternalId, PlannedChange>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(changes.values())
}

fn outline_of<S: Serializer>(error: &Error, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&error.outline())
}

/// What is to be done about somebody.
enum Due {
    Nothing,
    Change(PlannedChange),
    Unclear(ReconcileFailure),
}

impl Due {
    fn unclear(external_id: Option<ExternalId>, error: impl Into<Error>) -> Self {
        Self::Unclear(ReconcileFailure { external_id, error: error.into() })
    }
}

/// Two ids that may be a pair no more.
struct Missing {
    contact: ContactId,
    external: ExternalId,
}

impl From<Missing> for Due {
    fn from(Missing { contact, external }: Missing) -> Self {
        Self::Change(PlannedChange::Gone { external, contact })
    }
}

/// Makes a plan.
pub(super) async fn make<I: ExternalApiConsumer>(
    view: &ReadOnly<'_, I>,
    installation: InstallationId,
) -> Result<ReconcilePlan> {
    let mut plan = ReconcilePlan::new(installation);
    let mut listing = view.list();
    let complete = loop {
        listing = match listing.next().await? {
            Step::End(complete) => break complete,
            Step::Page(page, rest) => {
                let mut dues =
                    stream::iter(page).map(|contact| about_present(view, contact)).buffered(AT_ONCE);
                while let Some(due) = dues.next().await {
                    plan.add(due?);
                }
                rest
            }
        };
    };
    plan.contacts = complete.contacts();
    find_gone(view, &complete, &mut plan).await?;
    Ok(plan)
}

/// What is due about somebody who is there.
async fn about_present<I: ExternalApiConsumer>(view: &ReadOnly<'_, I>, contact: I::Contact) -> Result<Due> {
    let external = match external_id(&contact) {
        Ok(external) => external,
        Err(error) => return Ok(Due::unclear(None, error)),
    };
    let stated = match whole(&contact) {
        Ok(stated) => stated,
        Err(error) => return Ok(Due::unclear(Some(external), error)),
    };
    Ok(match view.known(&external.clone().into()).await? {
        Known::No => Due::Change(PlannedChange::Create { external }),
        Known::Deleted(_) => Due::unclear(Some(external), Error::deleted_before()),
        Known::Paired(pair) => {
            let says = Statement { side: Side::External, says: &stated, came: Came::Read, now: view.now() };
            let heard = hear::<I::Contact>(&mut Pair::clone(&pair), &says);
            if heard.is_settled() {
                return Ok(Due::Nothing);
            }
            let properties = heard.news.iter().chain(heard.again.iter());
            let properties = properties.map(|(name, _)| name.to_owned()).collect();
            Due::Change(PlannedChange::Update { external, contact: pair.contact.clone(), properties })
        }
    })
}

/// Finds the pairs whose contact is gone. Pages shift when somebody is deleted while they are read, so that others are
/// missed; and some were paired after their page had been read. So being absent from a complete listing is a suspicion.
async fn find_gone<I: ExternalApiConsumer>(
    view: &ReadOnly<'_, I>,
    listing: &CompleteListing,
    plan: &mut ReconcilePlan,
) -> Result<()> {
    let mut missing = Vec::new();
    let mut last = None;
    loop {
        let pairs = view.pairs(last.as_ref()).await?;
        let Some(pair) = pairs.last() else { break };
        last = Some(pair.contact.clone());
        plan.pairs += pairs.len() as u64;
        let lacking = pairs.into_iter().filter(|pair| listing.lacks(&pair.external));
        missing.extend(lacking.map(|pair| Missing { contact: pair.contact, external: pair.external }));
    }

    let mut looked_up = stream::iter(missing)
        .map(async |missing: Missing| {
            let found = view.contact(&missing.external).await;
            (missing, found)
        })
        .buffered(AT_ONCE);
    let mut suspects = Vec::new();
    while let Some((missing, found)) = looked_up.next().await {
        match found {
            Ok(Some(contact)) => plan.add(about_present(view, contact).await?),
            Ok(None) => plan.add(missing.into()),
            Err(error) if error.is_unsupported() => suspects.push(missing),
            Err(error) => plan.add(Due::unclear(Some(missing.external), error)),
        }
    }
    if !suspects.is_empty() {
        let again = view.list().complete().await?;
        suspects.retain(|missing| again.lacks(&missing.external));
        suspects.into_iter().for_each(|missing| plan.add(missing.into()));
    }
    Ok(())
}
