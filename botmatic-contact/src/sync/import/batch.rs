//! One batch of an import: contacts that are worked on under one claim and sent to Botmatic in one request.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::account::{Account, End};
use super::report::Tally;
use crate::consumer::ExternalApiConsumer;
use crate::contact::Properties;
use crate::error::{Error, Result};
use crate::id::{ContactId, ExternalId};
use crate::key_store::{Claim, ExternalWord, Half, Intent, Known, Pair, Subject};
use crate::mapping::{ContactMapping, is_surely, whole};
use crate::outcome::{Effect, Outcome};
use crate::sync::side::Side;
use crate::sync::statement::{Came, Statement, hear};
use crate::sync::{Engine, email, external_id, whoever_has};

/// A contact on its way into Botmatic.
pub(super) struct Item<M> {
    pub(super) contact: M,
    pub(super) id: ExternalId,
    /// What it holds.
    pub(super) properties: Properties,
    /// What it says of every mapped property.
    whole: Properties,
}

/// One who has a pair, and differs.
pub(super) struct Change<M> {
    pub(super) item: Item<M>,
    pub(super) pair: Pair,
    /// What is to be written on Botmatic.
    pub(super) news: Properties,
}

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// Imports as many contacts as one request takes.
    pub(super) async fn import_batch(
        &self,
        contacts: Vec<I::Contact>,
        requests: &Semaphore,
    ) -> (Tally, End<I::Contact>) {
        let mut account = Account::new();
        let items = readable(contacts, &mut account.tally);
        if !items.is_empty() {
            self.import_items(items, requests, &mut account).await;
        }
        account.close()
    }

    async fn import_items(
        &self,
        items: Vec<Item<I::Contact>>,
        requests: &Semaphore,
        account: &mut Account<I::Contact>,
    ) {
        let Claimed { claim, known, any_lost, begun } = match self.claim_items(&items).await {
            Ok(claimed) => claimed,
            // Somebody is at one of them for long; the others need not wait for that.
            Err(error) if error.is_busy() => return self.import_singly(items, account).await,
            Err(error) => return account.failed(items.into_iter().map(|item| item.id), &error),
        };
        let mut news = Vec::new();
        let mut changes = Vec::new();
        let mut late = Vec::new();
        for (item, known) in items.into_iter().zip(known) {
            match known {
                Known::Deleted(_) => account.failed([item.id], &Error::deleted_before()),
                Known::No if any_lost || begun.contains_key(&item.id) => {
                    match self.adopt(&claim, &item.id.clone().into(), &item.properties).await {
                        Ok(Some(_)) => late.push(item),
                        Ok(None) => news.push(item),
                        Err(error) => account.refused(item.contact, item.id, error),
                    }
                }
                Known::No => news.push(item),
                Known::Paired(pair) => {
                    let mut pair = Arc::unwrap_or_clone(pair);
                    match self.measure(&mut pair, &item) {
                        Measured::Agrees => account.tally.counts.unchanged += 1,
                        Measured::Differs(news) => changes.push(Change { item, pair, news }),
                        Measured::Doubtful => late.push(item),
                    }
                }
            }
        }
        self.create_batch(&claim, news, &begun, requests, account).await;
        self.update_batch(&claim, changes, requests, account).await;
        drop(claim);
        self.import_singly(late, account).await;
    }

    /// Imports contacts that cannot go with the others, each by itself.
    async fn import_singly(&self, items: Vec<Item<I::Contact>>, account: &mut Account<I::Contact>) {
        for Item { contact, id, .. } in items {
            match self.external_listed(&contact).await {
                Ok(Outcome { effect: Effect::Created, .. }) => account.tally.counts.created += 1,
                Ok(Outcome { effect: Effect::Updated, .. }) => account.tally.counts.updated += 1,
                Ok(_) => account.tally.counts.unchanged += 1,
                Err(error) => account.refused(contact, id, error),
            }
        }
    }

    /// Claims all contacts of a batch, when nobody is at creating one of them: with the e-mail addresses by which they
    /// may get a counterpart, and the counterparts of those that differ.
    async fn claim_items(&self, items: &[Item<I::Contact>]) -> Result<Claimed> {
        let mut counterparts: HashSet<ContactId> = HashSet::new();
        let mut creators = self.creators();
        loop {
            let mut subjects: Vec<Subject> = counterparts.iter().cloned().map(Into::into).collect();
            for item in items {
                subjects.push(item.id.clone().into());
                subjects.extend(email::<I::Contact>(&item.properties).map(whoever_has));
            }
            let claim = self.claim(subjects).await?;
            // Whoever is created for somebody on Botmatic is in an intent until he is in a pair; in this order we miss
            // neither.
            let (mut open, begun) = self.open_intents(items).await?;
            let any_begun = !open.is_empty();
            open.retain(|intent| creators.may_be(intent));
            let mut known = Vec::with_capacity(items.len());
            for item in items {
                known.push(self.known(&item.id.clone().into()).await?);
            }
            if known.contains(&Known::No) && !open.is_empty() {
                drop(claim);
                self.wait_for(open, &mut creators).await?;
                continue;
            }
            // Botmatic cannot be asked whether it has created somebody, but it tells.
            if begun.values().any(|intent| self.is_recent(intent)) {
                drop(claim);
                self.look_again_later().await;
                continue;
            }
            let before = counterparts.len();
            for (item, known) in items.iter().zip(&known) {
                if let Known::Paired(pair) = known
                    && !matches!(self.measure(&mut Pair::clone(pair), item), Measured::Agrees)
                {
                    counterparts.insert(pair.contact.clone());
                }
            }
            if counterparts.len() == before {
                let is_one = |created: &Properties| {
                    let mut unknown = items.iter().zip(&known).filter(|(_, known)| **known == Known::No);
                    unknown.any(|(item, _)| is_surely::<I::Contact>(created, &item.properties))
                };
                let any_lost = any_begun || self.stray(&claim, Side::External, is_one).await?.is_some();
                return Ok(Claimed { claim, known, any_lost, begun });
            }
        }
    }

    /// The creates of counterparts of those on Botmatic; and the creates of these that were begun, and of which
    /// nobody knows what came.
    async fn open_intents(
        &self,
        items: &[Item<I::Contact>],
    ) -> Result<(Vec<Intent>, HashMap<ExternalId, Intent>)> {
        let ids: HashSet<_> = items.iter().map(|item| &item.id).collect();
        let (mut open, mut begun) = (Vec::new(), HashMap::new());
        for intent in self.context.key_store.intents(self.installation).await? {
            match &intent.half {
                Half::Contact(_) => open.push(intent),
                Half::External(id) if ids.contains(id) => drop(begun.insert(id.clone(), intent)),
                Half::External(_) => {}
            }
        }
        Ok((open, begun))
    }

    /// Measures what was listed against a pair.
    fn measure(&self, pair: &mut Pair, item: &Item<I::Contact>) -> Measured {
        let now = self.context.clock.now();
        let says = Statement { side: Side::External, says: &item.whole, came: Came::Told, now };
        let heard = hear::<I::Contact>(pair, &says);
        if pair.traces.is_unmerged(Side::External)
            || heard.has_doubt
            || heard.has_learnt
            || !heard.again.is_empty()
            || pair.may_be_late(ExternalWord::Listed, &heard.news, now)
        {
            return Measured::Doubtful;
        }
        if heard.news.is_empty() { Measured::Agrees } else { Measured::Differs(heard.news) }
    }
}

/// The contacts of a batch, claimed.
struct Claimed {
    claim: Claim,
    /// What is known of each.
    known: Vec<Known>,
    /// Whether one of those nobody knows may have been created for somebody on Botmatic without our hearing of it.
    any_lost: bool,
    /// The creates that an earlier attempt began.
    begun: HashMap<ExternalId, Intent>,
}

/// What was listed of somebody who has a pair.
enum Measured {
    Agrees,
    /// With what is to be written on Botmatic.
    Differs(Properties),
    /// Something may have changed since it was listed.
    Doubtful,
}

/// The contacts that can be read; of those with the same id the first.
fn readable<M: ContactMapping>(contacts: Vec<M>, tally: &mut Tally) -> Vec<Item<M>> {
    let mut seen = HashSet::new();
    let mut items = Vec::with_capacity(contacts.len());
    for contact in contacts {
        let id = match external_id(&contact) {
            Ok(id) => id,
            Err(error) => {
                tally.failed(None, error);
                continue;
            }
        };
        match contact.to_properties().and_then(|properties| Ok((properties, whole(&contact)?))) {
            Err(error) => tally.failed(Some(id), Error::from(error)),
            Ok(_) if !seen.insert(id.clone()) => tally.counts.unchanged += 1,
            Ok((properties, whole)) => items.push(Item { contact, id, properties, whole }),
        }
    }
    items
}
