//! The line to Botmatic: the simulator, with the time that requests take.

use std::sync::Arc;

use async_trait::async_trait;

use super::fault::Fault;
use super::plan::Side;
use super::trouble::Trouble;
use super::world::{Key, World};
use crate::contact::{Properties, Property, Value};
use crate::error::{Error, Result};
use crate::id::{BotId, ContactId};
use crate::mapping::ContactMapping;
use crate::platform::Platform;
use crate::simulator::Simulator;
use crate::testing::Sample;
use crate::token::Token;

/// Botmatic, which is in the world.
pub(super) struct Line<M>(pub(super) Arc<World<M>>);

impl<M: ContactMapping + Sample + Clone> Line<M> {
    /// The Botmatic of an installation.
    fn botmatic(&self, token: &Token) -> Result<&Simulator> {
        let botmatic = self.0.installation(token).and_then(|installation| self.0.botmatic(installation));
        botmatic.ok_or_else(|| Error::platform(Some(401), "Botmatic does not know this token"))
    }

    /// The same, asked for somebody.
    fn asked(&self, token: &Token, id: &ContactId) -> Result<&Simulator> {
        if let Some(installation) = self.0.installation(token) {
            self.0.asks(installation, Side::Botmatic, id.as_str());
        }
        self.botmatic(token)
    }

    /// The integration wrote somebody.
    fn written(&self, token: &Token, id: &ContactId, what: &str) -> Key {
        let installation = self.0.installation(token).unwrap_or(usize::MAX);
        self.0.note(format_args!("the integration {what} {id} of {installation} on Botmatic"));
        self.0.state().writes += 1;
        Key { installation, side: Side::Botmatic, id: id.as_str().to_owned() }
    }

    fn creates(&self, token: &Token, properties: &Properties) -> Result<ContactId> {
        let tidied = self.0.tidied(Side::Botmatic, properties);
        let id = self.botmatic(token)?.create_contact(token, tidied)?;
        let key = self.written(token, &id, "creates");
        self.0.appeared(key, properties);
        self.0.botmatic_tells();
        Ok(id)
    }

    fn changes(&self, token: &Token, id: &ContactId, changes: &Properties) -> Result<()> {
        let botmatic = self.asked(token, id)?;
        let before = botmatic.contact(token, id).map(|contact| contact.properties);
        botmatic.update_contact(token, id, self.0.tidied(Side::Botmatic, changes))?;
        let key = self.written(token, id, &format!("sets {} of", shown(changes)));
        self.0.sets(&key, &before.unwrap_or_default(), changes);
        self.0.botmatic_tells();
        Ok(())
    }

    /// The integration hears what came of a change.
    fn has_changed(&self, token: &Token, id: &ContactId, changes: &Properties, updated: &Result<()>) {
        if let (Some(installation), Err(_)) = (self.0.installation(token), updated) {
            let id = id.as_str().to_owned();
            self.0.fails(&Key { installation, side: Side::Botmatic, id }, changes);
        }
    }

    async fn request<T>(&self, effect: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        self.0.request(effect).await.unwrap_or_else(|trouble| Err(error(trouble)))
    }

    /// A request about several contacts, some of which may be refused.
    async fn batch<T: Sync, R: Send>(
        &self,
        items: &[T],
        effect: impl Fn(&T) -> Result<R> + Send,
    ) -> Vec<Result<R>> {
        let refused = || Err(Error::platform(Some(422), "this one is not accepted"));
        let each = |item| if self.0.strikes(Fault::PartialBatch) { refused() } else { effect(item) };
        let results = self.0.request(|| items.iter().map(each).collect()).await;
        results.unwrap_or_else(|trouble| items.iter().map(|_| Err(error(trouble))).collect())
    }
}

#[async_trait]
impl<M: ContactMapping + Sample + Clone> Platform for Line<M> {
    async fn validate_token(&self, token: &Token) -> Result<bool> {
        self.botmatic(token)?.validate_token(token).await
    }

    async fn create_contact(&self, token: &Token, properties: &Properties) -> Result<ContactId> {
        let (line, token, properties) = (Self(Arc::clone(&self.0)), token.clone(), properties.clone());
        let created = self.0.creation(move || line.creates(&token, &properties)).await;
        created.unwrap_or_else(|trouble| Err(error(trouble)))
    }

    async fn create_contacts(&self, token: &Token, contacts: &[Properties]) -> Vec<Result<ContactId>> {
        self.batch(contacts, |properties| self.creates(token, properties)).await
    }

    async fn update_contact(&self, token: &Token, id: &ContactId, changes: &Properties) -> Result<()> {
        let updated = self.request(|| self.changes(token, id, changes)).await;
        self.has_changed(token, id, changes, &updated);
        updated
    }

    async fn update_contacts(&self, token: &Token, changes: &[(ContactId, Properties)]) -> Vec<Result<()>> {
        let results = self.batch(changes, |(id, changes)| self.changes(token, id, changes)).await;
        for ((id, changes), updated) in changes.iter().zip(&results) {
            self.has_changed(token, id, changes, updated);
        }
        results
    }

    async fn delete_contact(&self, token: &Token, id: &ContactId) -> Result<()> {
        self.request(|| {
            self.asked(token, id)?.delete_contact(token, id)?;
            self.written(token, id, "deletes");
            self.0.botmatic_tells();
            Ok(())
        })
        .await
    }

    async fn create_properties(&self, token: &Token, properties: &[Property]) -> Result<()> {
        self.botmatic(token)?.create_properties(token, properties).await
    }

    async fn send_event_on_campaign(&self, _: &Token, _: &str, _: &[ContactId]) -> Result<()> {
        Err(no_such_request())
    }

    async fn list_bots(&self, _: &Token) -> Result<Vec<Value>> {
        Err(no_such_request())
    }

    async fn get_bot(&self, _: &Token, _: &BotId) -> Result<Value> {
        Err(no_such_request())
    }

    async fn update_bot(&self, _: &Token, _: &BotId, _: &Value) -> Result<()> {
        Err(no_such_request())
    }
}

/// Properties with their values.
pub(super) fn shown(properties: &Properties) -> String {
    let shown = properties.iter().map(|(name, value)| format!("`{name}` to {value}"));
    shown.collect::<Vec<_>>().join(", ")
}

fn no_such_request() -> Error {
    Error::platform(Some(404), "the engine does not ask for this")
}

fn error(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Throttled => Error::platform(Some(429), "too many requests"),
        Trouble::Failed => Error::platform(Some(503), "unavailable"),
        Trouble::TimedOut => Error::platform(None, "timed out"),
    }
}
