//! What the service is answered.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use botmatic_contact::Token;
use botmatic_contact::simulator::{HttpEndpoint, Simulator};
use serde_json::json;
use tokio::net::TcpListener;

use crate::world::{Integration, SECRET, World, binary};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_none_and_a_token_that_is_not_installed_are_told_apart() {
    let world = World::start(&[json!({ "id": 1 })]).await;
    for route in ["contact-created", "contact-updated", "contact-deleted", "import"] {
        for body in ["", "null", "[]", "{", "{}", r#"{"token":7}"#, r#"{"token":null}"#] {
            let (status, answer) = world.post(route, body).await;
            assert_eq!((status, &answer["success"]), (400, &json!(false)), "{route} {body}");
            assert!(
                answer["error"].as_str().is_some_and(|error| !error.is_empty()),
                "{route} {body}: {answer}"
            );
        }
        for token in ["", "tok-c4n4ry-of-others", "tok-c4n4r"] {
            let body = json!({ "token": token, "contact": { "id": 1 }, "id": 1 });
            assert_eq!(world.post(route, body.to_string()).await.0, 401, "{route}");
        }
    }
    let wrong = [
        json!({}),
        json!({ "contact": 7 }),
        json!({ "contact": [] }),
        json!({ "contact": { "nom": "c4n4ry" } }),
    ];
    for body in wrong {
        for route in ["contact-created", "contact-updated"] {
            let (status, answer) = world.tell(route, body.clone()).await;
            assert_eq!(status, 400, "{route} {body} {answer}");
        }
    }
    for body in [json!({}), json!({ "id": null }), json!({ "id": {} }), json!({ "id": "" })] {
        assert_eq!(world.tell("contact-deleted", body).await.0, 400);
    }
    let broken = json!({ "contact": { "id": 1, "date_inscription": "c4n4ry" } });
    let (status, answer) = world.tell("contact-created", broken).await;
    assert!(status == 400 && answer["error"].as_str().unwrap().contains("`signup_date`"), "{answer}");
    assert_eq!(world.tell("contact-deleted", json!({ "id": 1 })).await.0, 404);
    assert!(world.botmatic.contacts(&world.token).is_empty());
    assert!(!world.log().contains("c4n4ry"));
}

/// A Botmatic that accepts the installation and refuses everything else.
async fn unwilling() -> String {
    let no =
        || async { (StatusCode::UNPROCESSABLE_ENTITY, r#"{"success":false,"error":"tok-c4n4ry may not"}"#) };
    let routes = Router::new()
        .route("/api/integrationtokens/validate", post(|| async { r#"{"success":true}"# }))
        .route("/api/properties", post(|| async { (StatusCode::CREATED, r#"{"success":true}"#) }))
        .fallback(no);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_botmatic_that_refuses_and_a_service_that_is_gone_are_bad_gateways() {
    let mut world = World::start(&[json!({ "id": 1, "nom": "Bo" }), json!({ "id": 2 })]).await;
    let botmatic = unwilling().await;
    let crm = world.crm.url.clone();
    let with = async |crm: &str| {
        let mut command = binary();
        command.env("BOTMATIC_BASE_URL", &botmatic).env("CRM_URL", crm).env("KEY_STORE", "memory:");
        let integration = Integration::start(command).await;
        let botmatic = Simulator::new();
        botmatic.connect(&Token::new(SECRET), HttpEndpoint::new(&integration.url).unwrap());
        assert!(botmatic.install(&Token::new(SECRET)).await.unwrap().success);
        Some(integration)
    };
    let told = json!({ "contact": { "id": 1 } });

    world.integration = with(&crm).await;
    let (status, answer) = world.tell("contact-created", told.clone()).await;
    assert_eq!((status, &answer["success"]), (502, &json!(false)), "{answer}");
    let (status, report) = world.tell("import", json!({})).await;
    assert_eq!((status, report["failures"].as_array().map(Vec::len)), (200, Some(2)), "{report}");

    world.integration = with("http://127.0.0.1:1").await;
    let (status, answer) = world.tell("contact-created", told).await;
    assert_eq!((status, &answer["success"]), (502, &json!(false)), "{answer}");
    let (status, report) = world.tell("import", json!({})).await;
    assert_eq!((status, &report["created"]), (502, &json!(0)), "{report}");
    assert!(report["interrupted"].is_string(), "{report}");

    world.integration = with(&format!("{crm}/nowhere")).await;
    let (status, report) = world.tell("import", json!({})).await;
    assert!(status == 502 && report["interrupted"].as_str().unwrap().contains("CRM_URL"), "{report}");
}
