//! Botmatic in the name of one installation: for handlers, and for routes and tasks of the user's own.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;

use crate::auth::{AnyClient, Auth};
use crate::call::Call;
use crate::consumer::ExternalApiConsumer;
use crate::contact::{Properties, Property, Value};
use crate::context::Context;
use crate::durable::SetAside;
use crate::error::{Error, Result};
use crate::extract::{FromCall, Rejection};
use crate::id::{BotId, ContactId, ExternalId};
use crate::key_store::Place;
use crate::mapping::ContactMapping;
use crate::order::patiently;
use crate::outcome::Outcome;
use crate::sync::{Engine, Import, ImportOptions, ImportReport, Reconcile};
use crate::token::Token;

/// Botmatic in the name of one installation. A handler gets one as a parameter, everybody else from
/// [`Service::botmatic`](crate::Service::botmatic).
///
/// The contact methods are those of an integration that is an [`ExternalApiConsumer`]. They follow the same rules as
/// the events do: what Botmatic has already is not written again, what was created once is not created twice, and what is
/// said of one contact is worked on in the order in which it was said, unless that takes more than half a minute
/// ([`is_busy`](Error::is_busy)). They need the builder to have been given a key store.
pub struct Botmatic<I> {
    context: Arc<Context<I>>,
    token: Token,
    client: AnyClient,
}

impl<I> Botmatic<I> {
    pub(crate) fn new(context: Arc<Context<I>>, token: Token, client: AnyClient) -> Self {
        Self { context, token, client }
    }

    /// The token of the installation.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// The integration.
    #[must_use]
    pub fn integration(&self) -> &I {
        &self.context.integration
    }

    /// The events that were accepted and then set aside: see [`Builder::durable`](crate::Builder::durable).
    #[must_use]
    pub fn set_aside(&self) -> SetAside<'_, I> {
        SetAside::new(&self.context, self.token.installation())
    }

    /// Changes properties of a contact on Botmatic. Botmatic tells of the change with an event, as of any other, so a
    /// mapped property reaches the external service from there.
    ///
    /// # Errors
    /// When Botmatic refuses or cannot be reached.
    pub async fn set_properties(&self, contact: &ContactId, changes: &Properties) -> Result<()> {
        self.context.platform.update_contact(&self.token, contact, changes).await
    }

    /// Creates a property that contacts can have.
    ///
    /// # Errors
    /// When Botmatic refuses or cannot be reached.
    pub async fn create_property(&self, property: Property) -> Result<()> {
        self.create_properties(&[property]).await
    }

    /// Creates properties that contacts can have.
    ///
    /// # Errors
    /// When Botmatic refuses or cannot be reached.
    pub async fn create_properties(&self, properties: &[Property]) -> Result<()> {
        self.context.platform.create_properties(&self.token, properties).await
    }

    /// Runs an event of a campaign for these contacts.
    ///
    /// # Errors
    /// When Botmatic refuses or cannot be reached.
    pub async fn send_event_on_campaign(&self, event: &str, contacts: &[ContactId]) -> Result<()> {
        self.context.platform.send_event_on_campaign(&self.token, event, contacts).await
    }

    /// All bots of the workspace.
    ///
    /// # Errors
    /// When Botmatic refuses or cannot be reached.
    pub async fn list_bots(&self) -> Result<Vec<Value>> {
        self.context.platform.list_bots(&self.token).await
    }

    /// One bot.
    ///
    /// # Errors
    /// When there is none of that id, or Botmatic refuses or cannot be reached.
    pub async fn get_bot(&self, id: &BotId) -> Result<Value> {
        self.context.platform.get_bot(&self.token, id).await
    }

    /// Saves a bot as a draft.
    ///
    /// # Errors
    /// When there is none of that id, or Botmatic refuses or cannot be reached.
    pub async fn update_bot(&self, id: &BotId, bot: &Value) -> Result<()> {
        self.context.platform.update_bot(&self.token, id, bot).await
    }
}

impl<I: ExternalApiConsumer> Botmatic<I> {
    fn auth(&self) -> Result<Auth<I::Client>> {
        if !self.context.syncs {
            return Err(Error::no_key_store());
        }
        let client = Arc::clone(&self.client).downcast().map_err(|_| Error::no_client())?;
        Ok(Auth::new(self.token.clone(), client))
    }

    /// Waits until what we were told of a contact before is done.
    async fn turn(&self, id: Option<ExternalId>) -> Result<Option<Place>> {
        let Some(id) = id else { return Ok(None) };
        let mut place = self.context.order.place(self.token.installation(), id.into());
        patiently(&*self.context.clock, pin!(place.turn())).await?;
        Ok(Some(place))
    }

    /// A contact was created on the external service: creates it on Botmatic. One that has a counterpart already is
    /// left alone, but for what is `read_only` and was not told before: the number that the service gave it, say.
    ///
    /// # Errors
    /// When the contact has no external id or a value that cannot be written; when it was deleted before
    /// ([`is_not_found`](Error::is_not_found)); when Botmatic or the key store fails.
    pub async fn create_contact(&self, contact: I::Contact) -> Result<Outcome> {
        let auth = self.auth()?;
        let _turn = self.turn(contact.external_id()).await?;
        Engine::new(&self.context, &auth).external_created(&contact).await
    }

    /// A contact was changed on the external service: writes on Botmatic what differs from what both sides agreed on.
    /// One that has no counterpart yet is created.
    ///
    /// # Errors
    /// As [`create_contact`](Self::create_contact); also when Botmatic has it no more
    /// ([`is_not_found`](Error::is_not_found)).
    pub async fn update_contact(&self, contact: I::Contact) -> Result<Outcome> {
        let auth = self.auth()?;
        let _turn = self.turn(contact.external_id()).await?;
        Engine::new(&self.context, &auth).external_updated(&contact).await
    }

    /// The same for several contacts, in as few requests as possible. What goes wrong with one of them is in the
    /// report; so are those whom Botmatic throttles, for whom an import would wait.
    ///
    /// # Errors
    /// When there is no key store.
    pub async fn update_contacts(&self, contacts: Vec<I::Contact>) -> Result<ImportReport> {
        let auth = self.auth()?;
        Engine::new(&self.context, &auth).import_beside_others(contacts, ImportOptions::awaited()).await
    }

    /// A contact was deleted on the external service: deletes it on Botmatic.
    ///
    /// # Errors
    /// When it has no counterpart ([`is_not_found`](Error::is_not_found)); when Botmatic or the key store fails.
    pub async fn delete_contact(&self, id: &ExternalId) -> Result<Outcome> {
        let auth = self.auth()?;
        let _turn = self.turn(Some(id.clone())).await?;
        Engine::new(&self.context, &auth).external_deleted(id).await
    }

    /// Brings these contacts to Botmatic: creates those that have no counterpart, updates those that differ.
    ///
    /// Run again after it was cut short, it asks Botmatic for nothing that was done. Botmatic cannot be searched: whoever is
    /// there and has no counterpart yet is not found by an e-mail address, but created once more.
    pub fn import_contacts(&self, contacts: Vec<I::Contact>) -> Import<'_> {
        Import::new(move |options| {
            Box::pin(
                async move { Engine::new(&self.context, &self.auth()?).import_list(contacts, options).await },
            )
        })
    }

    /// Brings all contacts of the external service to Botmatic, page by page, with several requests under way at once.
    ///
    /// One import runs at a time for an installation: another one is refused ([`is_busy`](Error::is_busy)). One that
    /// was cut short, though the process was killed, is gone on with by the next one: see
    /// [`Import::resume_within`].
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// # async fn import<I: ExternalApiConsumer>(botmatic: Botmatic<I>) -> botmatic_contact::Result<()> {
    /// let report = botmatic.import_all().on_progress(|progress| println!("{} done", progress.done)).await?;
    /// for failure in &report.failures {
    ///     println!("{:?} was left out: {}", failure.external_id, failure.error);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn import_all(&self) -> Import<'_> {
        Import::new(move |options| {
            Box::pin(async move { Engine::new(&self.context, &self.auth()?).import_all(options).await })
        })
    }

    /// Finds what changed on the external service without its telling, and brings it to Botmatic: in two steps, so that
    /// somebody can look at it in between.
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// # async fn reconcile<I: ExternalApiConsumer>(botmatic: Botmatic<I>) -> botmatic_contact::Result<()> {
    /// let plan = botmatic.reconcile().plan().await?;
    /// println!("{plan}"); // 3 to create, 12 to update, 2 gone, 0 left out; of 1003 contacts and 1002 pairs
    /// let report = botmatic.reconcile().apply(&plan).await?;
    /// println!("{} changes could not be made", report.failures.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn reconcile(&self) -> Reconcile<'_, I> {
        Reconcile::new(&self.context, self.auth())
    }
}

impl<I> Clone for Botmatic<I> {
    fn clone(&self) -> Self {
        Self {
            context: Arc::clone(&self.context),
            token: self.token.clone(),
            client: Arc::clone(&self.client),
        }
    }
}

impl<I> fmt::Debug for Botmatic<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Botmatic")
            .field("installation", &self.token.installation())
            .finish_non_exhaustive()
    }
}

impl<I: Send + Sync, K> FromCall<I, K> for Botmatic<I> {
    async fn from_call(call: Call<'_, I, K>) -> Result<Self, Rejection> {
        let request = call.request();
        Ok(Self::new(Arc::clone(call.context()), request.token.clone(), Arc::clone(&request.client)))
    }
}
