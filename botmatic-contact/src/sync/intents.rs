//! Somebody unknown turns up. It may be the counterpart that we are creating right now and whose id we have not been
//! told yet, or one whose creation was cut short by a crash: the open intents know.

use std::collections::HashSet;
use std::mem::discriminant;
use std::pin::pin;

use futures_util::stream::StreamExt;

use super::{Engine, already_paired, diff, email, external_id};
use crate::consumer::{ExternalApiConsumer, ListStart};
use crate::contact::Properties;
use crate::error::Result;
use crate::id::ContactId;
use crate::key_store::{Claim, Half, Intent, Known, Pair, Write};
use crate::mapping::{ContactMapping, same};
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// Claims somebody who may have to get a counterpart, when nobody is at creating one that might be it.
    pub(super) async fn claim_to_pair(&self, half: &Half, said: &Properties) -> Result<(Claim, Known)> {
        let mut waited_for = HashSet::new();
        loop {
            let (claim, known) = self.claim_half(half, email::<I::Contact>(said)).await?;
            if known != Known::No {
                return Ok((claim, known));
            }
            let stated = diff::set_only(said.clone());
            let creators = self.creators(half, |properties| same::<I::Contact>(properties, &stated)).await?;
            if creators.iter().all(|other| waited_for.contains(other)) {
                return Ok((claim, known));
            }
            drop(claim);
            self.wait_for(creators, &mut waited_for).await?;
        }
    }

    /// The halves of the other side for whom a counterpart is being created, or was when an attempt was cut short:
    /// somebody of this side whom nobody knows may be it, though the values differ, since services tidy what they are
    /// sent. If one of the intents has just the values that are looked for, it is that one, and there are no others.
    pub(super) async fn creators(
        &self,
        side: &Half,
        is_sought: impl Fn(&Properties) -> bool,
    ) -> Result<Vec<Half>> {
        let mut intents = self.context.key_store.intents(self.installation).await?;
        intents.retain(|intent| discriminant(&intent.half) != discriminant(side));
        if intents.iter().any(|intent| is_sought(&intent.properties)) {
            return Ok(Vec::new());
        }
        Ok(intents.into_iter().map(|intent| intent.half).collect())
    }

    /// Waits until nobody works on these any more. Whoever waits here holds no claim, so nobody waits in a circle.
    pub(super) async fn wait_for(&self, halves: Vec<Half>, waited_for: &mut HashSet<Half>) -> Result<()> {
        for half in halves {
            self.claim(vec![half.clone().into()]).await?;
            waited_for.insert(half);
        }
        Ok(())
    }

    /// Recognises somebody unknown as the one that an intent of the other side is about.
    pub(super) async fn adopt(
        &self,
        claim: &Claim,
        half: &Half,
        stated: &Properties,
    ) -> Result<Option<Outcome>> {
        for Intent { half: other, properties, .. } in
            self.context.key_store.intents(self.installation).await?
        {
            let (Half::Contact(contact), Half::External(external)) = sorted(half, &other) else { continue };
            if same::<I::Contact>(&properties, stated) {
                let outcome = Outcome::new(Effect::Linked, contact, external);
                let (contact, external) = (contact.clone(), external.clone());
                let pair = Pair::new(contact, external, properties);
                self.commit(claim, vec![Write::Pair(pair)]).await?;
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
        let mut pages = pin!(self.consumer().list_all_contacts(self.auth, ListStart::default()));
        while let Some(page) = pages.next().await {
            let page = match page {
                Err(error) if error.is_unsupported() => return Ok(None),
                page => page?,
            };
            for contact in page {
                let same = contact
                    .to_properties()
                    .is_ok_and(|properties| same::<I::Contact>(&properties, &intent.properties));
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
