//! What the endpoint answers to wrong input, over the real router.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::Method;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Message, Service, Value};
use serde_json::json;

use crate::requests::{Answer, Call, TOKEN};

/// Counts installs and repeats what it hears.
#[derive(Default)]
pub(crate) struct Parrot {
    installs: AtomicUsize,
}

#[botmatic::integration]
impl Parrot {
    #[botmatic::on(install)]
    async fn installed(&self) {
        self.installs.fetch_add(1, Ordering::Relaxed);
    }

    #[botmatic::on("heard")]
    async fn heard(&self) -> &'static str {
        "event"
    }

    #[botmatic::action("heard")]
    async fn asked(&self) -> &'static str {
        "action"
    }

    #[botmatic::action("repeat")]
    async fn repeat(&self, Params(data): Params<Value>) -> Value {
        data
    }

    #[botmatic::action("repeat all")]
    async fn repeat_all(&self, message: Message) -> Value {
        json!({ "name": message.name, "data": message.data, "members": message.members })
    }

    #[botmatic::action("who")]
    async fn who(&self, contact: ContactId) -> ContactId {
        contact
    }
}

/// A service whose token Botmatic knows.
pub(crate) fn parrot() -> Service<Parrot> {
    let simulator = Simulator::new();
    let service = botmatic::builder(Parrot::default()).platform(simulator.clone()).build().unwrap();
    simulator.connect(&Token::new(TOKEN), service.clone());
    service
}

fn router() -> Router {
    parrot().router()
}

fn html(status: u16, body: &str) -> Answer {
    Answer {
        status,
        content_type: "text/html; charset=utf-8".to_owned(),
        retry_after: None,
        body: body.to_owned(),
    }
}

#[tokio::test]
async fn a_call_without_a_token_or_with_an_unknown_one_is_not_authorized() {
    let router = router();
    let refused = html(401, "Not authorized");
    for body in [r#"{"event":"heard"}"#, r#"{"action":"repeat","data":1}"#, "{}", "[]"] {
        assert_eq!(Call::new(body).without_token().send(&router).await, refused, "{body}");
        assert_eq!(Call::new(body).token("tok-unknown").send(&router).await, refused, "{body}");
        assert_eq!(Call::new(body).token("").send(&router).await, refused, "{body}");
    }
}

#[tokio::test]
async fn an_install_with_a_token_that_botmatic_does_not_know_is_refused_with_a_full_stop() {
    let service = parrot();
    let router = service.router();
    for event in ["install", "uninstall"] {
        let call = || Call::event(event, Value::Null);
        assert_eq!(call().token("tok-unknown").send(&router).await, html(401, "Not authorized."));
        assert_eq!(call().without_token().send(&router).await, html(401, "Not authorized."));
    }
    assert_eq!(service.integration().installs.load(Ordering::Relaxed), 0);
    assert_eq!(Call::event("install", Value::Null).send(&router).await.status, 200);
    assert_eq!(service.integration().installs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_is_neither_an_event_nor_an_action_is_a_bad_request() {
    let router = router();
    let bodies = [
        "",
        "{}",
        "[]",
        r#"[{"event":"install"}]"#,
        r#"{"data":{"event":"heard"}}"#,
        r#"{"event":"","action":""}"#,
        r#"{"event":null,"action":false}"#,
        r#"{"event":0}"#,
        r#"{"EVENT":"heard"}"#,
    ];
    for body in bodies {
        assert_eq!(Call::new(body).send(&router).await, html(403, "Bad Request"), "{body}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_declared_as_json_is_not_read() {
    let router = router();
    let call = || Call::action("repeat", 7);
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/vnd.api+json"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let answer = call().content_type(content_type).send(&router).await;
        assert_eq!(answer, html(403, "Bad Request"), "{content_type:?}");
    }
    for content_type in ["application/json; charset=utf-8", "Application/JSON", " application/json ;x=y"] {
        assert_eq!(call().content_type(Some(content_type)).send(&router).await.data(), 7, "{content_type}");
    }
}

#[tokio::test]
async fn broken_json_is_refused_before_the_token_is_looked_at_and_is_not_repeated() {
    let router = router();
    let bodies = [
        "{",
        r#"{"event":"s3cret""#,
        r#"{"event":"s3cret",}"#,
        "{'event':'s3cret'}",
        r#""s3cret""#,
        "null",
        "true",
        "12",
        "s3cret",
        r#"{"event":"a"} {"event":"s3cret"}"#,
        "{\"event\":\"\u{1}s3cret\"}",
    ];
    for body in bodies {
        for call in [Call::new(body), Call::new(body).without_token(), Call::new(body).token("tok-unknown")] {
            let answer = call.send(&router).await;
            assert_eq!(answer.status, 400, "{body}: {answer:?}");
            assert!(!answer.body.contains("s3cret"), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_become_replacement_characters_inside_a_text_and_are_refused_elsewhere() {
    let router = router();
    let body = b"{\"action\":\"repeat\",\"data\":\"\xff\xfe\xc3\"}";
    assert_eq!(Call::new(body).send(&router).await.data(), "\u{fffd}\u{fffd}\u{fffd}");
    let name = Call::new(b"{\"event\":\"install\xff\"}").send(&router).await;
    assert_eq!(name.refusal(), "No event \"install\u{fffd}\" defined");
    for body in [&b"\xff"[..], b"{\"action\":\xff}", b"{\"event\":\"\xff\""] {
        assert_eq!(Call::new(body).send(&router).await.status, 400);
    }
}

#[tokio::test]
async fn a_body_may_have_102400_bytes_and_not_one_more() {
    let router = router();
    let of_size = |size: usize| {
        let frame = r#"{"action":"repeat","data":""}"#.len();
        let body = format!(r#"{{"action":"repeat","data":"{}"}}"#, "x".repeat(size - frame));
        assert_eq!(body.len(), size);
        Call::new(body)
    };
    assert_eq!(of_size(102_400).send(&router).await.status, 200);
    assert_eq!(of_size(102_401).send(&router).await.status, 413);
    assert_eq!(of_size(1 << 20).send(&router).await.status, 413);
    assert_eq!(of_size(1 << 20).without_token().send(&router).await.status, 413);
    assert_eq!(Call::action("repeat", 1).send(&router).await.data(), 1, "it goes on answering");
}

#[tokio::test]
async fn a_name_without_a_handler_is_told_in_the_answer() {
    let router = router();
    for (body, error) in [
        (r#"{"event":"x"}"#, r#"No event \"x\" defined"#),
        (r#"{"action":"x","data":{}}"#, r#"No action \"x\" defined"#),
        (r#"{"event":"repeat"}"#, r#"No event \"repeat\" defined"#),
        (r#"{"action":"install"}"#, r#"No action \"install\" defined"#),
        (r#"{"event":"Heard"}"#, r#"No event \"Heard\" defined"#),
        (r#"{"event":"contact_created","data":{"id":1}}"#, r#"No event \"contact_created\" defined"#),
    ] {
        let answer = Call::new(body).send(&router).await;
        let expected = format!(r#"{{"data":{{"error":"{error}"}},"type":"data","success":false}}"#);
        assert_eq!((answer.status, answer.content_type.as_str()), (200, "application/json; charset=utf-8"));
        assert_eq!(answer.body, expected);
    }
}

#[tokio::test]
async fn other_methods_and_other_paths_are_never_answered_with_200() {
    let router = router();
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = Call::action("repeat", 1).method(method.clone()).send(&router).await;
        assert!(matches!(answer.status, 404 | 405), "{method}: {answer:?}");
    }
    for path in ["/elsewhere", "//", "/%2e", "/?/x/../y/"] {
        let answer = Call::action("repeat", 1).path(path).send(&router).await;
        let expected = if path.starts_with("/?") { 200 } else { 404 };
        assert_eq!(answer.status, expected, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_name_that_is_no_text_never_reaches_the_handler_of_that_text() {
    let service = parrot();
    let router = service.router();
    let bodies = [
        r#"{"event":["install"]}"#,
        r#"{"event":[["install"]]}"#,
        r#"{"event":{"toString":"install"}}"#,
        r#"{"event":{"toString":{"valueOf":"install"},"length":7}}"#,
        r#"{"action":["heard"]}"#,
        r#"{"action":{"toString":"heard"},"event":"heard"}"#,
        r#"{"event":true}"#,
        r#"{"event":12}"#,
        r#"{"event":" install"}"#,
        "{\"event\":\"install\\u0000\"}",
        "{\"event\":\"install\\n\"}",
    ];
    for body in bodies {
        let reason = Call::new(body).send(&router).await.refusal();
        assert!(reason.starts_with("No event") || reason.starts_with("No action"), "{body}: {reason}");
    }
    assert_eq!(service.integration().installs.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_action_counts_before_an_event_and_an_install_before_everything() {
    let service = parrot();
    let router = service.router();
    let said = async |body: &'static str| Call::new(body).send(&router).await;
    assert_eq!(said(r#"{"event":"heard","action":"heard"}"#).await.data(), "action");
    assert_eq!(said(r#"{"event":"heard","action":""}"#).await.data(), "event");
    assert_eq!(said(r#"{"event":"heard","action":"x"}"#).await.refusal(), "No action \"x\" defined");
    assert_eq!(said(r#"{"action":"heard","event":"install"}"#).await.data(), json!({ "success": true }));
    assert_eq!(service.integration().installs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn deep_nesting_is_answered_wherever_it_stands() {
    let router = router();
    let nested = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(12_000), "}".repeat(12_000));
    for nested in [nested.as_str(), &objects] {
        let bodies = [
            format!(r#"{{"action":"repeat","data":{nested}}}"#),
            format!(r#"{{"action":"repeat all","data":{nested}}}"#),
            format!(r#"{{"action":"repeat all","member":{nested}}}"#),
            format!(r#"{{"action":"who","data":{nested}}}"#),
            format!(r#"{{"action":"heard","data":{nested}}}"#),
            format!(r#"{{"event":{nested}}}"#),
            nested.to_owned(),
        ];
        for body in bodies {
            let answer = Call::new(body.clone()).send(&router).await;
            let start = &body[..30];
            assert!(matches!(answer.status, 200 | 400 | 403), "{start}: {}", answer.status);
            assert!(answer.body.len() < 500, "{start}");
        }
    }
    let unread = format!(r#"{{"action":"heard","data":{nested}}}"#);
    assert_eq!(Call::new(unread).send(&router).await.data(), "action", "what nobody reads harms nobody");
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped_and_of_equal_names_the_last_counts() {
    let router = router();
    let said = async |body: &'static str| Call::new(body).send(&router).await;
    assert_eq!(said("\u{feff}{\"action\":\"repeat\",\"data\":1}").await.data(), 1);
    assert_eq!(said("\u{feff}\u{feff}{}").await.status, 400);
    assert_eq!(said("\u{feff}").await.status, 400);
    assert_eq!(said(r#"{"action":"x","action":"repeat","data":1,"data":2}"#).await.data(), 2);
    assert_eq!(said(r#"{"action":"repeat","action":null,"event":"heard"}"#).await.data(), "event");
    let all = said(r#"{"action":"repeat all","m":1,"data":{"a":1,"a":2},"m":[3]}"#).await.data();
    assert_eq!(all, json!({ "name": "repeat all", "data": { "a": 2 }, "members": { "m": [3] } }));
    assert_eq!(said(r#"{"action":"who","data":{"contact_id":1,"contact_id":"2"}}"#).await.data(), "2");
    let escaped = r#"{"\u0061ction":"\u0072epeat","d\u0061ta":"é"}"#;
    assert_eq!(said(escaped).await.data(), "é", "escapes in names are read");
}

#[tokio::test]
async fn the_header_may_be_written_in_several_ways_and_another_scheme_is_no_token() {
    let router = router();
    let with = async |value: &[u8]| {
        let answer = Call::action("repeat", 1).authorization(value).send(&router).await;
        (answer.status, answer.body.contains(TOKEN))
    };
    for accepted in ["Bearer tok-alpha", "bearer tok-alpha", "BEARER   tok-alpha ", "tok-alpha", " tok-alpha"]
    {
        assert_eq!(with(accepted.as_bytes()).await, (200, false), "{accepted}");
    }
    for refused in [
        "Basic tok-alpha",
        "Bearer",
        "Bearer ",
        "",
        " ",
        "Bearer tok-alpha x",
        "Bearer Bearer tok-alpha",
        "tok-alpha Bearer ",
        "Bearer TOK-ALPHA",
        "Bearer tok-alph",
        "Bearer tok-alphaa",
        "Bearer tok-alpha,tok-alpha",
    ] {
        assert_eq!(with(refused.as_bytes()).await, (401, false), "{refused:?}");
    }
    for refused in [&b"Bearer tok-alpha\xff"[..], b"\xff", b"Bearer \xc3\xa9", b"Bearer\ttok-alpha"] {
        assert_eq!(with(refused).await, (401, false), "{refused:?}");
    }
}

#[tokio::test]
async fn of_two_headers_the_first_counts() {
    let router = router();
    let call = || Call::action("repeat", 1);
    let answer = call().second_authorization("Bearer tok-unknown").send(&router).await;
    assert_eq!(answer.status, 200);
    let answer = call().token("tok-unknown").second_authorization("Bearer tok-alpha").send(&router).await;
    assert_eq!(answer.status, 401);
}
