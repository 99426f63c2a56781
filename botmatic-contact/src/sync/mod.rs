//! The sync engine: what is done about one contact, and in which order.
//!
//! One file per decision. Everything goes through ports, so the engine runs as well under virtual time, in memory, as
//! it does in production. Three rules hold throughout:
//!
//! - A contact is worked on under a claim, and its pair and snapshot are saved in the commit that ends the work. What is
//!   about to be written on a side is saved before, so that an echo is recognised after a crash, too.
//! - Before anybody is created on the other side an *intent* is saved. Whoever meets an unknown contact looks at the
//!   open intents first: it may be the one that was just created, or whose creation a crash interrupted.
//! - Claims are taken in sorted order, and who waits for the creator of somebody else holds none. That is why claims
//!   cannot wait for each other in a circle.
//!
//! | file | what it decides |
//! |---|---|
//! | `events` | which of these a call is about |
//! | `created`, `updated`, `deleted` | what a contact event of Botmatic's leads to; `deleted` for both directions |
//! | `outbound`, `import` | what a change of the external service's leads to, for one and for many |
//! | `statement` | what a statement means: news, an echo, a late word, or our own words in another spelling |
//! | `reconcile` | what changed there without a word |
//! | `intents` | whether somebody unknown is one that we are creating |
//! | `strays` | whether somebody unknown is one whom we created once too often |
//! | `diff` | what differs from the agreed snapshot |
//! | `traces`, `side` | what a pair remembers of either side: what it holds, and what was written there |
//! | `reactions`, `requests` | what is done about a failure; what is asked of the external service |

mod created;
mod deleted;
mod diff;
mod events;
mod import;
mod intents;
mod outbound;
mod reactions;
mod reconcile;
mod requests;
mod side;
mod statement;
mod strays;
mod traces;
mod updated;

pub(crate) use self::events::{ContactSync, SyncFn, told};
pub(crate) use self::import::Options as ImportOptions;
pub use self::import::{Import, ImportFailure, ImportProgress, ImportReport, ImportRun};
use self::reactions::Tries;
pub(crate) use self::reactions::{Reaction, Work};
pub use self::reconcile::{
    PlannedChange, Reconcile, ReconcileFailure, ReconcilePlan, ReconcileReport, WhenGone,
};
use self::requests::Requests;
use self::side::Side;
use self::statement::Heard;
use crate::auth::Auth;
use crate::consumer::ExternalApiConsumer;
use crate::contact::{Access, Properties, Value};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::id::ExternalId;
use crate::key_store::{Claim, Half, Known, Pair, Subject, TOMBSTONE, Write};
use crate::mapping::ContactMapping;
use crate::order::patiently;
use crate::outcome::{Effect, Outcome, count};
use crate::token::InstallationId;

/// The engine, at work for one installation.
pub(crate) struct Engine<'a, I: ExternalApiConsumer> {
    context: &'a Context<I>,
    auth: &'a Auth<I::Client>,
    installation: InstallationId,
}

impl<'a, I: ExternalApiConsumer> Engine<'a, I> {
    pub(crate) fn new(context: &'a Context<I>, auth: &'a Auth<I::Client>) -> Self {
        Self { context, auth, installation: auth.installation() }
    }

    /// The external service.
    fn consumer(&self) -> Requests<'a, I> {
        let Context { integration, clock, request_limit, .. } = self.context;
        Requests { consumer: integration, clock: &**clock, limit: *request_limit }
    }

    /// Waits for one's turn with these subjects.
    async fn claim(&self, mut subjects: Vec<Subject>) -> Result<Claim> {
        subjects.sort_unstable();
        subjects.dedup();
        let claim = self.context.key_store.claim(self.installation, &subjects);
        patiently(&*self.context.clock, claim).await?
    }

    async fn commit(&self, claim: &Claim, writes: Vec<Write>) -> Result<()> {
        if writes.is_empty() {
            return Ok(());
        }
        self.context.key_store.commit(claim, writes).await
    }

    /// What is known of one half of a pair; deletions that are long past are forgotten.
    async fn known(&self, half: &Half) -> Result<Known> {
        Ok(match self.context.key_store.look_up(self.installation, half).await? {
            Known::Deleted(at) if self.context.clock.now().duration_since(at) > TOMBSTONE => Known::No,
            known => known,
        })
    }

    /// Does what follows from a statement: has the sides make the changes, and saves what is agreed then.
    async fn carry(&self, claim: &Claim, mut pair: Pair, side: Side, heard: Heard) -> Result<Effect> {
        let now = self.context.clock.now();
        let is_settled = heard.is_settled();
        let counters = &self.context.counters;
        match (is_settled, heard.again.is_empty()) {
            (true, _) if heard.is_respelt => count(&counters.respellings),
            (true, _) => count(&counters.echoes),
            (false, false) => count(&counters.conflicts),
            (false, true) => {}
        }
        if is_settled && !heard.has_learnt {
            return Ok(Effect::Unchanged);
        }
        let Heard { news, again, .. } = heard;
        if !is_settled {
            pair.will_write::<I::Contact>(side.other(), &news, now);
            pair.will_write::<I::Contact>(side, &again, now);
            for (name, _) in again.iter().filter(|(name, value)| news.get(name) == Some(*value)) {
                pair.traces.has_said(side, name);
            }
            self.commit(claim, vec![Write::Pair(pair.clone())]).await?;
            self.write(side.other(), &pair, &news).await?;
            self.write(side, &pair, &again).await?;
            pair.agree_on(side.other(), news);
            pair.agree_again(side, again);
            pair.traces.set_unmerged(side, false);
        }
        self.commit(claim, vec![Write::Pair(pair)]).await?;
        Ok(if is_settled { Effect::Unchanged } else { Effect::Updated })
    }

    /// Has a side make changes, if there are any.
    async fn write(&self, side: Side, pair: &Pair, changes: &Properties) -> Result<()> {
        match side {
            _ if changes.is_empty() => Ok(()),
            Side::Botmatic => {
                self.context.platform.update_contact(self.auth.token(), &pair.contact, changes).await
            }
            Side::External => self.consumer().update_contact(self.auth, &pair.external, changes).await,
        }
    }

    /// Claims one half: together with the other half if it has one, else together with the e-mail address that it might
    /// share with one.
    async fn claim_half(&self, half: &Half, email: Option<&str>) -> Result<(Claim, Known)> {
        loop {
            let other = other_half(half, &self.known(half).await?);
            let with = other.clone().map(Subject::Half).or_else(|| email.map(whoever_has));
            let claim = self.claim([half.clone().into()].into_iter().chain(with).collect()).await?;
            let known = self.known(half).await?;
            if other_half(half, &known) == other {
                return Ok((claim, known));
            }
        }
    }
}

/// The other half of a pair, if there is one.
fn other_half(half: &Half, known: &Known) -> Option<Half> {
    match (half, known) {
        (Half::Contact(_), Known::Paired(pair)) => Some(pair.external.clone().into()),
        (Half::External(_), Known::Paired(pair)) => Some(pair.contact.clone().into()),
        (_, Known::No | Known::Deleted(_)) => None,
    }
}

/// The outcome where there is a pair already.
fn already_paired(known: &Known) -> Option<Outcome> {
    match known {
        Known::Paired(pair) => Some(Outcome::new(Effect::Unchanged, &pair.contact, &pair.external)),
        Known::No | Known::Deleted(_) => None,
    }
}

/// Whether a statement may say more than what is agreed on since a pair was found for it: somebody else has paired the two
/// meanwhile, who may have been told less; and of what goes one way nobody told the other half when it was created, or that
/// it is not there any more.
fn says_more<M: ContactMapping>(found: &Outcome, side: Side, says: &Properties) -> bool {
    let its_own = match side {
        Side::Botmatic => Access::WriteOnly,
        Side::External => Access::ReadOnly,
    };
    let its_own = M::PROPERTIES.iter().filter(|property| property.access == its_own);
    let mut its_own = its_own.filter_map(|property| says.get(&property.name));
    match found.effect {
        Effect::Unchanged => true,
        Effect::Linked => its_own.next().is_some(),
        Effect::Created => its_own.any(Value::is_null),
        Effect::Updated | Effect::Deleted => false,
    }
}

/// The e-mail address by which an existing contact is found, if there is one.
fn email<M: ContactMapping>(properties: &Properties) -> Option<&str> {
    let email = properties.get(M::EMAIL?)?.as_str()?.trim();
    (!email.is_empty()).then_some(email)
}

/// Whoever has this address. Many services do not distinguish its spellings, so all of them are one subject; where a
/// service does, its people merely wait for each other.
fn whoever_has(email: &str) -> Subject {
    Subject::Email(email.to_lowercase())
}

/// The external id of a contact that must have one.
fn external_id<M: ContactMapping>(contact: &M) -> Result<ExternalId> {
    contact.external_id().ok_or_else(|| {
        Error::new(
            Kind::Mapping,
            "the contact has no external id: fill the field marked `#[contact(id)]` before handing it over",
        )
    })
}
