//! Botmatic's API: what is sent, against recordings of the JavaScript packages, and what is made of the answers.

use botmatic_contact::{
    BotId, BotmaticApi, ContactId, Platform, Properties, Property, PropertyKind, Token, Value,
};
use serde::Deserialize;
use serde_json::json;

use crate::fake::{Answer, Fake};
use crate::requests::TOKEN;

/// A request of the packages and what the fake Botmatic of the recording answered.
#[derive(Deserialize)]
struct Recording {
    request: Request,
    answer: Answered,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    headers: std::collections::BTreeMap<String, String>,
    body: String,
}

#[derive(Deserialize)]
struct Answered {
    status: u16,
    body: String,
}

impl Recording {
    fn new(text: &str) -> Self {
        serde_json::from_str(text).unwrap()
    }

    async fn fake(&self) -> Fake {
        Fake::new([Answer::new(self.answer.status, self.answer.body.as_str())]).await
    }

    /// Whether the one request is the recorded one: bytes of the body, and the headers that mean something.
    fn check(&self, fake: &Fake) {
        let (asked, Request { method, path, headers, body }) = (fake.only(), &self.request);
        assert_eq!((&asked.method, &asked.path), (method, path));
        assert_eq!(asked.headers.get("authorization"), headers.get("authorization"), "{method} {path}");
        if let Some(accept) = headers.get("accept") {
            assert_eq!(asked.headers.get("accept"), Some(accept), "{method} {path}");
        }
        // The packages say of what type a body is where there is none, and send one with a GET.
        if method != "GET" {
            assert_eq!(&asked.body, body, "{method} {path}");
        }
        if !asked.body.is_empty() {
            assert_eq!(asked.headers.get("content-type"), headers.get("content-type"), "{method} {path}");
        }
    }
}

macro_rules! recording {
    ($name:literal) => {
        Recording::new(include_str!(concat!("recordings/", $name, ".json")))
    };
}

fn token() -> Token {
    Token::new(TOKEN)
}

fn ada() -> Properties {
    Properties::from_iter([
        ("firstname", "Ada"),
        ("lastname", "Example"),
        ("email", "ada@example.test"),
        ("phone", "0612345678"),
    ])
}

fn bob() -> Properties {
    Properties::from_iter([("firstname", "Bob"), ("lastname", "Sample"), ("email", "bob@example.test")])
}

fn id(number: u64) -> ContactId {
    ContactId::from(number)
}

#[tokio::test]
async fn a_contact_is_created_as_recorded() {
    let unicode =
        Properties::from_iter([("firstname", "Zoë \"Z\" Ünïcode"), ("note", "日本語 🙂"), ("lone", "a\nb")]);
    for (recording, contact) in
        [(recording!("create_contact"), ada()), (recording!("create_contact_unicode"), unicode)]
    {
        let fake = recording.fake().await;
        assert_eq!(fake.api().create_contact(&token(), &contact).await.unwrap(), id(9001));
        recording.check(&fake);
    }
}

#[tokio::test]
async fn contacts_are_created_as_recorded_and_each_has_its_own_result() {
    let recording = recording!("create_contacts");
    let fake = recording.fake().await;
    let results = fake.api().create_contacts(&token(), &[ada(), bob()]).await;
    recording.check(&fake);
    let [Ok(first), Err(second)] = results.as_slice() else { panic!("{results:?}") };
    assert_eq!(first, &id(9001));
    assert!(second.is_platform() && second.to_string().contains("email taken"), "{second}");
}

#[tokio::test]
async fn contacts_are_updated_as_recorded() {
    let recording = recording!("update_contact");
    let fake = recording.fake().await;
    fake.api().update_contact(&token(), &id(9001), &ada()).await.unwrap();
    recording.check(&fake);

    let recording = recording!("update_contacts");
    let fake = recording.fake().await;
    let results = fake.api().update_contacts(&token(), &[(id(9001), ada()), (id(9002), bob())]).await;
    recording.check(&fake);
    assert!(matches!(results.as_slice(), [Ok(()), Ok(())]), "{results:?}");
}

#[tokio::test]
async fn a_contact_is_deleted_as_recorded() {
    let recording = recording!("delete_contact");
    let fake = recording.fake().await;
    fake.api().delete_contact(&token(), &id(9001)).await.unwrap();
    recording.check(&fake);
}

#[tokio::test]
async fn properties_are_created_as_recorded() {
    let firstname = Property::new("firstname", PropertyKind::Text);
    let recording = recording!("create_property");
    let fake = recording.fake().await;
    fake.api().create_properties(&token(), std::slice::from_ref(&firstname)).await.unwrap();
    recording.check(&fake);

    let score = Property::new("score", PropertyKind::Number);
    let signup = Property::new("signup_date", PropertyKind::Date);
    let recording = recording!("create_properties");
    let fake = recording.fake().await;
    fake.api().create_properties(&token(), &[firstname, score, signup]).await.unwrap();
    recording.check(&fake);
}

#[tokio::test]
async fn a_campaign_event_counts_as_run_under_200_and_under_201() {
    for (recording, contacts) in [
        (recording!("campaign_event_200"), vec![id(9001)]),
        (recording!("campaign_event_201"), vec![id(9001), id(9002)]),
    ] {
        let fake = recording.fake().await;
        fake.api().send_event_on_campaign(&token(), "renewal_due", &contacts).await.unwrap();
        recording.check(&fake);
    }
}

#[tokio::test]
async fn bots_are_listed_read_and_saved_as_recorded() {
    let recording = recording!("list_bots");
    let fake = recording.fake().await;
    let bots = fake.api().list_bots(&token()).await.unwrap();
    recording.check(&fake);
    assert_eq!(bots, [json!({ "id": 7, "name": "Demo" })]);
    assert_eq!(fake.only().body, "", "the body that the packages send with a GET says nothing");

    let seven = BotId::from(7_u64);
    let recording = recording!("get_bot");
    let fake = recording.fake().await;
    assert_eq!(fake.api().get_bot(&token(), &seven).await.unwrap(), json!({ "hello": "world" }));
    recording.check(&fake);

    let recording = recording!("update_bot");
    let fake = recording.fake().await;
    let bot = json!({ "id": 7, "name": "Demo", "steps": [{ "say": "hi \"you\"" }] });
    fake.api().update_bot(&token(), &seven, &bot).await.unwrap();
    recording.check(&fake);
}

#[tokio::test]
async fn a_token_is_validated_as_recorded_without_an_authorization_header() {
    let recording = recording!("validate");
    let fake = recording.fake().await;
    assert!(fake.api().validate_token(&token()).await.unwrap());
    recording.check(&fake);
    assert!(!fake.only().headers.contains_key("authorization"));

    let fake = Fake::new([Answer::new(200, r#"{"success":true}"#)]).await;
    assert!(fake.api().validate_token(&Token::new("a&b=c +é")).await.unwrap());
    assert_eq!(fake.only().body, "token=a%26b%3Dc+%2B%C3%A9");
}

#[tokio::test]
async fn a_token_is_valid_only_when_botmatic_says_so() {
    for (status, body) in [
        (200, r#"{"success":false}"#),
        (200, r#"{"success":"false"}"#),
        (200, "{}"),
        (200, r#"{"valid":true}"#),
        (200, r#"{"success":null}"#),
        (200, r#"{"success":true}x"#),
        (200, ""),
        (200, "null"),
        (200, "[]"),
        (200, "[true]"),
        (204, ""),
        (302, r#"{"success":true}"#),
        (401, r#"{"success":true}"#),
        (404, "no such page"),
    ] {
        let fake = Fake::new([Answer::new(status, body)]).await;
        assert!(!fake.api().validate_token(&token()).await.unwrap(), "{status} {body}");
        fake.only();
    }
}

#[tokio::test]
async fn an_id_stays_one_segment_of_the_path() {
    for (written, segment) in [
        ("a/b?c=d e", "a%2Fb%3Fc%3Dd%20e"),
        ("../bots", "..%2Fbots"),
        ("é#%2e", "%C3%A9%23%252e"),
        ("a\tb\nc", "a%09b%0Ac"),
        ("..;", "..%3B"),
        ("...", "..."),
    ] {
        let fake = Fake::new([Answer::new(204, ""), Answer::new(200, "")]).await;
        let api = fake.api();
        api.delete_contact(&token(), &ContactId::from(written)).await.unwrap();
        api.update_contact(&token(), &ContactId::from(written), &bob()).await.unwrap();
        for asked in fake.asked() {
            assert_eq!(asked.path, format!("/api/contacts/{segment}"), "{written:?}");
        }
    }
}

#[tokio::test]
async fn an_id_that_would_name_something_else_is_sent_nowhere() {
    for written in ["", ".", "..", ".\t.", "\n"] {
        let fake = Fake::new([Answer::new(204, "")]).await;
        let result = fake.api().delete_contact(&token(), &ContactId::from(written)).await;
        match fake.asked().as_slice() {
            [] => assert!(result.unwrap_err().is_not_found(), "{written:?}"),
            [asked] => {
                let segment = asked.path.strip_prefix("/api/contacts/").unwrap_or_default();
                assert!(segment.contains('%'), "{written:?} became {}", asked.path);
            }
            more => panic!("{more:?}"),
        }
    }
}

#[tokio::test]
async fn a_base_url_may_have_a_path_and_may_end_with_a_slash() {
    for (below, path) in [
        ("", "/api/bots/7"),
        ("/", "/api/bots/7"),
        ("/botmatic", "/botmatic/api/bots/7"),
        ("/a/b%20c/", "/a/b%20c/api/bots/7"),
        ("/?x=1#y", "/api/bots/7"),
    ] {
        let fake = Fake::new([Answer::new(200, "{}")]).await;
        let api = fake.builder().base_url(fake.url() + below).build().unwrap();
        api.get_bot(&token(), &BotId::from(7_u64)).await.unwrap();
        assert_eq!(fake.only().path, path, "{below}");
    }
}

#[tokio::test]
async fn a_wrong_base_url_is_said_at_once_and_clearly() {
    for url in
        ["", "botmatic.test", "localhost:3000", "/api", "http://", "ftp://botmatic.test", "mailto:x@y.z"]
    {
        let error = BotmaticApi::new(Some(url)).unwrap_err();
        assert!(error.is_configuration(), "{url}: {error}");
        let message = error.to_string();
        for part in [&format!("`{url}`"), "https://app.botmatic.ai", "BOTMATIC_BASE_URL", ".base_url(…)"] {
            assert!(message.contains(part), "{url}: {message}");
        }
    }
    for url in ["http://localhost:3000", "https://app.botmatic.ai/", "HTTP://127.0.0.1:1/x"] {
        BotmaticApi::new(Some(url)).unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_is_not_what_was_expected_is_an_error_of_the_platform() {
    for body in ["", "null", "[]", "OK", "{", "{}", r#"{"success":true}"#, r#"{"id":null}"#, r#"{"id":""}"#] {
        let fake = Fake::new([Answer::new(201, body)]).await;
        let error = fake.api().create_contact(&token(), &ada()).await.unwrap_err();
        assert!(error.is_platform(), "{body}: {error}");
        fake.only();
    }
    for body in ["", "{}", r#"{"contacts":[]}"#, r#"{"contacts":[{"id":1},{"id":2}]}"#, r#"{"contacts":7}"#] {
        let fake = Fake::new([Answer::new(201, body)]).await;
        let results = fake.api().create_contacts(&token(), &[ada()]).await;
        let [Err(error)] = results.as_slice() else { panic!("{body}: {results:?}") };
        assert!(error.is_platform(), "{body}: {error}");
        fake.only();
    }
    for body in ["OK", "<html>", "{", "{\"success\":1}", "[", "{}x"] {
        let fake = Fake::new([200, 200, 200, 200].map(|status| Answer::new(status, body))).await;
        let api = fake.api();
        let errors = [
            api.update_contact(&token(), &id(1), &ada()).await.unwrap_err(),
            api.delete_contact(&token(), &id(1)).await.unwrap_err(),
            api.list_bots(&token()).await.unwrap_err(),
            api.get_bot(&token(), &BotId::from(7_u64)).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.is_platform(), error.status()), (true, Some(200)), "{body}: {error}");
        }
    }
    for body in ["null", "[]", "{}", r#"{"bots":7}"#] {
        let fake = Fake::new([Answer::new(200, body)]).await;
        assert!(fake.api().list_bots(&token()).await.unwrap_err().is_platform(), "{body}");
    }
}

#[tokio::test]
async fn a_body_that_says_nothing_says_all_under_the_right_status_where_nothing_is_asked_back() {
    for nothing in [" \n", "null", "[]", "{}", r#"{"hello":"world"}"#] {
        let fake = Fake::new([200, 200, 201, 201, 200, 200].map(|status| Answer::new(status, nothing))).await;
        let api = fake.api();
        api.update_contact(&token(), &id(1), &ada()).await.unwrap();
        api.update_contacts(&token(), &[(id(1), ada())]).await.remove(0).unwrap();
        api.create_properties(&token(), &[Property::new("a", PropertyKind::Text)]).await.unwrap();
        api.send_event_on_campaign(&token(), "e", &[id(1)]).await.unwrap();
        api.update_bot(&token(), &BotId::from(7_u64), &Value::Null).await.unwrap();
        api.delete_contact(&token(), &id(1)).await.unwrap();
        assert_eq!(fake.asked().len(), 6);
    }
}

#[tokio::test]
async fn a_refusal_under_a_status_of_success_is_a_refusal() {
    let no = r#"{"success":false,"error":"business rule"}"#;
    let fake = Fake::new([201, 200, 200, 201, 200, 200].map(|status| Answer::new(status, no))).await;
    let api = fake.api();
    let errors = [
        api.create_contact(&token(), &ada()).await.unwrap_err(),
        api.update_contact(&token(), &id(1), &ada()).await.unwrap_err(),
        api.update_contacts(&token(), &[(id(1), ada())]).await.remove(0).unwrap_err(),
        api.create_properties(&token(), &[Property::new("a", PropertyKind::Text)]).await.unwrap_err(),
        api.send_event_on_campaign(&token(), "e", &[id(1)]).await.unwrap_err(),
        api.delete_contact(&token(), &id(1)).await.unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_platform() && error.to_string().contains("business rule"), "{error}");
    }
}

#[tokio::test]
async fn another_status_of_success_than_the_documented_one_is_an_error() {
    for status in [200, 202, 204] {
        let fake = Fake::new([Answer::new(status, r#"{"success":true,"id":1}"#)]).await;
        let error = fake.api().create_contact(&token(), &ada()).await.unwrap_err();
        assert_eq!((error.is_platform(), error.status()), (true, Some(status)));
    }
    for status in [202, 204] {
        let fake = Fake::new([Answer::new(status, "{}")]).await;
        let error = fake.api().send_event_on_campaign(&token(), "e", &[id(1)]).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
    }
}

#[tokio::test]
async fn bots_are_read_page_by_page_while_pages_are_full_and_bring_something_new() {
    let page = |bots: std::ops::Range<u32>| {
        let bots: Vec<_> = bots.map(|number| json!({ "id": number, "name": "Demo" })).collect();
        Answer::new(200, json!({ "success": true, "bots": bots }).to_string())
    };
    let paths = |fake: &Fake| fake.asked().into_iter().map(|asked| asked.path).collect::<Vec<_>>();
    let (first, second, third) = ("/api/bots?page_size=1000", "&page=2", "&page=3");
    let (second, third) = (first.to_owned() + second, first.to_owned() + third);

    // Bots may move from one page to the next while they are read.
    let fake = Fake::new([page(0..1000), page(999..1999), page(1999..2003)]).await;
    let bots = fake.api().list_bots(&token()).await.unwrap();
    assert_eq!(
        bots.iter().map(|bot| bot["id"].as_u64().unwrap()).collect::<Vec<_>>(),
        Vec::from_iter(0..2003)
    );
    assert_eq!(paths(&fake), [first, &second, &third]);

    // One that knows no pages says the same again.
    let fake = Fake::new([page(0..1001), page(0..1001)]).await;
    assert_eq!(fake.api().list_bots(&token()).await.unwrap().len(), 1001);
    assert_eq!(paths(&fake), [first, &second]);

    let fake = Fake::new([page(0..1000), page(0..0)]).await;
    assert_eq!(fake.api().list_bots(&token()).await.unwrap().len(), 1000);

    let fake = Fake::new([page(0..1000), Answer::new(403, "")]).await;
    assert_eq!(fake.api().list_bots(&token()).await.unwrap_err().status(), Some(403), "half a list is none");
}

#[tokio::test]
async fn an_address_with_a_password_is_refused_and_not_repeated() {
    for url in
        ["http://me:c4n4ry@botmatic.test", "https://c4n4ry@botmatic.test", "http://:c4n4ry@botmatic.test"]
    {
        let error = BotmaticApi::builder().base_url(url).build().unwrap_err();
        assert!(error.is_configuration() && !format!("{error} {error:?}").contains("c4n4ry"), "{error}");
    }
}

#[tokio::test]
async fn a_bot_may_have_members_that_mean_something_else_in_other_answers() {
    for bot in [json!({ "id": 7, "success": "well done" }), json!({ "id": 7, "success": false })] {
        let fake = Fake::new([Answer::new(200, bot.to_string())]).await;
        assert_eq!(fake.api().get_bot(&token(), &BotId::from(7_u64)).await.unwrap(), bot);
    }
    let fake = Fake::new([Answer::new(200, r#"{"success":false,"error":"no such bot"}"#)]).await;
    let error = fake.api().get_bot(&token(), &BotId::from(7_u64)).await.unwrap_err();
    assert!(error.to_string().contains("no such bot"), "{error}");
}

#[tokio::test]
async fn an_id_that_contains_the_token_is_read_as_it_is() {
    let id = format!("{}-17", token().expose());
    let answer = json!({ "success": true, "id": id }).to_string();
    let fake = Fake::new([Answer::new(201, &answer)]).await;
    assert_eq!(fake.api().create_contact(&token(), &ada()).await.unwrap().as_str(), id);
}
