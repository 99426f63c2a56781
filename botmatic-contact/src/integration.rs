//! From the parts of an integration to a service that answers calls.
//!
//! No HTTP here: [`Service::handle`] takes a token and a body and returns an [`Answer`]; the server carries them.

use std::fmt;
use std::sync::Arc;

use crate::auth::{AnyAuthorizer, AnyClient, Authorizer, HasClient};
use crate::botmatic::Botmatic;
use crate::call::Request;
use crate::clock::{Clock, SystemClock};
use crate::consumer::ExternalApiConsumer;
use crate::context::Context;
use crate::error::{BoxError, Error, Kind, Result};
use crate::event;
use crate::key_store::{Installation, KeyStore, MemoryKeyStore};
use crate::outcome::{Effect, Outcome};
use crate::platform::Platform;
use crate::reply::Reply;
use crate::sync::ContactSync;
use crate::table::{Handlers, Table};
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

    /// The handlers by name.
    fn table() -> Table<Self>;
}

/// Starts to build the service that serves an integration.
///
/// ```
/// use botmatic_contact::prelude::*;
///
/// struct Weather;
///
/// #[botmatic::integration]
/// impl Weather {
///     #[botmatic::action("forecast")]
///     async fn forecast(&self) -> &'static str {
///         "sunny"
///     }
/// }
///
/// let service = botmatic::builder(Weather).endpoint("/botmatic").build()?;
/// # Ok::<(), botmatic_contact::Error>(())
/// ```
pub fn builder<I: Integration>(integration: I) -> Builder<I> {
    Builder {
        integration,
        key_store: NoKeyStore,
        authorizer: InstalledTokens,
        sync: None,
        platform: None,
        clock: Arc::new(SystemClock),
        endpoint: "/".to_owned(),
        base_url: None,
    }
}

/// The state of a [`Builder`] that has not been given a key store.
#[derive(Debug)]
pub struct NoKeyStore;

/// The state of a [`Builder`] that has not been given an authorizer: installed tokens are served.
#[derive(Debug)]
pub struct InstalledTokens;

/// Puts a service together: the integration, where its pairs live, where Botmatic is, and who may call.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<I, K = NoKeyStore, A = InstalledTokens> {
    integration: I,
    key_store: K,
    authorizer: A,
    sync: Option<ContactSync<I>>,
    platform: Option<Arc<dyn Platform>>,
    clock: Arc<dyn Clock>,
    endpoint: String,
    base_url: Option<String>,
}

impl<I: Integration, K, A> Builder<I, K, A> {
    /// The path to which Botmatic posts events and actions. Without this `/`.
    pub fn endpoint(mut self, path: impl Into<String>) -> Self {
        self.endpoint = path.into();
        self
    }

    /// Where Botmatic's API is. Without this the environment's `BOTMATIC_BASE_URL`, or else Botmatic's own address.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Another way to reach Botmatic than its API over HTTP, for example the simulator.
    pub fn platform(mut self, platform: impl Platform) -> Self {
        self.platform = Some(Arc::new(platform));
        self
    }

    /// Another clock than the machine's, for tests under virtual time.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Asks this authorizer who may call, and whose installation it is, instead of serving every installed token.
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// # use botmatic_contact::HasClient;
    /// # struct Weather;
    /// # #[botmatic::integration]
    /// # impl Weather {
    /// #     #[botmatic::action("forecast")]
    /// #     async fn forecast(&self, _auth: Auth<Account>) {}
    /// # }
    /// struct Account { plan: String }
    /// # impl HasClient for Weather { type Client = Account; }
    /// # async fn find_account(_token: &str) -> std::io::Result<Option<Account>> { Ok(None) }
    ///
    /// let service = botmatic::builder(Weather)
    ///     .authorize_with(async |token: Token| find_account(token.expose()).await)
    ///     .build()?;
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    pub fn authorize_with<N>(self, authorizer: N) -> Builder<I, K, OwnAuthorizer>
    where
        I: HasClient,
        N: Authorizer<Client = <I as HasClient>::Client>,
    {
        let Self {
            integration,
            key_store,
            sync,
            platform,
            clock,
            endpoint,
            base_url,
            authorizer: _,
        } = self;
        let authorizer = OwnAuthorizer(Arc::new(authorizer));
        Builder {
            integration,
            key_store,
            authorizer,
            sync,
            platform,
            clock,
            endpoint,
            base_url,
        }
    }

    fn assemble(self, key_store: Arc<dyn KeyStore>, authorizer: ByToken) -> Result<Service<I>> {
        let Self {
            integration,
            sync,
            platform,
            clock,
            endpoint,
            base_url,
            ..
        } = self;
        if !endpoint.starts_with('/') {
            let message = format!("the endpoint `{endpoint}` is not a path: begin it with `/`");
            return Err(Error::new(Kind::Configuration, message));
        }
        let platform = match platform {
            Some(platform) => platform,
            None => default_platform(base_url)?,
        };
        let handlers = I::table().check()?;
        let context = Context {
            integration,
            key_store,
            platform,
            clock,
            syncs: sync.is_some(),
        };
        let inner = Inner {
            context: Arc::new(context),
            handlers,
            sync,
            authorizer,
            endpoint,
        };
        Ok(Service {
            inner: Arc::new(inner),
        })
    }
}

impl<I: Integration + ExternalApiConsumer, A> Builder<I, NoKeyStore, A> {
    /// Keeps contacts in step: this is where their pairs live.
    pub fn key_store(self, key_store: impl KeyStore) -> Builder<I, Arc<dyn KeyStore>, A> {
        let Self {
            integration,
            authorizer,
            platform,
            clock,
            endpoint,
            base_url,
            ..
        } = self;
        Builder {
            integration,
            key_store: Arc::new(key_store),
            authorizer,
            sync: Some(ContactSync::new()),
            platform,
            clock,
            endpoint,
            base_url,
        }
    }
}

impl<I: Integration> Builder<I, NoKeyStore, InstalledTokens> {
    /// Builds the service of an integration without contacts. It serves the tokens that Botmatic confirms.
    ///
    /// # Errors
    /// When something is contradictory: the message says what.
    pub fn build(self) -> Result<Service<I>> {
        Self::needs_no_key_store();
        let client: MakeClient = || Arc::new(());
        self.assemble(
            Arc::new(MemoryKeyStore::new()),
            ByToken::Installed {
                client,
                ask_botmatic: true,
            },
        )
    }
}

impl<I: Integration> Builder<I, NoKeyStore, OwnAuthorizer> {
    /// Builds the service of an integration without contacts.
    ///
    /// # Errors
    /// When something is contradictory: the message says what.
    pub fn build(self) -> Result<Service<I>> {
        Self::needs_no_key_store();
        let authorizer = ByToken::Asked(Arc::clone(&self.authorizer.0));
        self.assemble(Arc::new(MemoryKeyStore::new()), authorizer)
    }
}

impl<I: Integration, A> Builder<I, NoKeyStore, A> {
    fn needs_no_key_store() {
        const {
            assert!(
                !I::HAS_CONSUMER,
                "this integration implements `ExternalApiConsumer`: call `.key_store(…)` before `.build()`"
            );
        }
    }
}

impl<I> Builder<I, Arc<dyn KeyStore>, InstalledTokens>
where
    I: Integration + ExternalApiConsumer<Client: Default>,
{
    /// Builds the service. It serves the tokens that were installed, each with the client type's default.
    ///
    /// # Errors
    /// When something is contradictory: the message says what.
    pub fn build(self) -> Result<Service<I>> {
        let client: MakeClient = || Arc::new(<I as ExternalApiConsumer>::Client::default());
        let key_store = Arc::clone(&self.key_store);
        self.assemble(
            key_store,
            ByToken::Installed {
                client,
                ask_botmatic: false,
            },
        )
    }
}

impl<I: Integration> Builder<I, Arc<dyn KeyStore>, OwnAuthorizer> {
    /// Builds the service.
    ///
    /// # Errors
    /// When something is contradictory: the message says what.
    pub fn build(self) -> Result<Service<I>> {
        let authorizer = ByToken::Asked(Arc::clone(&self.authorizer.0));
        let key_store = Arc::clone(&self.key_store);
        self.assemble(key_store, authorizer)
    }
}

impl<I, K, A> fmt::Debug for Builder<I, K, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "api")]
fn default_platform(base_url: Option<String>) -> Result<Arc<dyn Platform>> {
    let api = crate::api::BotmaticApi::new(base_url.as_deref())?;
    Ok(Arc::new(api))
}

#[cfg(not(feature = "api"))]
fn default_platform(_base_url: Option<String>) -> Result<Arc<dyn Platform>> {
    let message = "there is no way to Botmatic: call `.platform(…)`, or turn on the feature `api`";
    Err(Error::new(Kind::Configuration, message))
}

/// The state of a [`Builder`] that was given an authorizer.
pub struct OwnAuthorizer(Arc<dyn AnyAuthorizer>);

impl fmt::Debug for OwnAuthorizer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OwnAuthorizer").finish_non_exhaustive()
    }
}

type MakeClient = fn() -> AnyClient;

/// How it is decided which tokens are served.
enum ByToken {
    /// Those that were installed. Where installations are not remembered across a restart, Botmatic is asked.
    Installed { client: MakeClient, ask_botmatic: bool },
    /// Those that the user's authorizer knows.
    Asked(Arc<dyn AnyAuthorizer>),
}

/// An integration that is ready to answer. Cheap to clone; clones are the same service.
pub struct Service<I> {
    inner: Arc<Inner<I>>,
}

struct Inner<I> {
    context: Arc<Context<I>>,
    handlers: Handlers<I>,
    sync: Option<ContactSync<I>>,
    authorizer: ByToken,
    endpoint: String,
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
    /// Whether the token is served cannot be told at the moment.
    TryAgain,
    /// Neither an event nor an action.
    NotACall,
    /// Not JSON; the text says where.
    Malformed(String),
}

impl<I: Integration> Service<I> {
    /// The path to which Botmatic posts events and actions.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.inner.endpoint
    }

    /// The integration.
    #[must_use]
    pub fn integration(&self) -> &I {
        &self.inner.context.integration
    }

    /// Botmatic in the name of an installation, for routes of your own.
    ///
    /// # Errors
    /// When the token is not served ([`is_unauthorized`](Error::is_unauthorized)), or that cannot be told.
    pub async fn botmatic(&self, token: &Token) -> Result<Botmatic<I>> {
        match self.inner.authorize(token).await {
            Ok(Some(client)) => Ok(Botmatic::new(
                Arc::clone(&self.inner.context),
                token.clone(),
                client,
            )),
            Ok(None) => Err(Error::new(
                Kind::Unauthorized,
                "the token is not one that is served here",
            )),
            Err(error) => Err(Error::new(
                Kind::Unauthorized,
                "whose token it is cannot be told at the moment",
            )
            .with_source(error)),
        }
    }

    /// Answers one call: what was in the `Authorization` header after `Bearer`, and the body.
    pub async fn handle(&self, token: Option<Token>, body: &[u8]) -> Answer {
        let body = match wire::Body::parse(body) {
            Ok(body) => body,
            Err(malformed) => return Answer::Malformed(malformed.to_string()),
        };
        let token = token.filter(|token| !token.expose().is_empty());
        let event = body.action.is_none().then_some(body.event.as_deref()).flatten();
        if body.event.as_deref() == Some(event::install.name()) {
            return self.inner.install(token, body).await;
        }
        if body.event.as_deref() == Some(event::uninstall.name()) {
            return self.inner.uninstall(token, body).await;
        }
        let Some(token) = token else {
            return Answer::NotAuthorized;
        };
        let client = match self.inner.authorize(&token).await {
            Ok(Some(client)) => client,
            Ok(None) => return Answer::NotAuthorized,
            Err(error) => {
                tracing::warn!(installation = %token.installation(), error, "the authorizer failed");
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
        if is_event {
            self.inner.event(request).await
        } else {
            self.inner.action(request).await
        }
    }
}

impl<I: Integration> Inner<I> {
    async fn authorize(&self, token: &Token) -> Result<Option<AnyClient>, BoxError> {
        match &self.authorizer {
            ByToken::Asked(authorizer) => authorizer.authorize_any(token).await,
            ByToken::Installed { client, ask_botmatic } => {
                let known = self.context.key_store.installation(token.installation()).await?;
                if known.is_some_and(|installation| installation.token == *token) {
                    return Ok(Some(client()));
                }
                if *ask_botmatic && self.context.platform.validate_token(token).await? {
                    self.context
                        .key_store
                        .save_installation(token, self.context.clock.now())
                        .await?;
                    return Ok(Some(client()));
                }
                Ok(None)
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

    async fn event(&self, mut request: Request) -> Answer {
        let entry = self.handlers.event(&request.name);
        let replaced = entry.is_some_and(|entry| entry.replaces);
        let sync = self
            .sync
            .as_ref()
            .filter(|_| !replaced)
            .and_then(|sync| sync.of(&request.name));
        let synced = match sync {
            None if entry.is_none() => {
                let error = format!("No event \"{}\" defined", request.name);
                return reply(&Reply::failure(&error));
            }
            None => Reply::done(),
            Some(sync) => {
                let outcome = sync(&self.context, &request).await;
                log(&request, &outcome);
                let answer = synced(&outcome);
                request.outcome = Some(outcome.map_err(Arc::new));
                answer
            }
        };
        self.then_handler(&request, synced).await
    }

    /// Lets the user's handler of an event speak after the framework has done its part. A failure of either is a
    /// failure; a handler that has nothing to say leaves the word to the framework.
    async fn then_handler(&self, request: &Request, ours: Reply) -> Answer {
        let Some(entry) = self.handlers.event(&request.name) else {
            return reply(&ours);
        };
        let theirs = match (entry.handler)(&self.context, request).await {
            Ok(theirs) => theirs,
            Err(rejection) => Reply::failure(rejection.reason()),
        };
        if ours.is_success() && !theirs.is_default {
            reply(&theirs)
        } else {
            reply(&ours)
        }
    }

    async fn install(&self, token: Option<Token>, body: wire::Body) -> Answer {
        let Some(token) = self.confirmed(token).await else {
            return Answer::NotConfirmed;
        };
        let context = &self.context;
        let prepared = async {
            context
                .key_store
                .save_installation(&token, context.clock.now())
                .await?;
            if let Some(sync) = self.sync.as_ref().filter(|sync| !sync.properties.is_empty()) {
                context
                    .platform
                    .create_properties(&token, sync.properties)
                    .await?;
            }
            Ok(())
        };
        let installation = token.installation();
        if let Err(error) = prepared.await {
            tracing::warn!(%installation, %error, "install failed");
            return reply(&failed(&error));
        }
        tracing::info!(%installation, "installed");
        let request = self.about_installation(event::install.name(), token, body).await;
        self.then_handler(&request, Reply::done()).await
    }

    async fn uninstall(&self, token: Option<Token>, body: wire::Body) -> Answer {
        let known = match self.installed(token.as_ref()).await {
            Ok(known) => known,
            Err(error) => return reply(&failed(&error)),
        };
        // Botmatic may have revoked the token already; then it is enough that it was installed here.
        let token = match &known {
            Some(installation) => installation.token.clone(),
            None => match self.confirmed(token).await {
                Some(token) => token,
                None => return Answer::NotConfirmed,
            },
        };
        let installation = token.installation();
        let request = self
            .about_installation(event::uninstall.name(), token, body)
            .await;
        let answer = self.then_handler(&request, Reply::done()).await;
        let Some(known) = known else { return answer };
        match self.context.key_store.remove_installation(&known).await {
            Ok(true) => tracing::info!(%installation, "uninstalled"),
            Ok(false) => tracing::info!(%installation, "installed anew since: nothing removed"),
            Err(error) => {
                tracing::error!(%installation, %error, "the pairs could not be removed");
                return reply(&failed(&error));
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
                tracing::warn!(installation = %token.installation(), %error, "the token could not be validated");
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
        let client = self
            .authorize(&token)
            .await
            .ok()
            .flatten()
            .unwrap_or_else(|| Arc::new(()));
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
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<I> fmt::Debug for Service<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Service")
            .field("endpoint", &self.inner.endpoint)
            .finish_non_exhaustive()
    }
}

fn reply(reply: &Reply) -> Answer {
    Answer::Reply(wire::answer(reply.success, &reply.kind, &reply.data))
}

/// The answer of the framework to a contact event.
fn synced(outcome: &Result<Outcome>) -> Reply {
    match outcome {
        Ok(Outcome {
            effect: Effect::Deleted | Effect::Updated,
            ..
        }) => Reply::done(),
        Ok(outcome) => Reply {
            data: wire::data_of_success(Some(&outcome.external)),
            ..Reply::done()
        },
        Err(error) => failed(error),
    }
}

fn failed(error: &Error) -> Reply {
    Reply {
        success: false,
        data: wire::data_of_failure(&error.to_string()),
        ..Reply::done()
    }
}

fn log(request: &Request, outcome: &Result<Outcome>) {
    let (installation, event) = (request.token.installation(), &request.name);
    match outcome {
        Ok(Outcome {
            effect,
            contact,
            external,
        }) => {
            tracing::debug!(%installation, event, ?effect, %contact, %external, "synced");
        }
        // The message of the external service may tell of the person; ours do not.
        Err(error) if error.is_consumer() => {
            tracing::warn!(%installation, event, "the external service failed")
        }
        Err(error) => tracing::warn!(%installation, event, %error, "not synced"),
    }
}
