//! A contact was created or changed on the external service: the same rules, in the other direction.

use std::sync::Arc;

use super::side::Side;
use super::statement::{Came, Heard, Statement, hear, merge};
use super::strays::remember;
use super::{Engine, external_id, says_more};
use crate::consumer::ExternalApiConsumer;
use crate::contact::{Access, Properties};
use crate::error::{Error, Result};
use crate::id::ExternalId;
use crate::key_store::{Claim, ExternalWord, Half, Intent, Known, Pair, Write};
use crate::mapping::{ContactMapping, whole};
use crate::outcome::{Effect, Outcome, count};

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// A contact was created on the external service.
    pub(crate) async fn external_created(&self, contact: &I::Contact) -> Result<Outcome> {
        let id = external_id(contact)?;
        let properties = contact.to_properties()?;
        let (claim, mut pair, effect) =
            match self.external_pair(&id, &properties, ExternalWord::Created).await? {
                Told::Paired(claim, pair, effect) => (claim, pair, effect),
                Told::Done(outcome) => return Ok(outcome),
            };
        // Of somebody known this may be told late, so it changes nothing that is agreed.
        let mut heard = merge::<I::Contact>(&mut pair, Side::External, &properties);
        heard.has_learnt |= pair.is_introduced(&properties, self.context.clock.now());
        heard.news.extend(pair.untold::<I::Contact>(Access::ReadOnly, properties));
        self.carry_news(&claim, *pair, heard, effect).await
    }

    /// A contact was changed on the external service.
    pub(crate) async fn external_updated(&self, contact: &I::Contact) -> Result<Outcome> {
        self.external_told(contact, ExternalWord::Changed).await
    }

    /// A contact was listed by the external service a while ago.
    pub(super) async fn external_listed(&self, contact: &I::Contact) -> Result<Outcome> {
        self.external_told(contact, ExternalWord::Listed).await
    }

    async fn external_told(&self, contact: &I::Contact, word: ExternalWord) -> Result<Outcome> {
        let id = external_id(contact)?;
        let (claim, pair, effect) = match self.external_pair(&id, &contact.to_properties()?, word).await? {
            Told::Paired(claim, pair, effect) => (claim, pair, effect),
            Told::Done(outcome) => return Ok(outcome),
        };
        let now = self.context.clock.now();
        let told = whole(contact)?;
        let measure = |says: &Properties, came| {
            let mut pair = Pair::clone(&pair);
            let says = Statement { side: Side::External, says, came, now };
            let heard = hear::<I::Contact>(&mut pair, &says);
            (pair, heard)
        };
        let (mut heard_by, mut heard) = measure(&told, Came::Told);
        // The word may have been overtaken by a later one. The service knows.
        if heard.has_doubt || pair.may_be_late(word, &heard.news, now) {
            count(&self.context.counters.doubts);
            match self.current(&id).await? {
                Current::Held(current) => (heard_by, heard) = measure(&whole(&current)?, Came::Read),
                Current::Gone => return Ok(Outcome::new(effect, &pair.contact, &pair.external)),
                Current::Unknown => (heard_by, heard) = measure(&told, Came::InOrder),
            }
        }
        self.carry_news(&claim, heard_by, heard, effect).await
    }

    /// What the external service holds of somebody at this moment.
    pub(super) async fn current(&self, id: &ExternalId) -> Result<Current<I::Contact>> {
        match self.external_now(id).await {
            Err(error) if error.is_unsupported() => Ok(Current::Unknown),
            current => Ok(current?.map_or(Current::Gone, Current::Held)),
        }
    }

    async fn carry_news(&self, claim: &Claim, pair: Pair, heard: Heard, effect: Effect) -> Result<Outcome> {
        let mut outcome = Outcome::new(effect, &pair.contact, &pair.external);
        if self.carry(claim, pair, Side::External, heard).await? == Effect::Updated {
            outcome.effect = Effect::Updated;
        }
        Ok(outcome)
    }

    /// Claims the pair of an external contact, or gives it a counterpart.
    async fn external_pair(
        &self,
        id: &ExternalId,
        properties: &Properties,
        word: ExternalWord,
    ) -> Result<Told> {
        let half = id.clone().into();
        let mut effect = Effect::Unchanged;
        loop {
            let (claim, known) = self.claim_to_pair(&half, properties).await?;
            match known {
                Known::Paired(pair) => {
                    return Ok(Told::Paired(claim, Box::new(Arc::unwrap_or_clone(pair)), effect));
                }
                Known::Deleted(_) => return Err(Error::deleted_before()),
                Known::No => {
                    let outcome = self.pair_external(&claim, id, properties.clone(), word).await?;
                    if !says_more::<I::Contact>(&outcome, Side::External, properties) {
                        return Ok(Told::Done(outcome));
                    }
                    effect = outcome.effect;
                }
            }
        }
    }

    /// Gives an external contact that has no pair a counterpart.
    async fn pair_external(
        &self,
        claim: &Claim,
        id: &ExternalId,
        snapshot: Properties,
        word: ExternalWord,
    ) -> Result<Outcome> {
        let half = Half::from(id.clone());
        if let Some(outcome) = self.adopt(claim, &half, &snapshot).await? {
            return Ok(outcome);
        }
        // Botmatic has not told of what came of an earlier attempt. If it still does, there is one too many.
        let earlier = self.own_intent(&half).await?;
        let at = self.context.clock.now();
        let intent = Intent { half: half.clone(), properties: snapshot.clone().into(), at };
        let remembered = earlier.as_ref().map(remember).transpose()?;
        self.commit(claim, remembered.into_iter().chain([Write::Intent(intent)]).collect()).await?;
        if let Some(outcome) = self.is_paired_after_all(claim, &half).await? {
            return Ok(outcome);
        }

        match self.context.platform.create_contact(self.auth.token(), &snapshot).await {
            Ok(contact) => {
                let pair = Pair::of_word(contact, id.clone(), snapshot, word, at);
                let outcome = Outcome::new(Effect::Created, &pair.contact, &pair.external);
                let twin = Half::from(pair.contact.clone());
                match self.commit(claim, vec![Write::NewPair(pair)]).await {
                    Err(error) if error.is_conflict() => self.resolve_twin(claim, &half, &twin).await,
                    committed => committed.map(|()| outcome),
                }
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

/// What the external service holds of somebody.
pub(super) enum Current<M> {
    Held(M),
    Gone,
    /// It cannot be asked.
    Unknown,
}

/// What comes of asking for the pair of an external contact.
enum Told {
    Paired(Claim, Box<Pair>, Effect),
    Done(Outcome),
}
