//! Calls that take their time, under virtual time.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use botmatic_contact::HasClient;
use botmatic_contact::prelude::*;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use crate::log::Log;
use crate::requests::Call;

const LIMIT: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Slow {
    done: Arc<Notify>,
}

impl HasClient for Slow {
    type Client = ();
}

#[botmatic::integration]
impl Slow {
    #[botmatic::action("wait")]
    async fn wait(&self, Params(seconds): Params<u64>) -> u64 {
        sleep(Duration::from_secs(seconds)).await;
        self.done.notify_one();
        seconds
    }

    #[botmatic::action("wait and fail")]
    async fn wait_and_fail(&self, Params(seconds): Params<u64>) {
        sleep(Duration::from_secs(seconds)).await;
        panic!("a handler's own mistake");
    }
}

/// The service, and what its handler says when it is done.
fn slow(limit: Option<Duration>) -> (Router, Arc<Notify>) {
    let slow = Slow::default();
    let done = Arc::clone(&slow.done);
    let builder = botmatic::builder(slow).base_url("http://127.0.0.1:9").accept_any_token();
    let builder = if let Some(limit) = limit { builder.time_limit(limit) } else { builder };
    (builder.build().unwrap().router(), done)
}

#[tokio::test(start_paused = true)]
async fn after_the_time_limit_the_answer_speaks_of_failure_and_the_work_goes_on() {
    let log = Log::listen();
    let (router, done) = slow(Some(LIMIT));
    let begun = Instant::now();
    assert_eq!(Call::action("wait", 9).send(&router).await.data(), 9);
    done.notified().await;
    assert!(log.text().is_empty() || log.lines_with("too long").is_empty());

    let begun_again = Instant::now();
    assert_eq!(begun_again - begun, Duration::from_secs(9));
    let reason = Call::action("wait", 60).send(&router).await.refusal();
    assert_eq!(reason, "this takes too long; it goes on");
    assert_eq!(begun_again.elapsed(), LIMIT);
    assert_eq!(log.lines_with("a call took too long").len(), 1);

    done.notified().await;
    assert_eq!(begun_again.elapsed(), Duration::from_secs(60), "it was not cut short");
    while log.lines_with("has come to its end").is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_after_the_time_limit_is_logged_too() {
    let log = Log::listen();
    let (router, _) = slow(Some(LIMIT));
    Call::action("wait and fail", 20).send(&router).await.refusal();
    while log.lines_with("a handler panicked").is_empty() {
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(Call::action("wait", 1).send(&router).await.data(), 1);
}

#[tokio::test(start_paused = true)]
async fn for_whom_there_is_no_room_is_told_at_once_when_to_come_again() {
    let log = Log::listen();
    let slow = botmatic::builder(Slow::default()).base_url("http://127.0.0.1:9").accept_any_token();
    let router = slow.concurrency(1).backlog(1).build().unwrap().router();
    let begun = Instant::now();
    let calls = [(); 3].map(|()| Call::action("wait", 5).send(&router));
    let [first, second, third] = futures_util::future::join_all(calls).await.try_into().unwrap();
    assert_eq!(begun.elapsed(), Duration::from_secs(10), "one after the other");
    assert_eq!((first.data(), second.data()), (5.into(), 5.into()));
    assert_eq!((third.status, third.retry_after.as_deref()), (503, Some("5")));
    assert_eq!(
        (third.body.as_str(), third.content_type.as_str()),
        ("Try again later", "text/html; charset=utf-8")
    );
    assert_eq!(log.lines_with("too much is under way").len(), 1);
    assert_eq!(Call::action("wait", 5).send(&router).await.data(), 5);
}

#[tokio::test(start_paused = true)]
async fn without_a_time_limit_an_answer_may_take_a_day() {
    let (router, _) = slow(None);
    assert_eq!(Call::action("wait", 86_400).send(&router).await.data(), 86_400);
    let never = timeout(Duration::from_secs(86_399), Call::action("wait", 86_400).send(&router)).await;
    assert!(never.is_err());
}
