//! What Botmatic tells: one documented constant per event, typed by its payload.
//!
//! `#[botmatic::on(install)]` names the constant [`install`]; a misspelt one is rustc's to find and to correct.
//! To add an event: its payload type and its constant here, its JSON in `wire/webhook.rs`.

#![expect(non_upper_case_globals, reason = "the constants are named as the events are: `on(user_reply)`")]

use std::fmt;
use std::marker::PhantomData;

use crate::contact::{Contact, Value};
use crate::id::{BotId, ContactId};
use crate::token::Token;

/// The name of an event, with the type of what comes with it.
pub struct Event<P> {
    name: &'static str,
    payload: PhantomData<fn() -> P>,
}

impl<P> Event<P> {
    const fn new(name: &'static str) -> Self {
        Self { name, payload: PhantomData }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<P> Clone for Event<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Event<P> {}

impl<P> fmt::Debug for Event<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Event({})", self.name)
    }
}

/// The integration was installed on a workspace. The token has been validated and the properties have been created.
pub const install: Event<Install> = Event::new("install");
/// The integration was uninstalled from a workspace. Its pairs and its token are removed after the handler.
pub const uninstall: Event<Uninstall> = Event::new("uninstall");
/// A contact was created on Botmatic.
pub const contact_created: Event<ContactCreated> = Event::new("contact_created");
/// A contact was changed on Botmatic.
pub const contact_updated: Event<ContactUpdated> = Event::new("contact_updated");
/// A contact was deleted on Botmatic.
pub const contact_deleted: Event<ContactDeleted> = Event::new("contact_deleted");
/// A user said something to a bot.
pub const user_reply: Event<UserReply> = Event::new("user_reply");
/// A bot said something to a user.
pub const bot_reply: Event<BotReply> = Event::new("bot_reply");

/// An event that is not in the list above, by its name on the wire.
#[must_use]
pub const fn custom(name: &'static str) -> Event<Custom> {
    Event::new(name)
}

/// What comes with [`install`]. `Debug` does not print the data.
#[derive(Clone)]
#[non_exhaustive]
pub struct Install {
    /// The token of the new installation. The framework remembers it; store it if you start calls on your own.
    pub token: Token,
    /// Whatever Botmatic sent along; often nothing.
    pub data: Value,
}

impl fmt::Debug for Install {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Install").field("token", &self.token).finish_non_exhaustive()
    }
}

/// What comes with [`uninstall`]. `Debug` does not print the data.
#[derive(Clone)]
#[non_exhaustive]
pub struct Uninstall {
    /// The token of the installation that ends.
    pub token: Token,
    /// Whatever Botmatic sent along; often nothing.
    pub data: Value,
}

impl fmt::Debug for Uninstall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Uninstall").field("token", &self.token).finish_non_exhaustive()
    }
}

/// What comes with [`contact_created`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ContactCreated {
    /// The contact as Botmatic holds it.
    pub contact: Contact,
}

/// What comes with [`contact_updated`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ContactUpdated {
    /// The contact as Botmatic holds it.
    pub contact: Contact,
}

/// What comes with [`contact_deleted`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ContactDeleted {
    /// The contact that is gone.
    pub contact_id: ContactId,
}

/// What comes with [`user_reply`]. `Debug` does not print what was said.
#[derive(Clone)]
#[non_exhaustive]
pub struct UserReply {
    /// Who said it.
    pub contact_id: ContactId,
    /// The bot it was said to.
    pub bot_id: Option<BotId>,
    /// Where: the name of a messaging platform.
    pub platform: Option<String>,
    /// What was said.
    pub text: String,
    /// What Botmatic understood: the slugs of the intents.
    pub intents: Vec<String>,
}

impl fmt::Debug for UserReply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UserReply")
            .field("contact_id", &self.contact_id)
            .field("bot_id", &self.bot_id)
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}

/// What comes with [`bot_reply`]. `Debug` does not print what was said.
#[derive(Clone)]
#[non_exhaustive]
pub struct BotReply {
    /// Who it was said to.
    pub contact_id: ContactId,
    /// Where: the name of a messaging platform.
    pub platform: Option<String>,
    /// What was said.
    pub content: Value,
}

impl fmt::Debug for BotReply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("BotReply")
            .field("contact_id", &self.contact_id)
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}

/// What comes with an event of another name. `Debug` does not print the data.
#[derive(Clone)]
#[non_exhaustive]
pub struct Custom {
    /// Whatever Botmatic sent along.
    pub data: Value,
}

impl fmt::Debug for Custom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Custom").finish_non_exhaustive()
    }
}

/// The payloads of events about one contact that the sync engine handles.
#[diagnostic::on_unimplemented(
    message = "this event is not one that the sync engine handles",
    label = "nothing to replace, and no outcome to see",
    note = "`replace` and `Synced` are for `contact_created`, `contact_updated` and `contact_deleted`"
)]
pub trait ContactEvent {}

impl ContactEvent for ContactCreated {}
impl ContactEvent for ContactUpdated {}
impl ContactEvent for ContactDeleted {}
