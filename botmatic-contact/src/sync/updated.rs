//! A contact was changed on Botmatic: write what differs from the agreed snapshot, and nothing else.

use std::sync::Arc;

use jiff::Timestamp;

use super::statement::{Heard, Side, Statement, hear as measure, owner};
use super::{Engine, diff, says_more};
use crate::consumer::ExternalApiConsumer;
use crate::contact::{Contact, Owner, Properties};
use crate::error::{Error, Result};
use crate::id::ContactId;
use crate::key_store::{Known, Pair};
use crate::mapping::{ContactMapping, whole};
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// `contact_updated`.
    pub(crate) async fn contact_updated(&self, contact: Contact) -> Result<Outcome> {
        let now = self.context.clock.now();
        let statement = I::Contact::canonical(contact.properties)?;
        self.contact_told(&contact.id, &statement, |pair| {
            let says = &statement;
            measure::<I::Contact>(pair, &Statement { side: Side::Botmatic, says, is_current: false, now })
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
        let now = self.context.clock.now();
        if pair.may_overwrite(&heard.news, now)
            && let Some(current) = self.current(&pair.external).await?
        {
            yield_to_untold::<I::Contact>(&mut heard, &pair, &current, now)?;
        }
        let mut outcome = Outcome::new(effect, &pair.contact, &pair.external);
        if self.carry(&claim, pair, Side::Botmatic, heard).await? == Effect::Updated {
            outcome.effect = Effect::Updated;
        }
        Ok(outcome)
    }
}

/// Lets what the external service holds and has not told of count, unless Botmatic owns it.
fn yield_to_untold<M: ContactMapping>(
    heard: &mut Heard,
    pair: &Pair,
    current: &M,
    now: Timestamp,
) -> Result<()> {
    let says = whole(current)?;
    let says = Statement { side: Side::External, says: &says, is_current: true, now };
    let untold = measure::<M>(&mut pair.clone(), &says).news;
    for (name, value) in untold {
        if heard.news.get(&name).is_some() && owner::<M>(&name) != Some(Owner::Botmatic) {
            heard.news.remove(&name);
            heard.again.set(name, value);
        }
    }
    Ok(())
}
