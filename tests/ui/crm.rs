//! A consumer without a mistake, for fixtures whose mistake is elsewhere.

use botmatic_contact::prelude::*;

#[derive(ContactMapping)]
pub struct Person {
    #[contact(id)]
    pub id: u64,
}

pub struct Account;

pub struct Crm;

impl ExternalApiConsumer for Crm {
    type Contact = Person;
    type Client = Account;

    async fn create_contact(&self, _: &Auth<Account>, _: Person) -> Result<ExternalId, ConsumerError> {
        Err(ConsumerError::unsupported("this"))
    }

    async fn get_contact(&self, _: &Auth<Account>, _: &ExternalId) -> Result<Option<Person>, ConsumerError> {
        Err(ConsumerError::unsupported("this"))
    }

    async fn get_contact_by_email(&self, _: &Auth<Account>, _: &str) -> Result<Option<Person>, ConsumerError> {
        Err(ConsumerError::unsupported("this"))
    }

    async fn list_contacts(&self, _: &Auth<Account>, _: Page) -> Result<Vec<Person>, ConsumerError> {
        Err(ConsumerError::unsupported("this"))
    }

    async fn update_contact(&self, _: &Auth<Account>, _: &ExternalId, _: PersonPatch) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("this"))
    }

    async fn delete_contact(&self, _: &Auth<Account>, _: &ExternalId) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("this"))
    }
}
