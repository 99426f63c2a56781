//! The state machine: workspaces with contacts, properties, bots and campaigns, and the events that are on their way.
//!
//! Nothing here waits, and nothing here knows of HTTP. An operation looks at the state and decides on [`Change`]s;
//! applying those is the only way the state changes, so the list of all changes is the state.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::contact::{Contact, Properties, Property, PropertyKind, Value};
use crate::error::{Error, Result};
use crate::event;
use crate::id::{BotId, ContactId};
use crate::token::Token;
use crate::wire::{api as wire, webhook};

/// All workspaces.
#[derive(Default)]
pub(super) struct State {
    workspaces: HashMap<String, Workspace>,
    /// Events that are not delivered yet, in the order in which they happened.
    queue: BTreeMap<u64, Queued>,
    /// The highest numbers that were given so far.
    last_contact: u64,
    last_event: u64,
    /// Whether an update tells what was changed, and not the whole contact.
    pub(super) tells_changes: bool,
}

/// One workspace.
#[derive(Default)]
pub(super) struct Workspace {
    installed: bool,
    contacts: BTreeMap<u64, Properties>,
    properties: Vec<Property>,
    bots: BTreeMap<String, Value>,
    campaign_runs: Vec<CampaignRun>,
}

/// An event of a campaign that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CampaignRun {
    /// The name of the event.
    pub event: String,
    /// For whom.
    pub contacts: Vec<ContactId>,
}

/// An event on its way to an integration.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Queued {
    pub(super) token: String,
    pub(super) contact: ContactId,
    pub(super) event: String,
    pub(super) data: Value,
}

/// One change of the state.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Change {
    Workspace { token: String },
    Installed { token: String, installed: bool },
    Contact { token: String, number: u64, properties: Properties },
    NoContact { token: String, number: u64 },
    Property { token: String, name: String, kind: Kind },
    Bot { token: String, id: String, bot: Value },
    CampaignRun { token: String, run: CampaignRun },
    Queued { number: u64, queued: Queued },
    Delivered { number: u64 },
}

/// The kinds of property, as the journal has them.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum Kind {
    Text,
    Number,
    Date,
}

/// The id before the first one that is given to a contact.
const BEFORE_FIRST_CONTACT: u64 = 9000;

type Decision<T = ()> = Result<(T, Vec<Change>)>;

impl State {
    pub(super) fn workspace(&self, token: &Token) -> Option<&Workspace> {
        self.workspaces.get(token.expose())
    }

    pub(super) fn undelivered(&self) -> usize {
        self.queue.len()
    }

    /// The events that are on their way, the oldest first.
    pub(super) fn queue(&self) -> impl Iterator<Item = (u64, &Queued)> {
        self.queue.iter().map(|(number, queued)| (*number, queued))
    }

    fn existing(&self, token: &Token) -> Result<&Workspace> {
        let unknown = || Error::platform(Some(401), "Botmatic does not know this token");
        self.workspace(token).ok_or_else(unknown)
    }

    pub(super) fn add_workspace(&self, token: &Token) -> Decision {
        let known = self.workspace(token).is_some();
        let change = Change::Workspace { token: token.expose().to_owned() };
        Ok(((), if known { Vec::new() } else { vec![change] }))
    }

    pub(super) fn set_installed(&self, token: &Token, installed: bool) -> Decision {
        self.existing(token)?;
        let mut changes = vec![Change::Installed { token: token.expose().to_owned(), installed }];
        if !installed {
            let of_token = self.queue().filter(|(_, queued)| queued.token == token.expose());
            changes.extend(of_token.map(|(number, _)| Change::Delivered { number }));
        }
        Ok(((), changes))
    }

    pub(super) fn create_contact(&self, token: &Token, properties: Properties) -> Decision<ContactId> {
        let (mut ids, changes) = self.create_contacts(token, vec![properties])?;
        Ok((ids.remove(0), changes))
    }

    pub(super) fn create_contacts(
        &self,
        token: &Token,
        contacts: Vec<Properties>,
    ) -> Decision<Vec<ContactId>> {
        self.existing(token)?;
        let mut ids = Vec::with_capacity(contacts.len());
        let mut changes = Vec::with_capacity(2 * contacts.len());
        let numbers = self.last_contact.max(BEFORE_FIRST_CONTACT) + 1..;
        for ((properties, number), event) in contacts.into_iter().zip(numbers).zip(self.last_event + 1..) {
            let id = ContactId::from(number);
            changes.push(Change::Contact {
                token: token.expose().to_owned(),
                number,
                properties: properties.clone(),
            });
            let contact = Contact { id: id.clone(), properties };
            let data = webhook::contact_data(&contact);
            changes.extend(self.tell(token, event::contact_created.name(), &id, data, event));
            ids.push(id);
        }
        Ok((ids, changes))
    }

    pub(super) fn update_contact(&self, token: &Token, id: &ContactId, changes: Properties) -> Decision {
        self.update_contacts(token, vec![(id.clone(), changes)])
    }

    pub(super) fn update_contacts(&self, token: &Token, updates: Vec<(ContactId, Properties)>) -> Decision {
        let workspace = self.existing(token)?;
        let mut updated = BTreeMap::new();
        let mut changes = Vec::with_capacity(2 * updates.len());
        for ((id, update), event) in updates.into_iter().zip(self.last_event + 1..) {
            let number = workspace.number(&id).ok_or_else(no_such_contact)?;
            // One request may change a contact more than once.
            let known = updated.remove(&number).or_else(|| workspace.contacts.get(&number).cloned());
            let mut properties = known.unwrap_or_default();
            properties.extend(update.clone());
            let told = if self.tells_changes { update } else { properties.clone() };
            let contact = Contact { id, properties: told };
            let data = webhook::contact_data(&contact);
            updated.insert(number, properties.clone());
            changes.push(Change::Contact { token: token.expose().to_owned(), number, properties });
            changes.extend(self.tell(token, event::contact_updated.name(), &contact.id, data, event));
        }
        Ok(((), changes))
    }

    pub(super) fn delete_contact(&self, token: &Token, id: &ContactId) -> Decision {
        let number = self.existing(token)?.number(id).ok_or_else(no_such_contact)?;
        let mut changes = vec![Change::NoContact { token: token.expose().to_owned(), number }];
        let id = ContactId::from(number);
        let data = webhook::contact_id_data(&id);
        changes.extend(self.tell(token, event::contact_deleted.name(), &id, data, self.last_event + 1));
        Ok(((), changes))
    }

    /// Queues an event, if there is an integration to be told.
    fn tell(
        &self,
        token: &Token,
        event: &str,
        contact: &ContactId,
        data: Value,
        number: u64,
    ) -> Option<Change> {
        let told = self.workspace(token).is_some_and(|workspace| workspace.installed);
        told.then(|| Change::Queued {
            number,
            queued: Queued {
                token: token.expose().to_owned(),
                contact: contact.clone(),
                event: event.to_owned(),
                data,
            },
        })
    }

    pub(super) fn delivered(number: u64) -> Decision {
        Ok(((), vec![Change::Delivered { number }]))
    }

    pub(super) fn create_properties(&self, token: &Token, properties: &[Property]) -> Decision {
        let workspace = self.existing(token)?;
        let is_new =
            |property: &&Property| workspace.properties.iter().all(|known| known.name != property.name);
        let change = |property: &Property| Change::Property {
            token: token.expose().to_owned(),
            name: property.name.to_string(),
            kind: property.kind.into(),
        };
        Ok(((), properties.iter().filter(is_new).map(change).collect()))
    }

    pub(super) fn run_campaign(&self, token: &Token, event: &str, contacts: &[ContactId]) -> Decision {
        let workspace = self.existing(token)?;
        if contacts.iter().any(|id| workspace.contact(id).is_none()) {
            return Err(no_such_contact());
        }
        let run = CampaignRun { event: event.to_owned(), contacts: contacts.to_vec() };
        Ok(((), vec![Change::CampaignRun { token: token.expose().to_owned(), run }]))
    }

    pub(super) fn add_bot(&self, token: &Token, bot: Value) -> Decision {
        self.existing(token)?;
        let id = wire::bot_id(&bot).ok_or_else(|| Error::platform(Some(422), "the bot has no id"))?;
        let (token, id) = (token.expose().to_owned(), id.as_str().to_owned());
        Ok(((), vec![Change::Bot { token, id, bot }]))
    }

    pub(super) fn update_bot(&self, token: &Token, id: &BotId, bot: Value) -> Decision {
        self.bot(token, id)?;
        let (token, id) = (token.expose().to_owned(), id.as_str().to_owned());
        Ok(((), vec![Change::Bot { token, id, bot }]))
    }

    pub(super) fn bots(&self, token: &Token) -> Result<Vec<Value>> {
        Ok(self.existing(token)?.bots.values().cloned().collect())
    }

    pub(super) fn bot(&self, token: &Token, id: &BotId) -> Result<Value> {
        let bot = self.existing(token)?.bots.get(id.as_str()).cloned();
        bot.ok_or_else(|| Error::platform(Some(404), "there is no such bot"))
    }

    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Workspace { token } => {
                self.workspaces.entry(token).or_default();
            }
            Change::Installed { token, installed } => self.of(token).installed = installed,
            Change::Contact { token, number, properties } => {
                self.last_contact = self.last_contact.max(number);
                self.of(token).contacts.insert(number, properties);
            }
            Change::NoContact { token, number } => {
                self.of(token).contacts.remove(&number);
            }
            Change::Property { token, name, kind } => {
                let property = Property { name: name.into(), ..Property::new("", kind.into()) };
                self.of(token).properties.push(property);
            }
            Change::Bot { token, id, bot } => {
                self.of(token).bots.insert(id, bot);
            }
            Change::CampaignRun { token, run } => self.of(token).campaign_runs.push(run),
            Change::Queued { number, queued } => {
                self.last_event = self.last_event.max(number);
                self.queue.insert(number, queued);
            }
            Change::Delivered { number } => {
                self.queue.remove(&number);
            }
        }
    }

    fn of(&mut self, token: String) -> &mut Workspace {
        self.workspaces.entry(token).or_default()
    }
}

impl Workspace {
    pub(super) fn contacts(&self) -> impl Iterator<Item = Contact> {
        self.contacts
            .iter()
            .map(|(number, properties)| Contact { id: (*number).into(), properties: properties.clone() })
    }

    pub(super) fn contact(&self, id: &ContactId) -> Option<Contact> {
        let number = self.number(id)?;
        Some(Contact { id: number.into(), properties: self.contacts.get(&number)?.clone() })
    }

    pub(super) fn properties(&self) -> &[Property] {
        &self.properties
    }

    pub(super) fn campaign_runs(&self) -> &[CampaignRun] {
        &self.campaign_runs
    }

    /// The number of a contact that exists.
    fn number(&self, id: &ContactId) -> Option<u64> {
        let number = id.as_str().parse().ok()?;
        self.contacts.contains_key(&number).then_some(number)
    }
}

fn no_such_contact() -> Error {
    Error::platform(Some(404), "resource not found")
}

impl From<PropertyKind> for Kind {
    fn from(kind: PropertyKind) -> Self {
        match kind {
            PropertyKind::Text => Self::Text,
            PropertyKind::Number => Self::Number,
            PropertyKind::Date => Self::Date,
        }
    }
}

impl From<Kind> for PropertyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Number => Self::Number,
            Kind::Date => Self::Date,
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("State").field("undelivered", &self.queue.len()).finish_non_exhaustive()
    }
}
