//! The simulator: what it answers over HTTP, and what it remembers when it is opened again.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::http::Method;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::{Endpoint, Simulator, Undelivered};
use botmatic_contact::{BotId, Platform, Properties, Value};
use serde_json::json;
use tokio::sync::oneshot;

use crate::requests::{Answer, Call, TOKEN};

/// An integration that writes down what it is told.
#[derive(Clone, Default)]
struct Listener {
    heard: Arc<Mutex<Vec<Value>>>,
}

impl Listener {
    fn heard(&self) -> Vec<Value> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

#[async_trait]
impl Endpoint for Listener {
    async fn deliver(&self, _token: &Token, body: Vec<u8>) -> Result<Vec<u8>, Undelivered> {
        self.heard.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
        Ok(br#"{"success":true,"data":null}"#.to_vec())
    }
}

fn token() -> Token {
    Token::new(TOKEN)
}

fn botmatic() -> (Simulator, Router) {
    let simulator = Simulator::new();
    simulator.connect(&token(), Listener::default());
    let router = simulator.router();
    (simulator, router)
}

fn request(method: Method, path: &str, body: &Value) -> Call {
    Call::new(if body.is_null() { String::new() } else { body.to_string() }).method(method).path(path)
}

/// Every request of the API, with a body that fits.
fn all(id: &ContactId) -> Vec<(Method, String, Value)> {
    let of = |path: &str| format!("{path}/{id}");
    vec![
        (Method::POST, "/api/contacts".to_owned(), json!({ "contact": { "name": "Ada" } })),
        (Method::POST, "/api/contacts".to_owned(), json!({ "contacts": [{ "name": "Ada" }, {}] })),
        (
            Method::PATCH,
            of("/api/contacts"),
            json!({ "contact_id": id, "contact": { "id": id, "name": "B" } }),
        ),
        (
            Method::PATCH,
            "/api/contacts".to_owned(),
            json!({ "contacts": [{ "contact_id": id, "contact_props": { "name": "C" } }] }),
        ),
        (
            Method::POST,
            "/api/properties".to_owned(),
            json!({ "properties": [{ "name": "name", "type": "text" }, { "name": "age", "type": "number" }] }),
        ),
        (
            Method::POST,
            "/api/campaigns/execute-event".to_owned(),
            json!({ "event_name": "renewal", "contacts": [id] }),
        ),
        (Method::GET, "/api/bots?page_size=1000".to_owned(), Value::Null),
        (Method::GET, "/api/bots/7".to_owned(), Value::Null),
        (Method::PATCH, "/api/bots/7".to_owned(), json!({ "bot": r#"{"id":7,"v":2}"#, "is_draft": true })),
        (Method::DELETE, of("/api/contacts"), Value::Null),
    ]
}

#[tokio::test]
async fn every_request_is_answered_with_the_documented_status_and_body() {
    let (simulator, router) = botmatic();
    simulator.add_bot(&token(), json!({ "id": 7, "v": 1 })).unwrap();
    let id = simulator.create_contact(&token(), Properties::from_iter([("name", "A")])).unwrap();
    let success = || json!({ "success": true });
    let expected = [
        (201, json!({ "success": true, "id": 9003 })),
        (
            201,
            json!({ "success": true, "contacts": [{ "success": true, "id": 9004 }, { "success": true, "id": 9006 }] }),
        ),
        (200, success()),
        (200, success()),
        (201, success()),
        (200, success()),
        (200, json!({ "success": true, "bots": [{ "id": 7, "v": 1 }] })),
        (200, json!({ "id": 7, "v": 1 })),
        (200, success()),
    ];
    let mut calls = all(&id);
    let (method, path, body) = calls.pop().unwrap();
    for ((method, path, body), (status, mut answer)) in calls.into_iter().zip(expected) {
        let said = request(method.clone(), &path, &body).send(&router).await;
        assert_eq!(said.status, status, "{method} {path}: {said:?}");
        let mut json = said.json();
        // Which numbers are given is the simulator's business; that they are numbers is not.
        forget_ids(&mut json);
        forget_ids(&mut answer);
        assert_eq!(json, answer, "{method} {path}");
    }
    assert_eq!(simulator.contact(&token(), &id).unwrap().properties.get("name"), Some(&json!("C")));
    assert_eq!(simulator.properties(&token()).len(), 2);
    assert_eq!(simulator.campaign_runs(&token())[0].contacts, std::slice::from_ref(&id));
    assert_eq!(simulator.get_bot(&token(), &BotId::from("7")).await.unwrap()["v"], 2);
    let deleted = request(method, &path, &body).send(&router).await;
    assert_eq!((deleted.status, deleted.body.as_str()), (204, ""));
    assert!(simulator.contact(&token(), &id).is_none());
}

fn forget_ids(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(forget_ids),
        Value::Object(members) => {
            members.values_mut().for_each(forget_ids);
            if let Some(id) = members.get_mut("id").filter(|id| id.as_u64().is_some_and(|id| id > 9000)) {
                *id = json!("a number");
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_token_that_it_does_not_know_is_unauthorized_everywhere() {
    let (simulator, router) = botmatic();
    let id = simulator.create_contact(&token(), Properties::new()).unwrap();
    for (method, path, body) in all(&id) {
        for call in [
            request(method.clone(), &path, &body).token("tok-unknown"),
            request(method.clone(), &path, &body).without_token(),
            request(method.clone(), &path, &body).authorization(b"Basic tok-alpha"),
        ] {
            let said = call.send(&router).await;
            assert_eq!((said.status, &said.json()["success"]), (401, &json!(false)), "{method} {path}");
        }
    }
    assert!(simulator.contact(&token(), &id).is_some());
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (_, router) = botmatic();
    let calls = all(&ContactId::from(77_u64)).into_iter();
    for (method, path, body) in calls.filter(|(_, path, body)| {
        path.contains("/7") || body["contacts"][0].is_u64() || body["contacts"][0]["contact_id"].is_u64()
    }) {
        let said = request(method.clone(), &path, &body).send(&router).await;
        assert_eq!((said.status, &said.json()["success"]), (404, &json!(false)), "{method} {path}: {said:?}");
    }
}

#[tokio::test]
async fn a_token_is_validated_from_a_form() {
    let (_, router) = botmatic();
    let ask = async |body: &str| {
        let call = Call::new(body).path("/api/integrationtokens/validate").without_token();
        call.content_type(Some("application/x-www-form-urlencoded")).send(&router).await
    };
    let valid = ask("token=tok-alpha").await;
    assert_eq!((valid.status, valid.json()), (200, json!({ "success": true })));
    for body in ["token=tok-unknown", "token=", "", "x=y"] {
        let Answer { status, body: said, .. } = ask(body).await;
        assert_eq!((status, said.as_str()), (401, r#"{"success":false}"#), "{body}");
    }
}

#[tokio::test]
async fn a_broken_request_is_refused_and_changes_nothing() {
    let (simulator, router) = botmatic();
    for body in ["", "{", "[]", r#"{"contact":7}"#, r#"{"contacts":{}}"#, r#"{"x":1}"#] {
        let said = Call::new(body).path("/api/contacts").send(&router).await;
        assert_eq!(said.status, 400, "{body}: {said:?}");
    }
    assert!(simulator.contacts(&token()).is_empty());
}

#[tokio::test]
async fn two_changes_of_one_contact_in_one_request_both_count() {
    let (simulator, router) = botmatic();
    let id = simulator.create_contact(&token(), Properties::new()).unwrap();
    let change = |name: &str| json!({ "contact_id": id, "contact_props": { name: 1 } });
    let body = json!({ "contacts": [change("a"), change("b")] });
    assert_eq!(request(Method::PATCH, "/api/contacts", &body).send(&router).await.status, 200);
    let contact = simulator.contact(&token(), &id).unwrap();
    assert_eq!(contact.properties, Properties::from_iter([("a", 1), ("b", 1)]));
}

/// Delivers until nothing is left.
async fn deliver_all(simulator: &Simulator) {
    let (end, ended) = oneshot::channel::<()>();
    let delivering = simulator.deliver(async { drop(ended.await) });
    let settled = async {
        simulator.settled().await;
        drop(end);
    };
    tokio::join!(delivering, settled);
}

fn open(path: &Path) -> (Simulator, Listener) {
    let simulator = Simulator::open(path).unwrap();
    let listener = Listener::default();
    simulator.connect(&token(), listener.clone());
    (simulator, listener)
}

fn named(name: &str) -> Properties {
    Properties::from_iter([("name", name)])
}

#[tokio::test]
async fn opened_again_it_goes_on_where_it_was_with_the_events_that_were_not_delivered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("botmatic.jsonl");
    let (simulator, _) = open(&path);
    simulator.install(&token()).await.unwrap();
    let gone = simulator.create_contact(&token(), named("Ada")).unwrap();
    simulator.delete_contact(&token(), &gone).unwrap();
    let kept = simulator.create_contact(&token(), named("Bob")).unwrap();
    simulator.add_bot(&token(), json!({ "id": 7 })).unwrap();
    simulator.send_event_on_campaign(&token(), "renewal", std::slice::from_ref(&kept)).await.unwrap();
    drop(simulator);

    let (simulator, listener) = open(&path);
    assert_eq!(simulator.contacts(&token()).len(), 1);
    assert_eq!(simulator.contact(&token(), &kept).unwrap().properties, named("Bob"));
    assert_eq!(simulator.list_bots(&token()).await.unwrap(), [json!({ "id": 7 })]);
    assert_eq!(simulator.campaign_runs(&token()).len(), 1);
    deliver_all(&simulator).await;
    let heard = listener.heard();
    let of = |id: &ContactId| -> Vec<_> {
        let of = heard
            .iter()
            .filter(|call| [&call["data"]["id"], &call["data"]["contact_id"]].contains(&&json!(id)));
        of.map(|call| call["event"].as_str().unwrap()).collect()
    };
    assert_eq!(of(&gone), ["contact_created", "contact_deleted"]);
    assert_eq!(of(&kept), ["contact_created"]);

    let new = simulator.create_contact(&token(), named("Eve")).unwrap();
    assert!(new != gone && new != kept, "an id is given once");
    drop(simulator);
    let (simulator, listener) = open(&path);
    deliver_all(&simulator).await;
    assert_eq!(listener.heard().len(), 1, "what was delivered is not delivered again");
}

#[tokio::test]
async fn a_last_line_that_is_torn_is_cut_off_and_writing_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("botmatic.jsonl");
    let (simulator, _) = open(&path);
    let first = simulator.create_contact(&token(), named("Ada")).unwrap();
    drop(simulator);
    let whole = fs::read(&path).unwrap();
    let (simulator, _) = open(&path);
    simulator.create_contact(&token(), named("Bob")).unwrap();
    drop(simulator);
    let longer = fs::read(&path).unwrap();

    for cut in whole.len() + 1..longer.len() {
        fs::write(&path, &longer[..cut]).unwrap();
        let (simulator, _) = open(&path);
        assert_eq!(simulator.contacts(&token()).len(), 1, "cut at {cut}");
        let again = simulator.create_contact(&token(), named("Eve")).unwrap();
        assert_ne!(again, first);
        drop(simulator);
        assert_eq!(open(&path).0.contact(&token(), &again).unwrap().properties, named("Eve"), "cut at {cut}");
    }
}

#[test]
fn a_file_that_it_did_not_write_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    for text in ["dear diary\nI am no journal", "dear diary", "{}\n", "[1]\n"] {
        fs::write(&path, text).unwrap();
        let error = Simulator::open(&path).unwrap_err();
        assert!(error.to_string().contains("notes.txt"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}
