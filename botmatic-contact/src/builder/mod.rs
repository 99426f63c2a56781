//! Putting a service together. What is missing does not compile where that can be said clearly.

mod consumer;
mod durable;

use std::any::type_name;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::agenda::Agenda;
use crate::auth::{AnyAuthorizer, Authorizer, ClientType, HasClient, MakeClient};
use crate::clock::{Clock, SystemClock};
use crate::consumer::ExternalApiConsumer;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::handlers::Handlers;
use crate::integration::{ByToken, Integration, Served, Service, served_path};
use crate::key_store::{KeyStore, MemoryKeyStore};
use crate::order::{Limits, Order};
use crate::platform::Platform;
use crate::sync::ContactSync;
use crate::table::Table;

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
    let parts = Parts {
        integration,
        handlers: Table::new(),
        sync: None,
        platform: None,
        clock: Arc::new(SystemClock),
        durable: None,
        limits: Limits::default(),
        request_limit: consumer::REQUEST_LIMIT,
        endpoint: "/".to_owned(),
        base_url: None,
        #[cfg(feature = "settings")]
        origins: Vec::new(),
        #[cfg(feature = "server")]
        health: None,
        #[cfg(feature = "server")]
        time_limit: None,
    };
    Builder { parts, key_store: NoKeyStore, authorizer: InstalledTokens }
}

/// The state of a [`Builder`] that has not been given a key store.
#[derive(Debug)]
pub struct NoKeyStore;

/// The state of a [`Builder`] that has not been given an authorizer: installed tokens are served.
#[derive(Debug)]
pub struct InstalledTokens;

/// The state of a [`Builder`] that serves every token.
#[derive(Debug)]
pub struct AnyToken(MakeClient, ClientType);

/// Puts a service together: the integration, where its pairs live, where Botmatic is, and who may call.
#[must_use = "a builder does nothing until `build`"]
pub struct Builder<I, K = NoKeyStore, A = InstalledTokens> {
    parts: Parts<I>,
    key_store: K,
    authorizer: A,
}

/// What does not depend on the state of a builder.
struct Parts<I> {
    integration: I,
    handlers: Table<I>,
    sync: Option<ContactSync<I>>,
    platform: Option<Arc<dyn Platform>>,
    clock: Arc<dyn Clock>,
    durable: Option<Agenda>,
    limits: Limits,
    request_limit: Duration,
    endpoint: String,
    base_url: Option<String>,
    #[cfg(feature = "settings")]
    origins: Vec<String>,
    #[cfg(feature = "server")]
    health: Option<String>,
    #[cfg(feature = "server")]
    time_limit: Option<Duration>,
}

impl<I: Integration, K, A> Builder<I, K, A> {
    /// The path to which Botmatic posts events and actions. Without this `/`. A slash at its end makes no difference.
    pub fn endpoint(mut self, path: impl Into<String>) -> Self {
        self.parts.endpoint = path.into();
        self
    }

    /// Handlers beside those of the integration, for what is known only when the program runs. They count as added
    /// after them: see [`Table::pattern`]. Calling this again adds more.
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// use botmatic_contact::{Reply, Table};
    /// # struct Weather;
    /// # #[botmatic::integration]
    /// # impl Weather {
    /// #     #[botmatic::action("forecast")]
    /// #     async fn forecast(&self) -> &'static str { "sunny" }
    /// # }
    ///
    /// let mut cities = Table::new();
    /// for city in ["Lyon", "Paris"] {
    ///     cities = cities.action(format!("forecast {city}"), |_call| Box::pin(async { Ok(Reply::done()) }));
    /// }
    /// let service = botmatic::builder(Weather).handlers(cities).build()?;
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    pub fn handlers(mut self, handlers: impl Handlers<I>) -> Self {
        self.parts.handlers = self.parts.handlers.merge(handlers);
        self
    }

    /// A path where `GET` and `HEAD` are answered with 200 and `{"status":"ok"}` as long as the process takes calls,
    /// whoever asks: for load balancers. It tells nothing else, and nobody keeps the answer.
    ///
    /// Without this, a server of [`Service::serve`] answers under `/health`, and a
    /// [router](Service::router) has no such route.
    #[cfg(feature = "server")]
    pub fn health(mut self, path: impl Into<String>) -> Self {
        self.parts.health = Some(path.into());
        self
    }

    /// How long Botmatic waits for the answer to a call at most; without this as long as it takes.
    ///
    /// After that time the answer speaks of failure, while the work goes on in its task and its end is logged; of an event
    /// that is [accepted](Self::durable) it says that. Set it
    /// where a handler, an authorizer or an external service may never come to an end: a bot that waits for an action
    /// can then say that something went wrong, and the connection is free. What the call does is not undone, so choose
    /// a time within which almost everything is done, and more than your service's own time limits. It holds for calls
    /// over HTTP, and neither for the settings page nor for [`Service::handle`].
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// # struct Weather;
    /// # #[botmatic::integration]
    /// # impl Weather {
    /// #     #[botmatic::action("forecast")]
    /// #     async fn forecast(&self) -> &'static str { "sunny" }
    /// # }
    /// use std::time::Duration;
    ///
    /// let service = botmatic::builder(Weather).health("/well").time_limit(Duration::from_secs(20)).build()?;
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    #[cfg(feature = "server")]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.parts.time_limit = Some(limit);
        self
    }

    /// Where Botmatic's API is. Without this the environment's `BOTMATIC_BASE_URL`, or else Botmatic's own address.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.parts.base_url = Some(url.into());
        self
    }

    /// An origin of Botmatic's own pages, as in `https://app.botmatic.ai`: they alone may show the settings page in a
    /// frame and exchange messages with it. To be called once for each. Without this it is the origin of the
    /// [`base_url`](Self::base_url), whatever the [`platform`](Self::platform) is.
    #[cfg(feature = "settings")]
    pub fn settings_origin(mut self, origin: impl Into<String>) -> Self {
        self.parts.origins.push(origin.into());
        self
    }

    /// Another way to reach Botmatic than its API over HTTP, for example the simulator.
    pub fn platform(mut self, platform: impl Platform) -> Self {
        self.parts.platform = Some(Arc::new(platform));
        self
    }

    /// Another clock than the machine's, for tests under virtual time.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.parts.clock = Arc::new(clock);
        self
    }

    /// How many calls are worked on at once at most; without this 256. At least one.
    ///
    /// It holds for the events of contacts, and again for all other calls together: so a bot that asks for something never
    /// waits for a sync. Who comes when so many are at work waits, see [`backlog`](Self::backlog). What one is told of one
    /// contact is worked on in the order in which it arrived, whatever this says; a contact whose turn it is not takes
    /// none of the room. Calls of the [`Botmatic`](crate::Botmatic) handle are not counted.
    ///
    /// Choose less where the external service or the database cannot take as much.
    ///
    /// ```
    /// # use botmatic_contact::prelude::*;
    /// # struct Weather;
    /// # #[botmatic::integration]
    /// # impl Weather {
    /// #     #[botmatic::action("forecast")]
    /// #     async fn forecast(&self) -> &'static str { "sunny" }
    /// # }
    /// let service = botmatic::builder(Weather).concurrency(16).backlog(100).build()?;
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.parts.limits.concurrency = calls;
        self
    }

    /// How many calls may be there beside as many as [can be worked on](Self::concurrency); without this 1024. What comes
    /// then is turned away at once with [`Answer::TryAgain`](crate::Answer::TryAgain), and so is who has waited for half a
    /// minute: over HTTP that is status 503 with a `Retry-After`, and nothing was done.
    pub fn backlog(mut self, calls: usize) -> Self {
        self.parts.limits.backlog = calls;
        self
    }

    /// Asks this authorizer who may call, and whose installation it is, instead of serving every installed token.
    ///
    /// | on the builder | which tokens are served | the client |
    /// |---|---|---|
    /// | nothing | those that were installed; without a key store those that Botmatic confirms | its default |
    /// | `authorize_with` | those for which the authorizer returns a client | that one |
    /// | [`accept_any_token`](Self::accept_any_token) | every one, whoever made it up | its default |
    ///
    /// A call without a token is never served, and `install` and `uninstall` are Botmatic's to confirm in all three.
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
        I: HasClient<Client = N::Client>,
        N: Authorizer,
    {
        let Self { parts, key_store, authorizer: _ } = self;
        let client = ClientType::of::<N::Client>();
        Builder { parts, key_store, authorizer: OwnAuthorizer(Arc::new(authorizer), client) }
    }

    /// **Serves whoever calls.** Any text in the `Authorization` header is taken for the token of an installation, so
    /// whoever finds the endpoint can run every action and event handler, and can have contacts created, changed and
    /// deleted on the external service, under any token that comes to mind. The client is its type's default.
    ///
    /// This is what the JavaScript library does where it is given no `auth`. It is for services that nobody but Botmatic
    /// can reach, and for demonstrations; see the table at [`authorize_with`](Self::authorize_with) for what else there
    /// is. [`build`](Self::build) leaves a warning in the log.
    pub fn accept_any_token(self) -> Builder<I, K, AnyToken>
    where
        I: HasClient<Client: Default>,
    {
        let Self { parts, key_store, authorizer: _ } = self;
        let client: MakeClient = || Arc::new(<I as HasClient>::Client::default());
        Builder {
            parts,
            key_store,
            authorizer: AnyToken(client, ClientType::of::<<I as HasClient>::Client>()),
        }
    }

    fn assemble(
        self,
        key_store: Arc<dyn KeyStore>,
        authorizer: ByToken,
        client: ClientType,
    ) -> Result<Service<I>> {
        let Parts {
            integration,
            handlers,
            sync,
            platform,
            clock,
            durable,
            limits,
            request_limit,
            endpoint,
            base_url,
            ..
        } = self.parts;
        if limits.concurrency == 0 {
            let message = "nothing would ever be worked on: give `.concurrency(…)` at least 1";
            return Err(Error::new(Kind::Configuration, message));
        }
        let served = Served {
            endpoint: served_path("endpoint", &endpoint)?,
            #[cfg(feature = "server")]
            health: self.parts.health.map(|health| served_path("health route", &health)).transpose()?,
            #[cfg(feature = "server")]
            time_limit: self.parts.time_limit,
        };
        let platform = match platform {
            Some(platform) => platform,
            None => default_platform(base_url.as_deref())?,
        };
        let handlers = I::table().merge(handlers);
        for insider in &handlers.insiders {
            insider.fits(type_name::<I>(), client, sync.is_some())?;
        }
        let handlers = handlers.check()?;
        #[cfg(feature = "settings")]
        let handlers = {
            let health = served.health.as_deref().unwrap_or(crate::server::HEALTH);
            handlers.placed(&served.endpoint, health, || match &*self.parts.origins {
                [] => Ok(vec![default_origin(base_url.as_deref())?]),
                _ => Ok(self.parts.origins),
            })?
        };
        if matches!(authorizer, ByToken::Any(_)) {
            tracing::warn!("every token is accepted: whoever reaches the endpoint is served");
        }
        let integration = Arc::new(integration);
        let (syncs, durable) = (sync.is_some(), durable.map(Arc::new));
        let order = Arc::new(Order::new(limits));
        let (began, counters) = (clock.now(), Arc::default());
        let context = Context {
            integration,
            key_store,
            platform,
            clock,
            began,
            request_limit,
            counters,
            order,
            syncs,
            durable,
        };
        Ok(Service::new(context, handlers, sync, authorizer, served))
    }
}

impl<I: Integration, A> Builder<I, NoKeyStore, A> {
    /// Keeps contacts in step: this is where their pairs live. An integration that implements [`ExternalApiConsumer`]
    /// needs one; without it, `cargo build` fails, and says so (`cargo check` does not get that far).
    ///
    /// ```compile_fail,E0080
    /// # use botmatic_contact::prelude::*;
    /// # #[derive(ContactMapping)]
    /// # struct Person {
    /// #     #[contact(id)]
    /// #     id: u64,
    /// # }
    /// # struct Crm;
    /// # impl ExternalApiConsumer for Crm {
    /// #     type Contact = Person;
    /// #     type Client = ();
    /// #     async fn create_contact(&self, _: &Auth, person: Person) -> Result<ExternalId, ConsumerError> {
    /// #         Ok(person.id.into())
    /// #     }
    /// #     async fn get_contact(&self, _: &Auth, _: &ExternalId) -> Result<Option<Person>, ConsumerError> {
    /// #         Ok(None)
    /// #     }
    /// #     async fn get_contact_by_email(&self, _: &Auth, _: &str) -> Result<Option<Person>, ConsumerError> {
    /// #         Ok(None)
    /// #     }
    /// #     async fn list_contacts(&self, _: &Auth, _: Page) -> Result<Vec<Person>, ConsumerError> {
    /// #         Ok(Vec::new())
    /// #     }
    /// #     async fn update_contact(&self, _: &Auth, _: &ExternalId, _: PersonPatch) -> Result<(), ConsumerError> {
    /// #         Ok(())
    /// #     }
    /// #     async fn delete_contact(&self, _: &Auth, _: &ExternalId) -> Result<(), ConsumerError> {
    /// #         Ok(())
    /// #     }
    /// # }
    /// # #[botmatic::integration]
    /// # impl Crm {
    /// #     #[botmatic::action("ping")]
    /// #     async fn ping(&self) {}
    /// # }
    /// let service = botmatic::builder(Crm).build()?; // `Crm` implements `ExternalApiConsumer`
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    pub fn key_store(self, key_store: impl KeyStore) -> Builder<I, Arc<dyn KeyStore>, A>
    where
        I: ExternalApiConsumer,
    {
        let Self { parts, authorizer, key_store: _ } = self;
        let parts = Parts { sync: Some(ContactSync::new()), ..parts };
        Builder { parts, key_store: Arc::new(key_store), authorizer }
    }
}

impl<I: Integration> Builder<I, NoKeyStore, InstalledTokens> {
    /// Builds the service of an integration without contacts. It serves the tokens that Botmatic confirms, each with
    /// the client type's default.
    ///
    /// # Errors
    /// When something is contradictory: the message says what.
    pub fn build(self) -> Result<Service<I>> {
        let () = Self::NEEDS_NO_KEY_STORE;
        let (client, of) = match (I::DEFAULT_CLIENT, I::CLIENT) {
            (Some(client), Some(of)) => (client, of),
            (None, Some(of)) => return Err(nobody_says_which(of)),
            (_, None) => ((|| Arc::new(())) as MakeClient, ClientType::of::<()>()),
        };
        let key_store = Arc::new(MemoryKeyStore::new());
        self.assemble(key_store, ByToken::Installed { client, ask_botmatic: true }, of)
    }
}

impl<I: Integration> Builder<I, NoKeyStore, OwnAuthorizer> {
    /// Builds the service of an integration without contacts.
    ///
    /// # Errors
    /// When something is contradictory: the message says what.
    pub fn build(self) -> Result<Service<I>> {
        let () = Self::NEEDS_NO_KEY_STORE;
        let OwnAuthorizer(authorizer, client) = &self.authorizer;
        let (authorizer, client) = (ByToken::Asked(Arc::clone(authorizer)), *client);
        self.assemble(Arc::new(MemoryKeyStore::new()), authorizer, client)
    }
}

impl<I: Integration> Builder<I, NoKeyStore, AnyToken> {
    /// Builds the service of an integration without contacts.
    ///
    /// # Errors
    /// When something is contradictory: the message says what.
    pub fn build(self) -> Result<Service<I>> {
        let () = Self::NEEDS_NO_KEY_STORE;
        let AnyToken(make, client) = self.authorizer;
        self.assemble(Arc::new(MemoryKeyStore::new()), ByToken::Any(make), client)
    }
}

impl<I: Integration, A> Builder<I, NoKeyStore, A> {
    /// To be named by `build` itself, so that the compiler shows who calls it.
    const NEEDS_NO_KEY_STORE: () = assert!(
        !I::HAS_CONSUMER,
        "this integration implements `ExternalApiConsumer`: call `.key_store(…)` before `.build()`"
    );
}

fn nobody_says_which(client: ClientType) -> Error {
    let client = client.name();
    let message = format!(
        "nothing says which `{client}` belongs to an installation: say it for each token with `.authorize_with(…)` before \
         `.build()`; or implement `Default` for `{client}`, if it is the same for every installation"
    );
    Error::new(Kind::Configuration, message)
}

/// A client type that needs no authorizer: whoever installed the integration is served with its default.
#[diagnostic::on_unimplemented(
    message = "nothing says which `{Self}` belongs to an installation",
    label = "the client of this integration has no default",
    note = "say it for each token with `.authorize_with(…)` before `.build()`; or implement `Default` for `{Self}`, if it is \
            the same for every installation"
)]
pub trait DefaultClient: Default {}

#[diagnostic::do_not_recommend]
impl<C: Default> DefaultClient for C {}

impl<I: Integration> Builder<I, Arc<dyn KeyStore>, InstalledTokens> {
    /// Builds the service. It serves the tokens that were installed, each with the client type's default.
    ///
    /// # Errors
    /// When something is contradictory: the message says what.
    pub fn build(self) -> Result<Service<I>>
    where
        I: ExternalApiConsumer<Client: DefaultClient>,
    {
        let client: MakeClient = || Arc::new(<I as ExternalApiConsumer>::Client::default());
        let of = ClientType::of::<<I as ExternalApiConsumer>::Client>();
        let key_store = Arc::clone(&self.key_store);
        self.assemble(key_store, ByToken::Installed { client, ask_botmatic: false }, of)
    }
}

impl<I: Integration> Builder<I, Arc<dyn KeyStore>, OwnAuthorizer> {
    /// Builds the service.
    ///
    /// # Errors
    /// When something is contradictory: the message says what.
    pub fn build(self) -> Result<Service<I>> {
        let OwnAuthorizer(authorizer, client) = &self.authorizer;
        let (authorizer, client) = (ByToken::Asked(Arc::clone(authorizer)), *client);
        let key_store = Arc::clone(&self.key_store);
        self.assemble(key_store, authorizer, client)
    }
}

impl<I: Integration> Builder<I, Arc<dyn KeyStore>, AnyToken> {
    /// Builds the service.
    ///
    /// # Errors
    /// When something is contradictory: the message says what.
    pub fn build(self) -> Result<Service<I>> {
        let AnyToken(make, client) = self.authorizer;
        let key_store = Arc::clone(&self.key_store);
        self.assemble(key_store, ByToken::Any(make), client)
    }
}

impl<I, K, A> fmt::Debug for Builder<I, K, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Builder").field("endpoint", &self.parts.endpoint).finish_non_exhaustive()
    }
}

#[cfg(feature = "api")]
fn default_platform(base_url: Option<&str>) -> Result<Arc<dyn Platform>> {
    let api = crate::api::BotmaticApi::new(base_url)?;
    Ok(Arc::new(api))
}

#[cfg(not(feature = "api"))]
fn default_platform(_base_url: Option<&str>) -> Result<Arc<dyn Platform>> {
    let message = "there is no way to Botmatic: call `.platform(…)`, or turn on the feature `api`";
    Err(Error::new(Kind::Configuration, message))
}

#[cfg(all(feature = "settings", feature = "api"))]
fn default_origin(base_url: Option<&str>) -> Result<String> {
    crate::api::origin(base_url)
}

#[cfg(all(feature = "settings", not(feature = "api")))]
fn default_origin(_base_url: Option<&str>) -> Result<String> {
    let message = "nothing says where Botmatic's pages are: call `.settings_origin(…)`";
    Err(Error::new(Kind::Configuration, message))
}

/// The state of a [`Builder`] that was given an authorizer.
pub struct OwnAuthorizer(Arc<dyn AnyAuthorizer>, ClientType);

impl fmt::Debug for OwnAuthorizer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OwnAuthorizer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event;
    use crate::reply::Reply;

    struct Quiet;

    impl Integration for Quiet {
        fn table() -> Table<Self> {
            Table::new().on(event::user_reply, |_| Box::pin(async { Ok(Reply::done()) }))
        }
    }

    struct Twice;

    impl Integration for Twice {
        fn table() -> Table<Self> {
            let quiet = || Table::new().action("wave", |_| Box::pin(async { Ok(Reply::done()) }));
            quiet().merge(quiet())
        }
    }

    #[test]
    #[cfg(feature = "api")]
    fn an_endpoint_that_is_no_path_is_refused_before_anything_is_served() {
        for path in [
            "",
            "hook",
            "http://here/hook",
            "/{token}",
            "/hook?x=1",
            "/hook#top",
            "/:token",
            "/*",
            "//",
            "/a b",
            "/é",
        ] {
            let error = builder(Quiet).endpoint(path).build().unwrap_err();
            assert!(error.is_configuration() && error.to_string().contains("is not a path"), "{path}");
            #[cfg(feature = "server")]
            assert!(builder(Quiet).health(path).build().unwrap_err().is_configuration(), "{path}");
        }
        assert_eq!(builder(Quiet).endpoint("/bot/matic/").build().unwrap().endpoint(), "/bot/matic");
    }

    #[test]
    #[cfg(feature = "api")]
    fn an_action_with_two_handlers_is_refused_by_name() {
        let error = builder(Twice).build().unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("`wave`"), "{error}");
    }
}
