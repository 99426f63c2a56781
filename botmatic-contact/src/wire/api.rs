//! Botmatic's API: the bodies of requests and answers.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::contact::{Properties, Property, PropertyKind, Value};
use crate::id::{BotId, ContactId};

/// Paths below the base URL.
pub(crate) mod path {
    pub(crate) const VALIDATE: &str = "/api/integrationtokens/validate";
    pub(crate) const CONTACTS: &str = "/api/contacts";
    pub(crate) const PROPERTIES: &str = "/api/properties";
    pub(crate) const CAMPAIGN_EVENT: &str = "/api/campaigns/execute-event";
    pub(crate) const BOTS: &str = "/api/bots";
}

/// The form with which a token is validated.
#[derive(Serialize, Deserialize)]
pub(crate) struct Validate<'a> {
    pub(crate) token: Cow<'a, str>,
}

/// The answer to [`Validate`]. Here only a yes is a yes.
#[derive(Deserialize)]
pub(crate) struct Validated {
    pub(crate) success: bool,
}

/// What every answer may say beside what it is about. One that says neither yes nor no says yes: its status counts.
#[derive(Deserialize)]
pub(crate) struct Verdict {
    #[serde(default = "yes")]
    pub(crate) success: bool,
    #[serde(default)]
    pub(crate) error: Option<Value>,
}

/// The answer to most requests. One that says neither yes nor no says yes: its status counts.
#[derive(Serialize, Deserialize)]
pub(crate) struct Answer {
    #[serde(default = "yes")]
    pub(crate) success: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<ContactId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Value>,
}

fn yes() -> bool {
    true
}

/// Creates one contact.
#[derive(Serialize, Deserialize)]
pub(crate) struct CreateContact<P> {
    pub(crate) contact: P,
}

/// Creates several contacts.
#[derive(Serialize, Deserialize)]
pub(crate) struct CreateContacts<P> {
    pub(crate) contacts: P,
}

/// The answer to [`CreateContacts`]: one item each, in order.
#[derive(Serialize, Deserialize)]
pub(crate) struct CreatedContacts<A> {
    #[serde(default = "yes")]
    pub(crate) success: bool,
    pub(crate) contacts: Vec<A>,
}

/// Changes one contact.
#[derive(Serialize, Deserialize)]
pub(crate) struct UpdateContact<C> {
    pub(crate) contact_id: ContactId,
    pub(crate) contact: C,
}

/// The contact in [`UpdateContact`]: its id stands among its properties.
#[derive(Serialize)]
pub(crate) struct ContactWithId<'a> {
    pub(crate) id: &'a ContactId,
    #[serde(flatten)]
    pub(crate) properties: &'a Properties,
}

/// The member of [`ContactWithId`] that is not a property.
#[cfg(feature = "simulator")]
pub(crate) const CONTACT_ID: &str = "id";

/// Changes several contacts.
#[derive(Serialize, Deserialize)]
pub(crate) struct UpdateContacts<P> {
    pub(crate) contacts: Vec<ContactChange<P>>,
}

/// One of [`UpdateContacts`].
#[derive(Serialize, Deserialize)]
pub(crate) struct ContactChange<P> {
    pub(crate) contact_id: ContactId,
    pub(crate) contact_props: P,
}

/// Creates properties.
#[derive(Serialize, Deserialize)]
pub(crate) struct CreateProperties {
    pub(crate) properties: Vec<NewProperty>,
}

/// One of [`CreateProperties`].
#[derive(Serialize, Deserialize)]
pub(crate) struct NewProperty {
    pub(crate) name: Cow<'static, str>,
    #[serde(rename = "type", default)]
    pub(crate) kind: Kind,
}

/// The kinds of property as Botmatic calls them.
#[derive(Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    #[default]
    Text,
    Number,
    Date,
}

impl From<&Property> for NewProperty {
    fn from(property: &Property) -> Self {
        let kind = match property.kind {
            PropertyKind::Text => Kind::Text,
            PropertyKind::Number => Kind::Number,
            PropertyKind::Date => Kind::Date,
        };
        Self { name: property.name.clone(), kind }
    }
}

#[cfg(feature = "simulator")]
impl From<NewProperty> for Property {
    fn from(property: NewProperty) -> Self {
        let kind = match property.kind {
            Kind::Text => PropertyKind::Text,
            Kind::Number => PropertyKind::Number,
            Kind::Date => PropertyKind::Date,
        };
        Self { name: property.name, ..Self::new("", kind) }
    }
}

/// Runs an event of a campaign.
#[derive(Serialize, Deserialize)]
pub(crate) struct CampaignEvent<'a> {
    pub(crate) event_name: Cow<'a, str>,
    pub(crate) contacts: Cow<'a, [ContactId]>,
}

/// A list of bots.
#[derive(Serialize, Deserialize)]
pub(crate) struct Bots {
    #[serde(default = "yes")]
    pub(crate) success: bool,
    pub(crate) bots: Vec<Value>,
}

/// The query with which bots are listed.
#[derive(Serialize)]
pub(crate) struct BotsQuery {
    pub(crate) page_size: usize,
    /// From 1 on; the first page is what one gets without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<u32>,
}

/// Saves a bot; it is sent as JSON text.
#[derive(Serialize, Deserialize)]
pub(crate) struct UpdateBot {
    pub(crate) bot: String,
    pub(crate) is_draft: bool,
}

/// The id of a bot, as it stands in the bot itself.
pub(crate) fn bot_id(bot: &Value) -> Option<BotId> {
    serde_json::from_value(bot.get("id")?.clone()).ok()
}

/// Whether an answer is a bot, and not one that says why there is none.
pub(crate) fn is_bot(answer: &Value) -> bool {
    bot_id(answer).is_some()
}
