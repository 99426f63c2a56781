//! One request to Botmatic's API: how it is put together, sent, and tried again.

use std::fmt;
use std::time::Duration;

use backon::Retryable;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use tokio::time::Instant;

use super::BotmaticApi;
use super::answer::Answered;
use super::pace::LONGEST_PAUSE;
use crate::contact::Properties;
use crate::error::{Error, Result};
use crate::failure::{self, Failure};
use crate::token::Token;

/// What is escaped in a segment of a path: all but the characters that no address takes for anything else.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 16 << 20;

/// Whether doing something twice is the same as doing it once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Safety {
    /// It is.
    Repeatable,
    /// It is not: the request is sent again only when it was certainly not carried out.
    Once,
}

/// What a request is about, for errors: they name the method and the path, and never what else is in here.
#[derive(Clone)]
pub(super) struct About<'a> {
    method: Method,
    path: String,
    pub(super) token: Option<&'a Token>,
    pub(super) contacts: Vec<&'a Properties>,
}

impl fmt::Display for About<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

/// A request that is being put together.
pub(super) struct Call<'a> {
    api: &'a BotmaticApi,
    about: About<'a>,
    id: Option<String>,
    query: Option<String>,
    bearer: bool,
    body: Option<(&'static str, Vec<u8>)>,
    safety: Safety,
}

impl<'a> Call<'a> {
    pub(super) fn new(api: &'a BotmaticApi, method: Method, path: &str) -> Self {
        let about = About { method, path: path.to_owned(), token: None, contacts: Vec::new() };
        Self { api, about, id: None, query: None, bearer: false, body: None, safety: Safety::Once }
    }

    /// In whose name it is sent.
    pub(super) fn token(self, token: &'a Token) -> Self {
        Self { bearer: true, ..self.about(token) }
    }

    /// Which token it is about, if it is not sent in its name.
    pub(super) fn about(mut self, token: &'a Token) -> Self {
        self.about.token = Some(token);
        self
    }

    /// What contacts hold that the body tells of.
    pub(super) fn holding(mut self, contacts: impl IntoIterator<Item = &'a Properties>) -> Self {
        self.about.contacts = contacts.into_iter().collect();
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
    pub(super) async fn send(self) -> Result<Answered<'a>> {
        let deadline = Instant::now() + self.api.total_timeout;
        let attempt = || self.attempt(deadline);
        attempt
            .retry(self.api.retries)
            .when(|attempt: &Attempt| attempt.again.is_some())
            .adjust(|attempt, pause| {
                let asked_for = attempt.again.unwrap_or_default();
                pause.filter(|pause| Instant::now() + asked_for.max(*pause) <= deadline)
            })
            .notify(|attempt, pause| {
                let (request, error) = (&self.about, attempt.error.outline());
                tracing::debug!(%request, %error, ?pause, "tried again");
            })
            .await
            .map_err(|attempt| attempt.error)
    }

    async fn attempt(&self, deadline: Instant) -> Result<Answered<'a>, Attempt> {
        if let Some(token) = self.about.token {
            let turn = self.api.pace.turn(token.installation(), deadline).await;
            turn.map_err(|wait| Attempt { error: self.held_back(wait), again: None })?;
        }
        let timeout = self.api.timeout.min(deadline - Instant::now());
        let response = self.request().timeout(timeout).send().await;
        // Without a connection nothing was done.
        self.read(response.map_err(|source| self.lost(source.is_connect(), source))?).await
    }

    fn request(&self) -> RequestBuilder {
        let About { method, path, token, .. } = &self.about;
        let mut url = match &self.id {
            Some(id) => self.api.url(&format!("{path}/{id}")),
            None => self.api.url(path),
        };
        url.set_query(self.query.as_deref());
        let mut request = self.api.client.request(method.clone(), url).header(ACCEPT, "application/json");
        if let Some(token) = token.filter(|_| self.bearer) {
            request = request.bearer_auth(token.expose());
        }
        match &self.body {
            Some((content_type, body)) => request.header(CONTENT_TYPE, *content_type).body(body.clone()),
            None => request,
        }
    }

    async fn read(&self, mut response: Response) -> Result<Answered<'a>, Attempt> {
        let status = response.status();
        // These say that nothing was done; after other failures of the server something may have been.
        let not_done = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let pause = retry_after(response.headers()).filter(|_| not_done);
        if let (Some(token), Some(pause)) = (self.about.token, pause) {
            self.api.pace.pause(token.installation(), pause);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|source| self.lost(not_done, source))? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(Attempt { error: self.too_long(status), again: None });
            }
            body.extend_from_slice(&chunk);
        }
        let answered = Answered { about: self.about.clone(), status, body };
        if not_done || (status.is_server_error() && self.safety == Safety::Repeatable) {
            let error = answered.failure();
            let error = match pause {
                Some(pause) => error.with_failure(Failure::Throttled(Some(pause))),
                None => error,
            };
            return Err(Attempt { error, again: Some(pause.unwrap_or_default()) });
        }
        Ok(answered)
    }

    /// There was no answer, or not all of it.
    fn lost(&self, not_done: bool, source: reqwest::Error) -> Attempt {
        // The address may tell of ids; the method and the path are enough.
        let (source, about) = (source.without_url(), &self.about);
        if source.is_builder() {
            return Attempt { error: unwritable(source), again: None };
        }
        let in_time = if source.is_timeout() { " in time" } else { "" };
        let message = format!("Botmatic did not answer {about}{in_time}; is it reachable from here?");
        let error = Error::platform(None, message).with_source(source);
        let may_repeat = not_done || self.safety == Safety::Repeatable;
        Attempt { error, again: may_repeat.then_some(Duration::ZERO) }
    }

    fn held_back(&self, wait: Duration) -> Error {
        let message = format!(
            "{} was not sent: Botmatic's limits hold requests back for another {:.1} s, which is more than is left of \
             `total_timeout`",
            self.about,
            wait.as_secs_f32()
        );
        let throttled = Failure::Throttled(Some(wait));
        Error::platform(Some(StatusCode::TOO_MANY_REQUESTS.as_u16()), message).with_failure(throttled)
    }

    fn too_long(&self, status: StatusCode) -> Error {
        let message =
            format!("Botmatic answered {} with {status} and more than {LONGEST_ANSWER} bytes", self.about);
        Error::platform(Some(status.as_u16()), message)
    }
}

/// An attempt that failed; `again` says whether to make another, and how long Botmatic wants us to wait.
struct Attempt {
    error: Error,
    again: Option<Duration>,
}

/// How long to wait: a number of seconds, or until a date. Not longer than anybody is believed.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let header = headers.get(RETRY_AFTER)?.to_str().ok()?;
    Some(failure::retry_after(header, Timestamp::now())?.min(LONGEST_PAUSE))
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::platform(None, "the request cannot be written").with_source(error)
}
