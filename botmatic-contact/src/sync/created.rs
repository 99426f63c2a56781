//! A contact was created on Botmatic, or is met for the first time: find it on the external service, or create it there.

use super::intents::Lost;
use super::outbound::Current;
use super::reactions::{Reaction, Work};
use super::side::Side;
use super::statement::{merge, owner};
use super::strays::remember;
use super::{Engine, already_paired, diff, email};
use crate::consumer::ExternalApiConsumer;
use crate::contact::{Access, Contact, Owner, Properties, Value};
use crate::error::{Error, Kind, Result};
use crate::id::ContactId;
use crate::key_store::{Claim, Half, Intent, Known, Pair, Write};
use crate::mapping::{ContactMapping, agreed_by_creating, near};
use crate::outcome::{Effect, Outcome, count};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// `contact_created`.
    pub(crate) async fn contact_created(&self, contact: Contact) -> Result<Outcome> {
        let stated = diff::set_only(I::Contact::canonical(contact.properties)?);
        let takes_alone = I::Contact::PROPERTIES.iter().any(|property| property.access == Access::WriteOnly);
        if !takes_alone
            && let known = self.known(&contact.id.clone().into()).await?
            && let Known::Paired(pair) = &known
            && !pair.traces.is_unmerged(Side::Botmatic)
            && respelt(pair, &stated).next().is_none()
            && let Some(outcome) = already_paired(&known)
        {
            count(&self.context.counters.echoes);
            return Ok(outcome);
        }
        self.contact_told(&contact.id, &stated, |pair| {
            // Of somebody known this may be told late, so it changes nothing that is agreed, but for the spelling.
            let respelt: Properties =
                respelt(pair, &stated).map(|(name, value)| (name.to_owned(), value.clone())).collect();
            let has_learnt = !respelt.is_empty();
            for (name, value) in respelt {
                pair.spell(Side::Botmatic, &name, value);
            }
            let mut heard = merge::<I::Contact>(pair, Side::Botmatic, &stated);
            heard.news.extend(pair.untold::<I::Contact>(Access::WriteOnly, stated.clone()));
            heard.has_learnt |= has_learnt;
            heard
        })
        .await
    }

    /// Gives a contact that has no pair a counterpart; nothing if one has to look again later.
    pub(super) async fn pair_contact(
        &self,
        claim: &Claim,
        contact: &ContactId,
        stated: Properties,
    ) -> Result<Option<Outcome>> {
        let half = Half::from(contact.clone());
        if let Some(outcome) = self.adopt(claim, &half, &stated).await? {
            return Ok(Some(outcome));
        }
        let earlier = self.own_intent(&half).await?;
        let found = match email::<I::Contact>(&stated) {
            Some(email) => match self.consumer().get_contact_by_email(self.auth, email).await {
                Err(error) if error.is_unsupported() => None,
                looked_up => Some(looked_up?),
            },
            None => None,
        };
        let found = match (found, &earlier) {
            (Some(Some(found)), _) => Some(found),
            (Some(None), _) | (None, None) => None,
            (None, Some(earlier)) => match self.lost_external(contact, earlier).await? {
                Lost::Found(found) => Some(found),
                // It may tell.
                Lost::Unknown if self.is_recent(earlier) => return Ok(None),
                Lost::NotThere | Lost::Unknown => None,
            },
        };
        match found {
            Some(found) => self.link(claim, contact, stated, &found).await.map(Some),
            None => self.create_external(claim, contact, stated, earlier.as_ref()).await.map(Some),
        }
    }

    async fn create_external(
        &self,
        claim: &Claim,
        contact: &ContactId,
        stated: Properties,
        earlier: Option<&Intent>,
    ) -> Result<Outcome> {
        let half = Half::from(contact.clone());
        let created = I::Contact::from_properties(&stated)?;
        let snapshot = agreed_by_creating(&created)?;
        let at = self.context.clock.now();
        let intent = Intent { half: half.clone(), properties: snapshot.clone().into(), at };
        let remembered = earlier.map(remember).transpose()?;
        self.commit(claim, remembered.into_iter().chain([Write::Intent(intent)]).collect()).await?;
        if let Some(outcome) = self.is_paired_after_all(claim, &half).await? {
            return Ok(outcome);
        }

        match self.consumer().create_contact(self.auth, created, &stated).await {
            Ok(external) => {
                let mut pair = Pair::new(contact.clone(), external, snapshot);
                pair.traces.external_is_new = Some(self.context.clock.now());
                let outcome = Outcome::new(Effect::Created, &pair.contact, &pair.external);
                let twin = Half::from(pair.external.clone());
                match self.commit(claim, vec![Write::NewPair(pair)]).await {
                    Err(error) if error.is_conflict() => self.resolve_twin(claim, &half, &twin).await,
                    committed => committed.map(|()| outcome),
                }
            }
            Err(error) => {
                if let Reaction::Adopt(id) = error.failure().reaction(Work::Create)
                    && let Some(existing) = self.consumer().get_contact(self.auth, &id).await?
                {
                    // The intent stays until the two are a pair: somebody may be told of the other one meanwhile.
                    return self.link(claim, contact, stated, &existing).await;
                }
                // After a failure in between, the contact may exist: the intent stays to recognise it by.
                if error.is_refusal() {
                    self.commit(claim, vec![Write::Withdraw(half)]).await?;
                }
                Err(error.into())
            }
        }
    }

    /// Makes two contacts that exist already one pair. Where both have a value the external one counts, unless Botmatic
    /// owns the property; what only one has, the other gets; nothing is cleared.
    async fn link(
        &self,
        claim: &Claim,
        contact: &ContactId,
        stated: Properties,
        found: &I::Contact,
    ) -> Result<Outcome> {
        let external = super::external_id(found)?;
        match self.known(&external.clone().into()).await? {
            Known::Paired(pair) if pair.contact == *contact => {
                return Ok(Outcome::new(Effect::Unchanged, contact, &external));
            }
            Known::Paired(pair) => {
                return Err(Error::new(
                    Kind::Conflict,
                    format!(
                        "the external contact {external} with this e-mail address is already paired with contact {}; \
                         merge or delete one of the two on Botmatic",
                        pair.contact
                    ),
                ));
            }
            // Deleted after it was found.
            Known::Deleted(_) if matches!(self.current(&external).await?, Current::Gone) => {
                let why = format!(
                    "the external contact {external} was deleted meanwhile; nothing was written, try again"
                );
                return Err(Error::new(Kind::Busy, why));
            }
            Known::No | Known::Deleted(_) => {}
        }
        let theirs = found.to_properties()?;
        let is_botmatics =
            |name: &str| stated.get(name).is_some() && owner::<I::Contact>(name) == Some(Owner::Botmatic);
        // What is there in another spelling is there.
        let same = |name: &str, value: &Value| theirs.get(name).is_some_and(|their| near(their, value));
        let mut to_botmatic = diff::difference(&stated, &theirs);
        let to_external: Properties = {
            let counts = |name: &str| theirs.get(name).is_none() || is_botmatics(name);
            let counting = stated.iter().filter(|(name, value)| counts(name) && !same(name, value));
            counting.map(|(name, value)| (name.to_owned(), value.clone())).collect()
        };
        let respelt =
            stated.iter().filter(|(name, value)| same(name, value) && theirs.get(name) != Some(*value));
        let respelt: Properties = respelt.map(|(name, value)| (name.to_owned(), value.clone())).collect();
        for (name, _) in to_external.iter().chain(respelt.iter()) {
            to_botmatic.remove(name);
        }
        let now = self.context.clock.now();
        // As each side was before it is told of anything.
        let mut pair = Pair::new(contact.clone(), external, stated);
        pair.will_write::<I::Contact>(Side::Botmatic, &to_botmatic, now);
        pair.snapshot = theirs;
        for (name, value) in respelt {
            pair.spell(Side::Botmatic, &name, value);
        }
        pair.will_write::<I::Contact>(Side::External, &to_external, now);
        if !to_external.is_empty() {
            // The news of that may come before the two are a pair, or when this process has ended.
            let properties = diff::agreed(pair.snapshot.clone(), to_external.clone()).into();
            let intent = Intent { half: contact.clone().into(), properties, at: now };
            self.commit(claim, vec![Write::Intent(intent)]).await?;
        }
        self.write(Side::Botmatic, &pair, &to_botmatic).await?;
        self.write(Side::External, &pair, &to_external).await?;
        pair.agree_on(Side::Botmatic, to_botmatic);
        pair.agree_on(Side::External, to_external);
        let outcome = Outcome::new(Effect::Linked, &pair.contact, &pair.external);
        self.commit(claim, vec![Write::Pair(pair)]).await?;
        Ok(outcome)
    }
}

/// What Botmatic holds in another spelling than it was created with, as long as it has not been changed since.
fn respelt<'a>(pair: &'a Pair, stated: &'a Properties) -> impl Iterator<Item = (&'a str, &'a Value)> {
    stated.iter().filter(|(name, value)| {
        let is_spelling = |agreed: &Value| agreed != *value && near(agreed, value);
        pair.is_unchanged(name) && pair.snapshot.get(name).is_some_and(is_spelling)
    })
}
