//! How fast an import is, over real sockets, where Botmatic takes 20 ms for a request: beside what the window allows, which
//! is the number of requests at once × 30 contacts ÷ 20 ms; and how fast where Botmatic takes no time, so that the CPU is
//! the limit. Botmatic (the simulator) shares the machine, and its part of the CPU is in the figures.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and one that cannot run should stop"
)]

#[path = "support/mod.rs"]
mod support;

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{PAGE_SIZE, Service};
use support::Spread;
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

/// How long Botmatic takes.
const LATENCY: Duration = Duration::from_millis(20);

/// How much of what the window allows has to be reached, where the CPU allows it.
const SHARE: f64 = 0.9;

/// As long as an import takes less of the CPU than this, the CPU is not the limit.
const BUSY: f64 = 0.7;

/// How often each import is measured.
const ROUNDS: usize = 5;

/// How many requests an import makes one after the other.
const TURNS: u32 = 40;

#[derive(Clone, ContactMapping)]
struct Person {
    #[contact(id)]
    id: u64,
    firstname: String,
    lastname: String,
    #[contact("email", email)]
    email: Option<String>,
    phone: Option<String>,
    score: Option<u32>,
}

/// An external service with so many people, who are made as they are listed.
struct People(u64);

impl ExternalApiConsumer for People {
    type Contact = Person;
    type Client = ();

    async fn create_contact(&self, _: &Auth, _: Person) -> Result<ExternalId, ConsumerError> {
        Err(ConsumerError::unsupported("create_contact"))
    }

    async fn get_contact(&self, _: &Auth, _: &ExternalId) -> Result<Option<Person>, ConsumerError> {
        Err(ConsumerError::unsupported("get_contact"))
    }

    async fn get_contact_by_email(&self, _: &Auth, _: &str) -> Result<Option<Person>, ConsumerError> {
        Err(ConsumerError::unsupported("get_contact_by_email"))
    }

    async fn list_contacts(&self, _: &Auth, page: Page) -> Result<Vec<Person>, ConsumerError> {
        let person = |id| Person {
            id,
            firstname: format!("First {id}"),
            lastname: format!("Last {id}"),
            email: Some(format!("p{id}@example.org")),
            phone: Some(format!("+33 1 {id:08}")),
            score: Some(7),
        };
        let first = page.offset() + 1;
        Ok((first..first + u64::from(page.size)).take_while(|id| *id <= self.0).map(person).collect())
    }

    async fn update_contact(&self, _: &Auth, _: &ExternalId, _: PersonPatch) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("update_contact"))
    }

    async fn delete_contact(&self, _: &Auth, _: &ExternalId) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("delete_contact"))
    }
}

#[botmatic::integration]
impl People {
    #[botmatic::action("ping")]
    async fn ping(&self) -> &'static str {
        "pong"
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let limit = speed(Duration::ZERO, 16).await.median;
    println!(
        "import, Botmatic takes no time:        {limit:>7.0} contacts per second, which is what the CPU allows"
    );
    let mut is_used = true;
    for window in [1, 2, 4, 8, 16, 32] {
        let allowed = f64::from(window) * f64::from(PAGE_SIZE) / LATENCY.as_secs_f64();
        let speed = speed(LATENCY, window).await;
        let share = |speed: f64| speed / allowed;
        let shares = Spread { low: share(speed.low), median: share(speed.median), high: share(speed.high) };
        println!(
            "import, {window:>2} requests of 20 ms at once: {:>7.0} contacts per second, of {allowed:>6.0} {shares}",
            speed.median
        );
        is_used &= allowed > BUSY * limit || shares.median >= SHARE;
    }
    assert!(is_used, "less than {SHARE} of what a window allows, though the CPU is not the limit");
}

/// How many contacts are imported per second.
async fn speed(latency: Duration, window: u32) -> Spread {
    let mut speeds = Vec::new();
    for _ in 0..ROUNDS {
        let contacts = u64::from(TURNS * window * PAGE_SIZE);
        let service = service(contacts, latency).await;
        let botmatic = service.botmatic(&token()).await.unwrap();
        let begun = Instant::now();
        let window = NonZeroUsize::new(window as usize).unwrap();
        let report = botmatic.import_all().window(window).await.unwrap();
        assert_eq!(report.created, contacts);
        speeds.push(contacts as f64 / begun.elapsed().as_secs_f64());
    }
    Spread::of(speeds)
}

/// Has Botmatic answer so long after it was asked.
async fn late(State(latency): State<Duration>, request: Request, next: Next) -> Response {
    let asked = Instant::now();
    let answer = next.run(request).await;
    let left = latency.saturating_sub(asked.elapsed());
    if !left.is_zero() {
        // The runtime's own timers are no finer than a millisecond.
        spawn_blocking(move || std::thread::sleep(left)).await.unwrap();
    }
    answer
}

fn token() -> Token {
    Token::new("tok-alpha")
}

async fn service(contacts: u64, latency: Duration) -> Service<People> {
    let simulator = Simulator::new();
    let late = from_fn_with_state(latency, late);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let botmatic = simulator.router().layer(late);
    tokio::spawn(async move { axum::serve(listener, botmatic).await });
    let service = botmatic::builder(People(contacts))
        .base_url(url)
        .key_store(MemoryKeyStore::new())
        .authorize_with(async |_: Token| Ok::<_, Infallible>(Some(())))
        .build()
        .unwrap();
    simulator.connect(&token(), service.clone());
    service
}
