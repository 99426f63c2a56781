//! Under which paths and methods a service answers, on its own and inside an axum app.

use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use axum::routing::get;
use botmatic_contact::Service;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use tower::ServiceExt;

use crate::endpoint::Parrot;
use crate::requests::{Call, TOKEN};
use crate::server::{Own, exchange};

/// A service at an endpoint, whose token Botmatic knows.
fn at(endpoint: &str, health: Option<&str>) -> Service<Parrot> {
    let simulator = Simulator::new();
    let builder = botmatic::builder(Parrot::default()).platform(simulator.clone()).endpoint(endpoint);
    let service = match health {
        Some(path) => builder.health(path).build().unwrap(),
        None => builder.build().unwrap(),
    };
    simulator.connect(&Token::new(TOKEN), service.clone());
    service
}

async fn status(router: &Router, path: &str) -> u16 {
    Call::action("repeat", 7).path(path).send(router).await.status
}

/// The answer to a request without anything else: status, headers that matter, body.
async fn plain(router: &Router, method: Method, path: &str) -> (u16, [String; 3], String) {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let text = |name| response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let headers = [header::ALLOW, header::CACHE_CONTROL, header::CONTENT_TYPE].map(text);
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1000).await.unwrap();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_endpoint_makes_no_difference_wherever_it_stands() {
    for endpoint in ["/hook", "/hook/"] {
        let router = at(endpoint, None).router();
        for (path, expected) in [
            ("/hook", 200),
            ("/hook/", 200),
            ("/hook?x=1", 200),
            ("/hook/?x=1", 200),
            ("/", 404),
            ("/hook//", 404),
            ("/hook/more", 404),
            ("/HOOK", 404),
        ] {
            assert_eq!(status(&router, path).await, expected, "{endpoint} {path}");
        }
    }
}

#[tokio::test]
async fn letter_case_of_the_endpoint_makes_no_difference_in_a_server_of_our_own() {
    let routes = Router::new().route("/Page", get(async || "page"));
    let server = Own::start(&at("/Bot/Hook", None), routes).await;
    let post = |path: &str| {
        let body = r#"{"action":"repeat","data":7}"#;
        format!(
            "POST {path} HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    for path in ["/Bot/Hook", "/bot/hook", "/BOT/HOOK/", "/bot/hooK?x=Y"] {
        let answer = exchange(server.address, &post(path)).await;
        assert!(answer.ends_with(r#"{"data":7,"type":"data","success":true}"#), "{path}: {answer}");
    }
    for path in ["/bot%2fhook", "/bot", "/bot/hook/more", "/b%6ft/hook"] {
        let answer = exchange(server.address, &post(path)).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
    }
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n");
    assert!(exchange(server.address, &get("/Page")).await.ends_with("page"));
    assert!(
        exchange(server.address, &get("/page")).await.starts_with("HTTP/1.1 404 "),
        "routes of others stay"
    );
    assert!(
        exchange(server.address, &get("/health")).await.starts_with("HTTP/1.1 404 "),
        "nobody asked for it"
    );
    server.end().await;
}

#[tokio::test]
async fn services_can_be_merged_and_nested_beside_each_other() {
    let app = Router::new()
        .route("/", get(async || "home"))
        .merge(at("/", None).router())
        .merge(at("/one", Some("/well")).router())
        .nest("/bots", at("/two", None).router())
        .nest("/bots/three", at("/", Some("/well")).router());
    for path in ["/", "/one", "/one/", "/bots/two", "/bots/two/", "/bots/three"] {
        assert_eq!(status(&app, path).await, 200, "{path}");
    }
    for path in ["/two", "/bots", "/bots/one", "/three"] {
        assert_eq!(status(&app, path).await, 404, "{path}");
    }
    assert_eq!(plain(&app, Method::GET, "/").await.2, "home", "other methods are the app's");
    assert_eq!(plain(&app, Method::GET, "/well").await.0, 200);
    assert_eq!(plain(&app, Method::GET, "/bots/three/well").await.0, 200);
}

#[test]
fn the_same_path_twice_is_said_when_the_app_starts() {
    let merged = |first: Service<Parrot>, second: Service<Parrot>| {
        let panic = catch_unwind(AssertUnwindSafe(|| first.router().merge(second.router()))).unwrap_err();
        panic.downcast_ref::<String>().unwrap().clone()
    };
    let message = merged(at("/hook", None), at("/hook/", None));
    assert!(message.contains("POST /hook"), "{message}");
    let message = merged(at("/one", Some("/well")), at("/two", Some("/well/")));
    assert!(message.contains("GET /well"), "{message}");
}

#[tokio::test]
async fn health_is_told_to_whoever_asks_where_the_builder_says() {
    let router = at("/hook", Some("/well")).router();
    let headers = ["", "no-store", "application/json; charset=utf-8"].map(str::to_owned);
    let body = r#"{"status":"ok"}"#.to_owned();
    assert_eq!(plain(&router, Method::GET, "/well").await, (200, headers.clone(), body));
    assert_eq!(plain(&router, Method::HEAD, "/well").await, (200, headers, String::new()));
    assert_eq!(plain(&router, Method::POST, "/well").await.0, 405);
    assert_eq!(plain(&router, Method::GET, "/health").await.0, 404);
    assert_eq!(
        plain(&at("/hook", None).router(), Method::GET, "/health").await.0,
        404,
        "only where it is asked for"
    );

    let both = at("/hook", Some("/hook")).router();
    assert_eq!((plain(&both, Method::GET, "/hook").await.0, status(&both, "/hook").await), (200, 200));
}

#[tokio::test]
async fn another_method_on_the_endpoint_is_told_which_one_it_takes() {
    let router = at("/hook", None).router();
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
        for path in ["/hook", "/hook/"] {
            let (status, [allow, ..], body) = plain(&router, method.clone(), path).await;
            assert_eq!((status, allow.as_str(), body.as_str()), (405, "POST", ""), "{method} {path}");
        }
    }
}
