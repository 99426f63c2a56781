//! An external service in memory. `M` says which handlers stand beside it.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::{Mutex, MutexGuard};

use botmatic_contact::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ContactMapping)]
pub(crate) struct Person {
    #[contact(id)]
    pub(crate) id: u64,
    #[contact("name")]
    pub(crate) name: String,
    #[contact("email", email)]
    pub(crate) email: Option<String>,
    #[contact("born")]
    pub(crate) born: Option<jiff::civil::Date>,
}

pub(crate) struct Crm<M> {
    people: Mutex<BTreeMap<u64, Person>>,
    heard: Mutex<Vec<String>>,
    broken: Mutex<Option<&'static str>>,
    mode: PhantomData<M>,
}

impl<M> Crm<M> {
    pub(crate) fn new() -> Self {
        Self {
            people: Mutex::default(),
            heard: Mutex::default(),
            broken: Mutex::default(),
            mode: PhantomData,
        }
    }

    /// One that fails to create, with this message.
    pub(crate) fn broken(message: &'static str) -> Self {
        Self { broken: Mutex::new(Some(message)), ..Self::new() }
    }

    /// Has it create again.
    pub(crate) fn mend(&self) {
        *self.broken.lock().unwrap() = None;
    }

    pub(crate) fn people(&self) -> MutexGuard<'_, BTreeMap<u64, Person>> {
        self.people.lock().unwrap()
    }

    /// What a handler wants to have noted.
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.heard.lock().unwrap().push(what.into());
    }

    /// What was noted since the last time.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

impl<M: Send + Sync + 'static> ExternalApiConsumer for Crm<M> {
    type Contact = Person;
    type Client = ();

    async fn create_contact(&self, _auth: &Auth, mut person: Person) -> Result<ExternalId, ConsumerError> {
        if let Some(message) = *self.broken.lock().unwrap() {
            return Err(ConsumerError::failed(message));
        }
        let mut people = self.people();
        person.id = people.len() as u64 + 1;
        let id = person.id;
        people.insert(id, person);
        Ok(ExternalId::from(id))
    }

    async fn get_contact(&self, _auth: &Auth, id: &ExternalId) -> Result<Option<Person>, ConsumerError> {
        Ok(self.people().get(&id.as_str().parse()?).cloned())
    }

    async fn get_contact_by_email(&self, _auth: &Auth, email: &str) -> Result<Option<Person>, ConsumerError> {
        Ok(self.people().values().find(|person| person.email.as_deref() == Some(email)).cloned())
    }

    async fn list_contacts(&self, _auth: &Auth, page: Page) -> Result<Vec<Person>, ConsumerError> {
        let start = usize::try_from(page.offset())?;
        Ok(self.people().values().skip(start).take(page.size as usize).cloned().collect())
    }

    async fn update_contact(
        &self,
        _: &Auth,
        id: &ExternalId,
        patch: PersonPatch,
    ) -> Result<(), ConsumerError> {
        let mut people = self.people();
        let person = people.get_mut(&id.as_str().parse()?).ok_or_else(ConsumerError::not_found)?;
        Ok(patch.apply(person)?)
    }

    async fn delete_contact(&self, _auth: &Auth, id: &ExternalId) -> Result<(), ConsumerError> {
        let gone = self.people().remove(&id.as_str().parse()?);
        gone.map(drop).ok_or_else(ConsumerError::not_found)
    }
}
