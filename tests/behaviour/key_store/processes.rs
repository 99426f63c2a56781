//! Several processes serve one integration over one key store: whoever of them hears of somebody, and how often, one
//! person is created, and one pair saved.
//!
//! `ROUNDS` says how often, if not 20 times.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use botmatic_contact::Value;
use botmatic_contact::key_store::KeyStore;
use futures_util::future::join_all;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::here;
use super::shared::{Space, shared_battery};

shared_battery! {
    sixteen_deliveries_of_one_new_contact_to_three_processes_make_one_person_and_one_pair,
    who_was_being_created_when_a_process_was_killed_is_found_by_another,
    what_a_process_had_accepted_when_it_was_killed_is_done_by_the_next_though_nobody_tells_again,
    sixteen_accepted_deliveries_of_one_new_contact_to_three_processes_make_one_person_and_one_pair,
}

/// For whatever a process is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The external service: addresses in the order in which they were created. An id is a place in the list.
#[derive(Clone)]
struct Book {
    address: SocketAddr,
    created: Arc<Mutex<Vec<String>>>,
    /// A create that is answered by nobody before this is called.
    stalled: Arc<Mutex<Option<Arc<Notify>>>>,
    serving: Arc<JoinSet<()>>,
}

impl Book {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut book = Self {
            address: listener.local_addr().unwrap(),
            created: Arc::default(),
            stalled: Arc::default(),
            serving: Arc::default(),
        };
        let open = book.clone();
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut calls = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                calls.spawn(open.clone().answer(stream));
            }
        });
        book.serving = Arc::new(serving);
        book
    }

    async fn answer(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let (what, address) = line.trim().split_once(' ').unwrap();
        let id = {
            let mut created = self.created.lock().unwrap();
            if what == "create" {
                created.push(address.to_owned());
            }
            created.iter().rposition(|known| known == address)
        };
        let stalled = if what == "create" { self.stalled.lock().unwrap().take() } else { None };
        if let Some(stalled) = stalled {
            stalled.notify_one();
            return std::future::pending().await;
        }
        // Whoever asked may be gone.
        let _ =
            stream.write_all(format!("{}\n", id.map_or(String::new(), |id| id.to_string())).as_bytes()).await;
    }

    fn created(&self, address: &str) -> usize {
        self.created.lock().unwrap().iter().filter(|created| *created == address).count()
    }
}

/// A process that serves the integration.
struct Process {
    url: String,
    client: reqwest::Client,
    child: Child,
}

impl Process {
    async fn start(space: &impl Space, lease: Duration, book: &Book) -> Self {
        Self::run(space, lease, book, &[]).await
    }

    /// One that accepts events before it works on them.
    async fn start_durable(space: &impl Space, lease: Duration, book: &Book) -> Self {
        Self::run(space, lease, book, &["durable"]).await
    }

    async fn run(space: &impl Space, lease: Duration, book: &Book, further: &[&str]) -> Self {
        let (server, name) = space.place();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sharing"))
            .args([server, name, &lease.as_millis().to_string(), &book.address.to_string()])
            .args(further)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = async {
            loop {
                let line = lines.next_line().await.unwrap().expect("the process has ended");
                if let Some((_, address)) = line.split_once("listening address=") {
                    return format!("http://{}", address.split_whitespace().next().unwrap());
                }
            }
        };
        let url = timeout(PATIENCE, listening).await.expect("it never listened");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { url, client: reqwest::Client::new(), child }
    }

    /// Delivers the news of a contact, and returns the external id that was answered.
    fn deliver(&self, number: usize) -> impl Future<Output = Value> + use<> {
        let body = json!({ "event": "contact_created", "data": { "id": number, "email": email(number) } });
        let request = self.client.post(&self.url).bearer_auth("tok-alpha").json(&body);
        async {
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            assert_eq!(answer["success"], true, "{answer}");
            answer["data"].clone()
        }
    }
}

fn email(number: usize) -> String {
    format!("{number}@example.org")
}

async fn sixteen_deliveries_of_one_new_contact_to_three_processes_make_one_person_and_one_pair(
    space: &impl Space,
) {
    let rounds: usize =
        std::env::var("ROUNDS").map_or(20, |rounds| rounds.parse().expect("ROUNDS is a number"));
    let book = Book::open().await;
    let processes = join_all((0..3).map(|_| Process::start(space, PATIENCE, &book))).await;
    for round in 0..rounds {
        let deliveries = (0..16).map(|number| processes[number % 3].deliver(round));
        let answers = timeout(PATIENCE, join_all(deliveries)).await.expect("answers");
        assert_eq!(book.created(&email(round)), 1, "round {round}");
        assert!(answers.iter().all(|answer| answer == &answers[0]), "round {round}: {answers:?}");
    }
    let pairs = space.open(PATIENCE).await.pairs(here(), None, rounds + 1).await.unwrap();
    assert_eq!(pairs.len(), rounds);
    let created = book.created.lock().unwrap().clone();
    let ids: HashMap<_, _> = created.iter().enumerate().map(|(id, address)| (address.as_str(), id)).collect();
    for pair in pairs {
        let number: usize = pair.contact.as_str().parse().unwrap();
        assert_eq!(pair.external.as_str(), ids[email(number).as_str()].to_string());
    }
}

async fn who_was_being_created_when_a_process_was_killed_is_found_by_another(space: &impl Space) {
    let book = Book::open().await;
    let lease = Duration::from_secs(1);
    let [mut one, other] =
        [Process::start(space, lease, &book).await, Process::start(space, lease, &book).await];
    let created = Arc::new(Notify::new());
    *book.stalled.lock().unwrap() = Some(Arc::clone(&created));

    let lost = tokio::spawn(one.deliver(1));
    timeout(PATIENCE, created.notified()).await.expect("created");
    let again = tokio::spawn(other.deliver(1));
    one.child.kill().await.unwrap();
    assert!(lost.await.is_err(), "nobody was there to answer");
    timeout(PATIENCE, again).await.expect("the lease is over").unwrap();

    assert_eq!(book.created(&email(1)), 1);
    let pairs = space.open(PATIENCE).await.pairs(here(), None, 9).await.unwrap();
    assert_eq!(pairs.len(), 1);
    assert_eq!(pairs[0].external.as_str(), "0");
}

async fn what_a_process_had_accepted_when_it_was_killed_is_done_by_the_next_though_nobody_tells_again(
    space: &impl Space,
) {
    let book = Book::open().await;
    let lease = Duration::from_secs(1);
    let mut one = Process::start_durable(space, lease, &book).await;
    let created = Arc::new(Notify::new());
    *book.stalled.lock().unwrap() = Some(Arc::clone(&created));
    let lost = tokio::spawn(one.deliver(1));
    timeout(PATIENCE, created.notified()).await.expect("created");
    one.child.kill().await.unwrap();
    assert!(lost.await.is_err(), "nobody was there to answer");

    let _next = Process::start_durable(space, lease, &book).await;
    let store = space.open(lease).await;
    let paired = async {
        while store.pairs(here(), None, 9).await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, paired).await.expect("it is worked on");
    assert_eq!(book.created(&email(1)), 1);
    assert_eq!(store.pairs(here(), None, 9).await.unwrap()[0].external.as_str(), "0");
}

async fn sixteen_accepted_deliveries_of_one_new_contact_to_three_processes_make_one_person_and_one_pair(
    space: &impl Space,
) {
    let book = Book::open().await;
    let processes = join_all((0..3).map(|_| Process::start_durable(space, PATIENCE, &book))).await;
    for round in 0..5 {
        let deliveries = (0..16).map(|number| processes[number % 3].deliver(round));
        let answers = timeout(PATIENCE, join_all(deliveries)).await.expect("answers");
        assert_eq!(book.created(&email(round)), 1, "round {round}");
        // Another process may have been quicker with what one has accepted; then the answer says no more than that.
        assert!(answers.iter().any(|answer| answer["id"].is_u64()), "round {round}: {answers:?}");
    }
    assert_eq!(space.open(PATIENCE).await.pairs(here(), None, 99).await.unwrap().len(), 5);
}
