//! A contact was deleted on one side: delete it on the other, then forget the pair and remember the deletion.

use super::Engine;
use super::side::Side;
use super::strays::remember;
use crate::consumer::ExternalApiConsumer;
use crate::error::{Error, Result};
use crate::id::{ContactId, ExternalId};
use crate::key_store::{Claim, Half, Known, Pair, Write};
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// `contact_deleted`.
    pub(crate) async fn contact_deleted(&self, id: &ContactId) -> Result<Outcome> {
        let half = id.clone().into();
        let (claim, known) = self.claim_to_delete(&half).await?;
        let Known::Paired(pair) = known else {
            return self.nothing_to_delete(&claim, half, known).await;
        };
        self.delete(&pair.external.clone().into()).await?;
        self.bury(&claim, &pair).await
    }

    /// A contact was deleted on the external service.
    pub(crate) async fn external_deleted(&self, id: &ExternalId) -> Result<Outcome> {
        let half = id.clone().into();
        let (claim, known) = self.claim_to_delete(&half).await?;
        let Known::Paired(pair) = known else {
            return self.nothing_to_delete(&claim, half, known).await;
        };
        self.delete(&pair.contact.clone().into()).await?;
        self.bury(&claim, &pair).await
    }

    /// Deletes somebody who is to be gone, and may be gone already.
    pub(super) async fn delete(&self, half: &Half) -> Result<()> {
        let deleted = match half {
            Half::Contact(id) => self.context.platform.delete_contact(self.auth.token(), id).await,
            Half::External(id) => self.consumer().delete_contact(self.auth, id).await.map_err(Into::into),
        };
        match deleted {
            Err(error) if error.is_not_found() => Ok(()),
            deleted => deleted,
        }
    }

    /// Claims somebody who was deleted, when nobody is at creating one that might be it.
    async fn claim_to_delete(&self, half: &Half) -> Result<(Claim, Known)> {
        let mut creators = self.creators();
        loop {
            // Whoever is created is in an intent until he is in a pair; in this order we miss neither.
            let mut intents = self.context.key_store.intents(self.installation).await?;
            let (claim, known) = self.claim_half(half, None).await?;
            intents.retain(|intent| Side::of(&intent.half) != Side::of(half) && creators.may_be(intent));
            if known != Known::No || intents.is_empty() {
                return Ok((claim, known));
            }
            drop(claim);
            self.wait_for(intents, &mut creators).await?;
        }
    }

    /// Nobody is known to be on the other side. What was said of the contact before and arrives after this changes nothing;
    /// and if somebody was being created there, that one is not to stay.
    async fn nothing_to_delete(&self, claim: &Claim, half: Half, known: Known) -> Result<Outcome> {
        if known == Known::No {
            let stray = self.own_intent(&half).await?.as_ref().map(remember).transpose()?;
            let tombstone = Write::Tombstone { half, at: self.context.clock.now() };
            self.commit(claim, stray.into_iter().chain([tombstone]).collect()).await?;
        }
        Err(Error::not_found())
    }

    pub(super) async fn bury(&self, claim: &Claim, pair: &Pair) -> Result<Outcome> {
        let outcome = Outcome::new(Effect::Deleted, &pair.contact, &pair.external);
        let (contact, external) = (pair.contact.clone(), pair.external.clone());
        let at = self.context.clock.now();
        self.commit(claim, vec![Write::Deleted { contact, external, at }]).await?;
        Ok(outcome)
    }
}
