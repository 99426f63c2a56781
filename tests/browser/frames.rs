//! Whom the page speaks to, where it may be shown, and what stands in it.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use botmatic_contact::Choice;
use botmatic_contact::prelude::*;
use serde_json::json;

use crate::service::Started;
use crate::stage::{Stage, embedding, in_browser, serve};

#[derive(Clone, SettingsForm)]
struct Key {
    api_key: String,
}

fn key() -> Key {
    Key { api_key: "old".to_owned() }
}

#[tokio::test]
async fn a_message_from_a_foreign_origin_or_from_another_window_is_ignored() {
    in_browser(async |driver| {
        let botmatic = embedding().await;
        let service = Started::new(key(), &botmatic, []).await;
        let mut stage = Stage::open(driver, &botmatic, &service.page()).await;
        stage.hear(1).await;
        stage.watch().await;
        let script = "<script>parent.frames[0].postMessage({ post_form: true }, '*')</script>";
        let foreign = serve(|_| Router::new().route("/", get(async move || Html(script)))).await;

        // From another origin, in a frame beside ours.
        let insert = "const frame = document.createElement('iframe'); frame.src = arguments[0]; document.body.append(frame)";
        stage.outside(insert, vec![format!("http://{foreign}/").into()]).await;
        stage.until_inside("return got === 1").await;
        assert_eq!(stage.inside("return posts").await, 0);
        // From Botmatic's origin, but not from the page that we are in.
        let insert = "const frame = document.createElement('iframe'); frame.srcdoc = arguments[0]; document.body.append(frame)";
        stage.outside(insert, vec![script.into()]).await;
        stage.until_inside("return got === 2").await;
        assert_eq!(stage.inside("return posts").await, 0);

        stage.send(json!({ "post_form": true })).await;
        assert_eq!(stage.hear(2).await[0], json!({ "iframe_saved": { "success": true } }));
        assert_eq!(service.saved().len(), 1);
        for message in stage.heard().await {
            assert_eq!(message["origin"], format!("http://{}", service.address));
            assert_eq!(message["own"], true);
        }
    })
    .await;
}

#[tokio::test]
async fn another_origin_neither_sees_the_page_nor_hears_of_it() {
    in_browser(async |driver| {
        let (botmatic, other) = (embedding().await, embedding().await);
        let service = Started::new(key(), &botmatic, []).await;
        let stage = Stage::open(driver, &other, &service.page()).await;
        assert_eq!(stage.inside("return document.getElementById('settings')").await, json!(null));
        assert!(stage.heard().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn no_message_reaches_a_page_whose_origin_is_not_botmatics() {
    in_browser(async |driver| {
        let botmatic = embedding().await;
        let service = Started::new(key(), &botmatic, []).await;
        // A page that is allowed to show ours, but is not at the origin that ours speaks to: as it would be if a
        // browser did not know `frame-ancestors`.
        let other = embedding().await;
        let html = crate::service::page_without_policy(&service.page()).await;
        let copy = serve(|_| Router::new().route("/settings", get(async move || Html(html)))).await;
        let stage = Stage::open(driver, &other, &format!("http://{copy}/settings")).await;
        stage.watch().await;
        stage.send(json!({ "post_form": true })).await;
        stage.until_inside("return got === 1").await;
        assert_eq!(stage.inside("return posts").await, 0);
        // Its own timer has run before this one.
        let script = "window.later = false; setTimeout(() => { later = true; }, 150)";
        stage.inside(script).await;
        stage.until_inside("return later").await;
        assert!(stage.heard().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_token_leaves_the_address_and_nothing_is_loaded_from_elsewhere() {
    in_browser(async |driver| {
        let botmatic = embedding().await;
        let service = Started::new(key(), &botmatic, []).await;
        let mut stage = Stage::open(driver, &botmatic, &service.page()).await;
        stage.hear(1).await;
        let address = stage.inside("return location.href").await;
        assert_eq!(address, format!("http://{}/settings", service.address));
        stage.send(json!({ "post_form": true })).await;
        stage.hear(2).await;
        let resources =
            stage.inside("return performance.getEntriesByType('resource').map((one) => one.name)").await;
        assert_eq!(resources, json!([address]));
        assert_eq!(service.posted()[0].path, "/settings");
        let color =
            stage.inside("return getComputedStyle(document.querySelector('.label')).fontWeight").await;
        assert_eq!(color, "600", "the style is not applied");
    })
    .await;
}

#[derive(Clone, SettingsForm)]
struct Marked {
    /// <img src=x onerror="hacked = 1"> & "help"
    #[setting(label = "<script>hacked = 1</script>")]
    line: String,
    #[setting(kind = textarea)]
    lines: String,
    choice: Marks,
    file: Option<Upload>,
    number: Option<u8>,
}

#[derive(Clone, PartialEq)]
enum Marks {
    Some,
}

impl Choice for Marks {
    const CHOICES: &'static [(Self, &'static str)] = &[(Self::Some, r#""><script>hacked = 1</script>"#)];
}

#[tokio::test]
async fn markup_in_every_value_is_shown_as_text() {
    in_browser(async |driver| {
        let botmatic = embedding().await;
        let marks = [r#""><img src=x onerror="hacked = 1">"#, "</textarea><script>hacked = 1</script>\n'&amp;"];
        let settings = Marked {
            line: marks[0].to_owned(),
            lines: marks[1].to_owned(),
            choice: Marks::Some,
            file: Some(Upload::new(marks[0], "text/plain", "")),
            number: None,
        };
        let service = Started::new(settings, &botmatic, []).await;
        let mut stage = Stage::open(driver, &botmatic, &service.page()).await;
        stage.hear(1).await;
        let read = "const value = (name) => document.getElementById(`field-${name}`).value;
            return [value('line'), value('lines'), value('choice'), document.querySelector('.label').firstChild.data,
                document.getElementById('help-line').textContent, document.getElementById('stored-file').querySelector('b').textContent,
                document.querySelectorAll('img, script').length, window.hacked ?? null]";
        assert_eq!(
            stage.inside(read).await,
            json!([
                marks[0],
                marks[1],
                r#""><script>hacked = 1</script>"#,
                "<script>hacked = 1</script>",
                r#"<img src=x onerror="hacked = 1"> & "help""#,
                format!("Stored: {}", marks[0]),
                1,
                null
            ])
        );
        stage.send(json!({ "post_form": true })).await;
        assert_eq!(stage.hear(2).await[0], json!({ "iframe_saved": { "success": true } }));
        let saved = &service.saved()[0];
        assert_eq!([saved.line.as_str(), saved.lines.as_str()], marks);
    })
    .await;
}
