//! What a batch of an import writes: those who are new on Botmatic, and those who differ, in one request each.

use std::collections::HashMap;

use tokio::sync::Semaphore;

use super::account::Account;
use super::batch::{Change, Item};
use crate::consumer::ExternalApiConsumer;
use crate::error::{Error, Result};
use crate::id::ExternalId;
use crate::key_store::{Claim, ExternalWord, Half, Intent, Pair, Write};
use crate::sync::Engine;
use crate::sync::side::Side;
use crate::sync::strays::remember;

impl<I: ExternalApiConsumer> Engine<'_, I> {
    pub(super) async fn create_batch(
        &self,
        claim: &Claim,
        news: Vec<Item<I::Contact>>,
        begun: &HashMap<ExternalId, Intent>,
        requests: &Semaphore,
        account: &mut Account<I::Contact>,
    ) {
        if news.is_empty() {
            return;
        }
        let at = self.context.clock.now();
        let intent = |item: &Item<I::Contact>| {
            let half = item.id.clone().into();
            Write::Intent(Intent { half, properties: item.properties.clone().into(), at })
        };
        // If what was begun has taken place after all, there will be one too many.
        let retried = news.iter().filter_map(|item| begun.get(&item.id));
        let writes: Result<Vec<_>> =
            retried.map(remember).chain(news.iter().map(|item| Ok(intent(item)))).collect();
        let noted = match writes {
            Ok(writes) => self.commit(claim, writes).await,
            Err(error) => Err(error),
        };
        if let Err(error) = noted {
            return account.failed(news.into_iter().map(|item| item.id), &error);
        }
        let (mut who, mut contacts) = (Vec::with_capacity(news.len()), Vec::with_capacity(news.len()));
        for Item { contact, id, properties, .. } in news {
            let paired = match begun.contains_key(&id) {
                true => self.is_paired_after_all(claim, &id.clone().into()).await,
                false => Ok(None),
            };
            match paired {
                Ok(Some(_)) => account.tally.counts.unchanged += 1,
                Ok(None) => {
                    who.push((contact, id));
                    contacts.push(properties);
                }
                Err(error) => account.refused(contact, id, error),
            }
        }
        if contacts.is_empty() {
            return;
        }

        let turn = requests.acquire().await;
        let results = self.context.platform.create_contacts(self.auth.token(), &contacts).await;
        drop(turn);
        let results = one_each(results, contacts.len());
        account.unreached(out_of_reach(&results, Error::may_be_about_one));
        let mut done = Vec::with_capacity(results.len());
        let mut refused = Vec::new();
        for (((contact, external), snapshot), result) in who.into_iter().zip(contacts).zip(results) {
            match result {
                Ok(contact) => {
                    done.push(Pair::of_word(contact, external, snapshot, ExternalWord::Listed, at));
                }
                Err(error) => {
                    if error.is_refusal() {
                        refused.push(external.clone());
                    }
                    account.refused(contact, external, error);
                }
            }
        }
        account.tally.counts.created += self.save(claim, Write::NewPair, done, refused, account).await;
    }

    pub(super) async fn update_batch(
        &self,
        claim: &Claim,
        mut changes: Vec<Change<I::Contact>>,
        requests: &Semaphore,
        account: &mut Account<I::Contact>,
    ) {
        if changes.is_empty() {
            return;
        }
        let now = self.context.clock.now();
        for Change { pair, news, .. } in &mut changes {
            pair.will_write::<I::Contact>(Side::Botmatic, news, now);
        }
        let planned = changes.iter().map(|change| Write::Pair(change.pair.clone())).collect();
        if let Err(error) = self.commit(claim, planned).await {
            return account.failed(changes.into_iter().map(|change| change.item.id), &error);
        }
        let request: Vec<_> =
            changes.iter().map(|change| (change.pair.contact.clone(), change.news.clone())).collect();
        let turn = requests.acquire().await;
        let results = self.context.platform.update_contacts(self.auth.token(), &request).await;
        drop(turn);
        let results = one_each(results, request.len());
        let is_about_one = |error: &Error| error.may_be_about_one() || error.is_not_found();
        account.unreached(out_of_reach(&results, is_about_one));
        let mut done = Vec::with_capacity(results.len());
        for (Change { item, mut pair, news }, result) in changes.into_iter().zip(results) {
            match result {
                Ok(()) => {
                    pair.agree_on(Side::Botmatic, news);
                    done.push(pair);
                }
                Err(error) => account.refused(item.contact, item.id, error),
            }
        }
        account.tally.counts.updated += self.save(claim, Write::Pair, done, Vec::new(), account).await;
    }

    /// Saves the pairs of those who went through, and says how many these are; withdraws the intents of those who were
    /// refused. A pair that cannot be saved does not keep the others from it.
    async fn save(
        &self,
        claim: &Claim,
        write: fn(Pair) -> Write,
        done: Vec<Pair>,
        refused: Vec<ExternalId>,
        account: &mut Account<I::Contact>,
    ) -> u64 {
        let withdrawals: Vec<_> = refused.into_iter().map(|id| Write::Withdraw(id.into())).collect();
        let pairs = done.iter().cloned().map(write);
        match self.commit(claim, withdrawals.iter().cloned().chain(pairs).collect()).await {
            Ok(()) => return done.len() as u64,
            Err(error) if error.is_conflict() => {}
            Err(error) => {
                account.failed(done.into_iter().map(|pair| pair.external), &error);
                return 0;
            }
        }
        if let Err(error) = self.commit(claim, withdrawals).await {
            account.notice(&error);
        }
        let mut saved = 0;
        for pair in done {
            let (half, twin) = (Half::from(pair.external.clone()), Half::from(pair.contact.clone()));
            let external = pair.external.clone();
            let one = match self.commit(claim, vec![write(pair)]).await {
                Err(error) if error.is_conflict() => self.resolve_twin(claim, &half, &twin).await.map(drop),
                saved => saved,
            };
            match one {
                Ok(()) => saved += 1,
                Err(error) => account.failed([external], &error),
            }
        }
        saved
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
