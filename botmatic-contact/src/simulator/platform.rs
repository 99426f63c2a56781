//! The face without HTTP: the simulator as the engine's [`Platform`].

use std::future::ready;
use std::num::NonZeroUsize;

use async_trait::async_trait;

use super::Simulator;
use crate::api::batch::in_batches;
use crate::contact::{Properties, Property, Value};
use crate::error::{Error, Result};
use crate::id::{BotId, ContactId};
use crate::platform::Platform;
use crate::token::Token;

impl Simulator {
    fn count(&self, operation: &'static str) {
        *self.inner().requests.entry(operation).or_default() += 1;
    }

    /// Creates all of these contacts or none.
    pub(super) fn create_all(&self, token: &Token, contacts: &[Properties]) -> Result<Vec<ContactId>> {
        self.count("create contacts");
        self.transact(|state| state.create_contacts(token, contacts.to_vec()))
    }

    /// Changes all of these contacts or none.
    pub(super) fn update_all(&self, token: &Token, changes: &[(ContactId, Properties)]) -> Result<()> {
        self.count("update contacts");
        self.transact(|state| state.update_contacts(token, changes.to_vec()))
    }
}

#[async_trait]
impl Platform for Simulator {
    async fn validate_token(&self, token: &Token) -> Result<bool> {
        self.count("validate token");
        Ok(self.inner().state.workspace(token).is_some())
    }

    async fn create_contact(&self, token: &Token, properties: &Properties) -> Result<ContactId> {
        self.count("create contact");
        self.transact(|state| state.create_contact(token, properties.clone()))
    }

    async fn create_contacts(&self, token: &Token, contacts: &[Properties]) -> Vec<Result<ContactId>> {
        let send = |batch: &[_]| {
            let created = self.create_all(token, batch);
            Box::pin(ready(created.map(|ids| ids.into_iter().map(Ok).collect()))) as _
        };
        in_batches(contacts, NonZeroUsize::MAX, |_| false, send).await
    }

    async fn update_contact(&self, token: &Token, id: &ContactId, changes: &Properties) -> Result<()> {
        self.count("update contact");
        self.transact(|state| state.update_contact(token, id, changes.clone()))
    }

    async fn update_contacts(&self, token: &Token, changes: &[(ContactId, Properties)]) -> Vec<Result<()>> {
        let send = |batch: &[_]| {
            let updated = self.update_all(token, batch);
            let one_each = batch.iter().map(|_| Ok(()));
            Box::pin(ready(updated.map(|()| one_each.collect()))) as _
        };
        in_batches(changes, NonZeroUsize::MAX, Error::is_not_found, send).await
    }

    async fn delete_contact(&self, token: &Token, id: &ContactId) -> Result<()> {
        self.count("delete contact");
        self.transact(|state| state.delete_contact(token, id))
    }

    async fn create_properties(&self, token: &Token, properties: &[Property]) -> Result<()> {
        self.count("create properties");
        self.transact(|state| state.create_properties(token, properties))
    }

    async fn send_event_on_campaign(&self, token: &Token, event: &str, contacts: &[ContactId]) -> Result<()> {
        self.count("run campaign event");
        self.transact(|state| state.run_campaign(token, event, contacts))
    }

    async fn list_bots(&self, token: &Token) -> Result<Vec<Value>> {
        self.count("list bots");
        self.inner().state.bots(token)
    }

    async fn get_bot(&self, token: &Token, id: &BotId) -> Result<Value> {
        self.count("get bot");
        self.inner().state.bot(token, id)
    }

    async fn update_bot(&self, token: &Token, id: &BotId, bot: &Value) -> Result<()> {
        self.count("update bot");
        self.transact(|state| state.update_bot(token, id, bot.clone()))
    }
}
