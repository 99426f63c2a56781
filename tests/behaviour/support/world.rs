//! Botmatic, the integration and the address book, put together.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use botmatic_contact::key_store::{KeyStore, MemoryKeyStore, Pair};
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::{Endpoint, Simulator, Undelivered};
use botmatic_contact::{Answer, Builder, Clock, Properties, Service};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::gate::PATIENCE;
use super::{AddressBook, Line, Person, Store};

/// What stays when the integration's process ends.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) simulator: Simulator,
    pub(crate) book: AddressBook,
    pub(crate) line: Line,
}

impl Parts {
    pub(crate) fn new(book: AddressBook) -> Self {
        let simulator = Simulator::new();
        let line = Line::new(simulator.clone(), book.clone());
        Self { simulator, book, line }
    }
}

/// The clock of the machine, and under virtual time that one.
#[derive(Debug)]
struct TestClock {
    start: Timestamp,
    begun: Instant,
}

impl TestClock {
    fn new() -> Self {
        Self { start: Timestamp::now(), begun: Instant::now() }
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.start + self.begun.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Where a process was that was killed.
#[derive(Debug)]
struct Nobody;

#[async_trait]
impl Endpoint for Nobody {
    async fn deliver(&self, _token: &Token, _body: Vec<u8>) -> Result<Vec<u8>, Undelivered> {
        Err(Undelivered::new("connection refused"))
    }
}

/// What puts the service together.
pub(crate) type WorldBuilder = Builder<AddressBook, Arc<dyn KeyStore>>;

/// A running integration between the two. Ends with the value.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) simulator: Simulator,
    pub(crate) book: AddressBook,
    pub(crate) line: Line,
    pub(crate) store: Store,
    pub(crate) service: Service<AddressBook>,
    pub(crate) token: Token,
    tasks: JoinSet<()>,
}

impl World {
    /// An installed integration with these people in the address book. Botmatic's events wait until
    /// [`deliver`](Self::deliver).
    pub(crate) async fn with(people: impl IntoIterator<Item = Person>) -> Self {
        Self::of(AddressBook::with(people)).await
    }

    /// The same with this address book.
    pub(crate) async fn of(book: AddressBook) -> Self {
        let world = Self::over(Parts::new(book), MemoryKeyStore::new());
        world.install().await;
        world
    }

    /// An integration that is not installed by this, but may have been.
    pub(crate) fn over(parts: Parts, store: impl KeyStore) -> Self {
        Self::built(parts, store, |builder| builder)
    }

    /// The same, where the builder is told more.
    pub(crate) fn built(
        parts: Parts,
        store: impl KeyStore,
        further: impl FnOnce(WorldBuilder) -> WorldBuilder,
    ) -> Self {
        let Parts { simulator, book, line } = parts;
        let (store, token) = (Store::new(store), Token::new("tok-alpha"));
        let builder = botmatic::builder(book.clone()).platform(line.clone()).key_store(store.clone());
        let service = further(builder.clock(TestClock::new())).build().unwrap();
        simulator.connect(&token, service.clone());
        Self { simulator, book, line, store, service, token, tasks: JoinSet::new() }
    }

    pub(crate) async fn install(&self) {
        assert!(self.simulator.install(&self.token).await.unwrap().success);
    }

    /// Delivers Botmatic's events from now on.
    pub(crate) fn deliver(&mut self) {
        let simulator = self.simulator.clone();
        self.tasks.spawn(async move { simulator.deliver(std::future::pending()).await });
    }

    /// Works on accepted events from now on.
    pub(crate) fn work(&mut self) {
        let service = self.service.clone();
        self.tasks.spawn(async move { service.work(std::future::pending()).await });
    }

    /// Ends the integration's process, wherever it is. Botmatic and the address book stay.
    pub(crate) async fn kill(mut self) {
        self.simulator.connect(&self.token, Nobody);
        self.tasks.shutdown().await;
        self.book.gates.clear();
        self.line.gates.clear();
        self.store.gates.clear();
    }

    /// Has the address book tell of its changes from now on.
    pub(crate) async fn reflect(&mut self) {
        let (service, token) = (self.service.clone(), self.token.clone());
        self.tasks.spawn(self.book.clone().tell_of_changes(service, token));
        while !self.book.tells() {
            tokio::task::yield_now().await;
        }
    }

    /// Returns when nothing is under way any more: no event of Botmatic's and no webhook of the address book's.
    pub(crate) async fn quiet(&self) {
        let quiet = tokio::time::timeout(PATIENCE, self.becoming_quiet()).await;
        quiet.expect("the two sides have not stopped writing to each other");
    }

    async fn becoming_quiet(&self) {
        loop {
            let told = self.book.all_told().await;
            self.simulator.settled().await;
            let still = self.book.all_told().now_or_never() == Some(told);
            if still && self.simulator.settled().now_or_never().is_some() {
                return;
            }
        }
    }

    /// Lets everybody else come as far as they can: until they are done, or wait for somebody. For stores in memory.
    pub(crate) async fn let_others_run(&self) {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    /// The handle for routes of the user's own.
    pub(crate) async fn botmatic(&self) -> Botmatic<AddressBook> {
        self.service.botmatic(&self.token).await.unwrap()
    }

    /// Sends one event and returns the body of the answer.
    pub(crate) async fn tell(&self, event: &str, data: Value) -> String {
        let body = json!({ "event": event, "data": data }).to_string();
        match self.service.handle(Some(self.token.clone()), body.as_bytes()).await {
            Answer::Reply(body) => String::from_utf8(body).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// What is known to be one person, by both ids.
    pub(crate) async fn pairs(&self) -> Vec<(String, String)> {
        let ids = |pair: Pair| (pair.contact.to_string(), pair.external.to_string());
        self.full_pairs().await.into_iter().map(ids).collect()
    }

    pub(crate) async fn full_pairs(&self) -> Vec<Pair> {
        self.store.pairs(self.token.installation(), None, 10_000).await.unwrap()
    }

    /// Creates a contact as a person does in Botmatic; the event waits to be delivered.
    pub(crate) fn create_on_botmatic(&self, person: &Person) -> ContactId {
        self.simulator.create_contact(&self.token, person.to_properties().unwrap()).unwrap()
    }

    /// Changes a contact as a person does in Botmatic; the event waits to be delivered.
    pub(crate) fn edit_on_botmatic(&self, id: &ContactId, changes: Value) {
        let changes: Properties = serde_json::from_value(changes).unwrap();
        self.simulator.update_contact(&self.token, id, changes).unwrap();
    }

    /// A contact as Botmatic holds it.
    pub(crate) fn on_botmatic(&self, id: &ContactId) -> Value {
        let contact = self.simulator.contact(&self.token, id);
        contact.map_or(Value::Null, |contact| serde_json::to_value(contact.properties).unwrap())
    }

    /// How many requests an operation of Botmatic's API got so far.
    pub(crate) fn requests(&self, operation: &str) -> u64 {
        self.simulator.requests().get(operation).copied().unwrap_or_default()
    }

    /// How many requests changed contacts on Botmatic so far.
    pub(crate) fn writes_on_botmatic(&self) -> u64 {
        ["create contact", "create contacts", "update contact", "update contacts", "delete contact"]
            .into_iter()
            .map(|operation| self.requests(operation))
            .sum()
    }
}
