//! Somebody unknown turns up. It may be the counterpart that we are creating right now and whose id we have not been
//! told yet, or one whose creation was cut short by a crash: the open intents know.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::StreamExt;
use jiff::{SignedDuration, Timestamp};

use super::side::Side;
use super::traces::LATE;
use super::{Engine, already_paired, diff, email, external_id};
use crate::consumer::{ExternalApiConsumer, ListStart};
use crate::contact::Properties;
use crate::error::{Error, Result};
use crate::id::ContactId;
use crate::key_store::{Claim, ExternalWord, Half, Intent, Known, Pair, Write};
use crate::mapping::{ContactMapping, alike, is_surely, near, respells, same};
use crate::outcome::{Effect, Outcome};

/// How soon a side tells of somebody whom we created there, as a rule. So long one waits after a create whose outcome is
/// unknown before it is tried again.
const TELLS_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// By how much the clocks of two processes may differ.
const CLOCKS: SignedDuration = SignedDuration::from_secs(2);

/// The pause before one looks again.
const LOOK: Duration = Duration::from_millis(500);

/// What the external service knows of somebody who may have been created there.
pub(super) enum Lost<M> {
    Found(M),
    NotThere,
    /// It has no way to look.
    Unknown,
}

/// Those of whom an unknown contact may be the counterpart that is just being created, though it holds something else: they
/// are waited for, each of them once.
pub(super) struct Creators {
    /// When one was told of the contact. Whose creation began after that has nothing to do with it: so one waits for so many
    /// and no more, however many others are created meanwhile.
    told: Timestamp,
    waited_for: HashSet<Half>,
}

impl Creators {
    pub(super) fn of(told: Timestamp) -> Self {
        Self { told, waited_for: HashSet::new() }
    }

    /// Whether one has to wait for whoever makes this create. After a quarter of an hour nobody is at it any more.
    pub(super) fn may_be(&self, intent: &Intent) -> bool {
        let before = self.told.duration_since(intent.at);
        before >= -CLOCKS && before < LATE && !self.waited_for.contains(&intent.half)
    }
}

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// Those whom somebody may turn out to be a counterpart of who is told of now.
    pub(super) fn creators(&self) -> Creators {
        Creators::of(self.context.clock.now())
    }

    /// Claims somebody who may have to get a counterpart, when nobody is at creating one that might be it.
    pub(super) async fn claim_to_pair(&self, half: &Half, said: &Properties) -> Result<(Claim, Known)> {
        let mut creators = self.creators();
        loop {
            let (claim, known) = self.claim_half(half, email::<I::Contact>(said)).await?;
            if known != Known::No {
                return Ok((claim, known));
            }
            let stated = diff::set_only(said.clone());
            let mut intents = self.context.key_store.intents(self.installation).await?;
            // Botmatic cannot be asked whether it has created somebody, but it tells.
            let is_undecided = |intent: &Intent| {
                intent.half == *half && Side::of(half) == Side::External && self.is_recent(intent)
            };
            if intents.iter().any(is_undecided) {
                drop(claim);
                self.look_again_later().await;
                continue;
            }
            intents.retain(|intent| Side::of(&intent.half) != Side::of(half));
            let is_known = is_recognised::<I::Contact>(&intents, &stated);
            intents.retain(|intent| !is_known && creators.may_be(intent));
            if intents.is_empty() {
                return Ok((claim, known));
            }
            drop(claim);
            self.wait_for(intents, &mut creators).await?;
        }
    }

    /// Whether the other side may still tell of what came of a create. As long as nobody was there to be told, it could not.
    pub(super) fn is_recent(&self, intent: &Intent) -> bool {
        let could_tell = intent.at.max(self.context.began);
        self.context.clock.now().duration_since(could_tell) < TELLS_WITHIN
    }

    pub(super) async fn look_again_later(&self) {
        self.context.clock.sleep(LOOK).await;
    }

    /// Waits until nobody works on these any more. Whoever waits here holds no claim, so nobody waits in a circle.
    pub(super) async fn wait_for(&self, intents: Vec<Intent>, creators: &mut Creators) -> Result<()> {
        for Intent { half, .. } in intents {
            self.claim(vec![half.clone().into()]).await?;
            creators.waited_for.insert(half);
        }
        Ok(())
    }

    /// The create that was begun for somebody and of which nobody knows what came.
    pub(super) async fn own_intent(&self, half: &Half) -> Result<Option<Intent>> {
        let intents = self.context.key_store.intents(self.installation).await?;
        Ok(intents.into_iter().find(|intent| intent.half == *half))
    }

    /// The outcome where somebody is a pair after all who is about to get a counterpart: who is told of what an earlier
    /// attempt has created needs no claim of ours.
    pub(super) async fn is_paired_after_all(&self, claim: &Claim, half: &Half) -> Result<Option<Outcome>> {
        let paired = already_paired(&self.known(half).await?);
        if paired.is_some() {
            self.commit(claim, vec![Write::Withdraw(half.clone())]).await?;
        }
        Ok(paired)
    }

    /// Recognises somebody unknown as the one that an intent of the other side is about, or as one that there should not
    /// be, who is deleted then.
    pub(super) async fn adopt(
        &self,
        claim: &Claim,
        half: &Half,
        stated: &Properties,
    ) -> Result<Option<Outcome>> {
        let mut intents = self.context.key_store.intents(self.installation).await?;
        intents.retain(|intent| Side::of(&intent.half) != Side::of(half));
        let position = intents.iter().position(|intent| same::<I::Contact>(&intent.properties, stated));
        let position = position
            .or_else(|| intents.iter().position(|intent| alike::<I::Contact>(&intent.properties, stated)));
        if let Some(position) = position {
            match self.recognise(claim, half, stated, intents.swap_remove(position)).await {
                // Somebody else was faster, or has created another one.
                Err(error) if error.is_conflict() => {}
                recognised => return recognised.map(Some),
            }
        }
        // An intent that was fulfilled after we had looked for a pair, and before we looked for intents, is neither to
        // us: so we look again.
        if let Some(outcome) = already_paired(&self.known(half).await?) {
            return Ok(Some(outcome));
        }
        let is_it = |created: &Properties| is_surely::<I::Contact>(created, stated);
        let Some(stray) = self.stray(claim, Side::of(half), is_it).await? else { return Ok(None) };
        match self.known(&stray.half).await? {
            Known::No => self.recognise(claim, half, stated, stray).await.map(Some),
            Known::Paired(_) | Known::Deleted(_) => {
                self.remove_twin(claim, half).await?;
                Err(Error::not_found())
            }
        }
    }

    /// Pairs somebody who was told of with the one for whom they were created.
    async fn recognise(
        &self,
        claim: &Claim,
        half: &Half,
        stated: &Properties,
        intent: Intent,
    ) -> Result<Outcome> {
        let (Half::Contact(contact), Half::External(external)) = sorted(half, &intent.half) else {
            return Err(Error::not_found());
        };
        let (contact, external) = (contact.clone(), external.clone());
        let agreed = Arc::unwrap_or_clone(intent.properties);
        let mut pair = Pair::of_word(contact, external, agreed, ExternalWord::Changed, intent.at);
        for (name, value) in stated.iter() {
            if pair.snapshot.get(name).is_some_and(|agreed| agreed != value && near(agreed, value)) {
                pair.spell(Side::of(half), name, value.clone());
            }
        }
        // Who was recognised by the e-mail address may have been changed meanwhile.
        let says_the_same = respells::<I::Contact>(&pair.snapshot, stated);
        pair.traces.set_unmerged(Side::of(half), !says_the_same);
        let effect = if says_the_same { Effect::Linked } else { Effect::Unchanged };
        let outcome = Outcome::new(effect, &pair.contact, &pair.external);
        // Who created the contact may have saved the two just now, and knows less of them.
        self.commit(claim, vec![Write::Pair(pair)]).await?;
        Ok(outcome)
    }

    /// Looks for the contact that an earlier create for this one made outside without our hearing of it. Only whose
    /// create was begun and not finished may have one, so the listing is read after a crash and not in daily life.
    pub(super) async fn lost_external(&self, id: &ContactId, intent: &Intent) -> Result<Lost<I::Contact>> {
        let mut pages = pin!(self.consumer().list_all_contacts(self.auth, ListStart::default()));
        let mut alike_one = None;
        while let Some(page) = pages.next().await {
            let page = match page {
                Err(error) if error.is_unsupported() => return Ok(Lost::Unknown),
                page => page?,
            };
            for contact in page {
                let Ok(properties) = contact.to_properties() else { continue };
                let is_same = same::<I::Contact>(&properties, &intent.properties);
                if !is_same && !alike::<I::Contact>(&properties, &intent.properties) {
                    continue;
                }
                let is_free = match self.known(&external_id(&contact)?.into()).await? {
                    Known::No => true,
                    Known::Paired(pair) => pair.contact == *id,
                    Known::Deleted(_) => false,
                };
                if is_free && is_same {
                    return Ok(Lost::Found(contact));
                }
                if is_free {
                    alike_one.get_or_insert(contact);
                }
            }
        }
        Ok(alike_one.map_or(Lost::NotThere, Lost::Found))
    }
}

/// Whether just one of these creates has the values that are looked for, or has them in another spelling: it is that one.
fn is_recognised<M: ContactMapping>(intents: &[Intent], sought: &Properties) -> bool {
    let count = |is_it: fn(&Properties, &Properties) -> bool| {
        intents.iter().filter(|intent| is_it(&intent.properties, sought)).count()
    };
    matches!((count(same::<M>), count(alike::<M>)), (1, _) | (0, 1))
}

/// Two halves, that of Botmatic first.
fn sorted<'a>(one: &'a Half, other: &'a Half) -> (&'a Half, &'a Half) {
    if one <= other { (one, other) } else { (other, one) }
}
