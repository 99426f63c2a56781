//! The JavaScript settings page was recorded in a browser; here the same is played with ours.
//!
//! Heights are compared by whether the page grew, since the styles differ. The forms of the recordings are HTML; ours
//! have the fields of the same names and values.

use std::collections::HashMap;

use botmatic_contact::Choice;
use botmatic_contact::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use thirtyfour::WebDriver;

use crate::difference::Difference;
use crate::service::{Answer, Started};
use crate::stage::{Stage, embedding, in_browser};
use crate::tally::{Replayed, settle};

const RECORDINGS: &str = include_str!("../conformance/recordings/settings-page.json");

#[derive(Deserialize)]
struct Recordings {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    on_load_iframe_sends: Vec<Value>,
    exchange: Vec<Step>,
    #[serde(default)]
    posted: Vec<RecordedPost>,
    dom_after: Dom,
    outside_requests_tried: usize,
}

#[derive(Deserialize)]
struct Step {
    /// Absent where a key was pressed instead; it can be null, too.
    #[serde(default, deserialize_with = "present")]
    parent_sends: Option<Value>,
    server_answers: Option<Value>,
    iframe_sends: Vec<Value>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
struct RecordedPost {
    path: String,
    #[serde(rename = "content-type")]
    content_type: String,
    accept: String,
    body: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Dom {
    error_paragraphs: Vec<Value>,
    marked_inputs: Vec<String>,
    hacked: Option<u8>,
}

/// What Botmatic, the service and a person notice.
#[derive(Debug, PartialEq)]
struct Observed {
    on_load: Vec<Value>,
    exchange: Vec<Vec<Value>>,
    /// Content type, what is accepted, and the body.
    posted: Vec<[String; 3]>,
    dom: Dom,
}

/// Where it goes.
#[derive(Debug, PartialEq)]
struct Addresses {
    posted_to: Vec<String>,
    outside_requests: usize,
}

const EXCHANGES: &[Difference<Observed>] = &[
    Difference {
        what: "The text of an error",
        recordings: &["errorFields text is inserted as markup"],
        instead: |observed| {
            observed.dom.hacked.is_none()
                && observed.dom.error_paragraphs
                    == [json!({
                        "class": "help is-danger error",
                        "html": "&lt;img src=x onerror=\"window.hacked=1\"&gt;",
                        "after": "api_key"
                    })]
                && observed.exchange == [[json!({ "iframe_saved": { "success": false } }), taller()]]
        },
    },
    Difference {
        what: "An error of a field that is not in the form",
        recordings: &["errorFields names a field that is not in the form"],
        instead: |observed| {
            observed.exchange == [[json!({ "iframe_saved": { "success": false } }), taller()]]
                && observed.dom.marked_inputs.is_empty()
        },
    },
    Difference {
        what: "A save that fails without a word",
        recordings: &["server answers failure without errorFields"],
        instead: |observed| {
            observed.exchange == [[json!({ "iframe_saved": { "success": false } }), taller()]]
                && observed.dom.error_paragraphs.is_empty()
        },
    },
    Difference {
        what: "A file that is stored",
        recordings: &["form with a file input"],
        instead: |observed| {
            observed.exchange == [[json!({ "iframe_saved": { "success": true } }), taller()]]
                && observed.posted[0][2].contains("name=\"logo\"; filename=\"logo.txt\"")
                && observed.posted[0][2].contains("made-up file")
        },
    },
];

const ADDRESSES: &[Difference<Addresses>] = &[Difference {
    what: "The token in addresses, and the style",
    recordings: &[
        "load and save with success",
        "server answers *",
        "errorFields *",
        "error first, *",
        "connection closed",
        "form with a file input*",
        "many kinds of inputs",
        "message *",
        "post_form *",
        "pressing Enter *",
    ],
    instead: |observed| {
        observed.outside_requests == 0 && observed.posted_to.iter().all(|address| address == "/settings")
    },
}];

fn taller() -> Value {
    json!({ "iframe_loaded": { "height": "taller" } })
}

/// The same messages, with what the height is instead of the height.
fn heights(messages: Vec<Value>, first: &mut Option<f64>) -> Vec<Value> {
    let relative = |mut message: Value| {
        if let Some(height) = message["iframe_loaded"]["height"].as_f64() {
            let first = *first.get_or_insert(height);
            let word = if height > first { "taller" } else { "the same" };
            message["iframe_loaded"]["height"] = json!(if height > 0.0 { word } else { "none" });
        } else if let Some(message) = message.as_object_mut() {
            message.remove("iframe_loaded");
        }
        message
    };
    messages.into_iter().map(relative).collect()
}

/// The same body, with a fixed word for the boundary of its parts.
fn post(content_type: &str, accept: &str, body: &str) -> [String; 3] {
    let boundary = content_type.split_once("boundary=").map_or("{BOUNDARY}", |(_, boundary)| boundary);
    [content_type, accept, body].map(|text| text.replace(boundary, "{BOUNDARY}"))
}

impl Case {
    fn recorded(&self) -> (Observed, Addresses) {
        let mut first = None;
        let on_load = heights(self.on_load_iframe_sends.clone(), &mut first);
        let exchange =
            self.exchange.iter().map(|step| heights(step.iframe_sends.clone(), &mut first)).collect();
        let posted = self.posted.iter().map(|one| post(&one.content_type, &one.accept, &one.body)).collect();
        let posted_to = self.posted.iter().map(|one| one.path.clone()).collect();
        let addresses = Addresses { posted_to, outside_requests: self.outside_requests_tried };
        (Observed { on_load, exchange, posted, dom: self.dom_after.clone() }, addresses)
    }

    fn answers(&self) -> Vec<Answer> {
        let answer = |answer: &Value| match answer.as_str() {
            Some("connection closed") => Answer::Closed,
            Some(_) => Answer::Broken,
            None if answer["success"] == true => Answer::Saved(Ok(())),
            None => {
                let fields: HashMap<String, String> =
                    serde_json::from_value(answer["errorFields"].clone()).unwrap_or_default();
                let error = fields
                    .into_iter()
                    .fold(SettingsError::default(), |error, (name, message)| error.and(name, message));
                Answer::Saved(Err(error))
            }
        };
        self.exchange.iter().filter_map(|step| step.server_answers.as_ref()).map(answer).collect()
    }

    async fn replay<T: SettingsForm + Clone>(
        &self,
        driver: &WebDriver,
        settings: T,
    ) -> (Observed, Addresses) {
        let botmatic = embedding().await;
        let mut answers = self.answers();
        if matches!(answers[..], [Answer::Closed]) {
            // The browser tries once more by itself.
            answers.push(Answer::Closed);
        }
        let service = Started::new(settings, &botmatic, answers).await;
        let page = match &*self.name {
            name if name.starts_with("token refused") => {
                format!("http://{}/settings?token=nope", service.address)
            }
            _ => service.page(),
        };
        let mut stage = Stage::open(driver, &botmatic, &page).await;
        let mut first = None;
        let on_load = heights(stage.hear_all(self.on_load_iframe_sends.len()).await, &mut first);
        stage.watch().await;
        let folder = tempfile::tempdir().unwrap();
        if self.name == "form with a file input" {
            let path = folder.path().join("logo.txt");
            std::fs::write(&path, b"made-up file").unwrap();
            stage.type_into("logo", path.to_str().unwrap()).await;
        }
        let (mut exchange, mut sent) = (Vec::new(), 0);
        for step in &self.exchange {
            match &step.parent_sends {
                Some(message) => {
                    stage.send(message.clone()).await;
                    sent += 1;
                    stage.until_inside(&format!("return got === {sent}")).await;
                }
                None => stage.type_into("api_key", "\u{e007}").await,
            }
            exchange.push(heights(stage.hear_all(step.iframe_sends.len()).await, &mut first));
        }
        let posts = stage.inside("return posts").await.as_u64().unwrap();
        let posted = service.wait_for_posts(usize::try_from(posts).unwrap()).await;
        let dom = stage.inside(DOM).await;
        let addresses = Addresses {
            posted_to: posted.iter().map(|one| one.path.clone()).collect(),
            outside_requests: usize::try_from(stage.inside(OUTSIDE).await.as_u64().unwrap()).unwrap(),
        };
        let posted = posted.iter().map(|one| post(&one.content_type, &one.accept, &one.body)).collect();
        let dom = serde_json::from_value(dom).unwrap();
        (Observed { on_load, exchange, posted, dom }, addresses)
    }
}

const DOM: &str = "return {
    error_paragraphs: [...document.querySelectorAll('p.error')].map((error) =>
        ({ class: error.className, html: error.innerHTML, after: error.previousElementSibling.name })),
    marked_inputs: [...document.querySelectorAll('input.is-danger')].map((input) => input.name),
    hacked: window.hacked ?? null }";

const OUTSIDE: &str = "return performance.getEntriesByType('resource').filter((one) => !one.name.startsWith(location.origin)).length";

#[derive(Clone, SettingsForm)]
struct Key {
    api_key: String,
}

#[derive(Clone, SettingsForm)]
struct WithFile {
    api_key: String,
    logo: Option<Upload>,
}

/// The two inputs `a`, the one that is disabled and the one without a name have no counterpart: of equal names the last
/// counts, and the others are not posted.
#[derive(Clone, SettingsForm)]
struct Many {
    a: String,
    on: bool,
    off: bool,
    n: u8,
    s: Choices,
    #[setting(kind = textarea)]
    t: String,
    empty: Option<String>,
}

#[derive(Clone, PartialEq)]
enum Choices {
    X,
    Y,
}

impl Choice for Choices {
    const CHOICES: &'static [(Self, &'static str)] = &[(Self::X, "x"), (Self::Y, "y")];
}

#[tokio::test]
async fn every_recording_comes_out_as_recorded_or_differs_on_purpose() {
    let recordings: Recordings = serde_json::from_str(RECORDINGS).unwrap();
    in_browser(async |driver| {
        let (mut exchanges, mut addresses) = (Vec::new(), Vec::new());
        for case in &recordings.cases {
            let (observed, went) = match &*case.name {
                "many kinds of inputs" => {
                    let (t, a) = ("two\nlines".to_owned(), "2".to_owned());
                    let (s, empty) = (Choices::Y, None);
                    case.replay(driver, Many { a, on: true, off: false, n: 5, s, t, empty }).await
                }
                name if name.starts_with("form with a file") => {
                    case.replay(driver, WithFile { api_key: "k".to_owned(), logo: None }).await
                }
                _ => case.replay(driver, Key { api_key: "old".to_owned() }).await,
            };
            let (recorded, recorded_addresses) = case.recorded();
            exchanges.push(Replayed { name: case.name.clone(), recorded, observed });
            let (name, recorded) = (case.name.clone(), recorded_addresses);
            addresses.push(Replayed { name, recorded, observed: went });
        }
        settle("the settings page in a browser", &exchanges, EXCHANGES);
        settle("where the settings page goes", &addresses, ADDRESSES);
    })
    .await;
}
