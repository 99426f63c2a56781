//! Whose calls are served where the builder says that everybody's are.

use axum::Router;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{HasClient, Value};
use tracing::Instrument;

use crate::log::Log;
use crate::requests::{Call, TOKEN};

#[derive(Default)]
struct Account {
    plan: Option<&'static str>,
}

struct Open;

impl HasClient for Open {
    type Client = Account;
}

#[botmatic::integration]
impl Open {
    #[botmatic::action("plan")]
    async fn plan(&self, auth: Auth<Account>) -> Option<&'static str> {
        auth.client().plan
    }
}

/// A service that Botmatic has connected under one token.
fn open() -> Router {
    let simulator = Simulator::new();
    let service = botmatic::builder(Open).platform(simulator.clone()).accept_any_token().build().unwrap();
    simulator.connect(&Token::new(TOKEN), service.clone());
    service.router()
}

#[tokio::test]
async fn any_token_is_served_with_the_default_client_and_none_is_not() {
    let log = Log::listen();
    let router = open();
    assert_eq!(log.lines_with("every token is accepted").len(), 1);
    for token in [TOKEN, "tok-unknown", "x"] {
        let answer = Call::action("plan", 0).token(token).send(&router).await;
        assert_eq!(answer.data(), Value::Null, "{token}");
    }
    for call in [Call::action("plan", 0).without_token(), Call::action("plan", 0).token("")] {
        assert_eq!(call.send(&router).await.status, 401);
    }
    for header in [&b"Basic x"[..], b"Bearer", b"bearer ", b" "] {
        assert_eq!(Call::action("plan", 0).authorization(header).send(&router).await.status, 401);
    }
}

#[tokio::test]
async fn install_and_uninstall_are_botmatics_to_confirm_all_the_same() {
    let router = open();
    for event in ["install", "uninstall"] {
        assert_eq!(Call::event(event, Value::Null).token("tok-unknown").send(&router).await.status, 401);
        assert_eq!(Call::event(event, Value::Null).send(&router).await.status, 200);
    }
}

#[tokio::test]
async fn what_is_logged_after_a_wait_is_logged_within_the_span_of_the_request() {
    let log = Log::listen();
    let service = botmatic::builder(Open).platform(Simulator::new()).authorize_with(async |_: Token| {
        tokio::task::yield_now().await;
        Err::<Option<Account>, _>("nobody is there")
    });
    let router = service.build().unwrap().router();
    let span = tracing::info_span!(target: "botmatic_contact::test", "request", number = 7);
    let answer = Call::action("plan", 0).send(&router).instrument(span).await;
    assert_eq!(answer.status, 503);
    let [line] = &log.lines_with("the authorizer failed")[..] else { panic!("{}", log.text()) };
    assert!(line.contains("request{number=7}"), "{line}");
}
