//! Putting a [`TokenSource`] together.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderName};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};
use secrecy::SecretSlice;
use serde::Serialize;

use super::answer::{FindToken, Lifetime, Place, Reading};
use super::{Inner, State, TokenSource};
use crate::contact::Value;
use crate::error::{Error, Kind, Result};

pub(super) const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// How long a request may take where nothing else is said.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How many redirects are followed, all of them within one origin.
const REDIRECTS: usize = 10;

/// Says how a [`TokenSource`] obtains its tokens and sends them.
#[must_use = "a builder does nothing until `build`"]
pub struct TokenSourceBuilder {
    url: String,
    credentials: Option<(&'static str, serde_json::Result<Vec<u8>>)>,
    place: Option<Place>,
    lifetime: Lifetime,
    header: String,
    prefix: String,
    timeout: Duration,
    client: Option<ClientBuilder>,
}

impl TokenSourceBuilder {
    pub(super) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            credentials: None,
            place: None,
            lifetime: Lifetime::Unknown,
            header: AUTHORIZATION.as_str().to_owned(),
            prefix: "Bearer".to_owned(),
            timeout: TIMEOUT,
            client: None,
        }
    }

    /// Sends these credentials as JSON.
    pub fn json(mut self, credentials: &impl Serialize) -> Self {
        self.credentials = Some((JSON, serde_json::to_vec(credentials)));
        self
    }

    /// Sends these credentials as a form. What is nested gets names as in `a[0]` and `b[c]`. Of this and
    /// [`json`](Self::json) the last one counts.
    pub fn form(mut self, credentials: &impl Serialize) -> Self {
        self.credentials = Some((FORM, form(credentials)));
        self
    }

    /// Finds the token in the answer by a JSON pointer, as in `/token` or `/message/token`. The empty pointer is the
    /// whole answer: for those that are nothing but the token, in quotes or as plain text.
    pub fn token_at(mut self, pointer: impl Into<String>) -> Self {
        self.place = Some(Place::At(pointer.into()));
        self
    }

    /// Finds the token in the answer by a function. It is given the JSON of the answer; of one that is no JSON, its
    /// text.
    ///
    /// ```
    /// # use botmatic_contact::TokenSource;
    /// let source = TokenSource::builder("https://crm.example/login")
    ///     .form(&[("user", "integration"), ("password", "s3cret")])
    ///     .token_by(|answer| answer.as_str()?.strip_prefix("session=").map(str::to_owned))
    ///     .header("X-Session", "")
    ///     .build()?;
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    pub fn token_by(mut self, find: impl Fn(&Value) -> Option<String> + Send + Sync + 'static) -> Self {
        let find: FindToken = Box::new(find);
        self.place = Some(Place::By(find));
        self
    }

    /// How long a token is good. Without this, and without [`lifetime_at`](Self::lifetime_at), until it is refused.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Lifetime::Always(lifetime);
        self
    }

    /// The answer says how long a token is good: the number of seconds at this JSON pointer, as in `/expires_in`.
    pub fn lifetime_at(mut self, pointer: impl Into<String>) -> Self {
        self.lifetime = Lifetime::At(pointer.into());
        self
    }

    /// The header that carries the token, and what stands before the token in it, with a space between them. Without
    /// this `Authorization` and `Bearer`. The prefix may be empty.
    pub fn header(mut self, name: impl Into<String>, prefix: impl Into<String>) -> Self {
        self.header = name.into();
        self.prefix = prefix.into();
        self
    }

    /// How long it may take to obtain a token. Without this 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The client that is to send everything, with proxies, certificates and time-outs of its own. Without this one
    /// that gives up on any request after 30 seconds. Its policy for redirects is replaced.
    pub fn client(mut self, client: ClientBuilder) -> Self {
        self.client = Some(client);
        self
    }

    /// Builds the source. Nothing is sent before a token is needed.
    ///
    /// # Errors
    /// When something is missing or wrong: the message says what.
    pub fn build(self) -> Result<TokenSource> {
        let url: Option<Url> = self.url.parse().ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()).ok_or_else(|| {
            wrong("the address given to `TokenSource::builder` is none: write it as in `https://crm.example/authorize`")
        })?;
        let (content_type, credentials) = self.credentials.ok_or_else(|| {
            wrong("a token source needs credentials: call `.json(&credentials)` or `.form(&credentials)`")
        })?;
        // What serde says could quote them.
        let credentials = credentials.map_err(|_| {
            wrong("the credentials of the token source cannot be written: use a struct of texts and numbers")
        })?;
        let place = self.place.ok_or_else(|| {
            wrong("a token source has to know where the token is in the answer: call `.token_at(\"/token\")`")
        })?;
        for (pointer, method) in [(place.pointer(), "token_at"), (self.lifetime.pointer(), "lifetime_at")] {
            if pointer.is_some_and(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
                return Err(wrong(format!(
                    "`{method}` takes a JSON pointer: begin it with `/`, as in `/token`"
                )));
            }
        }
        let header = HeaderName::try_from(&self.header).map_err(|_| {
            wrong(format!("`{}` is no name of a header: write it as in `Authorization`", self.header))
        })?;
        let client = self.client.unwrap_or_else(|| Client::builder().timeout(TIMEOUT));
        let client = client.redirect(within_one_origin(&url)).build().map_err(|source| {
            wrong("the HTTP client of the token source cannot be set up").with_source(source.without_url())
        })?;
        Ok(TokenSource(Arc::new(Inner {
            client,
            url,
            content_type,
            credentials: SecretSlice::from(credentials),
            timeout: self.timeout,
            header,
            prefix: self.prefix,
            reading: Reading { place, lifetime: self.lifetime },
            state: Mutex::new(State::default()),
        })))
    }
}

impl fmt::Debug for TokenSourceBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenSourceBuilder").field("header", &self.header).finish_non_exhaustive()
    }
}

impl Place {
    fn pointer(&self) -> Option<&str> {
        match self {
            Self::At(pointer) => Some(pointer),
            Self::By(_) => None,
        }
    }
}

impl Lifetime {
    fn pointer(&self) -> Option<&str> {
        match self {
            Self::At(pointer) => Some(pointer),
            Self::Unknown | Self::Always(_) => None,
        }
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Configuration, message)
}

/// On the way to another origin reqwest drops an `Authorization` header, but none of another name. Who asks for a token
/// is not sent elsewhere at all: most redirects would lose the credentials, and the others would take them along.
fn within_one_origin(token_url: &Url) -> Policy {
    let mut token_url = token_url.clone();
    token_url.set_fragment(None);
    // Neither of them can fail for an address with a host.
    let _ = (token_url.set_username(""), token_url.set_password(None));
    Policy::custom(move |redirect| match redirect.previous() {
        previous @ [first, ..] if previous.len() <= REDIRECTS => {
            if *first != token_url && first.origin() == redirect.url().origin() {
                redirect.follow()
            } else {
                redirect.stop()
            }
        }
        _ => redirect.stop(),
    })
}

fn form(credentials: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut pairs = Vec::new();
    flatten(String::new(), &serde_json::to_value(credentials)?, &mut pairs);
    let form = serde_urlencoded::to_string(pairs).map_err(serde::ser::Error::custom)?;
    Ok(form.into_bytes())
}

fn flatten(name: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}[{part}]") };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(part, value)| flatten(below(part), value, pairs));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(part, value)| flatten(below(&part.to_string()), value, pairs));
        }
        Value::Null => pairs.push((name, String::new())),
        Value::String(text) => pairs.push((name, text.clone())),
        Value::Bool(_) | Value::Number(_) => pairs.push((name, value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_names_what_is_nested() {
        let credentials = json!({ "a": [1, true], "b": { "c": "d é", "e": { "f": null } }, "g": "&=" });
        let form = String::from_utf8(form(&credentials).unwrap()).unwrap();
        assert_eq!(form, "a%5B0%5D=1&a%5B1%5D=true&b%5Bc%5D=d+%C3%A9&b%5Be%5D%5Bf%5D=&g=%26%3D");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let builder = TokenSource::builder;
        let complete = |url| builder(url).json(&json!({})).token_at("/token");
        let here = "http://127.0.0.1/authorize";
        assert!(complete(here).build().is_ok());
        for (builder, said) in [
            (complete("crm.example"), "the address"),
            (complete("ftp://crm.example"), "the address"),
            (builder(here).token_at("/token"), "`.json(&credentials)`"),
            (builder(here).json(&json!({})), "`.token_at(\"/token\")`"),
            (complete(here).token_at("token"), "`token_at`"),
            (complete(here).lifetime_at("expires_in"), "`lifetime_at`"),
            (complete(here).header("a header", "Bearer"), "`a header`"),
            (complete(here).form(&std::collections::BTreeMap::from([((1, 2), 3)])), "cannot be written"),
        ] {
            let error = builder.build().unwrap_err();
            assert!(error.is_configuration() && error.to_string().contains(said), "{said}: {error}");
        }
    }
}
