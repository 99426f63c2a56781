//! An import that Botmatic throttles: nobody is left out, and nobody is created twice. What an import waits for itself is
//! noted and passes at once; what the client waits for passes as it does.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::num::NonZero;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use botmatic_contact::prelude::*;
use botmatic_contact::{Clock, ImportReport, Service, Value};
use jiff::Timestamp;
use serde_json::json;

use crate::contacts::Watching;
use crate::crm::{Crm, Person};
use crate::fake::{Answer, Asked, Fake};
use crate::requests::TOKEN;

/// Three requests.
const PEOPLE: u64 = 90;

const SECOND: Duration = Duration::from_secs(1);

/// A clock whose pauses are over at once, and noted.
#[derive(Debug, Clone, Default)]
struct Impatient(Arc<Mutex<Vec<Duration>>>);

#[async_trait]
impl Clock for Impatient {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.lock().unwrap().push(duration);
    }
}

fn throttled() -> Answer {
    Answer::new(429, r#"{"success":false,"error":"slow down"}"#)
}

/// Refuses what it is told to, and creates everybody else, whom it notes.
async fn botmatic(refusals: impl IntoIterator<Item = Option<Answer>>) -> (Fake, Arc<Mutex<Vec<String>>>) {
    let mut refusals: VecDeque<_> = refusals.into_iter().collect();
    let created: Arc<Mutex<Vec<String>>> = Arc::default();
    let note = Arc::clone(&created);
    let fake = Fake::answering(move |asked| {
        refusals.pop_front().flatten().unwrap_or_else(|| accepted(asked, &note))
    });
    (fake.await, created)
}

/// Creates those of a request, and notes whom.
fn accepted(asked: &Asked, created: &Mutex<Vec<String>>) -> Answer {
    let names = names(asked);
    let contacts: Vec<_> = names.iter().map(|name| json!({ "id": name })).collect();
    created.lock().unwrap().extend(names);
    Answer::new(201, json!({ "contacts": contacts }).to_string())
}

/// As many refusals as the client makes attempts.
fn five() -> Vec<Option<Answer>> {
    (0..5).map(|_| Some(throttled())).collect()
}

/// Whom a request tells of.
fn names(asked: &Asked) -> Vec<String> {
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let name = |contact: &Value| contact["name"].as_str().unwrap().to_owned();
    body["contacts"].as_array().unwrap().iter().map(name).collect()
}

fn service(fake: &Fake, clock: &Impatient) -> Service<Crm<Watching>> {
    botmatic::builder(Crm::new())
        .platform(fake.api())
        .clock(clock.clone())
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
        let (fake, created) = botmatic(refusals.map(Some)).await;
        let report = import(&service(&fake, &Impatient::default()), window).await;
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
async fn who_is_throttled_for_longer_than_the_client_waits_is_sent_again_after_the_time_that_was_asked_for() {
    // The client gives up at once, or after five attempts.
    for (refusals, pause) in [(vec![Some(throttled().header("retry-after", "1800"))], 1800), (five(), 1)] {
        let (fake, created) = botmatic(refusals).await;
        let clock = Impatient::default();
        let report = import(&service(&fake, &clock), 1).await;
        let pauses = clock.0.lock().unwrap().clone();
        assert_eq!(pauses.first().map(Duration::as_secs), Some(pause), "{pauses:?}");
        if pause == 1 {
            assert!(report.is_complete(), "{report:?}");
            everybody_was_created_once(&created);
        } else {
            // To the client half an hour is not over when the clock says so; so it is asked for again.
            assert_eq!(fake.asked().len(), 1, "nothing is sent before that time");
            assert_eq!((report.failures.len(), report.interrupted.unwrap().status()), (0, Some(429)));
        }
    }
}

#[tokio::test]
async fn of_a_batch_that_is_halved_those_who_are_throttled_are_sent_again_and_the_others_are_not() {
    let refused = Answer::new(422, r#"{"success":false,"error":"somebody has no name"}"#);
    let (fake, created) = botmatic([Some(refused), None].into_iter().chain(five())).await;
    let clock = Impatient::default();
    let report = import(&service(&fake, &clock), 1).await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.created, PEOPLE);
    everybody_was_created_once(&created);
    let sizes: Vec<_> = fake.asked().iter().map(|asked| names(asked).len()).collect();
    // The second batch was ready by then; who is given back comes before the third.
    assert_eq!(sizes, [30, 15, 15, 15, 15, 15, 15, 30, 15, 30]);
    assert_eq!(*clock.0.lock().unwrap(), [SECOND]);
}
