//! What a recording of the webhook holds, and how it is put so that it can be compared.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Answer, Asked, Observed};

#[derive(Deserialize)]
pub(super) struct Recording {
    pub(super) name: String,
    js_contact_variant: String,
    pub(super) setup: Setup,
    request: Option<Request>,
    response: Option<Response>,
    #[serde(default)]
    requests: Vec<Request>,
    #[serde(default)]
    responses: Vec<Response>,
    #[serde(default)]
    pub(super) sent_at_once: bool,
    #[serde(default)]
    pub(super) botmatic_answers: BTreeMap<String, Given>,
    #[serde(default)]
    outbound_calls_made: Vec<Made>,
    #[serde(default)]
    consumer_calls: Vec<(String, Value)>,
    #[serde(default)]
    handler_calls: Vec<Heard>,
    #[serde(default)]
    pub(super) keystore_before: BTreeMap<String, String>,
    #[serde(default)]
    keystore_after: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub(super) struct Setup {
    package: String,
    auth: Option<String>,
    #[serde(default)]
    pub(super) handlers: Vec<Handler>,
    #[serde(default)]
    pub(super) consumer: Consumer,
    #[serde(default)]
    pub(super) mappings: Option<String>,
    keystore_mode: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) second: Option<Value>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Handler {
    pub(super) on: String,
    pub(super) name: Option<String>,
    #[serde(rename = "do")]
    pub(super) does: Map<String, Value>,
    label: Option<String>,
}

#[derive(Clone, Default, Deserialize)]
pub(super) struct Consumer {
    #[serde(default)]
    pub(super) contacts: Vec<Map<String, Value>>,
    #[serde(default)]
    pub(super) fail: BTreeMap<String, Map<String, Value>>,
    pub(super) delay_ms: Option<u64>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(deserialize_with = "headers")]
    pub(super) headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
    body_generated: Option<String>,
    #[serde(default)]
    body_bytes: usize,
    pub(super) content_length: Option<usize>,
    #[serde(default)]
    pub(super) client_ends: bool,
}

#[derive(Deserialize)]
struct Response {
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    raw_stream: Option<String>,
}

/// An answer that the recorded Botmatic was told to give.
#[derive(Clone, Deserialize)]
pub(super) struct Given {
    pub(super) status: Option<u16>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: String,
}

#[derive(Deserialize)]
struct Made {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
}

#[derive(Deserialize)]
struct Heard {
    name: String,
    args: Value,
}

fn headers<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Headers {
        List(Vec<(String, String)>),
        Map(BTreeMap<String, String>),
    }
    Ok(match Headers::deserialize(deserializer)? {
        Headers::List(list) => list,
        Headers::Map(map) => map.into_iter().collect(),
    })
}

impl Recording {
    /// The name; with the variant of the package where the two differ.
    pub(super) fn title(&self) -> String {
        match self.js_contact_variant.as_str() {
            variant @ ("patched" | "unpatched") => format!("{} ({variant})", self.name),
            _ => self.name.clone(),
        }
    }

    pub(super) fn has_contacts(&self) -> bool {
        self.setup.package == "js-contact"
    }

    pub(super) fn store_is_down(&self) -> bool {
        self.setup.keystore_mode.is_some()
    }

    /// Whether a contact is told to have lost a value.
    pub(super) fn clears(&self) -> bool {
        let nothing =
            |request: &Request| request.body.as_ref().is_some_and(|body| body.contains(r#"name":null"#));
        self.request.iter().any(nothing)
    }

    /// Whether a handler, the authorizer or the external service never comes to an end.
    pub(super) fn never_ends(&self) -> bool {
        let handlers = self.setup.handlers.iter().any(|handler| handler.does.contains_key("never_settles"));
        let consumer = self.setup.consumer.fail.values().any(|fail| fail.contains_key("never"));
        handlers || consumer || self.auth() == "never_settles"
    }

    /// How tokens are judged; without one, all of them are accepted.
    pub(super) fn auth(&self) -> &str {
        self.setup.auth.as_deref().unwrap_or("none")
    }

    /// The requests. Where the recording says only that there were two in one write, they are spelled out.
    pub(super) fn requests(&self) -> Vec<Request> {
        let Some(request) = &self.request else { return self.requests.clone() };
        if !self.is_pipelined() {
            return vec![request.clone()];
        }
        let numbered = |number: u8| Request {
            body: Some(json!({ "action": "go", "data": { "n": number } }).to_string()),
            ..request.clone()
        };
        vec![numbered(1), numbered(2)]
    }

    pub(super) fn is_pipelined(&self) -> bool {
        self.response.as_ref().is_some_and(|response| response.raw_stream.is_some())
    }

    /// What was seen, in the form in which it can be compared.
    pub(super) fn observed(&self) -> Observed {
        let responses = self.response.iter().chain(&self.responses);
        Observed {
            answers: responses.flat_map(Response::answers).collect(),
            asked: self.outbound_calls_made.iter().map(Made::asked).collect(),
            consumer: self
                .consumer_calls
                .iter()
                .map(|(method, argument)| consumer(method, argument))
                .collect(),
            heard: self.handler_calls.iter().map(Heard::plain).collect(),
            pairs: self.keystore_after.clone(),
        }
    }
}

impl Handler {
    /// Under which name its calls were noted.
    pub(super) fn label(&self) -> String {
        self.label.clone().or_else(|| self.name.clone()).unwrap_or_else(|| self.on.clone())
    }
}

impl Request {
    pub(super) fn bytes(&self) -> Vec<u8> {
        if let Some(base64) = &self.body_base64 {
            return decode(base64);
        }
        let Some(generated) = &self.body_generated else {
            return self.body.clone().unwrap_or_default().into_bytes();
        };
        if generated.contains("levels") {
            let (open, close) = ("[".repeat(20_000), "]".repeat(20_000));
            return format!(r#"{{"action":"go","data":{open}{close}}}"#).into_bytes();
        }
        let frame = r#"{"action":"go","data":{"pad":""}}"#.len();
        let pad = "x".repeat(self.body_bytes - frame);
        format!(r#"{{"action":"go","data":{{"pad":"{pad}"}}}}"#).into_bytes()
    }

    pub(super) fn has_body(&self) -> bool {
        self.body.is_some() || self.body_base64.is_some() || self.body_generated.is_some()
    }
}

impl Response {
    fn answers(&self) -> Vec<Answer> {
        if let Some(stream) = &self.raw_stream {
            return Answer::all_in(stream.as_bytes());
        }
        let content_type = self.headers.get("content-type").cloned().unwrap_or_default();
        let body = self.body.as_deref().unwrap_or_default();
        vec![self.status.map_or(Answer::None, |status| Answer::said(status, &content_type, body))]
    }
}

impl Made {
    fn asked(&self) -> Asked {
        let authorization = self.headers.get("Authorization").cloned();
        Asked::new(&self.method, &self.path, authorization, self.body.as_deref().unwrap_or_default())
    }
}

impl Heard {
    /// The name, the whole body, the token and the client, without the members that are not there.
    fn plain(&self) -> Value {
        let mut args = self.args.clone();
        let auth = args["auth"].take();
        let body =
            if self.args.to_string().contains("$too_deep") { json!(TOO_DEEP) } else { args["data"].take() };
        heard(&self.name, &body, &auth["token"], &auth["client"])
    }
}

/// Stands for data that is nested too deeply to be shown.
pub(super) const TOO_DEEP: &str = "nested too deeply";

/// What a handler was given.
pub(super) fn heard(label: &str, body: &Value, token: &Value, client: &Value) -> Value {
    let mut heard = json!({ "name": label, "body": body, "token": token });
    if !client.is_null() && client.get("$undefined").is_none() {
        heard["client"] = client.clone();
    }
    heard
}

/// A call of the external service. A contact that is changed stands without its id, which is a parameter of its own; a
/// contact that is created has none: in the recordings it is that of Botmatic, under the wrong name.
fn consumer(method: &str, argument: &Value) -> Value {
    let mut argument = argument.clone();
    let Some(members) = argument.as_object_mut().filter(|_| method != "getContactByEmail") else {
        let absent = argument.get("$undefined").is_some();
        return json!([method, if absent { Value::Null } else { argument }]);
    };
    let id = members.remove("id").into_iter().chain(members.remove("customer_no")).next();
    match method {
        "updateContact" => json!([method, id.filter(|id| id.get("$undefined").is_none()), argument]),
        "createContact" => json!([method, argument]),
        _ => json!([method, null]),
    }
}

/// The bytes behind their text of letters, digits, `+` and `/`.
fn decode(base64: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in base64.bytes().filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte)) {
        bits = bits << 6 | u32::try_from(digit).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    bytes
}
