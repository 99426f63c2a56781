//! A contact was changed on Botmatic: write what differs from the agreed snapshot, and nothing else.

use std::sync::Arc;

use super::{Engine, diff};
use crate::consumer::ExternalApiConsumer;
use crate::contact::Contact;
use crate::error::{Error, Result};
use crate::key_store::{Known, Pair, Write};
use crate::mapping::{ContactMapping, ContactPatch};
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// `contact_updated`.
    pub(crate) async fn contact_updated(&self, contact: Contact) -> Result<Outcome> {
        let half = contact.id.clone().into();
        let statement = I::Contact::canonical(contact.properties)?;
        let (claim, pair) = loop {
            let (claim, known) = self.claim_to_pair(&half, &statement).await?;
            match known {
                Known::Paired(pair) => break (claim, pair),
                Known::Deleted(_) => return Err(Error::not_found()),
                Known::No => {
                    let stated = diff::set_only(statement.clone());
                    let outcome = Box::pin(self.pair_contact(&claim, &contact.id, stated)).await?;
                    // Paired by somebody else meanwhile: what we were told may be newer than what they agreed on.
                    if outcome.effect != Effect::Unchanged {
                        return Ok(outcome);
                    }
                }
            }
        };
        let changes = diff::difference(&pair.snapshot, &statement);
        if changes.is_empty() {
            return Ok(Outcome::new(Effect::Unchanged, &pair.contact, &pair.external));
        }
        let patch = <I::Contact as ContactMapping>::Patch::from_properties(&changes)?;
        self.consumer().update_contact(self.auth, &pair.external, patch).await?;
        let outcome = Outcome::new(Effect::Updated, &pair.contact, &pair.external);
        let Pair { contact, external, snapshot } = Arc::unwrap_or_clone(pair);
        let snapshot = diff::agreed(snapshot, changes);
        self.commit(&claim, vec![Write::Pair(Pair { contact, external, snapshot })]).await?;
        Ok(outcome)
    }
}
