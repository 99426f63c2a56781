//! The contact events, from the call to the engine: what an integration with contacts answers by itself.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::Engine;
use crate::auth::Auth;
use crate::call::Request;
use crate::consumer::ExternalApiConsumer;
use crate::contact::Property;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::event;
use crate::mapping::ContactMapping;
use crate::outcome::Outcome;
use crate::wire::webhook as wire;

/// What is done about an event.
pub(crate) type SyncFn<I> = for<'a> fn(&'a Context<I>, &'a Request) -> BoxFuture<'a, Result<Outcome>>;

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
            created: |context, request| {
                Box::pin(async move {
                    let contact = wire::read_contact(request.data.as_deref(), I::Contact::PROPERTIES)?;
                    Engine::new(context, &auth(request)?).contact_created(contact).await
                })
            },
            updated: |context, request| {
                Box::pin(async move {
                    let contact = wire::read_contact(request.data.as_deref(), I::Contact::PROPERTIES)?;
                    Engine::new(context, &auth(request)?).contact_updated(contact).await
                })
            },
            deleted: |context, request| {
                Box::pin(async move {
                    let id = wire::read_contact_id(request.data.as_deref())?;
                    Engine::new(context, &auth(request)?).contact_deleted(&id).await
                })
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
