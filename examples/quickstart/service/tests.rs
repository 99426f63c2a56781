//! The service as others see it: through its router, with a webhook of our own that listens for real.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tower::ServiceExt;

use super::{AddressBook, Counts};
use crate::person::Person;

fn sample() -> Vec<Person> {
    serde_json::from_str(include_str!("../people.json")).unwrap()
}

async fn empty_book() -> (AddressBook, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let book = AddressBook::open(folder.path().join("people.redb")).await.unwrap();
    (book, folder)
}

/// Asks the router, and returns the answer's JSON; null if it has no body.
async fn ask(book: &AddressBook, method: Method, path: &str, body: impl ToString) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).body(Body::from(body.to_string())).unwrap();
    let response = book.router().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let answer = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    (status, answer)
}

async fn get(book: &AddressBook, path: &str) -> (StatusCode, Value) {
    ask(book, Method::GET, path, "").await
}

async fn create(book: &AddressBook, person: Value) -> Value {
    let (status, person) = ask(book, Method::POST, "/people", person).await;
    assert_eq!(status, StatusCode::CREATED);
    person
}

async fn patch(book: &AddressBook, id: &str, members: Value) -> (StatusCode, Value) {
    ask(book, Method::PATCH, &format!("/people/{id}"), members).await
}

/// A webhook on a free port. It keeps all it was told, also what it refuses.
#[derive(Clone)]
struct Receiver {
    url: String,
    calls: Arc<Mutex<Vec<(StatusCode, Value)>>>,
    count: watch::Sender<usize>,
}

impl Receiver {
    async fn start(mut refuses: impl FnMut(&Value) -> bool + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            url: format!("http://{}/heard", listener.local_addr().unwrap()),
            calls: Arc::default(),
            count: watch::Sender::new(0),
        };
        let Self { calls, count, .. } = receiver.clone();
        let answer = Arc::new(Mutex::new(move |call: Value| {
            let status =
                if refuses(&call) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT };
            calls.lock().unwrap().push((status, call));
            count.send_modify(|count| *count += 1);
            status
        }));
        let hear = async move |Json(call): Json<Value>| answer.lock().unwrap()(call);
        let routes = Router::new().route("/heard", post(hear));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        receiver
    }

    async fn register(&self, book: &AddressBook) {
        let webhook = json!({ "url": self.url, "token": "a secret" });
        let (status, _) = ask(book, Method::PUT, "/webhook", webhook).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }

    async fn was_called(&self, times: usize) {
        let mut count = self.count.subscribe();
        count.wait_for(|count| *count >= times).await.unwrap();
    }

    /// What was answered with success, in the order of the calls.
    fn heard(&self) -> Vec<Value> {
        let calls = self.calls.lock().unwrap();
        let heard = calls.iter().filter(|(status, _)| status.is_success());
        heard.map(|(_, call)| call.clone()).collect()
    }
}

/// A service that serves until it is told to stop.
struct Serving {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Serving {
    async fn start(book: &AddressBook) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let book = book.clone();
        let task = tokio::spawn(async move {
            let shutdown = async { stopped.await.unwrap() };
            book.serve(listener, shutdown).await.unwrap();
        });
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn the_bundled_people_come_back_as_they_were_written() {
    let (book, _folder) = empty_book().await;
    let people = sample();
    assert_eq!(book.load(people.clone()).await.unwrap(), people.len());

    let written: Vec<Value> = serde_json::from_str(include_str!("../people.json")).unwrap();
    let stored = book.people().await.unwrap();
    assert_eq!(stored.len(), written.len(), "every id is there once");
    for (person, written) in stored.iter().zip(&written) {
        let served = serde_json::to_value(person).unwrap();
        for (member, value) in served.as_object().unwrap() {
            let nothing = if member == "offices" { json!([]) } else { Value::Null };
            assert_eq!(value, written.get(member).unwrap_or(&nothing), "{}.{member}", person.id);
        }
    }
}

#[tokio::test]
async fn every_person_is_on_one_page_and_the_page_after_the_last_is_empty() {
    let (book, _folder) = empty_book().await;
    book.load(sample()).await.unwrap();
    let mut listed = Vec::new();
    for page in 1.. {
        let (status, answer) = get(&book, &format!("/people?page={page}&size=30")).await;
        assert_eq!(status, StatusCode::OK);
        let people: Vec<Person> = serde_json::from_value(answer).unwrap();
        if people.is_empty() {
            break;
        }
        listed.extend(people);
    }
    assert_eq!(listed, book.people().await.unwrap());
    assert!(listed.is_sorted_by(|one, next| one.id < next.id));
}

#[tokio::test]
async fn whoever_was_deleted_does_not_come_back_with_the_initial_stock() {
    let (book, _folder) = empty_book().await;
    let people = sample();
    book.load(people.clone()).await.unwrap();
    let (status, _) = ask(&book, Method::DELETE, "/people/HR%2F0042", "").await;
    assert_eq!(status, StatusCode::NO_CONTENT);

    assert_eq!(book.load(people).await.unwrap(), 0);
    assert_eq!(book.person("HR/0042").await.unwrap(), None);
}

#[tokio::test]
async fn a_new_person_gets_an_id_nobody_has_or_had() {
    let (book, _folder) = empty_book().await;
    let named = |id: &str| json!({ "id": id, "first_name": "Ada", "last_name": "Fenn" });
    let stock = serde_json::from_value(named("N000002")).unwrap();
    book.load(vec![stock]).await.unwrap();
    ask(&book, Method::DELETE, "/people/N000002", "").await;

    assert_eq!(create(&book, named("")).await["id"], "N000001");
    ask(&book, Method::DELETE, "/people/N000001", "").await;
    assert_eq!(create(&book, named("")).await["id"], "N000003");

    let (status, answer) = ask(&book, Method::POST, "/people", named("N000009")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer["error"], "`id`: is given by the service; leave it out");
}

#[tokio::test]
async fn a_person_is_found_by_the_address_they_have_now() {
    let (book, _folder) = empty_book().await;
    let ada = json!({ "first_name": "Ada", "last_name": "Fenn", "email": "Ada+1@example.org" });
    create(&book, ada).await;
    let (_, found) = get(&book, "/people?email=ada%2B1@example.org").await;
    assert_eq!(found[0]["id"], "N000001");

    patch(&book, "N000001", json!({ "email": "fenn@example.org" })).await;
    let (_, found) = get(&book, "/people?email=ada%2B1@example.org").await;
    assert_eq!(found, json!([]));
    let (_, found) = get(&book, "/people?email=fenn@example.org").await;
    assert_eq!(found[0]["id"], "N000001");

    ask(&book, Method::DELETE, "/people/N000001", "").await;
    let (_, found) = get(&book, "/people?email=fenn@example.org").await;
    assert_eq!(found, json!([]));
}

#[tokio::test]
async fn in_a_patch_null_clears_and_what_is_absent_stays() {
    let (book, _folder) = empty_book().await;
    let before = json!({
        "first_name": "Ada", "last_name": "Fenn", "nickname": "null", "birthday": "1990-02-28", "district": 0,
        "offices": [{ "zip": "00123", "suite": 7, "latitude": 47.978_156_2, "fax": null }],
    });
    create(&book, before).await;
    let (status, after) = patch(&book, "N000001", json!({ "birthday": null, "phone": "0155" })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(after["birthday"], Value::Null);
    assert_eq!(after["phone"], "0155");
    assert_eq!(after["nickname"], "null");
    assert_eq!(after["district"], 0);
    let office = json!({ "zip": "00123", "suite": 7, "latitude": 47.978_156_2, "fax": null });
    assert_eq!(after["offices"], json!([office]));
    assert_eq!(get(&book, "/people/N000001").await, (StatusCode::OK, after));

    let (_, after) = patch(&book, "N000001", json!({ "offices": null })).await;
    assert_eq!(after["offices"], json!([]));
}

#[tokio::test]
async fn a_coordinate_keeps_its_last_digit() {
    let (book, _folder) = empty_book().await;
    let ada = r#"{"first_name": "Ada", "last_name": "Fenn", "offices": [{"latitude": -97.75747199999999}]}"#;
    ask(&book, Method::POST, "/people", ada).await;
    let offices = book.person("N000001").await.unwrap().unwrap().offices;
    assert_eq!(offices[0].to_string(), r#"{"latitude":-97.75747199999999}"#);
}

#[tokio::test]
async fn what_cannot_be_stored_is_refused_with_the_reason() {
    let (book, _folder) = empty_book().await;
    let ada = create(&book, json!({ "first_name": "Ada", "last_name": "Fenn" })).await;
    for (members, reason) in [
        (json!({ "shoe_size": 38 }), "unknown field `shoe_size`"),
        (json!({ "nickname": 7 }), "`nickname`: invalid type: integer `7`"),
        (json!({ "last_name": null }), "`last_name`: invalid type: null"),
        (json!({ "birthday": "1990-02-30" }), "`birthday`: "),
        (json!({ "district": -1 }), "`district`: invalid value"),
        (json!({ "id": "N000002" }), "`id`: cannot be changed"),
        (json!([]), "the body is not a JSON object"),
    ] {
        let (status, answer) = patch(&book, "N000001", members).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains(reason), "{error}");
    }
    assert_eq!(get(&book, "/people/N000001").await.1, ada);

    let (status, answer) = ask(&book, Method::POST, "/people", "{").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer["error"].as_str().unwrap().starts_with("the body is not JSON"));
    for path in ["/people?page=0", "/people?size=1001", "/people?mail=x"] {
        let (status, answer) = get(&book, path).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}");
        assert!(answer["error"].is_string());
    }
    let too_large = "x".repeat(1024 * 1024 + 1);
    let (status, _) = ask(&book, Method::POST, "/people", too_large).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn nobody_of_an_id_is_said_so() {
    let (book, _folder) = empty_book().await;
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let (status, answer) = ask(&book, method, "/people/N000001", "{}").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(answer["error"], "there is nobody of this id");
    }
}

#[tokio::test]
async fn the_webhook_hears_of_each_change_and_of_nothing_else() {
    let (book, _folder) = empty_book().await;
    book.load(sample()).await.unwrap();
    let receiver = Receiver::start(|_| false).await;
    receiver.register(&book).await;
    let serving = Serving::start(&book).await;

    let created = create(&book, json!({ "first_name": "Ada", "last_name": "Fenn" })).await;
    patch(&book, "N000001", json!({ "first_name": "Ada" })).await;
    let (_, updated) = patch(&book, "N000001", json!({ "suffix": "III" })).await;
    ask(&book, Method::DELETE, "/people/N000001", "").await;
    ask(&book, Method::DELETE, "/people/N000001", "").await;
    book.settled().await.unwrap();
    serving.stop().await;

    let heard = [
        json!({ "token": "a secret", "event": "created", "person": created }),
        json!({ "token": "a secret", "event": "updated", "person": updated }),
        json!({ "token": "a secret", "event": "deleted", "id": "N000001" }),
    ];
    assert_eq!(receiver.heard(), heard);
    let counts = Counts { reads: 0, creates: 1, updates: 2, deletes: 2, webhooks: 3 };
    assert_eq!(book.requests(), counts);
}

#[tokio::test]
async fn a_change_and_the_word_about_it_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.redb");
    let receiver = Receiver::start(|_| false).await;
    let book = AddressBook::open(&path).await.unwrap();
    receiver.register(&book).await;
    let ada = create(&book, json!({ "first_name": "Ada", "last_name": "Fenn" })).await;
    drop(book);

    let book = AddressBook::open(&path).await.unwrap();
    assert_eq!(get(&book, "/people/N000001").await.1, ada);
    let serving = Serving::start(&book).await;
    book.settled().await.unwrap();
    serving.stop().await;
    let heard = json!({ "token": "a secret", "event": "created", "person": ada });
    assert_eq!(receiver.heard(), [heard]);
    drop(book);

    let book = AddressBook::open(&path).await.unwrap();
    book.settled().await.unwrap();
}

#[tokio::test]
async fn the_webhook_hears_of_changes_made_before_there_was_one() {
    let (book, _folder) = empty_book().await;
    let serving = Serving::start(&book).await;
    create(&book, json!({ "first_name": "Ada", "last_name": "Fenn" })).await;
    let receiver = Receiver::start(|_| false).await;
    receiver.register(&book).await;
    book.settled().await.unwrap();
    assert_eq!(receiver.heard().len(), 1);
    serving.stop().await;
}

#[tokio::test]
async fn the_changes_of_a_person_arrive_in_their_order_though_calls_fail() {
    let (book, _folder) = empty_book().await;
    let mut refusals = 0..5;
    let receiver = Receiver::start(move |_| refusals.next().is_some()).await;
    receiver.register(&book).await;
    let serving = Serving::start(&book).await;
    let ids = ["N000001", "N000002", "N000003"];
    for _ in ids {
        create(&book, json!({ "first_name": "Ada", "last_name": "Fenn" })).await;
    }
    for round in 0..20 {
        for id in ids {
            patch(&book, id, json!({ "nickname": format!("{round:02}") })).await;
        }
    }
    book.settled().await.unwrap();
    serving.stop().await;

    let heard = receiver.heard();
    let nicknames: Vec<_> = (0..20).map(|round| format!("{round:02}")).collect();
    for id in ids {
        let about = heard.iter().filter(|call| call["person"]["id"] == id);
        let told: Vec<_> = about.filter_map(|call| call["person"]["nickname"].as_str()).collect();
        assert_eq!(told, nicknames);
    }
    assert_eq!(heard.len(), 63, "each change is heard once");
    assert_eq!(book.requests().webhooks, 68, "and each refused call is repeated");
}

#[tokio::test]
async fn a_person_the_webhook_always_refuses_is_in_nobodys_way() {
    let (book, _folder) = empty_book().await;
    let receiver = Receiver::start(|call| call["person"]["nickname"] == "refused").await;
    receiver.register(&book).await;
    for number in 0..30 {
        let nickname = if number < 20 { "refused" } else { "heard" };
        let ada = json!({ "first_name": "Ada", "last_name": "Fenn", "nickname": nickname });
        create(&book, ada).await;
    }
    let serving = Serving::start(&book).await;
    receiver.was_called(50).await;
    serving.stop().await;
    assert_eq!(receiver.heard().len(), 10);
}

#[tokio::test]
async fn a_service_asked_to_stop_does_not_wait_for_a_webhook_that_never_listens() {
    let (book, _folder) = empty_book().await;
    let receiver = Receiver::start(|_| true).await;
    receiver.register(&book).await;
    let serving = Serving::start(&book).await;
    create(&book, json!({ "first_name": "Ada", "last_name": "Fenn" })).await;
    receiver.was_called(3).await;
    serving.stop().await;
    assert_eq!(receiver.heard(), Vec::<Value>::new());
    assert!(!book.blocking(super::Store::nothing_to_tell).await.unwrap());
}
