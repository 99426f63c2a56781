//! A contact was changed on Botmatic: write what differs from the agreed snapshot, and nothing else.

use std::sync::Arc;

use super::{Engine, diff};
use crate::consumer::ExternalApiConsumer;
use crate::contact::{Access, Contact, Properties};
use crate::error::{Error, Result};
use crate::id::ContactId;
use crate::key_store::{Known, Pair, Write};
use crate::mapping::{ContactMapping, one_way};
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// `contact_updated`.
    pub(crate) async fn contact_updated(&self, contact: Contact) -> Result<Outcome> {
        let statement = I::Contact::canonical(contact.properties)?;
        self.contact_told(&contact.id, statement, diff::difference).await
    }

    /// Gives a contact of Botmatic's a counterpart, or has the external service make the changes to it.
    pub(super) async fn contact_told(
        &self,
        id: &ContactId,
        statement: Properties,
        changes: impl Fn(&Properties, &Properties) -> Properties + Send,
    ) -> Result<Outcome> {
        let half = id.clone().into();
        let mut effect = Effect::Unchanged;
        let (claim, pair) = loop {
            let (claim, known) = self.claim_to_pair(&half, &statement).await?;
            match known {
                Known::Paired(pair) => break (claim, pair),
                Known::Deleted(_) => return Err(Error::not_found()),
                Known::No => {
                    let stated = diff::set_only(statement.clone());
                    let outcome = Box::pin(self.pair_contact(&claim, id, stated)).await?;
                    // Paired by somebody else meanwhile: what we were told may be newer than what they agreed on. Of one
                    // that we are creating we may be told more than was sent.
                    let may_differ = match outcome.effect {
                        Effect::Unchanged => true,
                        Effect::Linked => {
                            !one_way::<I::Contact>(Access::WriteOnly, statement.clone()).is_empty()
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
        let changes = changes(&pair.snapshot, &statement);
        if changes.is_empty() {
            return Ok(Outcome::new(effect, &pair.contact, &pair.external));
        }
        self.consumer().update_contact(self.auth, &pair.external, &changes).await?;
        let outcome = Outcome::new(Effect::Updated, &pair.contact, &pair.external);
        let Pair { contact, external, snapshot, traces } = Arc::unwrap_or_clone(pair);
        let snapshot = diff::agreed(snapshot, changes);
        self.commit(&claim, vec![Write::Pair(Pair { contact, external, snapshot, traces })]).await?;
        Ok(outcome)
    }
}
