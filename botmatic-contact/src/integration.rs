//! What happens to a call: who may make it, what the engine does about it, and which handler answers.
//!
//! No HTTP here: [`Service::handle`] takes a token and a body and returns an [`Answer`]; the server carries them.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
#[cfg(feature = "server")]
use std::time::Duration;

use serde_json::value::RawValue;

use crate::agenda::Acceptance;
use crate::auth::{AnyAuthorizer, AnyClient, ClientType, MakeClient};
use crate::call::Request;
use crate::contact::Contact;
use crate::context::Context;
use crate::error::{BoxError, Error, Kind, Result};
use crate::event;
use crate::handle::Botmatic;
use crate::key_store::Installation;
use crate::order::Arrival;
use crate::outcome::{Effect, Outcome, SyncCounts};
use crate::reply::Reply;
use crate::sync::{ContactSync, SyncFn, told};
use crate::table::{CheckedTable, Entry, Table};
use crate::token::Token;
use crate::wire::webhook as wire;

/// A type with handlers: what `#[botmatic::integration]` implements.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an integration",
    note = "put `#[botmatic::integration]` on an `impl {Self}` with at least one handler, or implement `Integration`"
)]
pub trait Integration: Sized + Send + Sync + 'static {
    /// Whether the type is an [`ExternalApiConsumer`] too, as far as the implementor knows. The builder then insists on
    /// a key store.
    #[doc(hidden)]
    const HAS_CONSUMER: bool = false;
    /// The type of its clients, if the implementor knows it to be a [`HasClient`](crate::HasClient).
    #[doc(hidden)]
    const CLIENT: Option<ClientType> = None;
    /// Their default, if the implementor knows of one.
    #[doc(hidden)]
    const DEFAULT_CLIENT: Option<MakeClient> = None;

    /// The handlers by name.
    fn table() -> Table<Self>;
}

/// A path that can be served, without the slash at its end.
pub(crate) fn served_path(what: &str, path: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()+,;=@/".contains(&byte);
    if !path.starts_with('/') || path.contains("//") || !path.bytes().all(plain) {
        let message = format!(
            "the {what} `{path}` is not a path: begin it with `/`, and write neither parameters nor a query, and no \
             character that an address would escape"
        );
        return Err(Error::new(Kind::Configuration, message));
    }
    Ok(if path == "/" { path } else { path.trim_end_matches('/') }.to_owned())
}

/// How it is decided which tokens are served.
pub(crate) enum ByToken {
    /// Those that were installed. Where installations are not remembered across a restart, Botmatic is asked.
    Installed { client: MakeClient, ask_botmatic: bool },
    /// Those that the user's authorizer knows.
    Asked(Arc<dyn AnyAuthorizer>),
    /// All of them.
    Any(MakeClient),
}

/// An integration that is ready to answer. Cheap to clone; clones are the same service.
pub struct Service<I> {
    inner: Arc<Inner<I>>,
}

/// What all clones of a service share.
pub(crate) struct Inner<I> {
    pub(crate) context: Arc<Context<I>>,
    handlers: CheckedTable<I>,
    sync: Option<ContactSync<I>>,
    pub(crate) authorizer: ByToken,
    served: Served,
}

/// What a contact event says of whom.
type Told = Result<Contact, wire::Malformed>;

/// Where and how a service answers over HTTP.
pub(crate) struct Served {
    pub(crate) endpoint: String,
    #[cfg(feature = "server")]
    pub(crate) health: Option<String>,
    #[cfg(feature = "server")]
    pub(crate) time_limit: Option<Duration>,
}

/// What a call is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// The call was for us: a JSON body, whatever became of it.
    Reply(Vec<u8>),
    /// Botmatic does not know the token of this install or uninstall.
    NotConfirmed,
    /// The token is not one that is served.
    NotAuthorized,
    /// It may go through in a moment: whether the token is served cannot be told now, too much is
    /// [under way](crate::Builder::concurrency), or somebody else has been at the same contact for too long. No handler
    /// was called. Over HTTP the status is 503, with a `Retry-After`.
    TryAgain,
    /// Neither an event nor an action.
    NotACall,
    /// Not JSON; the text says where.
    Malformed(String),
}

impl Answer {
    /// Nothing went wrong, and there is nothing to tell.
    pub(crate) fn done() -> Self {
        reply(&Reply::done())
    }

    /// What failed. Where somebody else was at the same contact, the same may go through in a moment.
    pub(crate) fn failed(error: &Error) -> Self {
        if error.is_busy() { Self::TryAgain } else { reply(&failed(error)) }
    }

    /// What a handler would answer that fails so.
    pub(crate) fn refused(why: &str) -> Self {
        reply(&Reply::failure(why))
    }
}

impl<I: Integration> Service<I> {
    pub(crate) fn new(
        context: Context<I>,
        handlers: CheckedTable<I>,
        sync: Option<ContactSync<I>>,
        authorizer: ByToken,
        served: Served,
    ) -> Self {
        Self { inner: Arc::new(Inner { context: Arc::new(context), handlers, sync, authorizer, served }) }
    }

    #[cfg(feature = "server")]
    pub(crate) fn served(&self) -> &Served {
        &self.inner.served
    }

    pub(crate) fn handlers(&self) -> &CheckedTable<I> {
        &self.inner.handlers
    }

    pub(crate) fn inner(&self) -> &Inner<I> {
        &self.inner
    }

    pub(crate) fn sync(&self) -> Option<&ContactSync<I>> {
        self.inner.sync.as_ref()
    }

    /// The path to which Botmatic posts events and actions.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.inner.served.endpoint
    }

    /// The integration.
    #[must_use]
    pub fn integration(&self) -> &I {
        &self.inner.context.integration
    }

    /// How often the sync engine was told something that was no news, for all installations since this was built: for
    /// whoever watches the service.
    ///
    /// ```
    /// # use botmatic_contact::{Integration, Service};
    /// # fn metrics<I: Integration>(service: &Service<I>) -> String {
    /// let counts = service.sync_counts();
    /// format!("botmatic_echoes_total {}\nbotmatic_conflicts_total {}\n", counts.echoes, counts.conflicts)
    /// # }
    /// ```
    #[must_use]
    pub fn sync_counts(&self) -> SyncCounts {
        self.inner.context.counters.read()
    }

    /// Botmatic in the name of an installation, for routes of your own.
    ///
    /// # Errors
    /// When the token is not served ([`is_unauthorized`](Error::is_unauthorized)), or that cannot be told.
    pub async fn botmatic(&self, token: &Token) -> Result<Botmatic<I>> {
        match self.inner.authorize(token).await {
            Ok(Some(client)) => Ok(Botmatic::new(Arc::clone(&self.inner.context), token.clone(), client)),
            Ok(None) => {
                let why = "the token is not one that is served here: nobody has installed the integration with it, \
                           and the builder was told of none";
                Err(Error::new(Kind::Unauthorized, why))
            }
            Err(error) => {
                Err(Error::new(Kind::Unauthorized, "whose token it is cannot be told at the moment")
                    .with_source(error))
            }
        }
    }

    /// Answers one call: what was in the `Authorization` header after `Bearer`, and the body.
    pub async fn handle(&self, token: Option<Token>, body: &[u8]) -> Answer {
        self.answer(token, body, None).await
    }

    /// The same for who may not wait for the answer, and is told whether the call is accepted.
    pub(crate) async fn answer(
        &self,
        token: Option<Token>,
        body: &[u8],
        acceptance: Option<Arc<Acceptance>>,
    ) -> Answer {
        let body = match wire::Body::parse(body) {
            Ok(body) => body,
            Err(malformed) => return Answer::Malformed(malformed.to_string()),
        };
        let token = token.filter(|token| !token.expose().is_empty());
        let event = body.action.is_none().then_some(body.event.as_deref()).flatten();
        if let Some(name) = [event::install.name(), event::uninstall.name()]
            .into_iter()
            .find(|name| body.event.as_deref() == Some(name))
        {
            return Box::pin(self.inner.of_installation(name, token, body)).await;
        }
        let Some(token) = token else {
            return Answer::NotAuthorized;
        };
        let told = event.and_then(|event| self.inner.told(event, body.data.as_deref()));
        let Some(arrival) = self.inner.arrival(&token, told.as_ref()) else {
            tracing::warn!(installation = %token.installation(), "too much is under way: a call was turned away");
            return Answer::TryAgain;
        };
        let client = match self.inner.authorize(&token).await {
            Ok(Some(client)) => client,
            Ok(None) => return Answer::NotAuthorized,
            Err(error) => {
                // Its message is the user's, and may tell more than a log should hold.
                drop(error);
                tracing::warn!(installation = %token.installation(), "the authorizer failed");
                return Answer::TryAgain;
            }
        };
        let is_event = event.is_some();
        let Some(name) = body.action.or(body.event) else {
            return Answer::NotACall;
        };
        let request = Request {
            name,
            data: body.data,
            members: body.members,
            token,
            client,
            captures: Vec::new(),
            outcome: None,
        };
        if let Some(agenda) = &self.inner.context.durable
            && let Some(Ok(contact)) = &told
            && self.inner.sync_of(&request.name).is_some()
        {
            let contact = contact.id.clone();
            return Box::pin(self.inner.accept(agenda, contact, request, arrival, acceptance)).await;
        }
        let Ok(_turn) = arrival.turn(&*self.inner.context.clock).await else {
            tracing::warn!(installation = %request.token.installation(), "a call has waited for its turn too long");
            return Answer::TryAgain;
        };
        if is_event { self.inner.event(request, told).await } else { self.inner.action(request).await }
    }
}

#[cfg(feature = "settings")]
impl<I: Integration> Service<I> {
    pub(crate) fn settings_page(&self) -> Option<&crate::settings_page::Page<I>> {
        self.inner.handlers.page.as_ref()
    }

    /// What a visitor of the settings page is to the handlers, if Botmatic confirms the token.
    pub(crate) async fn confirmed_request(&self, token: Option<Token>) -> Option<(Arc<Context<I>>, Request)> {
        let token = self.inner.confirmed(token.filter(|token| !token.expose().is_empty())).await?;
        let request = self.inner.about_installation("settings", token, wire::Body::default()).await;
        Some((Arc::clone(&self.inner.context), request))
    }
}

impl<I: Integration> Inner<I> {
    pub(crate) async fn authorize(&self, token: &Token) -> Result<Option<AnyClient>, BoxError> {
        match &self.authorizer {
            ByToken::Asked(authorizer) => authorizer.authorize_any(token).await,
            ByToken::Any(client) => Ok(Some(client())),
            ByToken::Installed { client, ask_botmatic } => {
                let known = self.context.key_store.installation(token.installation()).await?;
                if known.is_some_and(|installation| installation.token == *token) {
                    return Ok(Some(client()));
                }
                if *ask_botmatic && self.context.platform.validate_token(token).await? {
                    self.context.key_store.save_installation(token, self.context.clock.now()).await?;
                    return Ok(Some(client()));
                }
                Ok(None)
            }
        }
    }

    /// Whom a contact event is about, and what it says of them.
    pub(crate) fn told(&self, event: &str, data: Option<&RawValue>) -> Option<Told> {
        let known = self.sync.as_ref().map_or(&[][..], |sync| sync.properties);
        told(event, data, known)
    }

    /// Lets a call in, if there is room.
    fn arrival(&self, token: &Token, told: Option<&Told>) -> Option<Arrival<'_>> {
        let order = &self.context.order;
        match told {
            None => order.other(),
            Some(told) => {
                let about = told.as_ref().ok().map(|contact| contact.id.clone().into());
                order.sync(token.installation(), about)
            }
        }
    }

    async fn action(&self, mut request: Request) -> Answer {
        let Some((handler, captures)) = self.handlers.action(&request.name) else {
            let error = format!("No action \"{}\" defined", request.name);
            return reply(&Reply::failure(&error));
        };
        request.captures = captures;
        match handler(&self.context, &request).await {
            Ok(answer) => reply(&answer),
            Err(rejection) => reply(&Reply::failure(rejection.reason())),
        }
    }

    async fn event(&self, request: Request, told: Option<Told>) -> Answer {
        let Some((sync, told)) = self.sync_of(&request.name).zip(told) else {
            if self.handlers.event(&request.name).is_none() {
                let error = format!("No event \"{}\" defined", request.name);
                return reply(&Reply::failure(&error));
            }
            return self.heard(request, Reply::done()).await;
        };
        let contact = match told {
            Ok(contact) => contact,
            Err(malformed) => return self.synced(request, Err(malformed.into())).await,
        };
        let outcome = sync(&self.context, &request, contact).await;
        self.synced(request, outcome).await
    }

    /// What the engine does about an event, unless a handler replaces that.
    pub(crate) fn sync_of(&self, event: &str) -> Option<SyncFn<I>> {
        let replaced = self.handlers.event(event).is_some_and(|entry| entry.replaces);
        self.sync.as_ref().filter(|_| !replaced)?.of(event)
    }

    /// Tells the user's handler what the engine has done, and answers. Of a call that is turned away it is not told.
    pub(crate) async fn synced(&self, mut request: Request, outcome: Result<Outcome>) -> Answer {
        log(&request, &outcome);
        if outcome.as_ref().is_err_and(Error::is_busy) {
            return Answer::TryAgain;
        }
        let ours = synced(&outcome);
        request.outcome = Some(outcome.map_err(Arc::new));
        self.heard(request, ours).await
    }

    /// Tells the user's handler of an event of which the framework would say `ours`.
    pub(crate) async fn heard(&self, request: Request, ours: Reply) -> Answer {
        self.then_handler(self.handlers.event(&request.name), &request, ours).await
    }

    /// Lets the user's handler of an event speak after the framework has done its part. A failure of either is a
    /// failure; a handler that has nothing to say leaves the word to the framework.
    async fn then_handler(&self, entry: Option<&Entry<I>>, request: &Request, ours: Reply) -> Answer {
        let Some(entry) = entry else {
            return reply(&ours);
        };
        let theirs = match (entry.handler)(&self.context, request).await {
            Ok(theirs) => theirs,
            Err(rejection) => Reply::failure(rejection.reason()),
        };
        if ours.is_success() && !theirs.is_default { reply(&theirs) } else { reply(&ours) }
    }

    /// An install or uninstall. It asks Botmatic whatever token it is given, so there is only so much room for those.
    async fn of_installation(&self, name: &str, token: Option<Token>, body: wire::Body) -> Answer {
        let Some(arrival) = self.context.order.other() else {
            tracing::warn!("too much is under way: an {name} was turned away");
            return Answer::TryAgain;
        };
        let Ok(_turn) = arrival.turn(&*self.context.clock).await else {
            tracing::warn!("an {name} has waited for its turn too long");
            return Answer::TryAgain;
        };
        if name == event::install.name() {
            self.install(token, body).await
        } else {
            self.uninstall(token, body).await
        }
    }

    async fn install(&self, token: Option<Token>, body: wire::Body) -> Answer {
        let Some(token) = self.confirmed(token).await else {
            return Answer::NotConfirmed;
        };
        let installation = token.installation();
        if let Err(error) = self.prepare(&token).await {
            tracing::warn!(%installation, error = %error.outline(), "install failed");
            return Answer::failed(&error);
        }
        tracing::info!(%installation, "installed");
        let request = self.about_installation(event::install.name(), token, body).await;
        self.then_handler(self.handlers.event(&request.name), &request, Reply::done()).await
    }

    /// What has to be there before the first contact event of an installation.
    async fn prepare(&self, token: &Token) -> Result<()> {
        let context = &self.context;
        context.key_store.save_installation(token, context.clock.now()).await?;
        match &self.sync {
            Some(sync) if !sync.properties.is_empty() => {
                context.platform.create_properties(token, sync.properties).await
            }
            _ => Ok(()),
        }
    }

    async fn uninstall(&self, token: Option<Token>, body: wire::Body) -> Answer {
        let known = match self.installed(token.as_ref()).await {
            Ok(known) => known,
            Err(error) => return Answer::failed(&error),
        };
        // Botmatic may have revoked the token already; then it is enough that it was installed here.
        let known = match known {
            Some(installation) => installation,
            None => match self.confirmed(token).await {
                // What an authorizer let in may have pairs without ever having been installed here.
                Some(token) => {
                    match self.context.key_store.save_installation(&token, self.context.clock.now()).await {
                        Ok(installation) => installation,
                        Err(error) => return Answer::failed(&error),
                    }
                }
                None => return Answer::NotConfirmed,
            },
        };
        let token = known.token.clone();
        let installation = token.installation();
        let request = self.about_installation(event::uninstall.name(), token, body).await;
        let answer = self.then_handler(self.handlers.event(&request.name), &request, Reply::done()).await;
        match self.context.key_store.remove_installation(&known).await {
            Ok(true) => tracing::info!(%installation, "uninstalled"),
            Ok(false) => tracing::info!(%installation, "installed anew since: nothing removed"),
            Err(error) => {
                tracing::error!(%installation, error = %error.outline(), "the pairs could not be removed");
                return Answer::failed(&error);
            }
        }
        answer
    }

    /// The token, if Botmatic says that it is one of its own.
    async fn confirmed(&self, token: Option<Token>) -> Option<Token> {
        let token = token?;
        match self.context.platform.validate_token(&token).await {
            Ok(true) => Some(token),
            Ok(false) => None,
            Err(error) => {
                let (installation, error) = (token.installation(), error.outline());
                tracing::warn!(%installation, %error, "the token could not be validated");
                None
            }
        }
    }

    async fn installed(&self, token: Option<&Token>) -> Result<Option<Installation>> {
        let Some(token) = token else { return Ok(None) };
        let known = self.context.key_store.installation(token.installation()).await?;
        Ok(known.filter(|installation| installation.token == *token))
    }

    async fn about_installation(&self, event: &str, token: Token, body: wire::Body) -> Request {
        // The authorizer has no say here, but if it knows the client, the handler may ask for it.
        let client = match &self.authorizer {
            ByToken::Installed { client, .. } | ByToken::Any(client) => client(),
            ByToken::Asked(_) => self.authorize(&token).await.ok().flatten().unwrap_or_else(|| Arc::new(())),
        };
        Request {
            name: event.to_owned(),
            data: body.data,
            members: body.members,
            token,
            client,
            captures: Vec::new(),
            outcome: None,
        }
    }
}

impl<I> Clone for Service<I> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<I> fmt::Debug for Service<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Service")
            .field("endpoint", &self.inner.served.endpoint)
            .finish_non_exhaustive()
    }
}

fn reply(reply: &Reply) -> Answer {
    Answer::Reply(wire::answer(reply.success, &reply.kind, &reply.data))
}

/// The answer of the framework to a contact event.
fn synced(outcome: &Result<Outcome>) -> Reply {
    match outcome {
        Ok(Outcome { effect: Effect::Deleted | Effect::Updated, .. }) => Reply::done(),
        Ok(outcome) => Reply { data: Cow::Owned(wire::data_of_contact(&outcome.external)), ..Reply::done() },
        Err(error) => failed(error),
    }
}

fn failed(error: &Error) -> Reply {
    Reply { success: false, data: Cow::Owned(wire::data_of_failure(&error.to_string())), ..Reply::done() }
}

fn log(request: &Request, outcome: &Result<Outcome>) {
    let (installation, name) = (request.token.installation(), &request.name);
    match outcome {
        Ok(Outcome { effect, contact, external }) => {
            tracing::debug!(%installation, event = name, ?effect, %contact, %external, "synced");
        }
        // Often the echo of our own deletion.
        Err(error) if error.is_not_found() && name == event::contact_deleted.name() => {
            tracing::debug!(%installation, event = name, "nobody to delete");
        }
        Err(error) => tracing::warn!(%installation, event = name, error = %error.outline(), "not synced"),
    }
}
