//! js-jwt: a request for a token, and the header that was made of the answer.
//!
//! The names of headers are compared without regard to letter case, JSON as values, and forms as pairs: a space may be
//! written in two ways. The length of the body follows from the body. That `Accept` takes anything is the same as no
//! `Accept`.

use std::collections::BTreeMap;
use std::time::Duration;

use botmatic_contact::{TokenError, TokenSource, TokenSourceBuilder};
use serde::Deserialize;
use serde_json::Value;

use crate::differences::TOKEN_SOURCE;
use crate::fake::{Answer, Asked, Fake};
use crate::recordings;
use crate::tally::{Replayed, settle};

/// How long a token is waited for where the recording watched for 2.5 s.
const PATIENCE: Duration = Duration::from_millis(250);

#[derive(Deserialize)]
struct Recording {
    name: String,
    module: String,
    #[serde(flatten)]
    rest: Value,
}

#[derive(Deserialize)]
struct Call {
    args: Vec<Value>,
    config: Config,
    on_response: String,
    request: Option<Request>,
    response_given: Value,
    result_returned: Returned,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Config {
    auth_url: Option<String>,
    url: Option<String>,
    content_type: Option<String>,
    header_name: Option<String>,
    header_prefix: Option<String>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers_that_matter: BTreeMap<String, String>,
    body: String,
}

#[derive(Deserialize)]
struct Given {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Deserialize)]
struct Returned {
    kind: String,
    #[serde(default)]
    value: Value,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Observed {
    /// What the issuer was sent.
    pub(crate) request: Option<Sent>,
    /// What the caller got.
    pub(crate) result: Came,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Sent {
    method: String,
    path: String,
    accept: Option<String>,
    content_type: Option<String>,
    body: Body,
}

#[derive(Debug, PartialEq)]
enum Body {
    Json(Value),
    Form(Vec<(String, String)>),
}

/// What came of it: the first four were recorded, the others are ours.
#[derive(Debug, PartialEq)]
pub(crate) enum Came {
    Headers(BTreeMap<String, String>),
    Crash,
    Nothing,
    RefusedToStart,
    NotBuilt,
    Refused,
    NoToken,
    Unreachable,
    TooLate,
}

impl Came {
    pub(crate) fn headers<const N: usize>(headers: [(&str, &str); N]) -> Self {
        let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Self::Headers(BTreeMap::from(headers))
    }
}

impl From<TokenError> for Came {
    fn from(error: TokenError) -> Self {
        match () {
            () if error.is_refused() => Self::Refused,
            () if error.is_no_token() => Self::NoToken,
            () if error.is_timeout() => Self::TooLate,
            () if error.is_unreachable() => Self::Unreachable,
            () => panic!("{error:?}"),
        }
    }
}

impl Sent {
    fn new(method: &str, path: &str, headers: &BTreeMap<String, String>, body: &str) -> Self {
        let header = |name| headers.get(name).cloned();
        let content_type = header("content-type");
        let form = content_type.as_deref() == Some("application/x-www-form-urlencoded");
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            accept: header("accept").filter(|accept| accept != "*/*"),
            content_type,
            body: if form {
                Body::Form(pairs(body))
            } else {
                Body::Json(serde_json::from_str(body).unwrap())
            },
        }
    }
}

impl From<Asked> for Sent {
    fn from(asked: Asked) -> Self {
        Self::new(&asked.method, &asked.path, &asked.headers, &asked.body)
    }
}

fn pairs(form: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://form/?{form}")).unwrap();
    let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
    pairs.sort();
    pairs
}

impl Call {
    fn recorded(&self) -> Observed {
        let result = match self.result_returned.kind.as_str() {
            "resolved" => {
                let headers = BTreeMap::<String, String>::deserialize(&self.result_returned.value).unwrap();
                Came::Headers(headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect())
            }
            "process_crashed" => Came::Crash,
            "still_pending" => Came::Nothing,
            "threw_at_init" => Came::RefusedToStart,
            other => panic!("{other}"),
        };
        let sent = |request: &Request| {
            Sent::new(&request.method, &request.path, &request.headers_that_matter, &request.body)
        };
        Observed { request: self.request.as_ref().map(sent), result }
    }

    /// The answer that the issuer gave; none if there was nobody.
    fn answer(&self) -> Option<Answer> {
        match &self.response_given {
            Value::Null => None,
            Value::String(what) if what == "connection refused" => None,
            Value::String(what) if what == "connection kept open, no answer" => Some(Answer::Silence),
            given => {
                let Given { status, headers, body } = Given::deserialize(given).unwrap();
                let answer = Answer::new(status, body);
                Some(
                    headers
                        .into_iter()
                        .fold(answer, |answer, (name, value)| answer.header(name.leak(), value)),
                )
            }
        }
    }

    /// The source that one who comes from js-jwt writes.
    fn builder(&self, url: &str) -> TokenSourceBuilder {
        let builder = TokenSource::builder(url).timeout(PATIENCE);
        let data = &self.args[0];
        let builder = match self.config.content_type.as_deref() {
            Some("application/x-www-form-urlencoded") => builder.form(data),
            _ => builder.json(data),
        };
        let builder = match self.on_response.as_str() {
            "body_token" | "json_parse_token" | "promise_token" => builder.token_at("/token"),
            "echo" => builder.token_at(""),
            "undefined" => builder,
            other => panic!("{other}"),
        };
        let Config { header_name, header_prefix, .. } = &self.config;
        if header_name.is_none() && header_prefix.is_none() {
            return builder;
        }
        let name = header_name.as_deref().unwrap_or("Authorization");
        builder.header(name, header_prefix.as_deref().unwrap_or("Bearer"))
    }

    async fn replayed(&self) -> Observed {
        let fake = match self.answer() {
            Some(answer) => Some(Fake::new([answer]).await),
            None => None,
        };
        let url = self.config.auth_url.as_ref().or(self.config.url.as_ref()).unwrap();
        let url = match &fake {
            Some(fake) => url.replace("http://{BOTMATIC}", &fake.url()),
            // Nobody listens on the first port.
            None => url.replace("{BOTMATIC}", "127.0.0.1:1"),
        };
        let result = match self.builder(&url).build() {
            Err(error) if error.is_configuration() => Came::NotBuilt,
            Err(error) => panic!("{error}"),
            Ok(source) => match source.token().await {
                Ok(token) => {
                    let (name, value) = token.header();
                    Came::headers([(name.as_str(), value.to_str().unwrap())])
                }
                Err(error) => error.into(),
            },
        };
        let mut asked = fake.map(|fake| fake.asked()).unwrap_or_default();
        assert!(asked.len() < 2, "{asked:?}");
        Observed { request: asked.pop().map(Sent::from), result }
    }
}

#[tokio::test]
async fn the_token_of_an_external_service_comes_out_as_with_js_jwt() {
    let recordings = recordings::outbound::<Recording>().into_iter();
    let mut replayed = Vec::new();
    for Recording { name, rest, .. } in recordings.filter(|recording| recording.module == "js-jwt") {
        let call: Call = serde_json::from_value(rest).unwrap();
        let (recorded, observed) = (call.recorded(), call.replayed().await);
        if observed.result != Came::NotBuilt {
            assert_eq!(observed.request, recorded.request, "{name}");
        }
        replayed.push(Replayed { name, recorded, observed });
    }
    settle("js-jwt", &replayed, TOKEN_SOURCE);
}
