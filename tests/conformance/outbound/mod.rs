//! Calls of js-api-client and of js-contact, made on ours against a Botmatic that answers as the recorded one did.
//!
//! Compared are the requests (method, path, the headers that say who asks, what is sent and what is wanted, and the
//! body as JSON), what the call came to, the pairs afterwards, and what the external service was asked for. What says
//! nothing is not: the `content-type` of a body that is not there, `user-agent`, `content-length`, and the headers of
//! the connection. A failure is its status. Where the packages have one answer for many contacts and ours has one for
//! each, they are the same if all of ours are.

mod calls;
mod crm;
mod seen;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpSocket;

use self::calls::Came;
use self::seen::sent;
pub(crate) use self::seen::{Observed, Outcome, Pairs, Seen, Sent};
use crate::differences::OUTBOUND;
use crate::fake::{Answer, Fake};
use crate::recordings;
use crate::tally::{Replayed, settle};

/// A recorded call.
#[derive(Deserialize)]
struct Recording {
    name: String,
    module: String,
    call: String,
    args: Vec<Value>,
    request: Option<Request>,
    #[serde(default)]
    further_requests: Vec<Request>,
    response_given: Value,
    #[serde(default)]
    further_responses_given: Vec<Value>,
    result_returned: Value,
    base_url: Option<String>,
    mappings_set: Option<String>,
    #[serde(default)]
    keystore_before: BTreeMap<String, String>,
    #[serde(default)]
    keystore_after: Value,
    #[serde(default)]
    consumer: Value,
    #[serde(default)]
    consumer_calls: Value,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers_that_matter: BTreeMap<String, String>,
    body: String,
}

#[tokio::test]
async fn calls_of_botmatics_api_come_out_as_recorded() {
    let recordings = recordings::outbound::<Value>().into_iter().filter(|one| one["module"] != "js-jwt");
    let recordings = recordings.map(|one| serde_json::from_value::<Recording>(one).unwrap());
    let replayed: Vec<_> = stream::iter(recordings)
        .map(|one| async move { one.replay().await })
        .buffer_unordered(128)
        .collect()
        .await;
    settle("calls of Botmatic's API", &replayed, OUTBOUND);
}

impl Recording {
    async fn replay(self) -> Replayed<Observed> {
        let fake = self.fake().await;
        // Bound, so that no other server gets the port, and nobody listens.
        let nobody = TcpSocket::new_v4().unwrap();
        nobody.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = match self.response_given.as_str() {
            Some("connection refused") => format!("http://{}", nobody.local_addr().unwrap()),
            _ => fake.url(),
        };
        let base_url = self.base_url.as_ref().map(|url| url.replace("http://{BOTMATIC}", &address));
        let mut api = fake.builder().base_url(base_url.unwrap_or(address)).retries(1);
        if self.response_given == "connection kept open, no answer" {
            api = api.timeout(Duration::from_secs(2));
        }
        let Came { result, pairs, page_size } = self.call(api.build().unwrap()).await;
        let seen = Seen { sent: sent(fake.asked().iter().map(Sent::asked)), result, pairs, page_size };
        let recorded = self.seen();
        let given = self.response_given["status"].as_u64().map(|status| status.try_into().unwrap());
        let as_recorded = Observed { seen: recorded.clone(), recorded: recorded.clone(), given };
        Replayed { name: self.name, recorded: as_recorded, observed: Observed { seen, recorded, given } }
    }

    /// Answers each request as the recorded one, also if it is sent again; those beyond the recorded ones as the last.
    /// Where the packages sent nothing of the kind, it says that it did as it was told.
    async fn fake(&self) -> Fake {
        let answers: Vec<_> =
            [&self.response_given].into_iter().chain(&self.further_responses_given).map(answer).collect();
        let methods: Vec<_> = self.request.iter().map(|request| request.method.clone()).collect();
        let mut known = Vec::new();
        Fake::answering(move |asked| {
            if !methods.is_empty() && !methods.contains(&asked.method) {
                let created = json!({ "contacts": [{ "success": true, "id": 9101 }] }).to_string();
                return if asked.method == "POST" {
                    Answer::new(201, created)
                } else {
                    Answer::new(200, "{}")
                };
            }
            let request = (asked.method.clone(), asked.path.clone(), asked.body.clone());
            let place = known.iter().position(|one| *one == request).unwrap_or_else(|| {
                known.push(request);
                known.len() - 1
            });
            answers[place.min(answers.len() - 1)].clone()
        })
        .await
    }

    fn pairs_before(&self) -> Pairs {
        Pairs::kept(self.keystore_before.iter())
    }

    /// What was seen then.
    fn seen(&self) -> Seen {
        let returned = &self.result_returned;
        let value = &returned["value"];
        let result = match returned["kind"].as_str().unwrap() {
            "resolved" if value["success"] == true => Outcome::Done(self.success(value)),
            "resolved" if value["error"] == "Not found" => Outcome::NotFound,
            "resolved" => {
                let status = value["error"].as_u64().or_else(|| value["error"]["code"].as_u64());
                Outcome::Failed(status.map(|status| status.try_into().unwrap()))
            }
            "rejected" => Outcome::Failed(None),
            "process_crashed" => Outcome::Crashed,
            "still_pending" => Outcome::Pending,
            "returned_not_a_promise" => Outcome::NotImplemented,
            other => panic!("{other}"),
        };
        let pairs = match &self.keystore_after {
            Value::Object(kept) => Pairs::kept(kept.iter().map(|(key, id)| (key, id.as_str().unwrap()))),
            // The process is gone, and nothing was written.
            Value::String(_) => self.pairs_before(),
            _ => Pairs::default(),
        };
        let requests = self.request.iter().chain(&self.further_requests);
        let page_size = self.consumer_calls[0][1].as_u64();
        Seen { sent: sent(requests.map(Sent::recorded)), result, pairs, page_size }
    }

    /// What a successful call resolved with, as far as ours says it too.
    fn success(&self, value: &Value) -> Value {
        match self.call.as_str() {
            "createContact" | "createProperty" => json!({ "id": value["id"] }),
            "createContacts" => match value["contacts"].as_array() {
                Some(items) => items
                    .iter()
                    .map(|item| match item["id"].is_null() {
                        false => json!({ "success": true, "id": item["id"] }),
                        true => json!({ "success": false }),
                    })
                    .collect(),
                None => value["contacts"].clone(),
            },
            "getAllBots" => value["body"].get("bots").unwrap_or(&value["body"]).clone(),
            "getBot" => value["body"].clone(),
            "importContacts" => json!({ "contacts_count": value["contacts_count"] }),
            _ => Value::Null,
        }
    }
}

fn answer(given: &Value) -> Answer {
    match given {
        Value::String(said) if said == "connection closed without an answer" => Answer::Close,
        Value::String(said) if said == "connection kept open, no answer" => Answer::Silence,
        Value::Object(_) => {
            let status = given["status"].as_u64().unwrap().try_into().unwrap();
            let headers = given["headers"].as_object().into_iter().flatten();
            let plain = Answer::new(status, given["body"].as_str().unwrap());
            headers.fold(plain, |answer, (name, value)| answer.header(name, value.as_str().unwrap()))
        }
        // Nobody is asked.
        _ => Answer::Close,
    }
}
