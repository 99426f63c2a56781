//! How the page looks: it fits its frame, and a picture of it is left in the folder of the build for people to judge.

use std::path::Path;

use botmatic_contact::Choice;
use botmatic_contact::prelude::*;
use serde_json::json;

use crate::service::{Answer, Started};
use crate::stage::{Stage, embedding, in_browser};

#[derive(Clone, SettingsForm)]
struct Settings {
    /// Where the CRM answers, without a path.
    #[setting(label = "Address of the CRM", kind = url)]
    address: String,
    /// From the page “Access” of your CRM.
    #[setting(label = "API key")]
    api_key: Option<Secret>,
    #[setting(kind = email)]
    contact: Option<String>,
    /// How many people are asked for at once.
    #[setting(max = 100)]
    page_size: u8,
    since: Option<jiff::civil::Date>,
    language: Language,
    /// Tell people of the newsletter once they have replied.
    newsletter: bool,
    #[setting(label = "Greeting", kind = textarea)]
    greeting: String,
    /// Shown beside the greeting, at most 200 kB.
    #[setting(accept = "image/png, image/jpeg", max_size = 200_000)]
    logo: Option<Upload>,
}

#[derive(Clone, PartialEq)]
enum Language {
    French,
    English,
}

impl Choice for Language {
    const CHOICES: &'static [(Self, &'static str)] =
        &[(Self::French, "Français"), (Self::English, "English")];
}

fn settings() -> Settings {
    Settings {
        address: "https://crm.example".to_owned(),
        api_key: Some(Secret::new("key")),
        contact: None,
        page_size: 30,
        since: Some(jiff::civil::date(2026, 1, 31)),
        language: Language::French,
        newsletter: true,
        greeting: "Bonjour !\nQue puis-je faire pour vous ?".to_owned(),
        logo: Some(Upload::new("logo.png", "image/png", "")),
    }
}

#[tokio::test]
async fn the_page_fits_a_wide_and_a_narrow_frame_and_every_input_has_a_label() {
    in_browser(async |driver| {
        let botmatic = embedding().await;
        let refused = SettingsError::message("The CRM does not answer.").and("address", "Nobody answers there.");
        let answers = [Answer::Saved(Err(refused.and("newsletter", "Not in your plan.")))];
        let service = Started::new(settings(), &botmatic, answers).await;
        for (width, name) in [(640, "wide"), (320, "narrow")] {
            let mut stage = Stage::open(driver, &botmatic, &service.page()).await;
            stage.hear(1).await;
            if width == 640 {
                picture(driver, "first").await;
            }
            stage.send(json!({ "post_form": true })).await;
            let height = stage.hear(2).await[1]["iframe_loaded"]["height"].clone();
            let resize = "const frame = document.getElementById('frame'); frame.style.width = `${arguments[0]}px`;
                frame.style.height = `${arguments[1]}px`";
            stage.outside(resize, vec![width.into(), height.clone()]).await;
            let overflow = "return document.documentElement.scrollWidth > document.documentElement.clientWidth";
            assert_eq!(stage.inside(overflow).await, false, "{width}");
            if width == 640 {
                let scrolls = "return document.documentElement.scrollHeight > document.documentElement.clientHeight";
                assert_eq!(stage.inside(scrolls).await, false, "the height that was told, {height}, is too small");
            }
            picture(driver, name).await;
            let nameless = "return [...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
                .filter((input) => input.labels.length !== 1).length";
            assert_eq!(stage.inside(nameless).await, 0);
            let described = "return [...document.querySelectorAll('[aria-describedby]')].flatMap((input) =>
                input.getAttribute('aria-describedby').split(' ')).filter((id) => !document.getElementById(id))";
            assert_eq!(stage.inside(described).await, json!([]));
        }
    })
    .await;
}

async fn picture(driver: &thirtyfour::WebDriver, name: &str) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("settings_page_{name}.png"));
    driver.screenshot(&path).await.unwrap();
    assert!(path.metadata().unwrap().len() > 10_000, "{} shows nothing", path.display());
}
