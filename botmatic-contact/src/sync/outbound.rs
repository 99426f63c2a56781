//! A contact was created or changed on the external service: the same rules, in the other direction.

use std::sync::Arc;

use super::{Engine, diff, external_id};
use crate::consumer::ExternalApiConsumer;
use crate::contact::{Access, Properties};
use crate::error::{Error, Result};
use crate::id::ExternalId;
use crate::key_store::{Claim, Half, Intent, Known, Pair, Write};
use crate::mapping::{ContactMapping, one_way, untold, whole};
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// A contact was created on the external service.
    pub(crate) async fn external_created(&self, contact: &I::Contact) -> Result<Outcome> {
        // Of somebody known this may be told late, so it changes nothing that is agreed.
        let adds = |snapshot: &Properties| {
            Ok(untold::<I::Contact>(Access::ReadOnly, contact.to_properties()?, snapshot))
        };
        self.external_told(contact, adds).await
    }

    /// A contact was changed on the external service.
    pub(crate) async fn external_updated(&self, contact: &I::Contact) -> Result<Outcome> {
        let differs = |snapshot: &Properties| Ok(diff::difference(snapshot, &whole(contact)?));
        self.external_told(contact, differs).await
    }

    /// Pairs a contact of the external service, or has Botmatic make the changes to its counterpart.
    async fn external_told(
        &self,
        contact: &I::Contact,
        changes: impl Fn(&Properties) -> Result<Properties> + Send,
    ) -> Result<Outcome> {
        let id = external_id(contact)?;
        let properties = contact.to_properties()?;
        let mut effect = Effect::Unchanged;
        let (claim, pair) = loop {
            let (claim, known) = self.claim_to_pair(&id.clone().into(), &properties).await?;
            match known {
                Known::Paired(pair) => break (claim, pair),
                Known::Deleted(_) => return Err(Error::deleted_before()),
                Known::No => {
                    let outcome = self.pair_external(&claim, &id, properties.clone()).await?;
                    // Paired by somebody else meanwhile: what we were told may be newer than what they agreed on. Of one
                    // that we are creating we may be told more than was sent.
                    let may_differ = match outcome.effect {
                        Effect::Unchanged => true,
                        Effect::Linked => {
                            !one_way::<I::Contact>(Access::ReadOnly, properties.clone()).is_empty()
                        }
                        _ => false,
                    };
                    if !may_differ {
                        return Ok(outcome);
                    }
                    effect = outcome.effect;
                }
            }
        };
        let changes = changes(&pair.snapshot)?;
        if changes.is_empty() {
            return Ok(Outcome::new(effect, &pair.contact, &pair.external));
        }
        self.context.platform.update_contact(self.auth.token(), &pair.contact, &changes).await?;
        let outcome = Outcome::new(Effect::Updated, &pair.contact, &pair.external);
        let Pair { contact, external, snapshot, traces } = Arc::unwrap_or_clone(pair);
        let snapshot = diff::agreed(snapshot, changes);
        self.commit(&claim, vec![Write::Pair(Pair { contact, external, snapshot, traces })]).await?;
        Ok(outcome)
    }

    /// Gives an external contact that has no pair a counterpart.
    async fn pair_external(&self, claim: &Claim, id: &ExternalId, snapshot: Properties) -> Result<Outcome> {
        if let Some(outcome) = self.adopt(claim, &id.clone().into(), &snapshot).await? {
            return Ok(outcome);
        }
        let half = Half::from(id.clone());
        let intent =
            Intent { half: half.clone(), properties: snapshot.clone(), at: self.context.clock.now() };
        self.commit(claim, vec![Write::Intent(intent)]).await?;

        match self.context.platform.create_contact(self.auth.token(), &snapshot).await {
            Ok(contact) => {
                let pair = Pair::new(contact, id.clone(), snapshot);
                let outcome = Outcome::new(Effect::Created, &pair.contact, &pair.external);
                self.commit(claim, vec![Write::Pair(pair)]).await?;
                Ok(outcome)
            }
            Err(error) => {
                if error.is_refusal() {
                    self.commit(claim, vec![Write::Withdraw(half)]).await?;
                }
                Err(error)
            }
        }
    }
}
