//! Many contacts of the external service at once: page by page, each page in one request to Botmatic.
//!
//! A contact that has a pair is written only if it differs, so an import can be run again at any time; one that was
//! cut short goes on where it stopped.

use std::collections::HashSet;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use futures_util::stream::{Stream, StreamExt};

use super::reactions::{Reaction, Work};
use super::statement::{Side, Statement, hear};
use super::{Engine, email, external_id, whoever_has};
use crate::consumer::{ConsumerError, ExternalApiConsumer, PAGE_SIZE};
use crate::contact::Properties;
use crate::error::{Error, Result};
use crate::id::{ContactId, ExternalId};
use crate::key_store::{Claim, Intent, Known, Pair, Write};
use crate::mapping::{ContactMapping, whole};
use crate::outcome::{Effect, Outcome};

/// After so many batches in a row that failed as a whole, Botmatic is taken to be out of reach.
const FAILED_BATCHES: u32 = 3;

/// What became of an import.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ImportReport {
    /// How many contacts were created on Botmatic.
    pub created: u64,
    /// How many were there already and were brought up to date.
    pub updated: u64,
    /// How many were there already, as they should be.
    pub unchanged: u64,
    /// Those that did not go through, with the reason; the others did.
    pub failures: Vec<ImportFailure>,
    /// Why the import ended before the last contact, if it did. Run it again to go on.
    pub interrupted: Option<Error>,
}

impl ImportReport {
    /// Whether every contact went through.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.interrupted.is_none()
    }
}

/// One contact that was not imported.
#[derive(Debug)]
#[non_exhaustive]
pub struct ImportFailure {
    /// Which one; `None` if it had no id.
    pub external_id: Option<ExternalId>,
    /// Why.
    pub error: Error,
}

/// How far an import is, after a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportProgress {
    /// How many contacts are done, in whatever way.
    pub done: u64,
    /// How many of them failed.
    pub failed: u64,
}

/// An import about to run. `await` it for the report.
#[must_use = "an import does nothing until it is awaited"]
pub struct Import<'a> {
    pub(crate) run: Box<dyn FnOnce(OnProgress<'a>) -> Running<'a> + Send + 'a>,
    pub(crate) on_progress: OnProgress<'a>,
}

pub(crate) type OnProgress<'a> = Box<dyn FnMut(ImportProgress) + Send + 'a>;
pub(crate) type Running<'a> = futures_util::future::BoxFuture<'a, Result<ImportReport>>;

impl<'a> Import<'a> {
    /// Calls back after each page.
    pub fn on_progress(mut self, callback: impl FnMut(ImportProgress) + Send + 'a) -> Self {
        self.on_progress = Box::new(callback);
        self
    }
}

impl<'a> IntoFuture for Import<'a> {
    type Output = Result<ImportReport>;
    type IntoFuture = Running<'a>;

    fn into_future(self) -> Running<'a> {
        (self.run)(self.on_progress)
    }
}

impl fmt::Debug for Import<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Import").finish_non_exhaustive()
    }
}

/// A contact on its way into Botmatic.
struct Item<'a, M> {
    contact: &'a M,
    id: ExternalId,
    /// What it holds.
    properties: Properties,
    /// What it says of every mapped property.
    whole: Properties,
}

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// Imports pages as they come.
    pub(crate) async fn import(
        &self,
        pages: impl Stream<Item = Result<Vec<I::Contact>, ConsumerError>> + Send,
        mut on_progress: OnProgress<'_>,
    ) -> Result<ImportReport> {
        let mut report = ImportReport::default();
        let mut failed_batches = 0;
        let mut pages = pin!(pages);
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) => {
                    report.interrupted = Some(error.explained_by(&*self.context.integration).into());
                    break;
                }
            };
            for batch in page.chunks(PAGE_SIZE as usize) {
                match self.import_batch(batch, &mut report).await {
                    Ok(()) => failed_batches = 0,
                    Err(error)
                        if error.reaction(Work::Item) == Reaction::Stop
                            || failed_batches + 1 == FAILED_BATCHES =>
                    {
                        report.interrupted = Some(error);
                        return Ok(report);
                    }
                    Err(_) => failed_batches += 1,
                }
            }
            on_progress(report.progress());
        }
        Ok(report)
    }

    /// Imports as many contacts as one request takes. What is wrong with one of them is reported; an error concerns all
    /// of them, and has been reported for each.
    pub(crate) async fn import_batch(&self, batch: &[I::Contact], report: &mut ImportReport) -> Result<()> {
        let items = readable(batch, report);
        let (claim, claimed) = match self.claim_items(&items).await {
            // Somebody is at one of them for long; the others need not wait for that.
            Err(error) if error.is_busy() => {
                self.import_singly(items, report).await;
                return Ok(());
            }
            claimed => claimed?,
        };
        let mut news = Vec::new();
        let mut changes = Vec::new();
        let mut late = Vec::new();
        for item in items {
            match self.known(&item.id.clone().into()).await? {
                Known::Deleted(_) => report.failed(Some(item.id), Error::deleted_before()),
                Known::No => match self.adopt(&claim, &item.id.clone().into(), &item.properties).await? {
                    Some(_) => late.push(item),
                    None => news.push(item),
                },
                Known::Paired(pair) => {
                    let mut pair = Arc::unwrap_or_clone(pair);
                    let now = self.context.clock.now();
                    let says = Statement { side: Side::External, says: &item.whole, is_current: false, now };
                    let heard = hear::<I::Contact>(&mut pair, &says);
                    if heard.is_settled() && !heard.has_learnt && !heard.has_doubt {
                        report.unchanged += 1;
                    } else if heard.again.is_empty()
                        && !heard.has_doubt
                        && !pair.may_be_late(&heard.news, now)
                        && claimed.contains(&pair.contact)
                    {
                        changes.push((item, pair, heard.news));
                    } else {
                        // Paired while we waited, so its counterpart is not ours to write yet; or changed since it was
                        // listed.
                        late.push(item);
                    }
                }
            }
        }
        let created = self.create_batch(&claim, news, report).await;
        let updated = self.update_batch(&claim, changes, report).await;
        drop(claim);
        self.import_singly(late, report).await;
        updated.and(created)
    }

    /// Imports contacts that cannot go with the others, each by itself.
    async fn import_singly(&self, items: Vec<Item<'_, I::Contact>>, report: &mut ImportReport) {
        for item in items {
            match self.external_updated(item.contact).await {
                Ok(Outcome { effect: Effect::Created, .. }) => report.created += 1,
                Ok(Outcome { effect: Effect::Updated, .. }) => report.updated += 1,
                Ok(_) => report.unchanged += 1,
                Err(error) => report.failed(Some(item.id), error),
            }
        }
    }

    /// Claims all contacts of a batch, when nobody is at creating one of them: with their counterparts, which are
    /// returned too, or with the e-mail addresses by which they may get one.
    async fn claim_items(&self, items: &[Item<'_, I::Contact>]) -> Result<(Claim, HashSet<ContactId>)> {
        let Some(first) = items.first().map(|item| item.id.clone().into()) else {
            return Ok((self.claim(Vec::new()).await?, HashSet::new()));
        };
        let mut waited_for = HashSet::new();
        loop {
            let mut subjects = Vec::with_capacity(2 * items.len());
            let mut claimed = HashSet::new();
            let mut all_known = true;
            for item in items {
                subjects.push(item.id.clone().into());
                match self.known(&item.id.clone().into()).await? {
                    Known::Paired(pair) => {
                        subjects.push(pair.contact.clone().into());
                        claimed.insert(pair.contact.clone());
                    }
                    Known::No | Known::Deleted(_) => {
                        all_known = false;
                        let email = email::<I::Contact>(&item.properties);
                        subjects.extend(email.map(whoever_has));
                    }
                }
            }
            let claim = self.claim(subjects).await?;
            let creators = if all_known { Vec::new() } else { self.creators(&first).await? };
            if creators.iter().all(|other| waited_for.contains(other)) {
                return Ok((claim, claimed));
            }
            drop(claim);
            self.wait_for(creators, &mut waited_for).await?;
        }
    }

    async fn create_batch(
        &self,
        claim: &Claim,
        news: Vec<Item<'_, I::Contact>>,
        report: &mut ImportReport,
    ) -> Result<()> {
        if news.is_empty() {
            return Ok(());
        }
        let at = self.context.clock.now();
        let intent = |item: &Item<'_, I::Contact>| {
            let half = item.id.clone().into();
            Write::Intent(Intent { half, properties: item.properties.clone(), at })
        };
        self.commit(claim, news.iter().map(intent).collect()).await?;
        let (ids, contacts): (Vec<_>, Vec<_>) =
            news.into_iter().map(|item| (item.id, item.properties)).unzip();

        let results = self.context.platform.create_contacts(self.auth.token(), &contacts).await;
        let results = one_each(results, contacts.len());
        let out_of_reach = out_of_reach(&results, Error::may_be_about_one);
        let mut writes = Vec::with_capacity(results.len());
        for ((external, snapshot), result) in ids.into_iter().zip(contacts).zip(results) {
            match result {
                Ok(contact) => {
                    report.created += 1;
                    // Its own event may have come back before the answer, and may have been followed by others.
                    if !self.is_paired(&contact, &external).await? {
                        writes.push(Write::Pair(Pair::new(contact, external, snapshot)));
                    }
                }
                Err(error) => {
                    if error.is_refusal() {
                        writes.push(Write::Withdraw(external.clone().into()));
                    }
                    report.failed(Some(external), error);
                }
            }
        }
        self.commit(claim, writes).await?;
        out_of_reach.map_or(Ok(()), Err)
    }

    async fn update_batch(
        &self,
        claim: &Claim,
        changes: Vec<(Item<'_, I::Contact>, Pair, Properties)>,
        report: &mut ImportReport,
    ) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        let now = self.context.clock.now();
        let mut changes = changes;
        for (_, pair, changed) in &mut changes {
            pair.will_write::<I::Contact>(Side::Botmatic, changed, now);
        }
        let about_to = |(_, pair, _): &(Item<'_, I::Contact>, Pair, Properties)| Write::Pair(pair.clone());
        self.commit(claim, changes.iter().map(about_to).collect()).await?;
        let (changes, confirmed): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|(_, _, changed)| !changed.is_empty());
        report.unchanged += confirmed.len() as u64;
        if changes.is_empty() {
            return Ok(());
        }
        let request: Vec<_> =
            changes.iter().map(|(_, pair, changed)| (pair.contact.clone(), changed.clone())).collect();
        let results = self.context.platform.update_contacts(self.auth.token(), &request).await;
        let results = one_each(results, request.len());
        let out_of_reach = out_of_reach(&results, |error| error.may_be_about_one() || error.is_not_found());
        let mut writes = Vec::with_capacity(results.len());
        for ((item, mut pair, changed), result) in changes.into_iter().zip(results) {
            match result {
                Ok(()) => {
                    report.updated += 1;
                    pair.agree_on(changed);
                    writes.push(Write::Pair(pair));
                }
                Err(error) => report.failed(Some(item.id), error),
            }
        }
        self.commit(claim, writes).await?;
        out_of_reach.map_or(Ok(()), Err)
    }
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
fn readable<'a, M: ContactMapping>(batch: &'a [M], report: &mut ImportReport) -> Vec<Item<'a, M>> {
    let mut seen = HashSet::new();
    let mut items = Vec::with_capacity(batch.len());
    for contact in batch {
        let id = match external_id(contact) {
            Ok(id) => id,
            Err(error) => {
                report.failed(None, error);
                continue;
            }
        };
        match contact.to_properties().and_then(|properties| Ok((properties, whole(contact)?))) {
            Err(error) => report.failed(Some(id), error.into()),
            Ok(_) if !seen.insert(id.clone()) => report.unchanged += 1,
            Ok((properties, whole)) => items.push(Item { contact, id, properties, whole }),
        }
    }
    items
}

impl ImportReport {
    fn failed(&mut self, external_id: Option<ExternalId>, error: Error) {
        self.failures.push(ImportFailure { external_id, error });
    }

    fn progress(&self) -> ImportProgress {
        let failed = self.failures.len() as u64;
        ImportProgress { done: self.created + self.updated + self.unchanged + failed, failed }
    }
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
