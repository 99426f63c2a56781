//! An import that Botmatic throttles: nobody is left out, and nobody is created twice.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use botmatic_contact::prelude::*;
use botmatic_contact::{ImportReport, Service, Value};
use serde_json::json;

use crate::contacts::Watching;
use crate::crm::{Crm, Person};
use crate::fake::{Answer, Asked, Fake};
use crate::requests::TOKEN;

/// Three requests.
const PEOPLE: u64 = 90;

const SECOND: Duration = Duration::from_secs(1);

fn throttled() -> Answer {
    Answer::new(429, r#"{"success":false,"error":"slow down"}"#)
}

/// Refuses as often as it is told to, and then creates everybody, whom it notes.
async fn botmatic(refusals: impl IntoIterator<Item = Answer>) -> (Fake, Arc<Mutex<Vec<String>>>) {
    let mut refusals: VecDeque<_> = refusals.into_iter().collect();
    let created: Arc<Mutex<Vec<String>>> = Arc::default();
    let note = Arc::clone(&created);
    let fake = Fake::answering(move |asked| {
        refusals.pop_front().unwrap_or_else(|| {
            let names = names(asked);
            let contacts: Vec<_> = names.iter().map(|name| json!({ "id": name })).collect();
            note.lock().unwrap().extend(names);
            Answer::new(201, json!({ "contacts": contacts }).to_string())
        })
    });
    (fake.await, created)
}

/// Whom a request tells of.
fn names(asked: &Asked) -> Vec<String> {
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let name = |contact: &Value| contact["name"].as_str().unwrap().to_owned();
    body["contacts"].as_array().unwrap().iter().map(name).collect()
}

fn service(fake: &Fake) -> Service<Crm<Watching>> {
    botmatic::builder(Crm::new())
        .platform(fake.api())
        .key_store(MemoryKeyStore::new())
        .authorize_with(async |_: Token| Ok::<_, Infallible>(Some(())))
        .build()
        .unwrap()
}

async fn import(service: &Service<Crm<Watching>>, window: usize) -> ImportReport {
    let person = |id| Person { id, name: format!("p{id}"), email: None, born: None };
    let botmatic = service.botmatic(&Token::new(TOKEN)).await.unwrap();
    let import = botmatic.import_contacts((1..=PEOPLE).map(person).collect());
    import.window(NonZero::new(window).unwrap()).await.unwrap()
}

fn everybody_was_created_once(created: &Mutex<Vec<String>>) {
    let mut created = created.lock().unwrap().clone();
    created.sort();
    let mut everybody: Vec<_> = (1..=PEOPLE).map(|id| format!("p{id}")).collect();
    everybody.sort();
    assert_eq!(created, everybody);
}

#[tokio::test]
async fn a_throttled_batch_is_sent_again_as_often_as_it_takes_and_not_before_the_time_that_was_asked_for() {
    for window in [1, 3] {
        let refusals = [throttled().header("retry-after", "1"), throttled(), throttled()];
        let (fake, created) = botmatic(refusals).await;
        let report = import(&service(&fake), window).await;
        assert!(report.is_complete(), "{report:?}");
        assert_eq!(report.created, PEOPLE);
        everybody_was_created_once(&created);
        let asked = fake.asked();
        assert_eq!(asked.len(), 6);
        let after_the_pause = &asked[window..];
        assert!(after_the_pause.iter().all(|later| later.at - asked[0].at >= SECOND), "{window} at once");
    }
}

#[tokio::test]
async fn an_import_that_is_throttled_without_end_says_so_and_the_next_one_creates_everybody_at_once() {
    let (fake, created) = botmatic((0..5).map(|_| throttled())).await;
    let service = service(&fake);
    let report = import(&service, 1).await;
    let why = report.interrupted.unwrap();
    assert_eq!((report.failures.len(), why.status()), (30, Some(429)), "{why}");

    let begun = Instant::now();
    let report = import(&service, 1).await;
    assert!(report.is_complete(), "{report:?}");
    assert!(begun.elapsed() < 5 * SECOND, "who was refused need not be waited for");
    everybody_was_created_once(&created);
}
