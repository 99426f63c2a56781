//! Which settings pages can be built, and where they may be shown.

use axum::http::{Method, header};
use botmatic_contact::prelude::*;
use botmatic_contact::settings::{Field, Form, FormReader, Shown};
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Builder, Choice, Error, Integration, Service, Table};

use crate::requests::TOKEN;
use crate::settings::send;

#[derive(Clone, SettingsForm)]
struct One {
    one: String,
}

/// Pages at these paths.
struct At<const PATHS: usize>;

const PLACES: [&str; 5] = ["/settings", "/", "settings", "/{id}", "/health"];

impl<const PATH: usize> Integration for At<PATH> {
    fn table() -> Table<Self> {
        let page = |path: &str| {
            Table::new().settings(
                path,
                |_| Box::pin(async { Ok(One { one: String::new() }) }),
                |_, _: One| Box::pin(async { Ok(()) }),
            )
        };
        if PATH == 9 { page("/a").merge(page("/b")) } else { page(PLACES[PATH]) }
    }
}

fn build<const PATH: usize>(origin: Option<&str>) -> Result<Service<At<PATH>>, String> {
    let builder = botmatic::builder(At::<PATH>).base_url("https://api.test:8443/below");
    let builder = origin.into_iter().fold(builder, Builder::settings_origin);
    builder.build().map_err(|error| {
        assert!(error.is_configuration());
        error.to_string()
    })
}

#[derive(Clone, Copy, PartialEq)]
struct Equal(bool);

impl Choice for Equal {
    const CHOICES: &'static [(Self, &'static str)] = &[(Self(true), "same"), (Self(false), "same")];
}

/// A form whose fields are given by hand.
struct ByHand<const FORM: usize>;

impl<const FORM: usize> SettingsForm for ByHand<FORM> {
    fn form() -> Form {
        let upload = Field::new::<Upload>("file");
        Form::new([match FORM {
            0 => Field::new::<Equal>("same"),
            1 => Field::new::<u8>("age").min::<u8>(9).max::<u8>(8),
            2 => upload.max_size::<Upload>(0),
            3 => upload.accept::<Upload>(".pdf, png"),
            _ => upload.accept::<Upload>(".pdf, image/*,application/vnd.ms-excel").max_size::<Upload>(1),
        }])
    }

    fn show(&self) -> Vec<Shown> {
        Vec::new()
    }

    fn read(_: &mut FormReader<'_>, _: Option<&Self>) -> Option<Self> {
        None
    }
}

impl<const FORM: usize> Integration for ByHand<FORM> {
    fn table() -> Table<Self> {
        Table::<Self>::new().settings(
            "/settings",
            |_| Box::pin(async { Ok(Self) }),
            |_, _: Self| Box::pin(async { Ok(()) }),
        )
    }
}

#[tokio::test]
async fn a_form_that_can_never_be_filled_in_is_refused_when_the_service_is_built() {
    fn built<const FORM: usize>() -> Result<(), String> {
        let service =
            botmatic::builder(ByHand::<FORM>).platform(Simulator::new()).settings_origin("http://x").build();
        service.map(drop).map_err(|error| error.to_string())
    }
    for (built, why) in [
        (
            built::<0>(),
            "`same` can never be filled in: `same` stands for two choices: give each its own text",
        ),
        (
            built::<1>(),
            "`age` can never be filled in: no number is at least 9 and at most 8: exchange the two",
        ),
        (
            built::<2>(),
            "`file` can never be filled in: its files may have no byte: give it a larger `max_size`",
        ),
        (
            built::<3>(),
            "`file` can never be filled in: `png` is neither an extension like `.pdf` nor a media type like `image/*`",
        ),
    ] {
        assert_eq!(built.unwrap_err(), format!("the setting {why}"));
    }
    built::<4>().unwrap();
}

#[tokio::test]
async fn a_page_that_could_not_be_served_is_refused_when_the_service_is_built() {
    assert_eq!(
        build::<1>(None).unwrap_err(),
        "the settings page's path `/` is the endpoint too: give one of them another path"
    );
    assert!(build::<2>(None).unwrap_err().contains("settings page's path `settings` is not a path"));
    assert!(build::<3>(None).unwrap_err().contains("settings page's path `/{id}` is not a path"));
    let clash = |service: Result<Service<_>, Error>, what: &str| {
        let error = service.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains(what), "{error}");
    };
    let builder = || botmatic::builder(At::<0>).platform(Simulator::new());
    clash(builder().endpoint("/Settings").build(), "is the endpoint too");
    clash(builder().health("/settings/").build(), "is the health route too");
    assert!(builder().health("/Settings").build().is_ok(), "letter case counts there");
    assert_eq!(
        build::<4>(None).unwrap_err(),
        "the settings page's path `/health` is the health route too: give one of them another path"
    );
    assert_eq!(build::<9>(None).unwrap_err(), "`/a` and `/b` are two settings pages: keep one");
    for origin in [
        "",
        "botmatic.test",
        "https://",
        "https://:443",
        "https://x/path",
        "https://x; script-src *",
        "https://x\r\ny",
        "*",
        "ftp://x",
        "https://*.x y",
    ] {
        let error = build::<0>(Some(origin)).unwrap_err();
        assert!(error.contains("is no origin of Botmatic's pages"), "{error}");
    }
    assert_eq!(build::<0>(Some("http://LOCALHOST:80")).unwrap().settings_path(), Some("/settings"));
}

#[tokio::test]
async fn without_further_words_the_origin_is_that_of_the_api() {
    let simulator = Simulator::new();
    let service =
        botmatic::builder(At::<0>).platform(simulator.clone()).base_url("https://api.test:8443/below");
    let service = service.endpoint("/webhook").build().unwrap();
    simulator.connect(&Token::new(TOKEN), service.clone());
    let page = send(&service.router(), Method::GET, "/settings?token=tok-alpha", "", "").await;
    assert!(page.header(header::CONTENT_SECURITY_POLICY).ends_with("frame-ancestors https://api.test:8443"));
    assert!(page.body.contains("data-origins=\"https://api.test:8443\""));
}
