//! Arbitrary input never makes the server fail.

use axum::Router;
use axum::http::Method;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::contacts;
use crate::endpoint::parrot;
use crate::requests::{Answer, Call};

/// All that the endpoint ever answers to a POST. A handler that panics would add 500; none of these does.
const STATUSES: [u16; 6] = [200, 400, 401, 403, 413, 415];

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// What both services answer: the one without contacts, and the one with. Each goes on serving.
fn answers(make: impl Fn() -> Call) -> Vec<Answer> {
    runtime().block_on(async {
        let (_, service) = contacts::watching();
        contacts::install(&service).await;
        vec![
            answer(make(), &parrot().router(), "repeat").await,
            answer(make(), &service.router(), "ping").await,
        ]
    })
}

async fn answer(call: Call, router: &Router, action: &str) -> Answer {
    let answer = call.send(router).await;
    // The call may have been an uninstall.
    assert_eq!(Call::event("install", Value::Null).send(router).await.status, 200, "after {answer:?}");
    assert_eq!(Call::action(action, 1).send(router).await.status, 200, "after {answer:?}");
    answer
}

/// JSON of all shapes, with the names that mean something to the endpoint among its keys and texts.
fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        prop::sample::select(vec![
            "install",
            "uninstall",
            "contact_created",
            "contact_updated",
            "contact_deleted",
            "user_reply",
            "bot_reply",
            "heard",
            "repeat",
            "repeat all",
            "who",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let name = prop_oneof![
            prop::sample::select(vec![
                "event",
                "action",
                "data",
                "contact_id",
                "id",
                "email",
                "name",
                "born",
                "result",
                "message",
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A call with arbitrary JSON where the data is, and arbitrary members beside it.
fn call() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "contact_created",
        "contact_updated",
        "contact_deleted",
        "user_reply",
        "bot_reply",
        "install",
        "uninstall",
        "repeat all",
        "who",
    ]);
    (prop::sample::select(vec!["event", "action"]), name, json(), json())
        .prop_map(|(kind, name, data, member)| json!({ kind: name, "data": data, "member": member }))
}

/// A call that is right, but for one member: another value stands there, or none.
fn nearly_right() -> impl Strategy<Value = Value> {
    let contact = json!({ "id": 9, "name": "Ada", "email": "ada@x.test", "born": "1815-12-10" });
    let understood = json!({ "source": "hi", "intents": [{ "slug": "greet" }] });
    let said = json!({ "contact_id": 9, "bot_id": 7, "platform": "web", "result": understood });
    let calls = vec![
        json!({ "event": "install", "data": { "workspace": "demo" } }),
        json!({ "event": "uninstall", "data": {} }),
        json!({ "event": "contact_created", "data": contact }),
        json!({ "event": "contact_updated", "data": contact }),
        json!({ "event": "contact_deleted", "data": { "contact_id": 9 } }),
        json!({ "event": "user_reply", "data": said }),
        json!({ "event": "bot_reply", "data": { "contact_id": 9, "message": "{\"content\":\"hi\"}" } }),
        json!({ "action": "who", "data": { "contact_id": 9, "user": { "name": "Ada" } } }),
        json!({ "action": "repeat all", "data": [1, [2, { "a": null }]], "lang": "fr" }),
    ];
    (prop::sample::select(calls), any::<prop::sample::Index>(), prop::option::of(json())).prop_map(
        |(mut call, place, other)| {
            let mut places = Vec::new();
            pointers(&call, String::new(), &mut places);
            let (parent, name) = places[place.index(places.len())].rsplit_once('/').unwrap();
            match (call.pointer_mut(parent).unwrap(), other) {
                (Value::Object(members), Some(other)) => drop(members.insert(name.to_owned(), other)),
                (Value::Object(members), None) => drop(members.remove(name)),
                (Value::Array(items), other) => {
                    items[name.parse::<usize>().unwrap()] = other.unwrap_or_default();
                }
                (other, _) => panic!("{other} has no members"),
            }
            call
        },
    )
}

/// Where the members of a value are, and theirs.
fn pointers(value: &Value, path: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| pointers(value, format!("{path}/{name}"), found));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(place, value)| pointers(value, format!("{path}/{place}"), found));
        }
        _ => {}
    }
    if !path.is_empty() {
        found.push(path);
    }
}

/// Values of headers, those that mean something among them.
fn header() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "Bearer tok-alpha",
        "Bearer tok-beta",
        "Bearer ",
        "application/json",
        "application/json; charset=utf-8",
        "application/json; charset=",
        "text/plain",
        "gzip",
        "deflate",
        "identity",
        "br",
        "0",
        "chunked",
        "100-continue",
    ]);
    let bytes = prop::collection::vec(prop_oneof![Just(b'\t'), 32..=126_u8, 128..=255_u8], 0..80);
    prop_oneof![known.prop_map(|text| text.as_bytes().to_vec()), bytes]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_never_a_failure_of_the_server(body in prop::collection::vec(any::<u8>(), 0..300)) {
        for answer in answers(|| Call::new(body.clone())) {
            prop_assert!(STATUSES.contains(&answer.status), "{answer:?}");
        }
    }

    #[test]
    fn a_call_that_is_nearly_right_is_answered(body in nearly_right()) {
        for answer in answers(|| Call::new(body.to_string())) {
            prop_assert!(matches!(answer.status, 200 | 403), "{body}: {answer:?}");
            prop_assert!(answer.status == 403 || answer.json()["success"].is_boolean(), "{body}: {answer:?}");
        }
    }

    #[test]
    fn arbitrary_headers_around_any_body_are_answered(
        headers in prop::collection::vec((prop::sample::select(vec![
            "authorization", "content-type", "content-encoding", "content-length", "transfer-encoding", "expect",
            "host", "accept", "x-forwarded-for",
        ]), header()), 0..5),
        body in prop_oneof![nearly_right().prop_map(|body| body.to_string().into_bytes()), prop::collection::vec(any::<u8>(), 0..100)],
        bare in any::<bool>(),
    ) {
        let call = || {
            let call = Call::new(body.clone());
            let call = if bare { call.without_token().content_type(None) } else { call };
            headers.iter().fold(call, |call, (name, value)| call.header(name, value))
        };
        for answer in answers(call) {
            prop_assert!(STATUSES.contains(&answer.status), "{answer:?}");
            prop_assert!(!answer.content_type.is_empty() && !answer.body.is_empty(), "{answer:?}");
        }
    }

    #[test]
    fn arbitrary_methods_and_paths_are_answered_by_the_endpoint_or_by_nobody(
        method in prop::sample::select(vec!["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"]),
        path in "/[a-zA-Z0-9._~!$&'()*+,;=:@%/-]{0,20}",
    ) {
        for answer in answers(|| Call::new("{}").method(Method::from_bytes(method.as_bytes()).unwrap()).path(&path)) {
            let expected = match (method, path.as_str()) {
                ("POST", "/") => 403,
                (_, "/") => 405,
                _ => 404,
            };
            prop_assert_eq!(answer.status, expected, "{} {}", method, path);
        }
    }

    #[test]
    fn arbitrary_json_is_never_a_failure_of_the_server(body in json()) {
        for answer in answers(|| Call::new(body.to_string())) {
            prop_assert!(STATUSES.contains(&answer.status), "{answer:?}");
            prop_assert!(answer.status != 400 || !(body.is_object() || body.is_array()), "{answer:?}");
        }
    }

    #[test]
    fn arbitrary_data_under_a_known_name_is_answered(body in call()) {
        for answer in answers(|| Call::new(body.to_string())) {
            prop_assert_eq!(answer.status, 200, "{:?}", answer);
            prop_assert!(answer.json()["success"].is_boolean());
        }
    }

    #[test]
    fn a_body_that_is_cut_off_anywhere_is_never_a_failure_of_the_server(body in call(), cut in 0.0..1.0_f64) {
        let text = body.to_string();
        let length = text.len();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a short text")]
        let cut = (length as f64 * cut) as usize;
        for answer in answers(|| Call::new(&text.as_bytes()[..cut])) {
            prop_assert!(STATUSES.contains(&answer.status), "{answer:?}");
        }
    }

    #[test]
    fn arbitrary_headers_never_authorize_and_never_fail(
        header in prop::collection::vec(prop_oneof![Just(b'\t'), 32..=126_u8, 128..=255_u8], 0..80)
    ) {
        for answer in answers(|| Call::action("repeat", 1).authorization(&header)) {
            prop_assert_eq!(answer.status, 401, "{:?}", answer);
        }
    }
}
