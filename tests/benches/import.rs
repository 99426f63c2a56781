//! How fast an import is, over real sockets, where Botmatic takes 20 ms for a request: beside what the window allows, which
//! is the number of requests at once × 30 contacts ÷ 20 ms, and the same ÷ the time that requests really took, which on a
//! busy machine is longer; and beside what the CPU allows, which is how fast the same import is where Botmatic takes no
//! time. The second share tells of the import, the first one of the machine as well. Botmatic (the simulator) shares the machine, and its part
//! of the CPU is in the figures.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and one that cannot run should stop"
)]

#[path = "support/mod.rs"]
mod support;

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
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

/// Where the window allows less than this much of what the CPU allows, the CPU is not the limit.
const BUSY: f64 = 0.7;

/// How often each import is measured.
const ROUNDS: usize = 5;

/// How many requests an import makes one after the other.
const TURNS: u32 = 100;

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
    println!("import, contacts per second, where Botmatic takes {} ms for a request", LATENCY.as_millis());
    println!(
        "at once   allowed   CPU allows   reached   of 20 ms a request      of what requests took    limit"
    );
    let mut is_used = true;
    for window in [1, 2, 4, 8, 16, 32] {
        let allowed = f64::from(window * PAGE_SIZE) / LATENCY.as_secs_f64();
        let [mut most, mut reached, mut ideal, mut shares] = [const { Vec::new() }; 4];
        for _ in 0..ROUNDS {
            most.push(import(Duration::ZERO, window).await.0);
            let (speed, latency) = import(LATENCY, window).await;
            reached.push(speed);
            ideal.push(speed / allowed);
            shares.push(speed * latency / f64::from(window * PAGE_SIZE));
        }
        let [most, reached, ideal, shares] = [most, reached, ideal, shares].map(Spread::of);
        let is_busy = reached.median / shares.median > BUSY * most.median;
        is_used &= is_busy || shares.median >= SHARE;
        println!(
            "{window:>7} {allowed:>9.0} {:>12.0} {:>9.0}   {ideal}    {shares}    {}",
            most.median,
            reached.median,
            if is_busy { "CPU" } else { "window" }
        );
    }
    assert!(is_used, "less than {SHARE} of what a window allows, though the CPU is not the limit");
}

/// How many contacts are imported per second, and how many seconds Botmatic took for a request.
async fn import(latency: Duration, window: u32) -> (f64, f64) {
    let contacts = u64::from(TURNS * window * PAGE_SIZE);
    let requests = Arc::new(Requests { latency, number: AtomicU32::new(0), micros: AtomicU64::new(0) });
    let service = service(contacts, Arc::clone(&requests)).await;
    let botmatic = service.botmatic(&token()).await.unwrap();
    let begun = Instant::now();
    let window = NonZeroUsize::new(window as usize).unwrap();
    let report = botmatic.import_all().window(window).await.unwrap();
    assert_eq!(report.created, contacts);
    let taken = requests.micros.load(Ordering::Relaxed) as f64 / 1e6;
    let number = f64::from(requests.number.load(Ordering::Relaxed));
    (contacts as f64 / begun.elapsed().as_secs_f64(), taken / number)
}

/// What Botmatic is asked.
struct Requests {
    latency: Duration,
    number: AtomicU32,
    /// How long all of them took: on a busy machine longer than they are to.
    micros: AtomicU64,
}

/// Has Botmatic answer so long after it was asked.
async fn late(State(requests): State<Arc<Requests>>, request: Request, next: Next) -> Response {
    let asked = Instant::now();
    let answer = next.run(request).await;
    let left = requests.latency.saturating_sub(asked.elapsed());
    if !left.is_zero() {
        // The runtime's own timers are no finer than a millisecond.
        spawn_blocking(move || std::thread::sleep(left)).await.unwrap();
    }
    requests.number.fetch_add(1, Ordering::Relaxed);
    requests.micros.fetch_add(asked.elapsed().as_micros() as u64, Ordering::Relaxed);
    answer
}

fn token() -> Token {
    Token::new("tok-alpha")
}

async fn service(contacts: u64, requests: Arc<Requests>) -> Service<People> {
    let simulator = Simulator::new();
    let late = from_fn_with_state(requests, late);
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
