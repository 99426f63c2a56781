//! The settings page over the real router: who is served, and what a form may hold.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, header};
use botmatic_contact::prelude::*;
use botmatic_contact::settings::{Entry, Given, SettingValue, Shown};
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Choice, Error, HasClient};
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use tokio::time::timeout;
use tower::ServiceExt;

use crate::requests::TOKEN;

/// One of every kind.
#[derive(Clone, Debug, SettingsForm)]
struct Settings {
    name: String,
    key: Secret,
    #[setting(kind = email)]
    email: Option<String>,
    #[setting(kind = url)]
    site: Option<String>,
    #[setting(min = -3, max = 3)]
    level: Option<i8>,
    ratio: Option<f64>,
    since: Option<jiff::civil::Date>,
    on: bool,
    color: Option<Color>,
    #[setting(accept = ".txt, image/*", max_size = 8)]
    files: Vec<Upload>,
    #[setting(max_size = 4)]
    photo: Option<Upload>,
}

#[derive(Clone, Debug, PartialEq)]
enum Color {
    Red,
    Green,
}

impl Choice for Color {
    const CHOICES: &'static [(Self, &'static str)] = &[(Self::Red, "red"), (Self::Green, "green")];
}

fn shown() -> Settings {
    Settings {
        name: "shop".to_owned(),
        key: Secret::new("k-stored"),
        email: None,
        site: None,
        level: None,
        ratio: None,
        since: None,
        on: false,
        color: None,
        files: vec![Upload::new("C:\\folder\\old.txt", "text/plain", "old")],
        photo: None,
    }
}

/// Remembers what was saved, and for whom.
struct Shop {
    saved: Arc<Mutex<Vec<(Token, Settings)>>>,
}

struct Owner(String);

impl HasClient for Shop {
    type Client = Owner;
}

#[botmatic::integration]
impl Shop {
    #[botmatic::settings("/shop/settings")]
    async fn settings(&self, auth: Auth<Owner>) -> Settings {
        Settings { name: auth.client().0.clone(), ..shown() }
    }

    #[botmatic::settings("/shop/settings", save)]
    async fn save(
        &self,
        settings: Settings,
        token: Token,
        _botmatic: Botmatic<Self>,
        state: State<Self>,
    ) -> Result<(), SettingsError> {
        assert_ne!(settings.name, "panic", "as it was asked to");
        if settings.name == "taken" {
            return Err(SettingsError::field("name", "Taken."));
        }
        state.saved.lock().unwrap().push((token, settings));
        Ok(())
    }
}

struct World {
    router: Router,
    saved: Arc<Mutex<Vec<(Token, Settings)>>>,
}

/// A service for two installations.
fn world() -> World {
    let simulator = Simulator::new();
    let saved = Arc::default();
    let service = botmatic::builder(Shop { saved: Arc::clone(&saved) })
        .platform(simulator.clone())
        .endpoint("/webhook")
        .settings_origin("https://Botmatic.test:443/")
        .settings_origin("http://localhost:8080")
        .authorize_with(async |token: Token| Ok::<_, Error>(Some(Owner(format!("of {}", token.expose())))))
        .build()
        .unwrap();
    for token in [TOKEN, "tok-beta"] {
        simulator.connect(&Token::new(token), service.clone());
    }
    World { router: service.router(), saved }
}

pub(crate) struct Answer {
    status: u16,
    headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// What is wrong with which field, or in general.
    fn wrong(&self) -> Value {
        assert_eq!(
            (self.status, self.header(header::CONTENT_TYPE)),
            (200, "application/json; charset=utf-8")
        );
        let answer: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(answer["success"], false, "{}", self.body);
        answer["errorFields"].clone()
    }
}

pub(crate) async fn send(
    router: &Router,
    method: Method,
    path: &str,
    content_type: &str,
    body: impl Into<Body>,
) -> Answer {
    let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, content_type);
    let response = router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

/// A part of a form: the input, the name and the type of a file, and the content.
type Part<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a str);

const PATH: &str = "/shop/settings";

const HOUR: Duration = Duration::from_secs(60 * 60);

impl World {
    async fn show(&self, query: &str) -> Answer {
        send(&self.router, Method::GET, &format!("{PATH}{query}"), "", "").await
    }

    async fn post(&self, form: Value) -> Answer {
        send(&self.router, Method::POST, PATH, "application/json", form.to_string()).await
    }

    /// The same with a name and the token.
    async fn fill(&self, fields: Value) -> Answer {
        let mut form = json!({ "token": TOKEN, "name": "shop" });
        form.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.post(form).await
    }

    /// Posts parts; those that have a file's name have a type and content, too.
    async fn parts(&self, parts: &[Part<'_>]) -> Answer {
        let mut body = String::new();
        for (name, file, content) in [&[("token", None, TOKEN), ("name", None, "shop")], parts].concat() {
            body += &format!("--limit\r\nContent-Disposition: form-data; name=\"{name}\"");
            if let Some((file, kind)) = file {
                body += &format!("; filename=\"{file}\"\r\nContent-Type: {kind}");
            }
            body += &format!("\r\n\r\n{content}\r\n");
        }
        body += "--limit--\r\n";
        send(&self.router, Method::POST, PATH, "multipart/form-data; boundary=limit", body).await
    }

    fn last(&self) -> Settings {
        self.saved.lock().unwrap().last().unwrap().1.clone()
    }
}

#[tokio::test]
async fn the_page_is_for_confirmed_tokens_and_says_what_a_browser_may_do_with_it() {
    let world = world();
    let page = world.show("?token=tok-alpha").await;
    assert_eq!((page.status, page.header(header::CONTENT_TYPE)), (200, "text/html; charset=utf-8"));
    assert!(page.body.contains("value=\"of tok-alpha\"") && !page.body.contains("k-stored"), "{}", page.body);
    assert!(page.body.contains("<b>Stored: old.txt</b>"), "{}", page.body);
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("frame-ancestors https://botmatic.test http://localhost:8080"), "{policy}");
    for part in ["base-uri 'none';", "form-action 'none';", "connect-src 'self';", "style-src 'sha256-"] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");

    let save = world.fill(json!({})).await;
    let forbidden = world.show("?token=tok-unknown").await;
    assert_eq!((forbidden.status, forbidden.body.as_str()), (401, "Forbidden"));
    for answer in [&page, &save, &forbidden] {
        assert_eq!(answer.header(header::REFERRER_POLICY), "no-referrer");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
        assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    for query in ["", "?token=", "?token=tok-alpha&token=tok-beta", "?Token=tok-alpha", "?token[]=tok-alpha"]
    {
        let answer = world.show(query).await;
        assert_eq!((answer.status, answer.body.as_str()), (401, "Forbidden"), "{query}");
    }
}

#[tokio::test]
async fn a_save_is_for_the_token_in_the_body_and_for_no_other() {
    let world = world();
    let path = format!("{PATH}?token=tok-beta");
    let form = json!({ "token": TOKEN, "name": "shop" }).to_string();
    assert_eq!(send(&world.router, Method::POST, &path, "application/json", form).await.status, 200);
    let saved = world.saved.lock().unwrap().clone();
    assert!(saved.len() == 1 && saved[0].0 == Token::new(TOKEN));
    for token in [json!("tok-unknown"), json!(""), json!(null), json!([TOKEN]), json!({ "a": TOKEN })] {
        let answer = world.post(json!({ "token": token, "name": "shop" })).await;
        assert_eq!((answer.status, answer.body.as_str()), (401, "Forbidden"), "{token}");
    }
    for content_type in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""] {
        let body = format!("name=shop&token={TOKEN}");
        assert_eq!(
            send(&world.router, Method::POST, &path, content_type, body).await.status,
            401,
            "{content_type}"
        );
    }
    assert_eq!(world.saved.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn values_are_read_by_the_types_of_their_fields() {
    let world = world();
    let all = json!({
        "key": "k-new", "email": "ada@x.test", "site": "https://x.test/a?b", "level": " -3 ", "ratio": "1e3",
        "since": "2026-02-28", "on": "on", "color": "green", "nobody": "knows this"
    });
    assert_eq!(world.fill(all).await.body, r#"{"success":true}"#);
    let saved = world.last();
    assert_eq!(saved.key.expose(), "k-new");
    assert_eq!(
        (saved.email.as_deref(), saved.site.as_deref()),
        (Some("ada@x.test"), Some("https://x.test/a?b"))
    );
    assert_eq!((saved.level, saved.ratio, saved.on), (Some(-3), Some(1000.0), true));
    assert_eq!((saved.since, saved.color), (Some(jiff::civil::date(2026, 2, 28)), Some(Color::Green)));

    let nothing = json!({ "key": "", "email": " ", "level": "", "ratio": null, "since": "", "color": "" });
    assert_eq!(world.fill(nothing).await.body, r#"{"success":true}"#);
    let saved = world.last();
    assert_eq!(saved.key.expose(), "k-stored");
    assert_eq!((saved.email, saved.level, saved.ratio, saved.on), (None, None, None, false));
    assert_eq!((saved.since, saved.color), (None, None));
    assert_eq!(saved.files[0].name, "old.txt", "what is stored stays");
}

#[tokio::test]
async fn what_is_false_is_neither_ticked_nor_removed() {
    let world = world();
    let form = json!({ "on": false, "files.remove": false, "photo.remove": false });
    assert_eq!(world.fill(form).await.body, r#"{"success":true}"#);
    let saved = world.last();
    assert_eq!((saved.on, saved.files.len()), (false, 1));
    assert_eq!(world.fill(json!({ "on": true, "files.remove": true })).await.body, r#"{"success":true}"#);
    let saved = world.last();
    assert_eq!((saved.on, saved.files.len()), (true, 0));
}

#[tokio::test]
async fn what_does_not_fit_is_said_at_its_field_and_all_at_once() {
    let world = world();
    let wrong = world.post(json!({
        "token": TOKEN, "name": " ", "email": "ada at home", "site": "javascript:alert(1)", "level": "4", "ratio": "NaN",
        "since": "2026-02-30", "color": "blue", "photo": "no file"
    }));
    assert_eq!(
        wrong.await.wrong(),
        json!({
            "name": "This is required.",
            "email": "This is not an e-mail address.",
            "site": "This is not an address like https://example.com.",
            "level": "At most 3.",
            "ratio": "This is not a number.",
            "since": "This is not a date like 2026-01-31.",
            "color": "Choose one of the list.",
            "photo": "Choose a file."
        })
    );
    for (level, message) in [
        ("-4", "At least -3."),
        ("1.5", "This is not a whole number."),
        ("1000000000000000000000000000000000000000", "This is not a whole number."),
    ] {
        assert_eq!(world.fill(json!({ "level": level })).await.wrong(), json!({ "level": message }));
    }
    for (email, site) in [
        ("@x", "http://"),
        (" a@b", " https://x"),
        ("a@", "https:///x"),
        ("a@b@c", "ftp://x"),
        ("a b@c", "https://x y"),
    ] {
        let wrong = world.fill(json!({ "email": email, "site": site })).await.wrong();
        assert_eq!(wrong.as_object().unwrap().len(), 2, "{email} {site}: {wrong}");
    }
    assert_eq!(world.fill(json!({ "name": "taken" })).await.wrong(), json!({ "name": "Taken." }));
    assert!(world.saved.lock().unwrap().is_empty());
}

#[tokio::test]
async fn files_are_taken_within_their_limits_and_without_their_folders() {
    let world = world();
    let parts =
        [("files", Some(("../../a.TXT", "x/y")), "12345"), ("files", Some(("b", "image/png")), "678")];
    assert_eq!(world.parts(&parts).await.body, r#"{"success":true}"#);
    let files = world.last().files;
    let names: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.content.as_slice())).collect();
    assert_eq!(names, [("a.TXT", &b"12345"[..]), ("b", b"678")]);

    let nothing = [("files", Some(("", "application/octet-stream")), "")];
    assert_eq!(world.parts(&nothing).await.body, r#"{"success":true}"#);
    assert_eq!(world.last().files[0].name, "old.txt");
    let removed = [("files.remove", None, "on"), ("photo", Some(("p", "")), "1234")];
    assert_eq!(world.parts(&removed).await.body, r#"{"success":true}"#);
    let saved = world.last();
    assert!(saved.files.is_empty() && saved.photo.unwrap().content == b"1234");

    for (parts, wrong) in [
        (
            vec![("files", Some(("a.txt", "x/y")), "12345"), ("files", Some(("b.txt", "x/y")), "6789")],
            "At most 8 bytes.",
        ),
        (vec![("files", Some(("a.exe", "x/y")), "1")], "Only files of these types: .txt, image/*."),
    ] {
        assert_eq!(world.parts(&parts).await.wrong(), json!({ "files": wrong }));
    }
    for (parts, wrong) in [
        (vec![("photo", Some(("p", "x/y")), "12345")], "At most 4 bytes."),
        (vec![("photo", Some(("p", "x/y")), "1"), ("photo", Some(("q", "x/y")), "1")], "Choose one file."),
    ] {
        assert_eq!(world.parts(&parts).await.wrong(), json!({ "photo": wrong }));
    }
    let file = [("name", Some(("a.txt", "text/plain")), "a")];
    assert_eq!(world.parts(&file).await.wrong(), json!({ "name": "This is no field for files." }));
}

#[tokio::test]
async fn a_body_that_is_too_large_or_broken_is_refused_in_words_that_the_page_shows() {
    let world = world();
    let large = "x".repeat(110_000);
    for (content_type, body, status) in [
        ("application/json", large.clone(), 413),
        (
            "multipart/form-data; boundary=b",
            format!("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{large}"),
            413,
        ),
        ("application/json", "{".to_owned(), 400),
        ("application/json", "[]".to_owned(), 400),
        ("multipart/form-data; boundary=b", "--b\r\nContent-Dispos".to_owned(), 400),
    ] {
        let answer = send(&world.router, Method::POST, PATH, content_type, body).await;
        assert_eq!(answer.status, status, "{content_type}: {}", answer.body);
        let said: Value = serde_json::from_str(&answer.body).unwrap();
        assert!(said["success"] == false && said["error"].is_string(), "{said}");
    }
    let answer = world.fill(json!({ "name": "panic" })).await;
    assert_eq!((answer.status, answer.body.as_str()), (500, r#"{"success":false}"#));
}

#[tokio::test(start_paused = true)]
async fn a_form_that_does_not_come_to_its_end_is_not_waited_for() {
    let world = world();
    for (content_type, begin) in
        [("application/json", "{"), ("multipart/form-data; boundary=b", "--b\r\nContent-Dispos")]
    {
        let begin = stream::iter([Ok::<_, std::io::Error>(begin)]).chain(stream::pending());
        let body = Body::from_stream(begin);
        let answer = timeout(HOUR, send(&world.router, Method::POST, PATH, content_type, body)).await;
        let answer = answer.expect("an answer within the hour");
        assert_eq!(answer.status, 408, "{}", answer.body);
        let said: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(said["error"], "The form did not arrive in time. Try again.");
    }
}

#[tokio::test]
async fn the_page_can_be_nested_and_the_webhook_is_still_there() {
    let World { router, saved } = world();
    let router = Router::new().nest("/apps", router);
    let page = send(&router, Method::GET, "/apps/shop/settings?token=tok-alpha", "", "").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("/shop/settings"), "it posts to where it is, wherever that is");
    let form = json!({ "token": TOKEN, "name": "shop" }).to_string();
    assert_eq!(
        send(&router, Method::POST, "/apps/shop/settings", "application/json", form).await.status,
        200
    );
    assert_eq!(saved.lock().unwrap().len(), 1);
    assert_eq!(send(&router, Method::POST, "/apps/webhook", "application/json", "{}").await.status, 401);
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        assert_eq!(send(&router, method, "/apps/shop/settings", "", "").await.status, 405);
    }
}

#[test]
fn a_number_that_its_type_cannot_hold_is_none() {
    fn read<T: SettingValue>(text: &str) -> Result<Option<T>, String> {
        T::read(Given { entries: vec![Entry::Text(text.to_owned())], remove: false }, None)
    }
    assert_eq!(read::<f32>("1e39"), Err("This is not a number.".to_owned()));
    assert_eq!(read::<f32>("-1e38"), Ok(Some(-1e38)));
    assert_eq!(read::<Option<u8>>("-0"), Err("This is not a whole number.".to_owned()));
    assert_eq!(read::<u8>(" 7 "), Ok(Some(7)));
}

#[test]
fn an_empty_secret_and_an_empty_file_are_none() {
    let (nothing, file) = (Secret::new(""), Upload::new("", "", ""));
    assert_eq!([nothing.show(), file.show()], [Shown::Empty, Shown::Empty]);
    assert_eq!(Secret::read(Given::default(), Some(&nothing)), Ok(None));
    assert_eq!(Upload::read(Given::default(), Some(&file)), Ok(None));
    let (key, file) = (Secret::new("k"), Upload::new("f", "", ""));
    assert_eq!([key.show(), file.show()], ["", "f"].map(|name| Shown::Stored(name.to_owned())));
    assert_eq!(Secret::read(Given::default(), Some(&key)), Ok(Some(key)));
}

#[test]
fn a_form_describes_its_fields_from_names_types_and_documentation() {
    #[derive(SettingsForm)]
    struct Described {
        /// How many
        /// at once.
        ///
        /// Not shown.
        page_size: Option<u8>,
        #[setting(label = "Key", help = "Secret.")]
        /// Not shown.
        r#type: Secret,
        // Names that the expansion uses as well.
        current: Option<u8>,
        reader: Option<u8>,
    }
    let form = Described::form();
    let [page_size, kind, ..] = form.fields() else { panic!("{form:?}") };
    assert_eq!((page_size.name(), page_size.label_text()), ("page_size", "Page size"));
    assert_eq!((page_size.help_text(), page_size.is_required()), (Some("How many at once."), false));
    assert_eq!((kind.name(), kind.label_text()), ("type", "Key"));
    assert_eq!((kind.help_text(), kind.is_required()), (Some("Secret."), true));
}
