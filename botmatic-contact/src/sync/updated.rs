//! A contact was changed on Botmatic: write what differs from the agreed snapshot, and nothing else.

use std::sync::Arc;

use super::outbound::Current;
use super::side::Side;
use super::statement::{Came, Heard, Statement, hear as measure, owner};
use super::traces::held;
use super::{Engine, diff, says_more};
use crate::consumer::ExternalApiConsumer;
use crate::contact::{Contact, Owner, Properties, Value};
use crate::error::{Error, Result};
use crate::id::ContactId;
use crate::key_store::{Known, Pair};
use crate::mapping::{ContactMapping, near, whole};
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// `contact_updated`.
    pub(crate) async fn contact_updated(&self, contact: Contact) -> Result<Outcome> {
        let now = self.context.clock.now();
        let statement = I::Contact::canonical(contact.properties)?;
        self.contact_told(&contact.id, &statement, |pair| {
            let says = &statement;
            measure::<I::Contact>(pair, &Statement { side: Side::Botmatic, says, came: Came::InOrder, now })
        })
        .await
    }

    /// Gives a contact of Botmatic's a counterpart, or has the external service make the changes to it.
    pub(super) async fn contact_told(
        &self,
        id: &ContactId,
        statement: &Properties,
        hear: impl Fn(&mut Pair) -> Heard + Send,
    ) -> Result<Outcome> {
        let half = id.clone().into();
        let mut effect = Effect::Unchanged;
        let (claim, pair) = loop {
            let (claim, known) = self.claim_to_pair(&half, statement).await?;
            match known {
                Known::Paired(pair) => break (claim, pair),
                Known::Deleted(_) => return Err(Error::not_found()),
                Known::No => {
                    let stated = diff::set_only(statement.clone());
                    let Some(outcome) = Box::pin(self.pair_contact(&claim, id, stated)).await? else {
                        drop(claim);
                        self.look_again_later().await;
                        continue;
                    };
                    if !says_more::<I::Contact>(&outcome, Side::Botmatic, statement) {
                        return Ok(outcome);
                    }
                    effect = outcome.effect;
                }
            }
        };
        let mut pair = Arc::unwrap_or_clone(pair);
        let mut heard = hear(&mut pair);
        self.leave_to_owner(&pair, &mut heard).await?;
        let mut outcome = Outcome::new(effect, &pair.contact, &pair.external);
        if self.carry(&claim, pair, Side::Botmatic, heard).await? == Effect::Updated {
            outcome.effect = Effect::Updated;
        }
        Ok(outcome)
    }

    /// Asks the external service before it is given something else of what it owns: it may have been changed there, and that
    /// be told later. Then that counts, and is written on Botmatic in place of what was said.
    async fn leave_to_owner(&self, pair: &Pair, heard: &mut Heard) -> Result<()> {
        let is_theirs = |name: &&str| owner::<I::Contact>(name) == Some(Owner::External);
        let owned: Vec<_> =
            heard.news.iter().map(|(name, _)| name).filter(is_theirs).map(str::to_owned).collect();
        if owned.is_empty() {
            return Ok(());
        }
        let Current::Held(current) = self.current(&pair.external).await? else { return Ok(()) };
        let current = whole(&current)?;
        for name in owned {
            let theirs = current.get(&name).unwrap_or(&Value::Null);
            let ours = pair.traces.written(Side::External).get(&name).map(|written| &written.value);
            let is_known = [Some(held(pair, Side::External, &name)), ours];
            if !is_known.into_iter().flatten().any(|known| near(known, theirs)) {
                heard.news.remove(&name);
                heard.again.set(name, theirs.clone());
            }
        }
        Ok(())
    }
}
