//! The contact events, from the call to the engine: what an integration with contacts answers by itself.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::value::RawValue;

use super::Engine;
use crate::auth::Auth;
use crate::call::Request;
use crate::consumer::ExternalApiConsumer;
use crate::contact::{Contact, Properties, Property};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::event;
use crate::mapping::ContactMapping;
use crate::outcome::Outcome;
use crate::wire::webhook as wire;

/// What is done about an event.
pub(crate) type SyncFn<I> =
    for<'a> fn(&'a Context<I>, &'a Request, Contact) -> BoxFuture<'a, Result<Outcome>>;

/// Whom an event is about, and what it says of them, if it is a contact event. The properties that are mapped are known.
pub(crate) fn told(
    event: &str,
    data: Option<&RawValue>,
    known: &[Property],
) -> Option<Result<Contact, wire::Malformed>> {
    if event == event::contact_created.name() || event == event::contact_updated.name() {
        Some(wire::read_contact(data, known))
    } else if event == event::contact_deleted.name() {
        let id = wire::read_contact_id(data);
        Some(id.map(|id| Contact { id, properties: Properties::new() }))
    } else {
        None
    }
}

/// What the builder keeps of a consumer's types, so that integrations without one need none.
pub(crate) struct ContactSync<I> {
    pub(crate) properties: &'static [Property],
    /// The one by which an existing contact is found.
    pub(crate) email: Option<&'static str>,
    created: SyncFn<I>,
    updated: SyncFn<I>,
    deleted: SyncFn<I>,
}

impl<I: ExternalApiConsumer> ContactSync<I> {
    pub(crate) fn new() -> Self {
        Self {
            properties: I::Contact::PROPERTIES,
            email: I::Contact::EMAIL,
            created: |context, request, contact| {
                Box::pin(async move { Engine::new(context, &auth(request)?).contact_created(contact).await })
            },
            updated: |context, request, contact| {
                Box::pin(async move { Engine::new(context, &auth(request)?).contact_updated(contact).await })
            },
            deleted: |context, request, contact| {
                Box::pin(
                    async move { Engine::new(context, &auth(request)?).contact_deleted(&contact.id).await },
                )
            },
        }
    }
}

impl<I> ContactSync<I> {
    /// What is done about an event, if it is one about a contact.
    pub(crate) fn of(&self, event: &str) -> Option<SyncFn<I>> {
        if event == event::contact_created.name() {
            Some(self.created)
        } else if event == event::contact_updated.name() {
            Some(self.updated)
        } else if event == event::contact_deleted.name() {
            Some(self.deleted)
        } else {
            None
        }
    }
}

impl<I> fmt::Debug for ContactSync<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ContactSync").field("properties", &self.properties).finish_non_exhaustive()
    }
}

impl From<wire::Malformed> for Error {
    fn from(malformed: wire::Malformed) -> Self {
        Self::new(Kind::Call, malformed.to_string())
    }
}

fn auth<C: Send + Sync + 'static>(request: &Request) -> Result<Auth<C>> {
    let client = Arc::clone(&request.client).downcast();
    client.map(|client| Auth::new(request.token.clone(), client)).map_err(|_| Error::no_client())
}
