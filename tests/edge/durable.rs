//! Accepted events where the service is served: beside a server, with handlers, behind an authorizer, and in the log.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Clock, Service, Table, event};
use jiff::Timestamp;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use crate::contacts::{Watching, install};
use crate::crm::Crm;
use crate::log::Log;
use crate::requests::{Call, TOKEN};
use crate::server::Own;

const PATIENCE: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A clock that goes as many times as fast as tokio's.
#[derive(Clone)]
struct Quick(Instant, u32);

#[async_trait]
impl Clock for Quick {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.0.elapsed() * self.1
    }

    async fn sleep(&self, duration: Duration) {
        sleep(duration / self.1).await;
    }
}

type Crms = Crm<Watching>;

/// A durable service of a CRM that is out of order.
fn durable(quick: u32) -> Service<Crms> {
    let simulator = Simulator::new();
    let builder = botmatic::builder(Crm::broken("c4n4ry")).platform(simulator.clone());
    let builder = builder.clock(Quick(Instant::now(), quick)).key_store(MemoryKeyStore::new());
    let service = builder.durable_for(DAY).build().unwrap();
    simulator.connect(&Token::new(TOKEN), service.clone());
    service
}

fn created() -> Call {
    Call::event("contact_created", json!({ "id": 1, "name": "c4n4ry" }))
}

#[tokio::test]
async fn a_server_tries_again_what_was_accepted_and_ends() {
    let service = durable(1000);
    install(&service).await;
    assert_eq!(created().send(&service.router()).await.data(), json!({ "success": true }));
    assert!(service.integration().people().is_empty());
    service.integration().mend();
    let server = Own::start(&service, Router::new()).await;
    let done = async {
        while service.integration().people().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, done).await.expect("it is tried again");
    server.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_hears_of_an_event_once_when_its_sync_is_at_the_end() {
    for (mended, heard) in [(true, "1 1 Ok(Created) 1"), (false, r#"1 1 Err("c4n4ry") 0"#)] {
        let service = durable(1);
        install(&service).await;
        created().send(&service.router()).await;
        let working = service.clone();
        let work = tokio::spawn(async move { working.work(std::future::pending()).await });
        sleep(HOUR).await;
        assert!(service.integration().heard().is_empty(), "it is not at the end");
        if mended {
            service.integration().mend();
        }
        sleep(DAY).await;
        assert_eq!(service.integration().heard(), [heard]);
        work.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn that_nobody_tries_again_is_said_once() {
    for (is_worked_on, said) in [(false, 1), (true, 0)] {
        let (log, service) = (Log::listen(), durable(1));
        install(&service).await;
        let working = service.clone();
        let work =
            is_worked_on.then(|| tokio::spawn(async move { working.work(std::future::pending()).await }));
        tokio::task::yield_now().await;
        for _ in 0..2 {
            created().send(&service.router()).await;
        }
        assert_eq!(log.lines_with("run `Service::work`").len(), said, "{}", log.text());
        work.inspect(tokio::task::JoinHandle::abort);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_before_durable_was_taken_off_is_said_at_the_start() {
    let store = Arc::new(MemoryKeyStore::new());
    let start = |is_durable: bool| {
        let builder = botmatic::builder(Crms::broken("out of order")).platform(Simulator::new());
        let builder = builder.accept_any_token().key_store(Arc::clone(&store));
        if is_durable { builder.durable() } else { builder }.build().unwrap()
    };
    let says = async || {
        let log = Log::listen();
        let (service, (end, ended)) = (start(false), tokio::sync::oneshot::channel::<()>());
        let work = tokio::spawn(async move { service.work(async { ended.await.unwrap() }).await });
        tokio::task::yield_now().await;
        end.send(()).unwrap();
        work.await.unwrap();
        log.lines_with("nobody works on them without `.durable()`").len()
    };
    assert_eq!(says().await, 0);
    created().send(&start(true).router()).await;
    assert_eq!(says().await, 1);
}

#[tokio::test(start_paused = true)]
async fn the_time_limit_makes_no_failure_of_what_was_accepted() {
    for (is_durable, success) in [(true, true), (false, false)] {
        let slow = Table::new().on(event::contact_updated, |_| {
            Box::pin(async {
                sleep(HOUR).await;
                Ok(Reply::done())
            })
        });
        let builder = botmatic::builder(Crms::new()).platform(Simulator::new()).accept_any_token();
        let builder = builder.time_limit(Duration::from_secs(2)).handlers(slow);
        let builder = builder.key_store(MemoryKeyStore::new());
        let service = if is_durable { builder.durable() } else { builder }.build().unwrap();
        let begun = Instant::now();
        let call = Call::event("contact_updated", json!({ "id": 1, "name": "Ada" }));
        let answer = call.send(&service.router()).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(2));
        assert_eq!(answer.body.contains(r#""success":true}"#), success, "{}", answer.body);
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_event_said_is_in_no_log() {
    let (log, service) = (Log::listen(), durable(1));
    install(&service).await;
    created().send(&service.router()).await;
    let working = service.clone();
    let work = tokio::spawn(async move { working.work(std::future::pending()).await });
    sleep(2 * DAY).await;
    assert!(!log.lines_with("to be tried again").is_empty() && log.lines_with("set aside").len() == 1);
    assert_eq!(log.lines_with("c4n4ry"), [""; 0]);
    let botmatic = service.botmatic(&Token::new(TOKEN)).await.unwrap();
    let set_aside = botmatic.set_aside().list(None, 9).await.unwrap();
    assert_eq!(set_aside[0].data()["name"], "c4n4ry");
    assert!(!format!("{set_aside:?} {:?}", botmatic.set_aside()).contains("c4n4ry"));
    work.abort();
}

#[tokio::test(start_paused = true)]
async fn who_was_let_in_by_an_authorizer_is_found_after_a_restart_and_waits_while_it_says_no() {
    let (store, opens) = (Arc::new(MemoryKeyStore::new()), Arc::new(AtomicBool::new(true)));
    let clock = Quick(Instant::now(), 1);
    let start = |crm: Crms| {
        let opens = Arc::clone(&opens);
        let builder = botmatic::builder(crm).platform(Simulator::new()).clock(clock.clone());
        let builder = builder.key_store(Arc::clone(&store)).durable();
        let known = move || Ok::<_, Infallible>(opens.load(Ordering::SeqCst).then_some(()));
        builder.authorize_with(move |_: Token| std::future::ready(known())).build().unwrap()
    };
    let service = start(Crm::broken("out of order"));
    assert_eq!(created().send(&service.router()).await.data(), json!({ "success": true }));
    drop(service);

    opens.store(false, Ordering::SeqCst);
    let service = start(Crm::new());
    let working = service.clone();
    let work = tokio::spawn(async move { working.work(std::future::pending()).await });
    sleep(HOUR).await;
    assert!(service.integration().people().is_empty());
    opens.store(true, Ordering::SeqCst);
    sleep(HOUR).await;
    assert_eq!(service.integration().people().len(), 1);
    work.abort();
}
