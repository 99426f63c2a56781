//! How Botmatic's API is to be called.

use std::env;
use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use backon::ExponentialBuilder;
use reqwest::{Client, Url, redirect};

use super::BotmaticApi;
use super::pace::Pace;
use crate::consumer::PAGE_SIZE;
use crate::error::{Error, Kind, Result};

/// Where Botmatic is when nobody says otherwise.
const BOTMATIC: &str = "https://app.botmatic.ai";

/// The environment variable that says otherwise.
const BASE_URL_VARIABLE: &str = "BOTMATIC_BASE_URL";

/// How long one attempt may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest pause between two attempts that nobody asked for.
const LONGEST_DELAY: Duration = Duration::from_secs(10);

/// Durations beyond this count as this.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Sets up a [`BotmaticApi`].
///
/// | option | default | |
/// |---|---|---|
/// | [`base_url`](Self::base_url) | the environment's `BOTMATIC_BASE_URL`, else `https://app.botmatic.ai` | where Botmatic is |
/// | [`timeout`](Self::timeout) | 30 s | for one attempt, from the connection to the last byte of the answer |
/// | [`connect_timeout`](Self::connect_timeout) | 10 s | for the connection alone |
/// | [`total_timeout`](Self::total_timeout) | 2 min | for a request with all its attempts and waits |
/// | [`retries`](Self::retries) | 4 | further attempts after the first |
/// | [`retry_delay`](Self::retry_delay) | 200 ms | before the first of them; doubled each time, up to 10 s, with jitter |
/// | [`batch_size`](Self::batch_size) | 30 contacts | in one request |
/// | [`rate_limit`](Self::rate_limit) | off | requests per second and installation, and how many at once |
///
/// Durations are at most a day.
///
/// ```
/// use std::num::NonZero;
/// use std::time::Duration;
///
/// use botmatic_contact::prelude::*;
/// use botmatic_contact::BotmaticApi;
///
/// # struct Weather;
/// # #[botmatic::integration]
/// # impl Weather {
/// #     #[botmatic::action("forecast")]
/// #     async fn forecast(&self) -> &'static str { "sunny" }
/// # }
/// let api = BotmaticApi::builder()
///     .base_url("http://127.0.0.1:4000")
///     .total_timeout(Duration::from_secs(20))
///     .rate_limit(const { NonZero::new(5).unwrap() }, const { NonZero::new(10).unwrap() })
///     .build()?;
/// let service = botmatic::builder(Weather).platform(api).build()?;
/// # Ok::<(), botmatic_contact::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `build`"]
pub struct BotmaticApiBuilder {
    base_url: Option<String>,
    timeout: Duration,
    connect_timeout: Duration,
    total_timeout: Duration,
    retries: usize,
    retry_delay: Duration,
    batch_size: NonZeroUsize,
    rate_limit: Option<(NonZeroU32, NonZeroU32)>,
}

impl BotmaticApiBuilder {
    pub(super) fn new() -> Self {
        Self {
            base_url: None,
            timeout: TIMEOUT,
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(120),
            retries: 4,
            retry_delay: Duration::from_millis(200),
            batch_size: const { NonZeroUsize::new(PAGE_SIZE as usize).unwrap() },
            rate_limit: None,
        }
    }

    /// Where Botmatic's API is. A path is kept, and a slash at the end does not matter.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// How long one attempt may take, from the connection to the last byte of the answer.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout.min(LONGEST);
        self
    }

    /// How long it may take to connect. Where no connection was made nothing was done, so even a create is tried again.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout.min(LONGEST);
        self
    }

    /// How long a request may take with all its attempts and all the waits between them. Where a wait, be it one that
    /// Botmatic asks for, would end later, the error comes at once. Contacts that are sent in several batches take one
    /// request for each.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = timeout.min(LONGEST);
        self
    }

    /// How often a request is tried again after a failure in passing. A create is tried again only if it was certainly
    /// not carried out.
    pub fn retries(mut self, retries: usize) -> Self {
        self.retries = retries;
        self
    }

    /// How long to wait before the second attempt, at least; up to twice as long, by chance. Each further wait is twice
    /// as long, up to 10 s.
    pub fn retry_delay(mut self, delay: Duration) -> Self {
        self.retry_delay = delay.min(LONGEST_DELAY);
        self
    }

    /// How many contacts are created or changed with one request. (An import reads pages of 30 from the external
    /// service, and sends them page by page.)
    pub fn batch_size(mut self, contacts: NonZeroUsize) -> Self {
        self.batch_size = contacts;
        self
    }

    /// At most so many requests per second in the name of each installation, and `burst` at once after a rest.
    pub fn rate_limit(mut self, per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        self.rate_limit = Some((per_second, burst));
        self
    }

    /// The API, with no connection yet.
    ///
    /// # Errors
    /// When the address is none, or the machine has no usable TLS.
    pub fn build(self) -> Result<BotmaticApi> {
        let base = base_url(self.base_url)?;
        let client = Client::builder()
            .connect_timeout(self.connect_timeout)
            .redirect(redirect::Policy::none())
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
        // Reading the machine's certificates takes most of the time that a service needs to start.
        #[cfg(feature = "tls")]
        let client = if base.scheme() == "http" { client.tls_certs_only([]) } else { client };
        let client = client.build().map_err(|source| {
            Error::new(Kind::Configuration, "the HTTP client cannot be set up").with_source(source)
        })?;
        let retries = ExponentialBuilder::default()
            .with_min_delay(self.retry_delay)
            .with_max_delay(LONGEST_DELAY)
            .with_max_times(self.retries)
            .with_jitter();
        Ok(BotmaticApi {
            client,
            base,
            timeout: self.timeout,
            total_timeout: self.total_timeout,
            retries,
            batch_size: self.batch_size,
            pace: Arc::new(Pace::new(self.rate_limit)),
        })
    }
}

impl fmt::Debug for BotmaticApiBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BotmaticApiBuilder").finish_non_exhaustive()
    }
}

/// The address that was chosen, that of the environment, or Botmatic's own.
pub(super) fn base_url(chosen: Option<String>) -> Result<Url> {
    let from_environment = || env::var(BASE_URL_VARIABLE).ok().filter(|url| !url.is_empty());
    let base = chosen.or_else(from_environment).unwrap_or_else(|| BOTMATIC.to_owned());
    let url =
        base.parse().ok().filter(|url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let wrong = match url {
        Some(url) if url.username().is_empty() && url.password().is_none() => return Ok(url),
        Some(_) => "an address with a name or a password in it".to_owned(),
        None => format!("`{base}`"),
    };
    let message = format!(
        "{wrong} is no address of Botmatic's API: write it as in `{BOTMATIC}`, in `{BASE_URL_VARIABLE}` or with \
         `.base_url(…)`"
    );
    Err(Error::new(Kind::Configuration, message))
}
