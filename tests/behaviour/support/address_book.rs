//! The external service: an address book in memory that writes down what it is asked, fails when told to, tidies what
//! it is given, and tells of every change by a webhook.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use botmatic_contact::prelude::*;
use botmatic_contact::{ListStart, Service};
use futures_util::stream::{self, Stream};
use serde_json::Value;
use tokio::sync::{mpsc, watch};

use super::gate::PATIENCE;
use super::{Gates, Person, PersonPatch};

/// The address book. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct AddressBook {
    inner: Arc<Mutex<Inner>>,
    pub(crate) gates: Gates,
}

#[derive(Debug, Default)]
struct Inner {
    people: BTreeMap<u64, Person>,
    asked: Vec<Asked>,
    failures: HashMap<&'static str, Failure>,
    tidies: bool,
    registers: bool,
    begins_anew: bool,
    webhooks: Option<Webhooks>,
    handled: Vec<String>,
    handler_fails: bool,
}

/// What the framework asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked {
    Create(Person),
    Get(u64),
    Find(String),
    List(u32),
    /// With the patch as the partial JSON that a service would get.
    Update(u64, Value),
    Delete(u64),
}

impl Asked {
    pub(crate) fn is_write(&self) -> bool {
        !matches!(self, Self::Get(_) | Self::Find(_) | Self::List(_))
    }
}

/// How an operation fails.
#[derive(Debug, Clone, Copy)]
struct Failure {
    error: fn() -> ConsumerError,
    /// How often.
    times: u32,
}

/// What the book's own code fails with when it has too much to do.
#[derive(Debug)]
pub(crate) struct Overloaded;

impl fmt::Display for Overloaded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the address book has too much to do")
    }
}

impl Error for Overloaded {}

/// Changes that are still to be told, and how many there have been so far.
#[derive(Debug, Clone)]
struct Webhooks {
    changes: mpsc::UnboundedSender<u64>,
    count: watch::Sender<Count>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Count {
    untold: usize,
    all: usize,
}

impl AddressBook {
    /// The book, with these people in it.
    pub(crate) fn with(people: impl IntoIterator<Item = Person>) -> Self {
        let book = Self::default();
        book.inner().people.extend(people.into_iter().map(|person| (person.id, person)));
        book
    }

    /// A book that writes every address in lower case and every city in upper case, whatever it is given.
    pub(crate) fn tidy(self) -> Self {
        self.inner().tidies = true;
        self
    }

    /// A book that writes down since when it knows somebody.
    pub(crate) fn registering(self) -> Self {
        self.registers();
        self
    }

    /// Has the book do that from now on.
    pub(crate) fn registers(&self) {
        self.inner().registers = true;
    }

    /// Has the book list everybody, wherever it is asked to begin.
    pub(crate) fn begins_anew(&self) {
        self.inner().begins_anew = true;
    }

    pub(crate) fn people(&self) -> Vec<Person> {
        self.inner().people.values().cloned().collect()
    }

    pub(crate) fn person(&self, id: u64) -> Option<Person> {
        self.inner().people.get(&id).cloned()
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.inner().asked.clone()
    }

    /// What changed something among all that was asked since the last time; what was asked is then forgotten.
    pub(crate) fn take_writes(&self) -> Vec<Asked> {
        let asked = std::mem::take(&mut self.inner().asked);
        asked.into_iter().filter(Asked::is_write).collect()
    }

    /// Has an operation fail from now on.
    pub(crate) fn fail(&self, operation: &'static str, error: fn() -> ConsumerError) {
        self.fail_times(u32::MAX, operation, error);
    }

    /// Has an operation fail so many times.
    pub(crate) fn fail_times(&self, times: u32, operation: &'static str, error: fn() -> ConsumerError) {
        self.inner().failures.insert(operation, Failure { error, times });
    }

    /// Has every operation succeed again.
    pub(crate) fn heal(&self) {
        self.inner().failures.clear();
    }

    /// Has the handlers fail from now on.
    pub(crate) fn fail_handlers(&self) {
        self.inner().handler_fails = true;
    }

    /// What the handlers were called for.
    pub(crate) fn handled(&self) -> Vec<String> {
        self.inner().handled.clone()
    }

    /// Writes down that something happened beside the handlers' calls.
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.inner().handled.push(what.into());
    }

    /// A person edits the book: adds an entry, replaces one, or (`None`) removes one. The webhook tells.
    pub(crate) fn edit(&self, id: u64, person: Option<Person>) {
        let mut inner = self.inner();
        match person {
            Some(person) => inner.people.insert(id, person.id(id)),
            None => inner.people.remove(&id),
        };
        inner.changed(id);
    }

    /// The same for somebody whom the book tidies as it does what it is given.
    pub(crate) fn enter(&self, person: Person) {
        self.inner().store(person);
    }

    /// Tells of every change, one after the other, through the integration's own handle, as a route of the user's
    /// would that the service calls. What the framework cannot do about a change is returned in `handled`.
    pub(crate) async fn tell_of_changes(self, service: Service<Self>, token: Token) {
        let (mut untold, count) = self.changes();
        while let Some(id) = untold.recv().await {
            let botmatic = service.botmatic(&token).await.unwrap();
            let told = match self.person(id) {
                Some(person) => botmatic.update_contact(person).await,
                None => botmatic.delete_contact(&id.into()).await,
            };
            match told {
                Ok(_) => {}
                Err(error) if error.is_not_found() => {}
                Err(error) => self.note(format!("webhook about {id}: {error}")),
            }
            count.send_modify(|count| count.untold -= 1);
        }
    }

    /// The changes from now on, which are to be told of and counted then.
    pub(crate) fn changes(&self) -> (mpsc::UnboundedReceiver<u64>, watch::Sender<Count>) {
        let (changes, untold) = mpsc::unbounded_channel();
        let count = watch::Sender::new(Count::default());
        self.inner().webhooks = Some(Webhooks { changes, count: count.clone() });
        (untold, count)
    }

    /// Returns when every change has been told; says how many there have been.
    pub(crate) async fn all_told(&self) -> usize {
        let Some(count) = self.inner().webhooks.as_ref().map(|webhooks| webhooks.count.subscribe()) else {
            return 0;
        };
        let mut count = count;
        let told = tokio::time::timeout(PATIENCE, count.wait_for(|count| count.untold == 0)).await;
        told.expect("the address book has not stopped changing").unwrap().all
    }

    /// Whether changes are told of.
    pub(crate) fn tells(&self) -> bool {
        self.inner().webhooks.is_some()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Does what every operation begins with.
    async fn begin(&self, operation: &'static str, asked: Asked) -> Result<(), ConsumerError> {
        self.inner().asked.push(asked);
        self.gates.pass("before", operation).await;
        let error = match self.inner().failures.get_mut(operation) {
            Some(Failure { error, times }) if *times > 0 => {
                *times -= 1;
                *error
            }
            _ => return Ok(()),
        };
        // It may panic, and the book is to stay as it was.
        Err(error())
    }
}

impl Inner {
    fn store(&mut self, mut person: Person) {
        if self.tidies {
            person.email = person.email.map(|email| email.to_lowercase());
            person.city = person.city.map(|city| city.to_uppercase());
        }
        if self.registers {
            person.member_since.get_or_insert(2026);
        }
        let id = person.id;
        self.people.insert(id, person);
        self.changed(id);
    }

    fn changed(&self, id: u64) {
        if let Some(webhooks) = &self.webhooks {
            webhooks.count.send_modify(|count| {
                count.untold += 1;
                count.all += 1;
            });
            webhooks.changes.send(id).unwrap();
        }
    }
}

fn number(id: &ExternalId) -> Result<u64, ConsumerError> {
    Ok(id.as_str().parse()?)
}

impl ExternalApiConsumer for AddressBook {
    type Contact = Person;
    type Client = ();

    async fn create_contact(&self, _auth: &Auth, contact: Person) -> Result<ExternalId, ConsumerError> {
        self.begin("create_contact", Asked::Create(contact.clone())).await?;
        let id = {
            let mut inner = self.inner();
            let id = inner.people.last_key_value().map_or(0, |(last, _)| *last).max(4000) + 1;
            inner.store(contact.id(id));
            id
        };
        self.gates.pass("after", "create_contact").await;
        Ok(id.into())
    }

    async fn get_contact(&self, _auth: &Auth, id: &ExternalId) -> Result<Option<Person>, ConsumerError> {
        let id = number(id)?;
        self.begin("get_contact", Asked::Get(id)).await?;
        Ok(self.person(id))
    }

    async fn get_contact_by_email(&self, _auth: &Auth, email: &str) -> Result<Option<Person>, ConsumerError> {
        self.begin("get_contact_by_email", Asked::Find(email.to_owned())).await?;
        let same = |known: &str| known.eq_ignore_ascii_case(email);
        Ok(self.people().into_iter().find(|person| person.email.as_deref().is_some_and(same)))
    }

    async fn list_contacts(&self, _auth: &Auth, page: Page) -> Result<Vec<Person>, ConsumerError> {
        self.begin("list_contacts", Asked::List(page.number)).await?;
        let (offset, size) = (usize::try_from(page.offset())?, usize::try_from(page.size)?);
        Ok(self.people().into_iter().skip(offset).take(size).collect())
    }

    fn list_all_contacts(
        &self,
        auth: &Auth,
        start: ListStart,
    ) -> impl Stream<Item = Result<Vec<Person>, ConsumerError>> + Send {
        let start = if self.inner().begins_anew { ListStart::default() } else { start };
        stream::try_unfold(start.page, move |page| async move {
            let people = self.list_contacts(auth, page).await?;
            Ok((!people.is_empty()).then(|| (people, page.next())))
        })
    }

    async fn count_contacts(&self, _auth: &Auth) -> Result<Option<u64>, ConsumerError> {
        Ok(Some(self.inner().people.len() as u64))
    }

    async fn update_contact(
        &self,
        _auth: &Auth,
        id: &ExternalId,
        patch: PersonPatch,
    ) -> Result<(), ConsumerError> {
        let id = number(id)?;
        self.begin("update_contact", Asked::Update(id, serde_json::to_value(&patch)?)).await?;
        {
            let mut inner = self.inner();
            let mut person = inner.people.get(&id).cloned().ok_or_else(ConsumerError::not_found)?;
            patch.apply(&mut person)?;
            inner.store(person);
        }
        self.gates.pass("after", "update_contact").await;
        Ok(())
    }

    async fn delete_contact(&self, _auth: &Auth, id: &ExternalId) -> Result<(), ConsumerError> {
        let id = number(id)?;
        self.begin("delete_contact", Asked::Delete(id)).await?;
        let mut inner = self.inner();
        inner.people.remove(&id).ok_or_else(ConsumerError::not_found)?;
        inner.changed(id);
        Ok(())
    }

    fn explain(&self, error: &(dyn Error + 'static)) -> Option<ConsumerError> {
        let Overloaded = error.downcast_ref()?;
        Some(ConsumerError::throttled(Some(Duration::from_secs(1))))
    }
}

#[botmatic::integration]
impl AddressBook {
    #[botmatic::on(install)]
    async fn installed(&self) -> Result<(), &'static str> {
        self.handle("installed").await
    }

    #[botmatic::on(uninstall)]
    async fn uninstalled(&self) -> Result<(), &'static str> {
        self.handle("uninstalled").await
    }
}

impl AddressBook {
    async fn handle(&self, what: &str) -> Result<(), &'static str> {
        self.note(what);
        self.gates.pass("in", what).await;
        if self.inner().handler_fails { Err("the handler failed") } else { Ok(()) }
    }
}
