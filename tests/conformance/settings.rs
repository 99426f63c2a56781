//! Requests to the settings page, over the real router and against a Botmatic that answers as it was recorded.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body as Bytes, to_bytes};
use axum::extract::State as Shared;
use axum::http::{Request, StatusCode, header};
use axum::routing::post;
use botmatic_contact::prelude::*;
use botmatic_contact::{HasClient, Params, Service};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::differences::{SETTINGS, SETTINGS_CONTENT_TYPES};
use crate::recordings;
use crate::tally::{Replayed, settle};

#[derive(Deserialize)]
struct Recording {
    name: String,
    setup: Setup,
    #[serde(default)]
    botmatic_answers: Answers,
    request: Asked,
    response: Value,
    outbound_calls_made: Vec<Value>,
}

#[derive(Deserialize)]
struct Setup {
    settings_page: Option<String>,
    settings_post: Option<String>,
    auth: Option<String>,
    base_url: Option<String>,
}

#[derive(Default, Deserialize)]
struct Answers {
    validate: Option<Validation>,
}

#[derive(Clone, Deserialize)]
struct Validation {
    status: u16,
    body: String,
}

#[derive(Deserialize)]
struct Asked {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
}

/// What whoever asked gets, what the method that saves was given, and with which forms Botmatic was asked.
///
/// Meaningless are the headers of express, the transfer encoding that multer notes for a file, and that the token is
/// among the values that are saved: ours hands it over beside them.
#[derive(Debug, PartialEq)]
pub(crate) struct Observed {
    /// None where the connection was closed.
    pub(crate) status: Option<u16>,
    pub(crate) body: Body,
    pub(crate) given: Option<Given>,
    pub(crate) validated: Vec<String>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Body {
    /// The page; whether markup in a value is markup in it.
    Page {
        markup: bool,
    },
    Json(Value),
    Text(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    pub(crate) token: Option<String>,
    pub(crate) values: BTreeMap<String, Value>,
    /// Input, name, media type and content of each.
    pub(crate) files: Vec<[String; 4]>,
}

/// The settings in all recordings.
#[derive(Clone, Default, SettingsForm)]
struct Settings {
    api_key: Option<String>,
    files: Option<String>,
    logo: Vec<Upload>,
    doc: Vec<Upload>,
}

struct Recorded {
    page: Option<String>,
    post: Option<String>,
    given: Arc<Mutex<Option<Given>>>,
}

impl HasClient for Recorded {
    type Client = ();
}

const MARKUP: &str = "{{token}} <b id=\"markup\">x</b>";

#[botmatic::integration]
impl Recorded {
    #[botmatic::settings("/settings")]
    async fn settings(&self, token: Token) -> Result<Settings, &'static str> {
        let shown = match self.page.as_deref() {
            Some("rejects") => return Err("page failed"),
            Some("echo_token") => token.expose(),
            Some("markup") => MARKUP,
            _ => "old",
        };
        Ok(Settings { api_key: Some(shown.to_owned()), ..Settings::default() })
    }

    #[botmatic::settings("/settings", save)]
    async fn save(&self, settings: Settings, token: Token) -> Result<(), SettingsError> {
        let file = |input: &str, upload: &Upload| {
            let content = String::from_utf8(upload.content.clone()).unwrap();
            [input.to_owned(), upload.name.clone(), upload.content_type.clone(), content]
        };
        let Settings { api_key, files, logo, doc } = settings;
        let values = [("api_key", api_key), ("files", files)].into_iter();
        let values = values.filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        let files = logo.iter().map(|upload| file("logo", upload));
        let files = files.chain(doc.iter().map(|upload| file("doc", upload))).collect();
        if self.post.as_deref() == Some("echo") {
            let token = Some(token.expose().to_owned());
            *self.given.lock().unwrap() = Some(Given { token, values: values.collect(), files });
        }
        match self.post.as_deref() {
            Some("error_fields") => Err(SettingsError::field("api_key", "Field required")),
            Some("rejects") => Err("save failed".into()),
            _ => Ok(()),
        }
    }

    #[botmatic::action("go")]
    async fn go(&self, Params(data): Params<Value>) -> Value {
        data
    }
}

/// Without a settings page.
struct Pageless;

#[botmatic::integration]
impl Pageless {
    #[botmatic::action("go")]
    async fn go(&self) {}
}

/// A Botmatic that says of tokens what was recorded, and remembers what it was asked.
async fn botmatic(answer: Option<Validation>) -> (String, Arc<Mutex<Vec<String>>>) {
    type Known = (Option<Validation>, Arc<Mutex<Vec<String>>>);

    async fn validate(Shared((answer, asked)): Shared<Known>, body: String) -> (StatusCode, String) {
        let known = ["token=tok-alpha", "token=tok-beta"].contains(&body.as_str());
        asked.lock().unwrap().push(body);
        match answer {
            Some(said) => (StatusCode::from_u16(said.status).unwrap(), said.body),
            None if known => (StatusCode::OK, r#"{"success":true}"#.to_owned()),
            None => (StatusCode::UNAUTHORIZED, r#"{"success":false}"#.to_owned()),
        }
    }

    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let known: Known = (answer, Arc::clone(&asked));
    let routes = Router::new().route("/api/integrationtokens/validate", post(validate)).with_state(known);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    (format!("http://{address}"), asked)
}

impl Recording {
    async fn replay(&self) -> (Observed, String) {
        let (mut base_url, asked) = botmatic(self.botmatic_answers.validate.clone()).await;
        if self.setup.base_url.is_some() {
            let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
            base_url = format!("http://{}", closed.local_addr().unwrap());
        }
        let given = Arc::default();
        let Setup { settings_page: page, settings_post: post, .. } = &self.setup;
        let router = if page.is_none() && post.is_none() {
            botmatic::builder(Pageless).base_url(base_url).build().unwrap().router()
        } else {
            let integration = Recorded { page: page.clone(), post: post.clone(), given: Arc::clone(&given) };
            self.service(integration, &base_url).router()
        };
        let mut request = Request::builder().method(self.request.method.as_str()).uri(&self.request.path);
        for (name, value) in &self.request.headers {
            request = request.header(name, value);
        }
        let request = request.body(Bytes::from(self.request.body.clone().unwrap_or_default())).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let content_type = answer.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.map(|value| value.to_str().unwrap()).unwrap_or_default().to_owned();
        let status = Some(answer.status().as_u16());
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let body = if body.contains("<form") && body.contains("<input type=\"hidden\" name=\"token\"") {
            Body::Page { markup: body.contains(MARKUP) || body.contains("<script>alert(1)</script>") }
        } else {
            read(body)
        };
        let given = given.lock().unwrap().clone();
        let validated = asked.lock().unwrap().clone();
        (Observed { status, body, given, validated }, content_type)
    }

    fn service(&self, integration: Recorded, base_url: &str) -> Service<Recorded> {
        let builder = botmatic::builder(integration).base_url(base_url);
        let service = match self.setup.auth {
            Some(_) => builder.authorize_with(async |_: Token| Err::<Option<()>, _>("rejected")).build(),
            None => builder.build(),
        };
        service.unwrap()
    }

    fn recorded(&self) -> (Observed, String) {
        let mut given = None;
        let body = match self.response["body"].as_str().unwrap_or_default() {
            page if page.starts_with("(an HTML page: a form") => {
                let markup = self.name.contains("not escaped") || self.name.contains("inserted raw");
                Body::Page { markup }
            }
            text => match read(text.to_owned()) {
                Body::Json(mut answer) if answer["handler_data"].is_object() => {
                    given = Some(Given::recorded(&answer));
                    answer.as_object_mut().unwrap().retain(|name, _| name == "success");
                    Body::Json(answer)
                }
                body => body,
            },
        };
        let validations =
            self.outbound_calls_made.iter().map(|call| call["body"].as_str().unwrap().to_owned());
        let status = self.response["status"].as_u64().map(|status| u16::try_from(status).unwrap());
        let content_type = self.response["headers"]["content-type"].as_str().unwrap_or_default().to_owned();
        (Observed { status, body, given, validated: validations.collect() }, content_type)
    }
}

/// JSON or any other text.
fn read(text: String) -> Body {
    serde_json::from_str(&text).map_or(Body::Text(text), Body::Json)
}

impl Given {
    fn recorded(echo: &Value) -> Self {
        let values = echo["handler_data"].as_object().unwrap().iter();
        let values = values.filter(|(name, value)| *name != "token" && value["$undefined"] != true);
        let files = echo["handler_data"]["files"].as_array().into_iter().flatten().map(|file| {
            let text = |name: &str| file[name].as_str().unwrap().to_owned();
            let content = match file["buffer"]["$bytes_base64"].as_str().unwrap() {
                "bWFkZS11cCBmaWxl" => "made-up file",
                "QQ==" => "A",
                "Qg==" => "B",
                other => panic!("{other}"),
            };
            [text("fieldname"), text("originalname"), text("mimetype"), content.to_owned()]
        });
        Self {
            token: echo["handler_token"].as_str().map(str::to_owned),
            values: values
                .filter(|(name, _)| *name != "files")
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            files: files.collect(),
        }
    }
}

#[tokio::test]
async fn every_request_to_the_settings_page_is_answered_as_recorded_or_differs_on_purpose() {
    let recordings = recordings::inbound::<Value>().into_iter();
    let recordings =
        recordings.filter(|recording| recording["name"].as_str().unwrap().starts_with("settings p"));
    let (mut answers, mut content_types) = (Vec::new(), Vec::new());
    for recording in recordings {
        let recording: Recording = serde_json::from_value(recording).unwrap();
        let (observed, observed_type) = recording.replay().await;
        let (recorded, recorded_type) = recording.recorded();
        answers.push(Replayed { name: recording.name.clone(), recorded, observed });
        // An answer that is another one on purpose has a type of its own.
        if SETTINGS.iter().any(|row| row.covers(&recording.name)) {
            continue;
        }
        let name = recording.name;
        content_types.push(Replayed { name, recorded: recorded_type, observed: observed_type });
    }
    settle("the settings page", &answers, SETTINGS);
    settle("content types of the settings page", &content_types, SETTINGS_CONTENT_TYPES);
}
