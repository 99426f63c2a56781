//! One request to Botmatic's API: how it is sent, tried again, and read.

use std::time::{Duration, SystemTime};

use backon::{ExponentialBuilder, Retryable};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::BotmaticApi;
use crate::contact::Value;
use crate::error::{Error, Result};
use crate::id::ContactId;
use crate::token::Token;
use crate::wire::api as wire;

/// How often a request is tried again.
const RETRIES: usize = 4;

/// The longest pause that a `Retry-After` is obeyed for; whoever asks for more gets the error.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What is escaped in a segment of a path: all but the characters that no address takes for anything else.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How much of an answer an error shows.
const EXCERPT: usize = 200;

/// Whether doing something twice is the same as doing it once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Safety {
    /// It is.
    Repeatable,
    /// It is not: the request is sent again only when it was certainly not carried out.
    Once,
}

/// A request that is being put together.
pub(super) struct Call<'a> {
    api: &'a BotmaticApi,
    method: Method,
    path: String,
    id: Option<String>,
    query: Option<String>,
    token: Option<&'a Token>,
    bearer: bool,
    body: Option<(&'static str, Vec<u8>)>,
    safety: Safety,
}

impl<'a> Call<'a> {
    pub(super) fn new(api: &'a BotmaticApi, method: Method, path: &str) -> Self {
        let path = path.to_owned();
        Self {
            api,
            method,
            path,
            id: None,
            query: None,
            token: None,
            bearer: false,
            body: None,
            safety: Safety::Once,
        }
    }

    /// In whose name it is sent.
    pub(super) fn token(self, token: &'a Token) -> Self {
        Self { bearer: true, ..self.about(token) }
    }

    /// Which token it is about, if it is not sent in its name.
    pub(super) fn about(mut self, token: &'a Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Names one thing among those of the path. It may hold any character. What an address takes for another place
    /// than one below the path names nothing.
    pub(super) fn id(mut self, id: &str) -> Result<Self> {
        if matches!(id, "" | "." | "..") {
            return Err(Error::not_found());
        }
        self.id = Some(utf8_percent_encode(id, SEGMENT).to_string());
        Ok(self)
    }

    pub(super) fn query(mut self, query: &impl Serialize) -> Result<Self> {
        self.query = Some(serde_urlencoded::to_string(query).map_err(unwritable)?);
        Ok(self)
    }

    pub(super) fn json(mut self, body: &impl Serialize) -> Result<Self> {
        self.body = Some(("application/json", serde_json::to_vec(body).map_err(unwritable)?));
        Ok(self)
    }

    pub(super) fn form(mut self, body: &impl Serialize) -> Result<Self> {
        let body = serde_urlencoded::to_string(body).map_err(unwritable)?;
        self.body = Some(("application/x-www-form-urlencoded", body.into_bytes()));
        Ok(self)
    }

    pub(super) fn safety(mut self, safety: Safety) -> Self {
        self.safety = safety;
        self
    }

    /// Sends the request until it is answered, refused, or not worth another attempt.
    pub(super) async fn send(self) -> Result<Answered> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(200))
            .with_max_delay(Duration::from_secs(10))
            .with_max_times(RETRIES)
            .with_jitter();
        let attempt = || async {
            let response = self.request().send().await.map_err(|source| {
                let may_retry = source.is_connect() || self.safety == Safety::Repeatable;
                Attempt { error: self.unreachable(source), pause: may_retry.then_some(None) }
            })?;
            self.read(response).await
        };
        attempt
            .retry(pauses)
            .when(|attempt: &Attempt| attempt.pause.is_some())
            .adjust(|attempt, pause| {
                pause.map(|pause| pause.max(attempt.pause.flatten().unwrap_or_default()))
            })
            .await
            .map_err(|attempt| attempt.error)
    }

    fn request(&self) -> RequestBuilder {
        let mut url = match &self.id {
            Some(id) => self.api.url(&format!("{}/{id}", self.path)),
            None => self.api.url(&self.path),
        };
        url.set_query(self.query.as_deref());
        let mut request =
            self.api.client.request(self.method.clone(), url).header(ACCEPT, "application/json");
        if let Some(token) = self.token.filter(|_| self.bearer) {
            request = request.bearer_auth(token.expose());
        }
        match &self.body {
            Some((content_type, body)) => request.header(CONTENT_TYPE, *content_type).body(body.clone()),
            None => request,
        }
    }

    async fn read(&self, response: Response) -> Result<Answered, Attempt> {
        let status = response.status();
        let retry_after = retry_after(response.headers());
        let body = response.bytes().await.map_err(|source| {
            let may_retry = self.safety == Safety::Repeatable;
            Attempt { error: self.unreachable(source), pause: may_retry.then_some(None) }
        })?;
        let token = self.token.cloned();
        let answered = Answered { what: self.what(), status, body: body.to_vec(), token };
        // 429 and 503 say that nothing was done; after other failures of the server something may have been.
        let not_done = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let may_retry = not_done || (status.is_server_error() && self.safety == Safety::Repeatable);
        if may_retry && retry_after.unwrap_or_default() <= LONGEST_PAUSE {
            return Err(Attempt { error: answered.failure(), pause: Some(retry_after) });
        }
        Ok(answered)
    }

    fn what(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn unreachable(&self, source: reqwest::Error) -> Error {
        // The address may tell of ids; the method and the path are enough.
        let source = source.without_url();
        let message = format!("Botmatic did not answer {}; is it reachable from here?", self.what());
        Error::platform(None, message).with_source(source)
    }
}

/// An attempt that failed; `pause` says whether to make another, and how long to wait at least.
struct Attempt {
    error: Error,
    pause: Option<Option<Duration>>,
}

/// An answer of Botmatic's.
pub(super) struct Answered {
    what: String,
    status: StatusCode,
    body: Vec<u8>,
    /// What must not get into an error, even if Botmatic repeats it.
    token: Option<Token>,
}

impl Answered {
    pub(super) fn is(&self, status: StatusCode) -> bool {
        self.status == status
    }

    /// Insists on one status.
    pub(super) fn require(self, status: StatusCode) -> Result<Self> {
        if self.is(status) { Ok(self) } else { Err(self.failure()) }
    }

    /// Insists on any status of success.
    pub(super) fn success(self) -> Result<Self> {
        if self.status.is_success() { Ok(self) } else { Err(self.failure()) }
    }

    /// Reads the body, which is an object in every answer. (A list would pass too: serde takes one for a struct's
    /// fields in order.)
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        let unexpected = |place: String| {
            let what = &self.what;
            let message =
                format!("Botmatic answered {what} with a body that is not what was expected: {place}");
            Error::platform(None, message)
        };
        if !self.body.trim_ascii_start().starts_with(b"{") {
            return Err(unexpected("no object".to_owned()));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| unexpected(format!("line {}, column {}", error.line(), error.column())))
    }

    /// What Botmatic said, as far as it may stand in an error: without the token.
    fn quotable(&self, said: &str) -> String {
        match self.token.as_ref().map(Token::expose) {
            Some(token) if !token.is_empty() => said.replace(token, "…"),
            _ => said.to_owned(),
        }
    }

    /// Insists that the body does not speak of failure. It may be empty: its status has said all.
    pub(super) fn accepted(self) -> Result<Self> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(self);
        }
        match self.json()? {
            wire::Verdict { success: true, .. } => Ok(self),
            wire::Verdict { error, .. } => Err(self.refusal(error)),
        }
    }

    /// The id in an answer to a create, or in one item of it.
    pub(super) fn created(&self, answer: wire::Answer) -> Result<ContactId> {
        match answer {
            wire::Answer { success: true, id: Some(id), .. } => Ok(id),
            wire::Answer { success: true, id: None, .. } => {
                Err(Error::platform(None, "Botmatic created a contact and did not say its id"))
            }
            wire::Answer { error, .. } => Err(self.refusal(error)),
        }
    }

    /// Botmatic can refuse under a status of success.
    fn refusal(&self, reason: Option<Value>) -> Error {
        let reason = match reason {
            Some(Value::String(reason)) => reason,
            Some(reason) => reason.to_string(),
            None => "it gave no reason".to_owned(),
        };
        let message = format!("Botmatic refused: {}", self.quotable(&reason));
        Error::platform(Some(StatusCode::UNPROCESSABLE_ENTITY.as_u16()), message)
    }

    fn failure(&self) -> Error {
        let said = self.quotable(&String::from_utf8_lossy(&self.body));
        let excerpt: String = said.chars().take(EXCERPT).collect();
        let excerpt = excerpt.split_whitespace().collect::<Vec<_>>().join(" ");
        let message = format!("Botmatic answered {} with {}: {excerpt}", self.what, self.status);
        Error::platform(Some(self.status.as_u16()), message)
    }
}

/// How long to wait: a number of seconds, or until a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    SystemTime::from(date.timestamp()).duration_since(SystemTime::now()).ok()
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::platform(None, "the request cannot be written").with_source(error)
}
