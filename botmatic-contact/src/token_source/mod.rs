//! Authentication at the external service: a token is obtained from an address with credentials, kept while it is good,
//! and sent along with requests.
//!
//! [`builder`] says how a source is put together, [`answer`] how a token is found in an answer. Here is when one is
//! obtained: by one request, whoever waits for it, and not before somebody does.

mod answer;
mod builder;
mod error;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, Shared, WeakShared};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Client, Request, RequestBuilder, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use tokio::time::Instant;

use self::answer::{Answer, Reading};
pub use self::builder::TokenSourceBuilder;
pub use self::error::TokenError;

/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 1 << 20;

/// Obtains a token from an address, sends it along with requests, and gets another when it is no longer accepted.
/// Clones are the same source.
///
/// However many callers need a token, one request is made for it, and its failure is the failure of all who waited; the
/// next caller tries again. Where the life time is known the token is replaced a little before its end. Neither the
/// credentials nor the token ever reach a log, an error or `Debug`, and the token never leaves the place that a request
/// was made for: redirects to another origin are not followed but given back.
///
/// ```
/// use botmatic_contact::{ConsumerError, TokenSource};
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Credentials<'a> {
///     user: &'a str,
///     password: &'a str,
/// }
///
/// # fn source() -> botmatic_contact::Result<TokenSource> {
/// let source = TokenSource::builder("https://crm.example/authorize")
///     .json(&Credentials { user: "integration", password: "s3cret" })
///     .token_at("/token")
///     .lifetime_at("/expires_in")
///     .build()?;
/// assert_eq!(format!("{source:?}"), r#"TokenSource { header: "authorization", .. }"#);
/// # Ok(source)
/// # }
/// # source().unwrap();
///
/// // In a consumer; `?` turns any failure into the consumer's own error.
/// async fn people(source: &TokenSource) -> Result<Vec<String>, ConsumerError> {
///     let request = source.client().get("https://crm.example/people");
///     Ok(source.send(request).await?.error_for_status()?.json().await?)
/// }
/// ```
#[derive(Clone)]
pub struct TokenSource(Arc<Inner>);

struct Inner {
    client: Client,
    url: Url,
    content_type: &'static str,
    credentials: SecretSlice<u8>,
    timeout: Duration,
    header: HeaderName,
    prefix: String,
    reading: Reading,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// How many tokens were obtained so far.
    obtained: u64,
    token: Option<AccessToken>,
    /// The request that is under way, kept alive by those who wait for it: when all of them have gone, so has it.
    under_way: Option<WeakShared<Obtaining>>,
}

type Obtaining = BoxFuture<'static, Result<AccessToken, TokenError>>;

impl TokenSource {
    /// Starts to build a source that obtains its tokens with a POST to this address.
    pub fn builder(url: impl AsRef<str>) -> TokenSourceBuilder {
        TokenSourceBuilder::new(url.as_ref())
    }

    /// The client that sends everything: what [`TokenSourceBuilder::client`] said, and redirects within one origin only.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// Sends a request with a token. Answered with 401 it is sent once more with a new token, unless its body is a
    /// stream; the second answer is given back, whatever it is.
    ///
    /// The request is sent by [`client`](Self::client), whichever client it was made with.
    ///
    /// # Errors
    /// When there is no token to be had, or the request is not one or is not answered. An answer is no error, whatever
    /// its status.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, TokenError> {
        let request = request.build_split().1.map_err(TokenError::request)?;
        let again = request.try_clone();
        let token = self.token().await?;
        let response = self.send_with(request, &token).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        self.refused(&token);
        match again {
            Some(request) => self.send_with(request, &self.token().await?).await,
            None => Ok(response),
        }
    }

    async fn send_with(&self, mut request: Request, token: &AccessToken) -> Result<Response, TokenError> {
        let (name, value) = token.header();
        request.headers_mut().insert(name, value);
        self.0.client.execute(request).await.map_err(TokenError::request)
    }

    /// A token, for those who send it themselves; say [`refused`](Self::refused) when it is not accepted.
    ///
    /// # Errors
    /// When there is none to be had.
    pub async fn token(&self) -> Result<AccessToken, TokenError> {
        let obtaining = {
            let mut state = self.0.state();
            if let Some(token) = state.token.as_ref().filter(|token| token.is_good()) {
                return Ok(token.clone());
            }
            match state.under_way.as_ref().and_then(WeakShared::upgrade) {
                Some(obtaining) => obtaining,
                None => {
                    let obtaining = Inner::obtain(Arc::clone(&self.0)).boxed().shared();
                    state.under_way = Shared::downgrade(&obtaining);
                    obtaining
                }
            }
        };
        obtaining.await
    }

    /// Says that a token was not accepted, so that another one is obtained when the next is asked for. If that was done
    /// already, nothing happens.
    pub fn refused(&self, token: &AccessToken) {
        let mut state = self.0.state();
        if state.token.as_ref().is_some_and(|current| current.0.number == token.0.number) {
            state.token = None;
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn obtain(self: Arc<Self>) -> Result<AccessToken, TokenError> {
        let issued = self.ask().await;
        let mut state = self.state();
        state.under_way = None;
        match issued {
            Ok(issued) => {
                state.obtained += 1;
                let token = AccessToken(Arc::new(Issued { number: state.obtained, ..issued }));
                state.token = Some(token.clone());
                tracing::debug!("a token for the external service was obtained");
                Ok(token)
            }
            Err(error) => {
                tracing::warn!(%error, "no token for the external service");
                Err(error)
            }
        }
    }

    async fn ask(&self) -> Result<Issued, TokenError> {
        let asked_at = Instant::now();
        let mut request = self.client.post(self.url.clone()).timeout(self.timeout);
        request = request.header(CONTENT_TYPE, self.content_type);
        if self.content_type == builder::JSON {
            request = request.header(ACCEPT, builder::JSON);
        }
        let body = self.credentials.expose_secret().to_vec();
        let response = request.body(body).send().await.map_err(TokenError::unreachable)?;
        let status = response.status();
        if !status.is_success() {
            return Err(TokenError::refused(status));
        }
        let answer = Answer::parse(&body_of(response).await?);

        let text = self.reading.token(&answer)?;
        let value = match self.prefix.as_str() {
            "" => HeaderValue::from_str(text.expose_secret()),
            prefix => HeaderValue::try_from(format!("{prefix} {}", text.expose_secret())),
        };
        let mut value = value.map_err(|_| TokenError::no_token("the token cannot stand in a header"))?;
        value.set_sensitive(true);
        let due = self.reading.lifetime(&answer).and_then(|lifetime| asked_at.checked_add(lifetime));
        Ok(Issued { number: 0, text, header: self.header.clone(), value, due })
    }
}

async fn body_of(mut response: Response) -> Result<Vec<u8>, TokenError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(TokenError::unreachable)? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(TokenError::no_token(format_args!("it has more than {LONGEST_ANSWER} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenSource").field("header", &self.0.header).finish_non_exhaustive()
    }
}

/// A token that the external service accepts, as far as is known. A secret: `Debug` does not print it.
#[derive(Clone)]
pub struct AccessToken(Arc<Issued>);

struct Issued {
    /// Counts the tokens of one source: two may have the same text.
    number: u64,
    text: SecretString,
    header: HeaderName,
    value: HeaderValue,
    /// When it is to be replaced.
    due: Option<Instant>,
}

impl AccessToken {
    /// The text itself, as it was issued. Do not log it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.text.expose_secret()
    }

    /// The header that carries it. On a redirect to another host reqwest drops such a header if its name is
    /// `Authorization`, and no other: a client that carries it elsewhere should not follow redirects.
    #[must_use]
    pub fn header(&self) -> (HeaderName, HeaderValue) {
        (self.0.header.clone(), self.0.value.clone())
    }

    fn is_good(&self) -> bool {
        self.0.due.is_none_or(|due| Instant::now() < due)
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AccessToken(…)")
    }
}
