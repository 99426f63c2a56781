//! Putting a service together. What is missing does not compile where that can be said clearly.

use std::fmt;
use std::sync::Arc;

use crate::auth::{AnyAuthorizer, Authorizer, HasClient};
use crate::clock::{Clock, SystemClock};
use crate::consumer::ExternalApiConsumer;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::integration::{ByToken, Integration, MakeClient, Service, is_path};
use crate::key_store::{KeyStore, MemoryKeyStore};
use crate::platform::Platform;
use crate::sync::ContactSync;

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
        #[cfg(feature = "settings")]
        origins: Vec::new(),
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
    #[cfg(feature = "settings")]
    origins: Vec<String>,
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

    /// An origin of Botmatic's own pages, as in `https://app.botmatic.ai`: they alone may show the settings page in a
    /// frame and exchange messages with it. To be called once for each. Without this it is the origin of Botmatic's API.
    #[cfg(feature = "settings")]
    pub fn settings_origin(mut self, origin: impl Into<String>) -> Self {
        self.origins.push(origin.into());
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
        Builder {
            integration: self.integration,
            key_store: self.key_store,
            authorizer: OwnAuthorizer(Arc::new(authorizer)),
            sync: self.sync,
            platform: self.platform,
            clock: self.clock,
            endpoint: self.endpoint,
            base_url: self.base_url,
            #[cfg(feature = "settings")]
            origins: self.origins,
        }
    }

    fn assemble(self, key_store: Arc<dyn KeyStore>, authorizer: ByToken) -> Result<Service<I>> {
        #[cfg(feature = "settings")]
        let origins = self.origins;
        let Self { integration, sync, platform, clock, endpoint, base_url, .. } = self;
        if !is_path(&endpoint) {
            let message = format!(
                "the endpoint `{endpoint}` is not a path: begin it with `/`, and write neither parameters nor a query"
            );
            return Err(Error::new(Kind::Configuration, message));
        }
        let platform = match platform {
            Some(platform) => platform,
            None => default_platform(base_url.as_deref())?,
        };
        let handlers = I::table().check()?;
        #[cfg(feature = "settings")]
        let handlers = handlers.placed(&endpoint, || match &*origins {
            [] => Ok(vec![default_origin(base_url.as_deref())?]),
            _ => Ok(origins),
        })?;
        let context = Context { integration, key_store, platform, clock, syncs: sync.is_some() };
        Ok(Service::new(context, handlers, sync, authorizer, endpoint))
    }
}

impl<I: Integration, A> Builder<I, NoKeyStore, A> {
    /// Keeps contacts in step: this is where their pairs live.
    pub fn key_store(self, key_store: impl KeyStore) -> Builder<I, Arc<dyn KeyStore>, A>
    where
        I: ExternalApiConsumer,
    {
        Builder {
            integration: self.integration,
            key_store: Arc::new(key_store),
            authorizer: self.authorizer,
            sync: Some(ContactSync::new()),
            platform: self.platform,
            clock: self.clock,
            endpoint: self.endpoint,
            base_url: self.base_url,
            #[cfg(feature = "settings")]
            origins: self.origins,
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
        self.assemble(Arc::new(MemoryKeyStore::new()), ByToken::Installed { client, ask_botmatic: true })
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
        self.assemble(key_store, ByToken::Installed { client, ask_botmatic: false })
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
        formatter.debug_struct("Builder").field("endpoint", &self.endpoint).finish_non_exhaustive()
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
pub struct OwnAuthorizer(Arc<dyn AnyAuthorizer>);

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
    use crate::table::Table;

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
        for endpoint in ["", "hook", "http://here/hook", "/{token}", "/hook?x=1", "/hook#top"] {
            let error = builder(Quiet).endpoint(endpoint).build().unwrap_err();
            assert!(error.is_configuration() && error.to_string().contains("is not a path"), "{endpoint}");
        }
        assert!(builder(Quiet).endpoint("/bot/matic").build().is_ok());
    }

    #[test]
    #[cfg(feature = "api")]
    fn an_action_with_two_handlers_is_refused_by_name() {
        let error = builder(Twice).build().unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("`wave`"), "{error}");
    }
}
