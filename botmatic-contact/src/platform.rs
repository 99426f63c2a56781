//! Botmatic's API, as the engine sees it.

use async_trait::async_trait;

use crate::contact::{Properties, Property, Value};
use crate::error::Result;
use crate::id::{BotId, ContactId};
use crate::token::Token;

/// What an integration can ask of Botmatic. Implemented over HTTP, and by the simulator without.
///
/// Everything is done in the name of the installation whose token is given. Properties that are written name what is to
/// change: absent ones stay, [`Value::Null`] clears.
#[async_trait]
pub trait Platform: Send + Sync + 'static {
    /// Whether Botmatic knows this token as that of an installation.
    async fn validate_token(&self, token: &Token) -> Result<bool>;

    /// Creates a contact and returns the id that Botmatic gave it.
    async fn create_contact(&self, token: &Token, properties: &Properties) -> Result<ContactId>;

    /// Creates contacts; one result each, in order. What goes wrong with one of them, or with some that were sent
    /// together, does not keep the others from being created.
    async fn create_contacts(&self, token: &Token, contacts: &[Properties]) -> Vec<Result<ContactId>>;

    /// Changes a contact.
    async fn update_contact(&self, token: &Token, id: &ContactId, changes: &Properties) -> Result<()>;

    /// Changes contacts; one result each, in order, as in [`create_contacts`](Self::create_contacts).
    async fn update_contacts(&self, token: &Token, changes: &[(ContactId, Properties)]) -> Vec<Result<()>>;

    /// Deletes a contact.
    async fn delete_contact(&self, token: &Token, id: &ContactId) -> Result<()>;

    /// Creates the properties that do not exist yet.
    async fn create_properties(&self, token: &Token, properties: &[Property]) -> Result<()>;

    /// Runs an event of a campaign for these contacts.
    async fn send_event_on_campaign(&self, token: &Token, event: &str, contacts: &[ContactId]) -> Result<()>;

    /// All bots of the workspace.
    async fn list_bots(&self, token: &Token) -> Result<Vec<Value>>;

    /// One bot.
    async fn get_bot(&self, token: &Token, id: &BotId) -> Result<Value>;

    /// Saves a bot as a draft.
    async fn update_bot(&self, token: &Token, id: &BotId, bot: &Value) -> Result<()>;
}
