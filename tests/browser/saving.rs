//! What a person sees and does: entering, saving, mistakes, files.

use std::io::Write;

use botmatic_contact::prelude::*;
use serde_json::{Value, json};

use crate::service::{Answer, Started};
use crate::stage::{Stage, embedding, in_browser};

#[derive(Clone, Default, SettingsForm)]
struct Settings {
    /// Where the CRM answers.
    #[setting(kind = url)]
    address: String,
    api_key: Option<Secret>,
    #[setting(max = 100)]
    page_size: u32,
    newsletter: bool,
    #[setting(max_size = 20)]
    logo: Option<Upload>,
}

fn saved(success: bool) -> Value {
    json!({ "iframe_saved": { "success": success } })
}

/// The errors that are shown, by the name of the input each stands after.
const ERRORS: &str = "return [...document.querySelectorAll('p.help.is-danger.error')].map((error) =>
    [error.previousElementSibling.name ?? error.previousElementSibling.querySelector('input').name, error.textContent])";

fn current() -> Settings {
    let key = Some(Secret::new("stored key"));
    Settings { address: "https://crm.test".to_owned(), api_key: key, page_size: 30, ..Settings::default() }
}

#[tokio::test]
async fn what_is_entered_is_saved_with_its_types_and_a_stored_secret_is_kept() {
    in_browser(async |driver| {
        let botmatic = embedding().await;
        let service = Started::new(current(), &botmatic, []).await;
        let mut stage = Stage::open(driver, &botmatic, &service.page()).await;
        assert!(stage.hear(1).await[0]["iframe_loaded"]["height"].as_f64().unwrap() > 200.0);
        let source = stage.inside("return document.documentElement.outerHTML").await;
        assert!(!source.as_str().unwrap().contains("stored key"), "{source}");

        stage.type_into("address", "/v2").await;
        stage.click("#field-newsletter").await;
        stage.send(json!({ "post_form": true })).await;
        assert_eq!(stage.hear(2).await[0], saved(true));
        let [first] = &service.saved()[..] else { panic!("{}", service.saved().len()) };
        assert_eq!(
            (first.address.as_str(), first.page_size, first.newsletter),
            ("https://crm.test/v2", 30, true)
        );
        assert!(first.api_key == Some(Secret::new("stored key")) && first.logo.is_none());

        stage.type_into("api_key", "another key").await;
        stage.send(json!({ "post_form": true })).await;
        assert_eq!(stage.hear(2).await[0], saved(true));
        assert!(service.saved()[1].api_key == Some(Secret::new("another key")));
        assert_eq!(stage.inside("return document.getElementById('field-api_key').value").await, "");

        stage.click("[name='api_key.remove']").await;
        stage.send(json!({ "post_form": true })).await;
        assert_eq!(stage.hear(2).await[0], saved(true));
        assert!(service.saved()[2].api_key.is_none());
        let stored = "return getComputedStyle(document.getElementById('stored-api_key')).display";
        assert_eq!(stage.inside(stored).await, "none");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_shown_at_its_field_until_the_next_try() {
    in_browser(async |driver| {
        let botmatic = embedding().await;
        let refused = SettingsError::field("address", "Nobody answers there.").and("colour", "<b>What?</b>");
        let service = Started::new(current(), &botmatic, [Answer::Saved(Err(refused))]).await;
        let mut stage = Stage::open(driver, &botmatic, &service.page()).await;
        let height = stage.hear(1).await[0]["iframe_loaded"]["height"].as_u64().unwrap();

        stage.inside("document.getElementById('field-page_size').value = '101'; document.getElementById('field-address').value = ' '").await;
        stage.send(json!({ "post_form": true })).await;
        let heard = stage.hear(2).await;
        assert_eq!(heard[0], saved(false));
        assert!(heard[1]["iframe_loaded"]["height"].as_u64().unwrap() > height, "{heard:?}");
        let errors = json!([["address", "This is required."], ["page_size", "At most 100."]]);
        assert_eq!(stage.inside(ERRORS).await, errors);
        assert!(service.saved().is_empty());
        let marked = "return [...document.querySelectorAll('.is-danger[aria-invalid]')].map((input) => input.name)";
        assert_eq!(stage.inside(marked).await, json!(["address", "page_size"]));

        stage.inside("document.getElementById('field-page_size').value = '7'; document.getElementById('field-address').value = 'http://a'").await;
        stage.send(json!({ "post_form": true })).await;
        assert_eq!(stage.hear(2).await[0], saved(false));
        assert_eq!(stage.inside(ERRORS).await, json!([["address", "Nobody answers there."]]));
        let notice = "return document.getElementById('notice').innerHTML";
        assert_eq!(stage.inside(notice).await, "colour: &lt;b&gt;What?&lt;/b&gt;");

        stage.send(json!({ "post_form": true })).await;
        let heard = stage.hear(2).await;
        assert_eq!(heard, [saved(true), json!({ "iframe_loaded": { "height": height } })]);
        assert_eq!(stage.inside(ERRORS).await, json!([]));
        assert_eq!(stage.inside(marked).await, json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_failure_without_a_word_is_put_into_words() {
    in_browser(async |driver| {
        let botmatic = embedding().await;
        let answers = [Answer::Saved(Err(SettingsError::default()))];
        let service = Started::new(current(), &botmatic, answers).await;
        let mut stage = Stage::open(driver, &botmatic, &service.page()).await;
        stage.hear(1).await;
        stage.send(json!({ "post_form": true })).await;
        assert_eq!(stage.hear(2).await[0], saved(false));
        let notice =
            "const notice = document.getElementById('notice'); return [notice.hidden, notice.textContent]";
        assert_eq!(
            stage.inside(notice).await,
            json!([false, "The settings could not be saved. Try again later."])
        );
    })
    .await;
}

#[tokio::test]
async fn a_file_is_saved_with_its_name_and_one_that_is_too_large_is_refused_at_its_field() {
    in_browser(async |driver| {
        let botmatic = embedding().await;
        let service = Started::new(current(), &botmatic, []).await;
        let mut stage = Stage::open(driver, &botmatic, &service.page()).await;
        stage.hear(1).await;
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, size| {
            let path = folder.path().join(name);
            std::fs::File::create(&path).unwrap().write_all(&vec![b'x'; size]).unwrap();
            path.to_str().unwrap().to_owned()
        };

        stage.type_into("logo", &file("large.png", 21)).await;
        stage.send(json!({ "post_form": true })).await;
        assert_eq!(stage.hear(2).await[0], saved(false));
        assert_eq!(stage.inside(ERRORS).await, json!([["logo", "At most 20 bytes."]]));
        assert!(service.posted().is_empty(), "it has travelled for nothing");

        stage.type_into("logo", &file("löga.png", 20)).await;
        stage.send(json!({ "post_form": true })).await;
        assert_eq!(stage.hear(2).await[0], saved(true));
        let logo = service.saved()[0].logo.clone().unwrap();
        assert_eq!((logo.name.as_str(), logo.content_type.as_str()), ("löga.png", "image/png"));
        assert_eq!(logo.content, [b'x'; 20]);
        let stored = "return document.getElementById('stored-logo').querySelector('b').textContent";
        assert_eq!(stage.inside(stored).await, "Stored: löga.png");
    })
    .await;
}
