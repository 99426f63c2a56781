//! The integration, in a process of its own.

use std::fs;
use std::io::BufRead;
use std::path::Path;
use std::process::Stdio;

use botmatic_contact::Value;
use botmatic_contact::prelude::*;
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;

use crate::world::{TOKEN, World};

/// The variable that tells a started program to be the integration: where both services are, and the file of the pairs.
const ROLE: &str = "IMPORTS";

/// The process.
pub(crate) struct Importer {
    child: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

/// What the import came to.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    pub(crate) through: u64,
    pub(crate) resumed: u64,
    pub(crate) failures: Vec<u64>,
}

impl Importer {
    pub(crate) async fn start(world: &World, store: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(ROLE, format!("{} {}", world.url, store.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut importer = Self { orders: child.stdin.take().unwrap(), child, lines };
        world.meet(&importer.line().await).await;
        importer
    }

    /// Has it import.
    pub(crate) async fn import(&mut self) {
        self.orders.write_all(b"import\n").await.unwrap();
    }

    /// Waits for the end of the import.
    pub(crate) async fn report(&mut self) -> Report {
        serde_json::from_str(&self.line().await).unwrap()
    }

    /// The most memory that it had in use so far, in kB.
    pub(crate) fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    pub(crate) async fn end(mut self) {
        drop(self.orders);
        assert!(self.child.wait().await.unwrap().success());
    }

    async fn line(&mut self) -> String {
        self.lines.next_line().await.unwrap().expect("the integration has ended")
    }
}

/// A contact in the external service's terms.
#[derive(Debug, Clone, Deserialize, ContactMapping)]
struct Person {
    #[contact(id)]
    id: u64,
    #[contact("firstname")]
    name: String,
    #[contact("email", email)]
    email: String,
    city: Option<String>,
    phone: Option<String>,
    #[contact(with = count)]
    visits: Count,
}

/// A number; where it is none, that is known on Botmatic's side only.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
struct Count(String);

mod count {
    use super::Count;

    pub(super) fn to_botmatic(count: &Count) -> f64 {
        count.0.parse().unwrap_or(f64::NAN)
    }

    pub(super) fn from_botmatic(count: f64) -> Result<Count, &'static str> {
        Ok(Count(count.to_string()))
    }
}

/// The external service.
struct Service {
    http: reqwest::Client,
    people: String,
}

impl ExternalApiConsumer for Service {
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
        let url = format!("{}/{}/{}", self.people, page.number, page.size);
        Ok(self.http.get(url).send().await?.error_for_status()?.json().await?)
    }

    async fn update_contact(&self, _: &Auth, _: &ExternalId, _: PersonPatch) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("update_contact"))
    }

    async fn delete_contact(&self, _: &Auth, _: &ExternalId) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("delete_contact"))
    }
}

#[botmatic::integration]
impl Service {
    #[botmatic::action("ping")]
    async fn ping(&self) -> &'static str {
        "pong"
    }
}

pub(crate) fn was_asked_for() -> bool {
    std::env::var_os(ROLE).is_some()
}

/// Serves the integration, and imports when told to. Ends with its standard input.
#[tokio::main]
pub(crate) async fn run() {
    let role = std::env::var(ROLE).unwrap();
    let (url, store) = role.split_once(' ').unwrap();
    let service = Service { http: reqwest::Client::new(), people: format!("{url}/people") };
    let service = botmatic::builder(service)
        .base_url(url)
        .key_store(RedbKeyStore::open(store).unwrap())
        .build()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}/", listener.local_addr().unwrap());
    let serving = service.clone();
    let serving = tokio::spawn(async move {
        serving.serve_with(listener, axum::Router::new(), std::future::pending()).await
    });

    let (order, ordered) = oneshot::channel();
    let (end, ended) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut lines = std::io::stdin().lock().lines();
        let _ = order.send(lines.next());
        let _ = lines.next();
        drop(end);
    });
    ordered.await.unwrap().unwrap().unwrap();
    let botmatic = service.botmatic(&Token::new(TOKEN)).await.unwrap();
    let report = botmatic.import_all().await.unwrap();
    assert!(report.interrupted.is_none(), "{:?}", report.interrupted);
    let ids = report.failures.iter().map(|one| one.external_id.as_ref().unwrap().as_str().parse().unwrap());
    let through = report.created + report.updated + report.unchanged;
    let report: Value =
        json!({ "through": through, "resumed": report.resumed, "failures": ids.collect::<Vec<u64>>() });
    println!("{report}");
    let _ = ended.await;
    serving.abort();
}
