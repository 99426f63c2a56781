//! Somebody unknown turns up. It may be the counterpart that we are creating right now and whose id we have not been
//! told yet, or one whose creation was cut short by a crash: the open intents know.

use std::pin::pin;

use futures_util::stream::StreamExt;

use super::{Engine, already_paired, external_id};
use crate::consumer::ExternalApiConsumer;
use crate::contact::Properties;
use crate::error::Result;
use crate::id::ContactId;
use crate::key_store::{Claim, Half, Intent, Known, Pair, Write};
use crate::mapping::ContactMapping;
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// Recognises somebody unknown as the one that an intent of the other side is about.
    pub(super) async fn adopt(
        &self,
        claim: &Claim,
        half: &Half,
        stated: &Properties,
    ) -> Result<Option<Outcome>> {
        let intents = self.context.key_store.intents(self.installation).await?;
        let may_wait = may_wait(claim, &intents);
        for Intent { half: other, properties } in intents {
            let (Half::Contact(contact), Half::External(external)) = sorted(half, &other) else { continue };
            if properties == *stated {
                let outcome = Outcome::new(Effect::Linked, contact, external);
                let (contact, external) = (contact.clone(), external.clone());
                let pair = Pair { contact, external, snapshot: properties };
                self.commit(claim, vec![Write::Pair(pair)]).await?;
                return Ok(Some(outcome));
            }
            if !may_wait {
                continue;
            }
            // The other side may have changed what we sent. Whoever is at it will know the id in a moment.
            self.claim(vec![other.into()]).await?;
            if let Some(outcome) = already_paired(&self.known(half).await?) {
                return Ok(Some(outcome));
            }
        }
        // An intent that was fulfilled after we had looked for a pair, and before we looked for intents, is neither to
        // us: so we look again.
        Ok(already_paired(&self.known(half).await?))
    }

    /// Looks for the contact that an earlier create for this one made outside without our hearing of it. Only whose
    /// create was begun and not finished may have one, so the listing is read after a crash and not in daily life.
    pub(super) async fn lost_external(&self, id: &ContactId) -> Result<Option<I::Contact>> {
        let half = Half::from(id.clone());
        let intents = self.context.key_store.intents(self.installation).await?;
        let Some(intent) = intents.into_iter().find(|intent| intent.half == half) else {
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
                if same && self.known(&external_id(&contact)?.into()).await? == Known::No {
                    return Ok(Some(contact));
                }
            }
        }
        Ok(None)
    }
}

/// Two halves, that of Botmatic first.
fn sorted<'a>(one: &'a Half, other: &'a Half) -> (&'a Half, &'a Half) {
    if one <= other { (one, other) } else { (other, one) }
}

/// Who holds an open intent waits for nobody; it may be one that an earlier failure left behind.
fn may_wait(claim: &Claim, intents: &[Intent]) -> bool {
    !intents.iter().any(|intent| claim.subjects().contains(&intent.half.clone().into()))
}
