//! A contact was created on Botmatic, or is met for the first time: find it on the external service, or create it there.

use super::reactions::{Reaction, Work};
use super::{Engine, already_paired, diff, email};
use crate::consumer::ExternalApiConsumer;
use crate::contact::{Access, Contact, Properties};
use crate::error::{Error, Kind, Result};
use crate::id::ContactId;
use crate::key_store::{Claim, Half, Intent, Known, Pair, Write};
use crate::mapping::{ContactMapping, agreed_by_creating, untold};
use crate::outcome::{Effect, Outcome};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// `contact_created`.
    pub(crate) async fn contact_created(&self, contact: Contact) -> Result<Outcome> {
        let takes_alone = I::Contact::PROPERTIES.iter().any(|property| property.access == Access::WriteOnly);
        if !takes_alone && let Some(outcome) = already_paired(&self.known(&contact.id.clone().into()).await?)
        {
            return Ok(outcome);
        }
        let stated = diff::set_only(I::Contact::canonical(contact.properties)?);
        // Of somebody known this may be told late, so it changes nothing that is agreed.
        self.contact_told(&contact.id, stated, |snapshot, stated| {
            untold::<I::Contact>(Access::WriteOnly, stated.clone(), snapshot)
        })
        .await
    }

    /// Gives a contact that has no pair a counterpart.
    pub(super) async fn pair_contact(
        &self,
        claim: &Claim,
        contact: &ContactId,
        stated: Properties,
    ) -> Result<Outcome> {
        if let Some(outcome) = self.adopt(claim, &contact.clone().into(), &stated).await? {
            return Ok(outcome);
        }
        let found = match email::<I::Contact>(&stated) {
            Some(email) => match self.consumer().get_contact_by_email(self.auth, email).await {
                Err(error) if error.is_unsupported() => self.lost_external(contact).await?,
                looked_up => looked_up?,
            },
            None => self.lost_external(contact).await?,
        };
        if let Some(found) = found {
            return self.link(claim, contact, stated, &found).await;
        }
        self.create_external(claim, contact, stated).await
    }

    async fn create_external(
        &self,
        claim: &Claim,
        contact: &ContactId,
        stated: Properties,
    ) -> Result<Outcome> {
        let half = Half::from(contact.clone());
        let created = I::Contact::from_properties(&stated)?;
        let snapshot = agreed_by_creating(&created)?;
        let intent =
            Intent { half: half.clone(), properties: snapshot.clone(), at: self.context.clock.now() };
        self.commit(claim, vec![Write::Intent(intent)]).await?;

        match self.consumer().create_contact(self.auth, created, &stated).await {
            Ok(external) => {
                let pair = Pair::new(contact.clone(), external, snapshot);
                let outcome = Outcome::new(Effect::Created, &pair.contact, &pair.external);
                self.commit(claim, vec![Write::Pair(pair)]).await?;
                Ok(outcome)
            }
            Err(error) => {
                // After a failure in between, the contact may exist: the intent stays to recognise it by.
                if error.is_refusal() {
                    self.commit(claim, vec![Write::Withdraw(half)]).await?;
                }
                if let Reaction::Adopt(id) = error.failure().reaction(Work::Create)
                    && let Some(existing) = self.consumer().get_contact(self.auth, &id).await?
                {
                    return self.link(claim, contact, stated, &existing).await;
                }
                Err(error.into())
            }
        }
    }

    /// Makes two contacts that exist already one pair. Where both have a value the external one counts; what only one
    /// has, the other gets; nothing is cleared.
    async fn link(
        &self,
        claim: &Claim,
        contact: &ContactId,
        stated: Properties,
        found: &I::Contact,
    ) -> Result<Outcome> {
        let external = super::external_id(found)?;
        if let Known::Paired(pair) = self.known(&external.clone().into()).await? {
            return Err(Error::new(
                Kind::Conflict,
                format!(
                    "the external contact {external} with this e-mail address is already paired with contact {}; \
                     merge or delete one of the two on Botmatic",
                    pair.contact
                ),
            ));
        }
        let theirs = found.to_properties()?;
        let to_botmatic = diff::difference(&stated, &theirs);
        let to_external: Properties = {
            let missing = stated.iter().filter(|(name, _)| theirs.get(name).is_none());
            missing.map(|(name, value)| (name.to_owned(), value.clone())).collect()
        };
        if !to_botmatic.is_empty() {
            self.context.platform.update_contact(self.auth.token(), contact, &to_botmatic).await?;
        }
        if !to_external.is_empty() {
            self.consumer().update_contact(self.auth, &external, &to_external).await?;
        }
        let outcome = Outcome::new(Effect::Linked, contact, &external);
        let snapshot = diff::agreed(theirs, to_external);
        self.commit(claim, vec![Write::Pair(Pair::new(contact.clone(), external, snapshot))]).await?;
        Ok(outcome)
    }
}
