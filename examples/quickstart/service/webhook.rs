//! Telling the webhook: what the outbox holds goes out until it was heard, in order for each person.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::store::{Entry, Event, Store, Webhook};
use super::{AddressBook, BoxError, Tally};

/// How many calls are made at once.
const CALLS: usize = 8;

/// How many people are under way at once. More than calls: who is not heard waits without being in the way of others.
const PEOPLE: usize = 64;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait before a call is repeated, at first and at most.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The body of a call.
#[derive(Serialize)]
struct Call<'a> {
    token: &'a str,
    #[serde(flatten)]
    event: &'a Event,
}

/// Empties the outbox, again and again, until told to stop. A call that is being made then is waited for.
pub(super) async fn deliver(book: &AddressBook, stop: &CancellationToken) -> Result<(), BoxError> {
    let courier = Courier {
        book,
        stop,
        client: reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()?,
        calls: Semaphore::new(CALLS),
    };
    let mut changes = book.store.changes();
    let mut busy = HashSet::new();
    let mut under_way = FuturesUnordered::new();
    while !stop.is_cancelled() {
        let (others, free) = (busy.clone(), PEOPLE - under_way.len());
        for entry in book.blocking(move |store| store.to_tell(others, free)).await? {
            busy.insert(entry.person.clone());
            under_way.push(courier.tell(entry));
        }
        tokio::select! {
            () = stop.cancelled() => {}
            changed = changes.changed() => changed?,
            Some(person) = under_way.next() => {
                busy.remove(&person?);
            }
        }
    }
    while let Some(person) = under_way.next().await {
        person?;
    }
    Ok(())
}

/// What it takes to deliver an entry.
struct Courier<'a> {
    book: &'a AddressBook,
    stop: &'a CancellationToken,
    client: reqwest::Client,
    calls: Semaphore,
}

impl Courier<'_> {
    /// Calls until the webhook has heard, or the service stops. Returns whom it was about.
    async fn tell(&self, entry: Entry) -> Result<String, BoxError> {
        let mut pause = PAUSE;
        while let Some(turn) = self.stop.run_until_cancelled(self.calls.acquire()).await {
            let turn = turn?;
            let answer = self.call(&entry.event).await?;
            drop(turn);
            let Err(reason) = answer else {
                self.book.blocking(move |store| store.told(entry.number)).await?;
                break;
            };
            tracing::warn!(person = entry.person, reason, "the webhook has not heard");
            self.stop.run_until_cancelled(tokio::time::sleep(pause)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Ok(entry.person)
    }

    /// Makes one call. The inner result says whether it was heard; the outer one is about ourselves.
    async fn call(&self, event: &Event) -> Result<Result<(), String>, BoxError> {
        let Some(Webhook { url, token }) = self.book.blocking(Store::webhook).await? else {
            return Ok(Err("there is none".to_owned()));
        };
        Tally::one_more(&self.book.tally.webhooks);
        let call = Call { token: &token, event };
        let answer = self.client.post(url).json(&call).send().await;
        // The address may hold a secret of its own; the reason goes to the log.
        Ok(match answer {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(answer.status().to_string()),
            Err(error) => Err(error.without_url().to_string()),
        })
    }
}
