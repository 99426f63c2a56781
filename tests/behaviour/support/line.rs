//! The line to Botmatic: the simulator, with gates, and with errors where a test wants them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{BotId, ContactId, Error, Platform, Properties, Property, Result, Token, Value};

use super::{AddressBook, Gates};

/// The platform that the service gets. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    simulator: Simulator,
    /// Where it is noted what was done, beside the calls of handlers.
    book: AddressBook,
    pub(crate) gates: Gates,
    failures: Arc<Mutex<HashMap<&'static str, Failure>>>,
    traffic: Arc<Mutex<Traffic>>,
}

/// What is under way.
#[derive(Debug, Clone, Copy, Default)]
struct Traffic {
    latency: Duration,
    now: usize,
    most: usize,
    all: usize,
}

#[derive(Debug, Clone, Copy)]
struct Failure {
    /// None: there was no answer.
    status: Option<u16>,
    /// Whether Botmatic did what it was asked all the same.
    done: bool,
}

impl Line {
    pub(crate) fn new(simulator: Simulator, book: AddressBook) -> Self {
        Self { simulator, book, gates: Gates::default(), failures: Arc::default(), traffic: Arc::default() }
    }

    /// Has Botmatic refuse an operation from now on.
    pub(crate) fn refuse(&self, operation: &'static str, status: u16) {
        self.failures.lock().unwrap().insert(operation, Failure { status: Some(status), done: false });
    }

    /// Has the answers to an operation get lost from now on; what was asked is done all the same.
    pub(crate) fn lose_answers(&self, operation: &'static str) {
        self.failures.lock().unwrap().insert(operation, Failure { status: None, done: true });
    }

    /// Has every request take so long from now on.
    pub(crate) fn takes(&self, latency: Duration) {
        self.traffic.lock().unwrap().latency = latency;
    }

    /// How many requests were under way at once, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.traffic.lock().unwrap().most
    }

    /// How many requests there were.
    pub(crate) fn requests(&self) -> usize {
        self.traffic.lock().unwrap().all
    }

    fn traffic(&self, change: impl FnOnce(&mut Traffic)) -> Duration {
        let mut traffic = self.traffic.lock().unwrap();
        change(&mut traffic);
        traffic.latency
    }

    /// Has everything succeed again.
    pub(crate) fn heal(&self) {
        self.failures.lock().unwrap().clear();
    }

    async fn through<T>(
        &self,
        operation: &'static str,
        ask: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let latency = self.traffic(|traffic| {
            traffic.now += 1;
            traffic.all += 1;
            traffic.most = traffic.most.max(traffic.now);
        });
        if !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
        let answer = self.answered(operation, ask).await;
        self.traffic(|traffic| traffic.now -= 1);
        answer
    }

    async fn answered<T>(
        &self,
        operation: &'static str,
        ask: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        self.gates.pass("before", operation).await;
        let failure = self.failures.lock().unwrap().get(operation).copied();
        if failure.is_none_or(|failure| failure.done) {
            let answer = ask.await;
            self.gates.pass("after", operation).await;
            if failure.is_none() {
                return answer;
            }
        }
        Err(Error::platform(failure.and_then(|failure| failure.status), "the line was told to fail"))
    }
}

/// What Botmatic refuses one by one: nobody is called that.
fn refused(contact: &Properties) -> bool {
    contact.get("firstname").is_some_and(|name| name == "refused")
}

/// A result for each item: where they failed together, that failure.
fn one_each<T, R>(results: Result<Vec<Result<R>>>, items: &[T]) -> Vec<Result<R>> {
    results.unwrap_or_else(|error| {
        items.iter().map(|_| Err(Error::platform(error.status(), error.to_string()))).collect()
    })
}

#[async_trait]
impl Platform for Line {
    async fn validate_token(&self, token: &Token) -> Result<bool> {
        self.book.note("validated");
        self.through("validate_token", self.simulator.validate_token(token)).await
    }

    async fn create_contact(&self, token: &Token, properties: &Properties) -> Result<ContactId> {
        self.through("create_contact", Platform::create_contact(&self.simulator, token, properties)).await
    }

    async fn create_contacts(&self, token: &Token, contacts: &[Properties]) -> Vec<Result<ContactId>> {
        let ask = async {
            let accepted: Vec<_> = contacts.iter().filter(|contact| !refused(contact)).cloned().collect();
            let mut created = self.simulator.create_contacts(token, &accepted).await.into_iter();
            let refusal = || Err(Error::platform(Some(422), "nobody is called that"));
            let answer =
                |contact| if refused(contact) { refusal() } else { created.next().unwrap_or_else(refusal) };
            Ok(contacts.iter().map(answer).collect())
        };
        one_each(self.through("create_contacts", ask).await, contacts)
    }

    async fn update_contact(&self, token: &Token, id: &ContactId, changes: &Properties) -> Result<()> {
        let ask = Platform::update_contact(&self.simulator, token, id, changes);
        self.through("update_contact", ask).await
    }

    async fn update_contacts(&self, token: &Token, changes: &[(ContactId, Properties)]) -> Vec<Result<()>> {
        let ask = async { Ok(self.simulator.update_contacts(token, changes).await) };
        one_each(self.through("update_contacts", ask).await, changes)
    }

    async fn delete_contact(&self, token: &Token, id: &ContactId) -> Result<()> {
        self.through("delete_contact", Platform::delete_contact(&self.simulator, token, id)).await
    }

    async fn create_properties(&self, token: &Token, properties: &[Property]) -> Result<()> {
        let names: Vec<_> = properties.iter().map(|property| &*property.name).collect();
        self.book.note(format!("created {}", names.join(", ")));
        self.through("create_properties", self.simulator.create_properties(token, properties)).await
    }

    async fn send_event_on_campaign(&self, token: &Token, event: &str, contacts: &[ContactId]) -> Result<()> {
        self.simulator.send_event_on_campaign(token, event, contacts).await
    }

    async fn list_bots(&self, token: &Token) -> Result<Vec<Value>> {
        self.simulator.list_bots(token).await
    }

    async fn get_bot(&self, token: &Token, id: &BotId) -> Result<Value> {
        self.simulator.get_bot(token, id).await
    }

    async fn update_bot(&self, token: &Token, id: &BotId, bot: &Value) -> Result<()> {
        self.simulator.update_bot(token, id, bot).await
    }
}
