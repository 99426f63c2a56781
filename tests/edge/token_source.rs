//! The token for the external service: obtained once, sent along, replaced in time, and told to nobody.

use std::future::{Future, IntoFuture};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use botmatic_contact::{ConsumerError, TokenError, TokenSource, TokenSourceBuilder};
use futures_util::future::{join_all, poll_immediate};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::fake::{Answer, Fake};
use crate::log::Log;
use crate::secrets::told;

/// A service that issues tokens and accepts the last one.
struct Crm {
    url: String,
    /// How many tokens were asked for.
    asked: AtomicUsize,
    /// How many requests came with which `Authorization`, in order.
    seen: Mutex<Vec<String>>,
    /// What is accepted.
    accepted: Mutex<String>,
    /// Whether all tokens read the same.
    same: AtomicBool,
    /// How long the service says that a token lives.
    lifetime: Value,
    /// A request for a token is answered when it has got a permit.
    gate: Semaphore,
}

impl Crm {
    async fn new() -> Arc<Self> {
        Self::with(Value::Null, Semaphore::MAX_PERMITS).await
    }

    async fn with(lifetime: Value, permits: usize) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let crm = Arc::new(Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            asked: AtomicUsize::new(0),
            seen: Mutex::default(),
            accepted: Mutex::default(),
            same: AtomicBool::new(false),
            lifetime,
            gate: Semaphore::new(permits),
        });
        let routes = Router::new()
            .route("/authorize", post(authorize))
            .route("/people", get(people).post(people))
            .with_state(Arc::clone(&crm));
        tokio::spawn(axum::serve(listener, routes).into_future());
        crm
    }

    fn source(&self) -> TokenSource {
        let source = TokenSource::builder(format!("{}/authorize", self.url)).json(&json!({ "user": "svc" }));
        source.token_at("/token").lifetime_at("/expires_in").build().unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// With which tokens requests came since the last time.
    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    /// From now on no token is accepted that was issued so far.
    fn revoke(&self) {
        *self.accepted.lock().unwrap() = "nothing".to_owned();
    }

    async fn status(&self, source: &TokenSource) -> Result<u16, TokenError> {
        let request = source.client().get(format!("{}/people", self.url));
        source.send(request).await.map(|response| response.status().as_u16())
    }
}

async fn authorize(State(crm): State<Arc<Crm>>) -> Json<Value> {
    let number = crm.asked.fetch_add(1, Ordering::SeqCst) + 1;
    crm.gate.acquire().await.unwrap().forget();
    let token = if crm.same.load(Ordering::SeqCst) { "T".to_owned() } else { format!("T{number}") };
    *crm.accepted.lock().unwrap() = format!("Bearer {token}");
    Json(json!({ "token": token, "expires_in": crm.lifetime }))
}

async fn people(State(crm): State<Arc<Crm>>, headers: HeaderMap) -> StatusCode {
    let sent = headers[header::AUTHORIZATION].to_str().unwrap().to_owned();
    let accepted = sent == *crm.accepted.lock().unwrap();
    crm.seen.lock().unwrap().push(sent);
    if accepted { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
}

/// Lets everybody who waits for a socket go on until this holds.
async fn until(holds: impl Fn() -> bool) {
    let holds = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), holds).await.expect("it never came to that");
}

fn builder(fake: &Fake) -> TokenSourceBuilder {
    TokenSource::builder(fake.url()).json(&json!({ "user": "svc" })).token_at("/token")
}

fn issued() -> Answer {
    Answer::new(200, r#"{"token":"T"}"#)
}

#[tokio::test]
async fn a_hundred_callers_at_once_cause_one_request_for_a_token() {
    let crm = Crm::new().await;
    let source = crm.source();
    let statuses = join_all((0..100).map(|_| crm.status(&source))).await;
    assert!(statuses.into_iter().all(|status| status.unwrap() == 200));
    assert_eq!((crm.asked(), crm.seen()), (1, vec!["Bearer T1".to_owned(); 100]));
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once_for_all_who_sent_it() {
    let crm = Crm::new().await;
    let source = crm.source();
    crm.status(&source).await.unwrap();
    crm.revoke();
    crm.seen();
    let statuses = join_all((0..100).map(|_| crm.status(&source))).await;
    assert!(statuses.into_iter().all(|status| status.unwrap() == 200));
    let seen = crm.seen();
    let with = |token| seen.iter().filter(|seen| *seen == token).count();
    assert_eq!((crm.asked(), with("Bearer T1"), with("Bearer T2"), seen.len()), (2, 100, 100, 200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_several_threads_a_token_is_obtained_once_and_replaced_once() {
    let crm = Crm::new().await;
    let source = crm.source();
    for round in 1..=20 {
        crm.revoke();
        let ask = |_| {
            let (crm, source) = (Arc::clone(&crm), source.clone());
            tokio::spawn(async move { crm.status(&source).await.unwrap() })
        };
        let statuses = join_all((0..40).map(ask)).await;
        assert!(statuses.into_iter().all(|status| status.unwrap() == 200));
        assert_eq!(crm.asked(), round);
    }
}

#[tokio::test]
async fn a_new_token_that_reads_as_the_old_one_is_new_all_the_same() {
    let crm = Crm::new().await;
    crm.same.store(true, Ordering::SeqCst);
    let source = crm.source();
    let [one, two] = [source.token().await.unwrap(), source.token().await.unwrap()];
    source.refused(&one);
    source.token().await.unwrap();
    // Who was refused with the first token, and hears of it late, does not cost the second.
    source.refused(&two);
    source.token().await.unwrap();
    assert_eq!(crm.asked(), 2);
}

#[tokio::test]
async fn a_second_refusal_is_given_back() {
    let crm = Crm::new().await;
    let source = crm.source();
    let fake = Fake::new([401, 401, 200].map(|status| Answer::new(status, "who are you?"))).await;
    let response = source.send(source.client().get(fake.url())).await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.text().await.unwrap(), "who are you?");
    assert_eq!((crm.asked(), fake.asked().len()), (2, 2));
}

#[tokio::test]
async fn what_is_sent_again_is_the_same_but_for_the_token() {
    let crm = Crm::new().await;
    let source = crm.source();
    let fake = Fake::new([Answer::new(401, ""), Answer::new(201, "")]).await;
    let request = source.client().post(fake.url()).header("x-trace", "7").body("Ada");
    assert_eq!(source.send(request).await.unwrap().status(), 201);
    let [first, second] = &fake.asked()[..] else { panic!("{:?}", fake.asked()) };
    assert_eq!((first.headers["authorization"].as_str(), first.body.as_str()), ("Bearer T1", "Ada"));
    let mut expected = first.clone();
    expected.headers.insert("authorization".to_owned(), "Bearer T2".to_owned());
    assert_eq!((&second.headers, &second.body), (&expected.headers, &expected.body));
}

#[tokio::test]
async fn a_stream_is_not_sent_again_but_the_next_request_has_a_new_token() {
    let crm = Crm::new().await;
    let source = crm.source();
    source.token().await.unwrap();
    crm.revoke();
    let parts = stream::iter(["A", "da"].map(Ok::<_, std::io::Error>));
    let request = source.client().post(format!("{}/people", crm.url));
    let response = source.send(request.body(reqwest::Body::wrap_stream(parts))).await.unwrap();
    assert_eq!((response.status().as_u16(), crm.asked()), (401, 1));
    assert_eq!((crm.status(&source).await.unwrap(), crm.asked()), (200, 2));
}

#[tokio::test]
async fn another_answer_than_401_is_given_back_and_costs_no_token() {
    let crm = Crm::new().await;
    let source = crm.source();
    for status in [204, 400, 403, 404, 500, 503] {
        let fake = Fake::new([Answer::new(status, "")]).await;
        assert_eq!(source.send(source.client().get(fake.url())).await.unwrap().status(), status);
        fake.only();
    }
    assert_eq!(crm.asked(), 1);
}

#[tokio::test]
async fn a_token_is_replaced_a_little_before_its_end() {
    let crm = Crm::with(json!(100), Semaphore::MAX_PERMITS).await;
    let source = crm.source();
    source.token().await.unwrap();
    for (seconds, asked) in [(89, 1), (2, 2), (88, 2)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(seconds)).await;
        tokio::time::resume();
        source.token().await.unwrap();
        assert_eq!(crm.asked(), asked, "{seconds} s later");
    }
}

#[tokio::test]
async fn a_token_that_is_over_at_once_serves_those_who_waited_for_it() {
    let crm = Crm::with(json!(0), Semaphore::MAX_PERMITS).await;
    let source = crm.source();
    let both = futures_util::future::join(source.token(), source.token()).await;
    assert_eq!(both.0.unwrap().expose(), both.1.unwrap().expose());
    assert_eq!(crm.asked(), 1);
    source.token().await.unwrap();
    assert_eq!(crm.asked(), 2);
}

#[tokio::test]
async fn a_failure_is_that_of_all_who_waited_and_of_nobody_after_them() {
    let fake = Fake::new([Answer::new(500, "no"), issued()]).await;
    let source = builder(&fake).build().unwrap();
    for result in join_all((0..10).map(|_| source.token())).await {
        let error = result.unwrap_err();
        assert!(error.is_refused() && error.status() == Some(500), "{error:?}");
    }
    assert_eq!(fake.asked().len(), 1);
    assert_eq!(source.token().await.unwrap().expose(), "T");
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test]
async fn who_tries_again_does_not_get_the_failure_that_others_have_not_heard_of_yet() {
    let fake = Fake::new([Answer::new(500, "no"), issued()]).await;
    let source = builder(&fake).build().unwrap();
    let mut slow = Box::pin(source.token());
    assert!(poll_immediate(&mut slow).await.is_none());
    assert!(source.token().await.is_err());
    assert_eq!(source.token().await.unwrap().expose(), "T");
    assert!(slow.await.is_err());
}

#[tokio::test]
async fn who_asked_first_may_go_away() {
    let crm = Crm::with(Value::Null, 0).await;
    let source = crm.source();
    let first = tokio::spawn({
        let source = source.clone();
        async move { source.token().await.map(drop) }
    });
    until(|| crm.asked() == 1).await;
    let mut second = Box::pin(source.token());
    assert!(poll_immediate(&mut second).await.is_none());
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    crm.gate.add_permits(1);
    assert_eq!(second.await.unwrap().expose(), "T1");
    assert_eq!(crm.asked(), 1);
}

#[tokio::test]
async fn when_all_who_waited_have_gone_the_next_caller_asks_anew() {
    let crm = Crm::with(Value::Null, 0).await;
    let source = crm.source();
    let mut waiting = Box::pin(source.token());
    while crm.asked() == 0 {
        assert!(poll_immediate(&mut waiting).await.is_none());
        tokio::task::yield_now().await;
    }
    drop(waiting);
    crm.gate.add_permits(2);
    assert_eq!(source.token().await.unwrap().expose(), "T2");
}

#[tokio::test]
async fn a_function_that_panics_fails_those_who_waited_and_nobody_after_them() {
    let fake = Fake::new([issued(), issued()]).await;
    let panics = AtomicBool::new(true);
    let source = builder(&fake).token_by(move |answer| {
        assert!(!panics.swap(false, Ordering::SeqCst), "not today");
        Some(answer["token"].as_str()?.to_owned())
    });
    let source = source.build().unwrap();
    for result in join_all((0..3).map(|_| source.token())).await {
        assert!(result.unwrap_err().is_no_token());
    }
    assert_eq!(source.token().await.unwrap().expose(), "T");
}

#[tokio::test]
async fn credentials_go_as_json_or_as_a_form() {
    let credentials = json!({ "user": "svc", "scopes": ["a", "b c"] });
    let fake = Fake::new([issued(), issued()]).await;
    builder(&fake).json(&credentials).build().unwrap().token().await.unwrap();
    builder(&fake).form(&credentials).build().unwrap().token().await.unwrap();
    let [as_json, as_form] = &fake.asked()[..] else { panic!("{:?}", fake.asked()) };
    assert_eq!((as_json.method.as_str(), as_json.path.as_str()), ("POST", "/"));
    assert_eq!(serde_json::from_str::<Value>(&as_json.body).unwrap(), credentials);
    assert_eq!(as_json.headers["content-type"], "application/json");
    assert_eq!(as_json.headers["accept"], "application/json");
    assert_eq!(as_form.headers["content-type"], "application/x-www-form-urlencoded");
    let mut pairs: Vec<_> = as_form.body.split('&').collect();
    pairs.sort_unstable();
    assert_eq!(pairs, ["scopes%5B0%5D=a", "scopes%5B1%5D=b+c", "user=svc"]);
}

#[tokio::test]
async fn the_token_is_found_where_it_is_said_to_be_and_goes_into_the_header_that_is_named() {
    type Set = fn(TokenSourceBuilder) -> TokenSourceBuilder;
    let table: [(&str, Set, (&str, &str)); 6] = [
        (r#"{"token":"T"}"#, |builder| builder, ("authorization", "Bearer T")),
        (
            r#"{"message":{"token":"T"}}"#,
            |builder| builder.token_at("/message/token").header("X-Access-Token", "JWT"),
            ("x-access-token", "JWT T"),
        ),
        ("T.x.y\n", |builder| builder.token_at("").header("Authorization", ""), ("authorization", "T.x.y")),
        (r#""T""#, |builder| builder.token_at(""), ("authorization", "Bearer T")),
        (
            "12345678901234567890123",
            |builder| builder.token_at(""),
            ("authorization", "Bearer 12345678901234567890123"),
        ),
        (
            "a=1;session=T",
            |builder| builder.token_by(|answer| Some(answer.as_str()?.split_once("session=")?.1.to_owned())),
            ("authorization", "Bearer T"),
        ),
    ];
    for (body, set, (name, value)) in table {
        let fake = Fake::new([Answer::new(200, body), Answer::new(200, "")]).await;
        let source = set(builder(&fake)).build().unwrap();
        source.send(source.client().get(fake.url())).await.unwrap();
        assert_eq!(fake.asked()[1].headers[name], value, "{body}");
    }
}

#[tokio::test]
async fn an_answer_without_a_token_is_an_error_that_says_so() {
    for body in [
        "",
        "null",
        "<html>",
        "[]",
        r#"{"token":"#,
        r#"{"token":null}"#,
        r#"{"token":""}"#,
        r#"{"token":" "}"#,
        r#"{"token":7}"#,
        r#"{"token":{"text":"T"}}"#,
        r#"{"token":"two\nlines"}"#,
        r#"{"other":"T"}"#,
    ] {
        let fake = Fake::new([Answer::new(200, body)]).await;
        let error = builder(&fake).build().unwrap().token().await.unwrap_err();
        assert!(error.is_no_token() && !error.is_refused() && !error.is_timeout(), "{body}: {error}");
    }
    for status in [301, 400, 401, 403, 404, 429, 500, 503] {
        let fake = Fake::new([Answer::new(status, r#"{"token":"T"}"#)]).await;
        let error = builder(&fake).build().unwrap().token().await.unwrap_err();
        assert!(error.is_refused() && error.status() == Some(status), "{status}: {error}");
    }
    for answer in [Answer::Close, Answer::CutOff(200)] {
        let fake = Fake::new([answer]).await;
        let error = builder(&fake).build().unwrap().token().await.unwrap_err();
        assert!(error.is_unreachable() && error.status().is_none(), "{error}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let longest = 1 << 20;
    let fake = Fake::new([longest, longest + 1].map(|length| Answer::new(200, "x".repeat(length)))).await;
    let source = builder(&fake).token_at("").build().unwrap();
    let token = source.token().await.unwrap();
    assert_eq!(token.expose().len(), longest);
    source.refused(&token);
    let error = source.token().await.unwrap_err();
    assert!(error.is_no_token() && error.to_string().contains("1048576"), "{error}");
}

#[tokio::test]
async fn who_does_not_answer_in_time_is_not_waited_for() {
    let short = Duration::from_millis(50);
    let fake = Fake::new([Answer::Silence, issued(), Answer::Silence]).await;
    let error = builder(&fake).timeout(short).build().unwrap().token().await.unwrap_err();
    assert!(error.is_unreachable() && error.is_timeout(), "{error:?}");

    let source = builder(&fake).build().unwrap();
    let error = source.send(source.client().get(fake.url()).timeout(short)).await.unwrap_err();
    assert!(error.is_request() && error.is_timeout() && !error.is_unreachable(), "{error:?}");
}

#[tokio::test]
async fn a_token_does_not_follow_a_redirect_to_another_origin_and_credentials_follow_none() {
    for status in [301, 302, 303, 307, 308] {
        for header in ["Authorization", "X-Api-Key"] {
            let elsewhere = Fake::new([issued()]).await;
            let there = Answer::new(status, "").header("location", format!("{}/x", elsewhere.url()));
            let here = Answer::new(status, "").header("location", "/there");
            let fake = Fake::new([issued(), there.clone(), here.clone(), Answer::new(200, "")]).await;
            let source = builder(&fake).header(header, "").build().unwrap();
            let ask = || source.send(reqwest::Client::new().get(format!("{}/people", fake.url())));
            assert_eq!(ask().await.unwrap().status(), status);
            assert_eq!(ask().await.unwrap().status(), 200);
            let last = fake.asked().pop().unwrap();
            let header = header.to_lowercase();
            assert_eq!((last.path.as_str(), last.headers[&header].as_str()), ("/there", "T"));

            for answer in [there, here] {
                let fake = Fake::new([answer, issued()]).await;
                let error = builder(&fake).build().unwrap().token().await.unwrap_err();
                assert!(error.is_refused() && error.status() == Some(status), "{error}");
                fake.only();
            }
            assert!(elsewhere.asked().is_empty(), "{header} followed {status}");
        }
    }
}

/// Has everything fail that can, with secrets everywhere, and returns all that is printed.
async fn everything() -> String {
    let token = r#"{"token":"c4n4ry-token"}"#;
    let fake = Fake::new([
        Answer::new(200, token),
        Answer::new(401, token),
        Answer::new(403, "c4n4ry-password"),
        Answer::new(302, "").header("location", "/c4n4ry-elsewhere"),
        Answer::new(200, r#"{"token":"c4n4ry\nc4n4ry"}"#),
        Answer::new(200, r#"{"tokens":"c4n4ry"}"#),
    ])
    .await;
    let secret = fake.url().replace("//", "//c4n4ry:c4n4ry@") + "/c4n4ry?key=c4n4ry";
    let credentials = json!({ "password": "c4n4ry-password" });
    let source =
        TokenSource::builder(&secret).form(&credentials).token_at("/token").header("X-Key", "c4n4ry");
    let mut printed = format!("{source:?} {source:#?}");
    let source = source.build().unwrap();
    printed += &format!("{source:?} {:?}", source.token().await.unwrap());
    // Refused once, and then no other token is to be had, in whatever way.
    let request = || source.client().get(format!("{}/c4n4ry?email=c4n4ry", fake.url()));
    let mut errors = Vec::new();
    for _ in 0..5 {
        errors.push(source.send(request()).await.unwrap_err());
    }
    errors.push(source.send(source.client().get("c4n4ry")).await.unwrap_err());
    let fake = Fake::new([Answer::new(200, token)]).await;
    let source = builder(&fake).build().unwrap();
    errors.push(source.send(source.client().get(&secret)).await.unwrap_err());
    for error in errors {
        printed += &told(&error);
        printed += &format!("{:?}", ConsumerError::from(error));
    }
    printed
}

#[tokio::test]
async fn neither_the_credentials_nor_the_token_are_told() {
    let log = Log::listen();
    let printed = everything().await;

    assert!(printed.len() > 1000 && !printed.contains("c4n4ry"), "{printed}");
    let log = log.text();
    let ours: Vec<_> = log.lines().filter(|line| line.contains("botmatic_contact")).collect();
    for said in ["was obtained", "the answer was 403", "the answer was 302", "did not answer"] {
        assert!(ours.iter().any(|line| line.contains(said)), "{said:?} is not in the log:\n{log}");
    }
    for line in ours {
        assert!(!line.contains("c4n4ry"), "{line}");
    }
}

#[test]
fn a_source_can_be_shared_and_its_errors_pass_for_those_of_a_consumer() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    fn sent(_: impl Future + Send) {}
    async fn consumer(source: &TokenSource) -> Result<(), ConsumerError> {
        source.token().await?;
        Ok(())
    }
    shared::<TokenSource>();
    shared::<TokenError>();
    let source = TokenSource::builder("http://here").json(&json!({})).token_at("").build().unwrap();
    sent(consumer(&source));
    sent(source.send(source.client().get("http://here")));
}
