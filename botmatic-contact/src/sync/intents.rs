//! Somebody unknown turns up. It may be the counterpart that we are creating right now and whose id we have not been
//! told yet, or one whose creation was cut short by a crash: the open intents know.

use std::pin::pin;

use futures_util::stream::StreamExt;

use super::{Engine, external_id};
use crate::consumer::ExternalApiConsumer;
use crate::contact::Properties;
use crate::error::Result;
use crate::id::{ContactId, ExternalId};
use crate::key_store::{Claim, Intent, Known, Pair, Subject, Write};
use crate::mapping::ContactMapping;
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// Recognises a contact of Botmatic's that an intent of the external side is about.
    pub(super) async fn adopt_contact(
        &self,
        claim: &Claim,
        id: &ContactId,
        stated: &Properties,
    ) -> Result<Option<Outcome>> {
        let intents = self.context.key_store.intents(self.installation).await?;
        let may_wait = may_wait(claim, &intents);
        for intent in intents {
            let Intent { subject, properties } = intent;
            let Subject::External(external) = &subject else {
                continue;
            };
            if properties == *stated {
                return self.adopt(claim, id, external, properties).await.map(Some);
            }
            if !may_wait {
                continue;
            }
            // The other side may have changed what we sent. Whoever is at it will know the id in a moment.
            self.claim(vec![subject]).await?;
            if let Some(outcome) = paired(&self.known_contact(id).await?) {
                return Ok(Some(outcome));
            }
        }
        Ok(paired(&self.known_contact(id).await?))
    }

    /// Recognises a contact of the external service's that an intent of Botmatic's side is about.
    pub(super) async fn adopt_external(
        &self,
        claim: &Claim,
        id: &ExternalId,
        stated: &Properties,
    ) -> Result<Option<Outcome>> {
        let intents = self.context.key_store.intents(self.installation).await?;
        let may_wait = may_wait(claim, &intents);
        for intent in intents {
            let Intent { subject, properties } = intent;
            let Subject::Contact(contact) = &subject else {
                continue;
            };
            if properties == *stated {
                return self.adopt(claim, contact, id, properties).await.map(Some);
            }
            if !may_wait {
                continue;
            }
            self.claim(vec![subject]).await?;
            if let Some(outcome) = paired(&self.known_external(id).await?) {
                return Ok(Some(outcome));
            }
        }
        Ok(paired(&self.known_external(id).await?))
    }

    /// Looks for the contact that an earlier create for this one made outside without our hearing of it. Only whose
    /// create was begun and not finished may have one, so the listing is read after a crash and not in daily life.
    pub(super) async fn lost_external(&self, id: &ContactId) -> Result<Option<I::Contact>> {
        let subject = Subject::Contact(id.clone());
        let intents = self.context.key_store.intents(self.installation).await?;
        let Some(intent) = intents.into_iter().find(|intent| intent.subject == subject) else {
            return Ok(None);
        };
        let mut pages = pin!(self.consumer().list_all_contacts(self.auth));
        while let Some(page) = pages.next().await {
            let page = match page {
                Err(error) if error.is_unsupported() => return Ok(None),
                page => page?,
            };
            for contact in page {
                let same = contact.to_properties().is_ok_and(|properties| properties == intent.properties);
                if same && self.known_external(&external_id(&contact)?).await? == Known::No {
                    return Ok(Some(contact));
                }
            }
        }
        Ok(None)
    }

    async fn adopt(
        &self,
        claim: &Claim,
        contact: &ContactId,
        external: &ExternalId,
        snapshot: Properties,
    ) -> Result<Outcome> {
        let pair = Pair { contact: contact.clone(), external: external.clone(), snapshot };
        self.commit(claim, vec![Write::Pair(pair)]).await?;
        Ok(Outcome::new(Effect::Linked, contact, external))
    }
}

/// The pair that there is now. An intent that was fulfilled after we had looked for a pair, and before we looked for
/// intents, is neither to us: so we look again.
fn paired(known: &Known) -> Option<Outcome> {
    match known {
        Known::Paired(pair) => Some(Outcome::new(Effect::Unchanged, &pair.contact, &pair.external)),
        Known::No | Known::Deleted(_) => None,
    }
}

/// Who holds an open intent waits for nobody; it may be one that an earlier failure left behind.
fn may_wait(claim: &Claim, intents: &[Intent]) -> bool {
    !intents.iter().any(|intent| claim.subjects().contains(&intent.subject))
}
