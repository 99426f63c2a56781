//! One batch of an import: contacts that are worked on under one claim and sent to Botmatic in one request.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::report::Tally;
use crate::consumer::ExternalApiConsumer;
use crate::contact::Properties;
use crate::error::{Error, Result};
use crate::id::{ContactId, ExternalId};
use crate::key_store::{Claim, Half, Intent, Known, Pair, Subject, Write};
use crate::mapping::{ContactMapping, is_surely, whole};
use crate::outcome::{Effect, Outcome};
use crate::sync::side::Side;
use crate::sync::statement::{Came, Statement, hear};
use crate::sync::strays::remember;
use crate::sync::{Engine, email, external_id, whoever_has};

/// A contact on its way into Botmatic.
struct Item<M> {
    contact: M,
    id: ExternalId,
    /// What it holds.
    properties: Properties,
    /// What it says of every mapped property.
    whole: Properties,
}

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// Imports as many contacts as one request takes. What is wrong with one of them is in the tally. An error concerns
    /// all of them: with one of Botmatic's, the tally says so of each; with one of the key store's, it is not complete.
    pub(super) async fn import_batch(
        &self,
        contacts: Vec<I::Contact>,
        requests: &Semaphore,
    ) -> (Tally, Result<()>) {
        let mut tally = Tally::default();
        let items = readable(contacts, &mut tally);
        let done = self.import_items(items, requests, &mut tally).await;
        (tally, done)
    }

    async fn import_items(
        &self,
        items: Vec<Item<I::Contact>>,
        requests: &Semaphore,
        tally: &mut Tally,
    ) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        let Claimed { claim, known, any_lost, begun } = match self.claim_items(&items).await {
            // Somebody is at one of them for long; the others need not wait for that.
            Err(error) if error.is_busy() => {
                self.import_singly(items, tally).await;
                return Ok(());
            }
            claimed => claimed?,
        };
        let mut news = Vec::new();
        let mut changes = Vec::new();
        let mut late = Vec::new();
        for (item, known) in items.into_iter().zip(known) {
            match known {
                Known::Deleted(_) => tally.failed(Some(item.id), Error::deleted_before()),
                Known::No if any_lost || begun.contains_key(&item.id) => {
                    match self.adopt(&claim, &item.id.clone().into(), &item.properties).await {
                        Ok(Some(_)) => late.push(item),
                        Ok(None) => news.push(item),
                        Err(error) => not_saved([item.id], error, tally)?,
                    }
                }
                Known::No => news.push(item),
                Known::Paired(pair) => {
                    let mut pair = Arc::unwrap_or_clone(pair);
                    match self.measure(&mut pair, &item) {
                        Measured::Agrees => tally.counts.unchanged += 1,
                        Measured::Differs(news) => changes.push((item.id, pair, news)),
                        Measured::Doubtful => late.push(item),
                    }
                }
            }
        }
        let created = self.create_batch(&claim, news, &begun, requests, tally).await;
        let updated = self.update_batch(&claim, changes, requests, tally).await;
        drop(claim);
        self.import_singly(late, tally).await;
        updated.and(created)
    }

    /// Imports contacts that cannot go with the others, each by itself.
    async fn import_singly(&self, items: Vec<Item<I::Contact>>, tally: &mut Tally) {
        for Item { contact, id, .. } in items {
            match self.external_listed(&contact).await {
                Ok(Outcome { effect: Effect::Created, .. }) => tally.counts.created += 1,
                Ok(Outcome { effect: Effect::Updated, .. }) => tally.counts.updated += 1,
                Ok(_) => tally.counts.unchanged += 1,
                Err(error) => tally.failed(Some(id), error),
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

    async fn create_batch(
        &self,
        claim: &Claim,
        news: Vec<Item<I::Contact>>,
        begun: &HashMap<ExternalId, Intent>,
        requests: &Semaphore,
        tally: &mut Tally,
    ) -> Result<()> {
        if news.is_empty() {
            return Ok(());
        }
        let at = self.context.clock.now();
        let intent = |item: &Item<I::Contact>| {
            let half = item.id.clone().into();
            Write::Intent(Intent { half, properties: item.properties.clone().into(), at })
        };
        // If what was begun has taken place after all, there will be one too many.
        let retried = news.iter().filter_map(|item| begun.get(&item.id));
        let mut writes = retried.map(remember).collect::<Result<Vec<_>>>()?;
        writes.extend(news.iter().map(intent));
        if let Err(error) = self.commit(claim, writes).await {
            return not_saved(news.into_iter().map(|item| item.id), error, tally);
        }
        let (mut ids, mut contacts) = (Vec::with_capacity(news.len()), Vec::with_capacity(news.len()));
        for Item { id, properties, .. } in news {
            if begun.contains_key(&id) && self.is_paired_after_all(claim, &id.clone().into()).await?.is_some()
            {
                tally.counts.unchanged += 1;
            } else {
                ids.push(id);
                contacts.push(properties);
            }
        }
        if contacts.is_empty() {
            return Ok(());
        }

        let turn = requests.acquire().await;
        let results = self.context.platform.create_contacts(self.auth.token(), &contacts).await;
        drop(turn);
        let results = one_each(results, contacts.len());
        let out_of_reach = out_of_reach(&results, Error::may_be_about_one);
        let mut done = Vec::with_capacity(results.len());
        let mut refused = Vec::new();
        for ((external, snapshot), result) in ids.into_iter().zip(contacts).zip(results) {
            match result {
                Ok(contact) => {
                    done.push(Pair::new(contact, external, snapshot));
                }
                Err(error) => {
                    if error.is_refusal() {
                        refused.push(external.clone());
                    }
                    tally.failed(Some(external), error);
                }
            }
        }
        tally.counts.created += self.save(claim, Write::NewPair, done, refused, tally).await?;
        out_of_reach.map_or(Ok(()), Err)
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
        if pair.traces.have_met
            || heard.has_doubt
            || heard.has_learnt
            || !heard.again.is_empty()
            || pair.may_be_outdated(&heard.news, now)
        {
            return Measured::Doubtful;
        }
        if heard.news.is_empty() { Measured::Agrees } else { Measured::Differs(heard.news) }
    }

    async fn update_batch(
        &self,
        claim: &Claim,
        changes: Vec<(ExternalId, Pair, Properties)>,
        requests: &Semaphore,
        tally: &mut Tally,
    ) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let now = self.context.clock.now();
        let mut changes = changes;
        for (_, pair, changed) in &mut changes {
            pair.will_write::<I::Contact>(Side::Botmatic, changed, now);
        }
        let planned = changes.iter().map(|(_, pair, _)| Write::Pair(pair.clone())).collect();
        if let Err(error) = self.commit(claim, planned).await {
            return not_saved(changes.into_iter().map(|(id, ..)| id), error, tally);
        }
        let request: Vec<_> =
            changes.iter().map(|(_, pair, changed)| (pair.contact.clone(), changed.clone())).collect();
        let turn = requests.acquire().await;
        let results = self.context.platform.update_contacts(self.auth.token(), &request).await;
        drop(turn);
        let results = one_each(results, request.len());
        let out_of_reach = out_of_reach(&results, |error| error.may_be_about_one() || error.is_not_found());
        let mut done = Vec::with_capacity(results.len());
        for ((id, mut pair, changed), result) in changes.into_iter().zip(results) {
            match result {
                Ok(()) => {
                    pair.agree_on(changed);
                    done.push(pair);
                }
                Err(error) => tally.failed(Some(id), error),
            }
        }
        tally.counts.updated += self.save(claim, Write::Pair, done, Vec::new(), tally).await?;
        out_of_reach.map_or(Ok(()), Err)
    }

    /// Saves the pairs of those who went through, and says how many these are; withdraws the intents of those who were
    /// refused. A pair that cannot be saved does not keep the others from it.
    async fn save(
        &self,
        claim: &Claim,
        write: fn(Pair) -> Write,
        done: Vec<Pair>,
        refused: Vec<ExternalId>,
        tally: &mut Tally,
    ) -> Result<u64> {
        let withdrawals: Vec<_> = refused.into_iter().map(|id| Write::Withdraw(id.into())).collect();
        let pairs = done.iter().cloned().map(write);
        match self.commit(claim, withdrawals.iter().cloned().chain(pairs).collect()).await {
            Ok(()) => Ok(done.len() as u64),
            Err(error) if error.is_conflict() => {
                self.commit(claim, withdrawals).await?;
                let mut saved = 0;
                for pair in done {
                    let (half, twin) = (Half::from(pair.external.clone()), Half::from(pair.contact.clone()));
                    let external = pair.external.clone();
                    let one = match self.commit(claim, vec![write(pair)]).await {
                        Err(error) if error.is_conflict() => {
                            self.resolve_twin(claim, &half, &twin).await.map(drop)
                        }
                        saved => saved,
                    };
                    match one {
                        Ok(()) => saved += 1,
                        Err(error) => not_saved([external], error, tally)?,
                    }
                }
                Ok(saved)
            }
            Err(error) => {
                not_saved(done.into_iter().map(|pair| pair.external), error, tally)?;
                Ok(0)
            }
        }
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

/// Has these fail, unless the key store does not work any more, which is nobody's fault.
fn not_saved(ids: impl IntoIterator<Item = ExternalId>, error: Error, tally: &mut Tally) -> Result<()> {
    if error.is_key_store() {
        return Err(error);
    }
    tally.all_failed(ids, &error);
    Ok(())
}

/// Holds a platform to its word: which result is whose is only known if there is one for each contact.
fn one_each<T>(results: Vec<Result<T>>, contacts: usize) -> Vec<Result<T>> {
    if results.len() == contacts {
        return results;
    }
    let message = format!("the platform gave {} results for {contacts} contacts", results.len());
    (0..contacts).map(|_| Err(Error::platform(None, message.as_str()))).collect()
}

/// Why nothing went through, if the reason is none of the contacts.
fn out_of_reach<T>(results: &[Result<T>], is_about_one: impl Fn(&Error) -> bool) -> Option<Error> {
    let unreached = |result: &Result<T>| result.as_ref().is_err_and(|error| !is_about_one(error));
    let first = results.first()?.as_ref().err()?;
    results.iter().all(unreached).then(|| first.clone_message())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_that_are_too_few_or_too_many_are_nobodys() {
        assert!(one_each(vec![Ok(1), Ok(2)], 2).iter().all(Result::is_ok));
        for results in [vec![], vec![Ok(1)], vec![Ok(1), Ok(2), Ok(3)]] {
            let results = one_each(results, 2);
            assert!(results.len() == 2 && results.iter().all(Result::is_err), "{results:?}");
        }
    }

    #[test]
    fn botmatic_is_out_of_reach_when_nobody_went_through_for_a_reason_that_is_not_theirs() {
        let failed = |status| Err(Error::platform(Some(status), ""));
        let status = |results: &[Result<()>]| {
            out_of_reach(results, Error::may_be_about_one).map(|error| error.status())
        };
        assert_eq!(status(&[failed(503), failed(500)]), Some(Some(503)));
        assert_eq!(status(&[failed(503), Ok(())]), None);
        assert_eq!(status(&[failed(503), failed(422)]), None);
        assert_eq!(status(&[]), None);
    }
}
