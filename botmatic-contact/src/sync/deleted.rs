//! A contact was deleted on one side: delete it on the other, then forget the pair and remember the deletion.

use super::Engine;
use crate::consumer::ExternalApiConsumer;
use crate::error::{Error, Result};
use crate::id::{ContactId, ExternalId};
use crate::key_store::{Claim, Half, Known, Pair, Write};
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// `contact_deleted`.
    pub(crate) async fn contact_deleted(&self, id: &ContactId) -> Result<Outcome> {
        let half = id.clone().into();
        let (claim, known) = self.claim_half(&half, None).await?;
        let Known::Paired(pair) = known else {
            return self.nothing_to_delete(&claim, half).await;
        };
        match self.consumer().delete_contact(self.auth, &pair.external).await {
            Ok(()) => {}
            // It is gone, which is what was asked for.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
        self.bury(&claim, &pair).await
    }

    /// A contact was deleted on the external service.
    pub(crate) async fn external_deleted(&self, id: &ExternalId) -> Result<Outcome> {
        let half = id.clone().into();
        let (claim, known) = self.claim_half(&half, None).await?;
        let Known::Paired(pair) = known else {
            return self.nothing_to_delete(&claim, half).await;
        };
        match self.context.platform.delete_contact(self.auth.token(), &pair.contact).await {
            Ok(()) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        self.bury(&claim, &pair).await
    }

    /// Nobody is to be deleted on the other side; if somebody was about to be created there, that is over.
    async fn nothing_to_delete(&self, claim: &Claim, half: Half) -> Result<Outcome> {
        let intents = self.context.key_store.intents(self.installation).await?;
        if intents.iter().any(|intent| intent.half == half) {
            self.commit(claim, vec![Write::Withdraw(half)]).await?;
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
