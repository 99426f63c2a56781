//! What is tried again, when, and what never is.

use std::time::Duration;

use botmatic_contact::{
    BotId, BotmaticApi, ContactId, Error, Platform, Properties, Property, PropertyKind, Token,
};
use tokio::net::TcpListener;

use crate::fake::{Answer, Fake};
use crate::requests::TOKEN;

fn token() -> Token {
    Token::new(TOKEN)
}

fn created() -> Answer {
    Answer::new(201, r#"{"success":true,"id":1}"#)
}

fn throttled(seconds: &str) -> Answer {
    Answer::new(429, r#"{"success":false,"error":"slow down"}"#).header("retry-after", seconds)
}

async fn create(fake: &Fake) -> Result<ContactId, Error> {
    fake.api().create_contact(&token(), &Properties::new()).await
}

#[tokio::test]
async fn a_throttled_create_is_sent_again_and_not_before_the_time_that_was_asked_for() {
    let fake = Fake::new([throttled("1"), created()]).await;
    assert_eq!(create(&fake).await.unwrap(), ContactId::from(1_u64));
    let [first, second] = &fake.asked()[..] else { panic!("{:?}", fake.asked()) };
    assert!(second.at - first.at >= Duration::from_secs(1));
    assert_eq!((&first.body, &first.headers), (&second.body, &second.headers));
}

#[tokio::test]
async fn a_retry_after_may_be_a_date() {
    // Dates have whole seconds: this one is more than one second from now.
    let date = jiff::Timestamp::now() + Duration::from_secs(2);
    let fake =
        Fake::new([throttled(&date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()), created()]).await;
    create(&fake).await.unwrap();
    let [first, second] = &fake.asked()[..] else { panic!("{:?}", fake.asked()) };
    assert!(second.at - first.at > Duration::from_millis(500));
}

#[tokio::test]
async fn a_retry_after_of_nothing_of_a_past_date_or_of_nonsense_does_not_stop_the_retry() {
    for retry_after in ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", "-1", ""] {
        let fake = Fake::new([throttled(retry_after), created()]).await;
        create(&fake).await.unwrap();
        assert_eq!(fake.asked().len(), 2, "{retry_after}");
    }
}

#[tokio::test]
async fn a_create_that_may_have_been_carried_out_is_never_sent_again() {
    for answer in [
        Answer::new(500, "<html>"),
        Answer::new(502, ""),
        Answer::new(504, "{}"),
        Answer::Close,
        Answer::Reset,
        Answer::CutOff(201),
        Answer::CutOff(500),
    ] {
        let said = format!("{answer:?}");
        let fake = Fake::new([answer.clone(), created()]).await;
        let error = create(&fake).await.unwrap_err();
        assert!(error.is_platform(), "{said}: {error}");
        fake.only();

        let fake = Fake::new([answer.clone(), created()]).await;
        fake.api().create_contacts(&token(), &[Properties::new()]).await.remove(0).unwrap_err();
        fake.only();

        let fake = Fake::new([answer, created()]).await;
        fake.api().send_event_on_campaign(&token(), "e", &[ContactId::from(1_u64)]).await.unwrap_err();
        fake.only();
    }
}

#[tokio::test]
async fn what_does_no_harm_twice_is_sent_again_after_a_failure_in_passing() {
    for failure in [
        Answer::new(500, "<html>"),
        Answer::new(503, ""),
        Answer::Close,
        Answer::Reset,
        Answer::CutOff(200),
        throttled("0"),
    ] {
        let said = format!("{failure:?}");
        let ok = |status| [failure.clone(), Answer::new(status, r#"{"success":true,"bots":[]}"#)];
        let (id, bot) = (ContactId::from(1_u64), BotId::from(7_u64));
        let (update, updates) = (Fake::new(ok(200)).await, Fake::new(ok(200)).await);
        let (delete, properties) = (Fake::new(ok(204)).await, Fake::new(ok(201)).await);
        let (list, get, save) =
            (Fake::new(ok(200)).await, Fake::new(ok(200)).await, Fake::new(ok(200)).await);
        let validate = Fake::new(ok(200)).await;
        let nothing = Properties::new();
        let property = [Property::new("a", PropertyKind::Text)];
        let (update_api, updates_api) = (update.api(), updates.api());
        let (list_api, get_api, save_api) = (list.api(), get.api(), save.api());
        let (delete_api, properties_api, validate_api) = (delete.api(), properties.api(), validate.api());
        let (token, changes) = (token(), [(id.clone(), nothing.clone())]);
        tokio::try_join!(
            update_api.update_contact(&token, &id, &nothing),
            async { updates_api.update_contacts(&token, &changes).await.remove(0) },
            delete_api.delete_contact(&token, &id),
            properties_api.create_properties(&token, &property),
            async { list_api.list_bots(&token).await.map(drop) },
            async { get_api.get_bot(&token, &bot).await.map(drop) },
            save_api.update_bot(&token, &bot, &serde_json::Value::Null),
            async { validate_api.validate_token(&token).await.map(|valid| assert!(valid, "{said}")) },
        )
        .unwrap_or_else(|error| panic!("{said}: {error}"));
        for fake in [&update, &updates, &delete, &properties, &list, &get, &save, &validate] {
            assert_eq!(fake.asked().len(), 2, "{said}");
        }
    }
}

#[tokio::test]
async fn a_create_that_was_certainly_not_carried_out_is_sent_again() {
    let fake = Fake::new([Answer::new(503, ""), throttled("0"), Answer::CutOff(503), created()]).await;
    create(&fake).await.unwrap();
    assert_eq!(fake.asked().len(), 4);
}

#[tokio::test]
async fn after_four_more_attempts_the_last_failure_is_the_error() {
    let fake = Fake::new([500, 503, 502, 500, 504, 200].map(|status| Answer::new(status, "{}"))).await;
    let error = fake.api().delete_contact(&token(), &ContactId::from(1_u64)).await.unwrap_err();
    assert_eq!(error.status(), Some(504));
    assert_eq!(fake.asked().len(), 5);
}

#[tokio::test]
async fn a_refusal_is_final() {
    for status in [400, 401, 403, 404, 409, 422] {
        let fake = Fake::new([Answer::new(status, r#"{"error":"no"}"#), Answer::new(204, "")]).await;
        let error = fake.api().delete_contact(&token(), &ContactId::from(1_u64)).await.unwrap_err();
        assert_eq!((error.status(), error.is_not_found()), (Some(status), status == 404));
        fake.only();
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_so_that_the_token_stays_where_it_was_sent() {
    let elsewhere = Fake::new([created()]).await;
    for status in [301, 302, 303, 307, 308] {
        let here = Answer::new(status, "").header("location", format!("{}/x", elsewhere.url()));
        let fake = Fake::new([here.clone(), here]).await;
        assert_eq!(create(&fake).await.unwrap_err().status(), Some(status));
        let error = fake.api().get_bot(&token(), &BotId::from(7_u64)).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!(fake.asked().len(), 2);
    }
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn a_token_is_in_no_error_even_if_botmatic_repeats_it() {
    let secret = Token::new("tok-c4n4ry-token");
    let repeats = |status| {
        Answer::new(status, r#"{"success":false,"error":"the token tok-c4n4ry-token may not do that"}"#)
            .header("location", "/tok-c4n4ry-token")
    };
    let mut errors = Vec::new();
    for answer in [repeats(401), repeats(302), repeats(422), repeats(201), Answer::Close, Answer::CutOff(201)]
    {
        let fake = Fake::new([answer]).await;
        errors.push(fake.api().create_contact(&secret, &Properties::new()).await.unwrap_err());
    }
    let fake = Fake::new([repeats(200)]).await;
    let id = ContactId::from(1_u64);
    errors.push(fake.api().update_contact(&secret, &id, &Properties::new()).await.unwrap_err());
    // A token that cannot stand in a header.
    let broken = Token::new("tok-c4n4ry-token\n");
    let fake = Fake::new([created()]).await;
    errors.push(fake.api().create_contact(&broken, &Properties::new()).await.unwrap_err());
    // Nobody listens, and a server that fails for good.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let nobody = BotmaticApi::builder().base_url(format!("http://{address}")).retry_delay(Duration::ZERO);
    let nobody = nobody.build().unwrap();
    let fake = Fake::new(std::iter::repeat_n(repeats(500), 5)).await;
    let (api, nothing) = (fake.api(), Properties::new());
    let (unreachable, failed) =
        tokio::join!(nobody.create_contact(&secret, &nothing), api.validate_token(&secret));
    errors.extend([unreachable.unwrap_err(), failed.unwrap_err()]);
    for error in errors {
        let told = told(&error);
        assert!(!told.contains("c4n4ry"), "{told}");
    }
}

#[tokio::test]
async fn neither_an_escaped_token_nor_what_contacts_hold_is_in_an_error() {
    let token = Token::new("tok/\"c4n4ry\" 1");
    let contact =
        Properties::from_iter([("email", "c4n4ry@example.test"), ("name", "Zoë C4n4ry"), ("no", "ok")]);
    let id = ContactId::from(1_u64);
    for said in [
        r#"{"error":"tok\/\u0022c4n4ry\u0022 1 may not"}"#,
        "token=tok%2F%22c4n4ry%22+1",
        "<p>tok/&quot;c4n4ry&#34; 1</p>",
        r#"{"error":"c4n4ry@example.test is taken by Zo\u00eb C4n4ry"}"#,
        r#"{"error":{"detail":"{\"name\":\"Zo\\u00eb C4n4ry\"}"}}"#,
        "c4n4ry%40example.test",
        "C4N4RY@EXAMPLE.TEST",
    ] {
        let fake = Fake::answering(move |_| Answer::new(422, said)).await;
        let api = fake.api();
        let errors = [
            api.create_contact(&token, &contact).await.unwrap_err(),
            api.create_contacts(&token, std::slice::from_ref(&contact)).await.remove(0).unwrap_err(),
            api.update_contacts(&token, &[(id.clone(), contact.clone())]).await.remove(0).unwrap_err(),
        ];
        for error in errors {
            let told = told(&error).to_lowercase();
            assert!(!told.contains("c4n4ry"), "{said}: {told}");
        }
        for status in [200, 422] {
            let said = said.replacen('{', "{\"success\":false,", 1);
            let fake = Fake::answering(move |_| Answer::new(status, said.as_str())).await;
            let error = fake.api().update_contact(&token, &id, &contact).await.unwrap_err();
            assert!(!told(&error).to_lowercase().contains("c4n4ry"), "{error}");
        }
    }
}

/// All that an error says, with what is below it.
fn told(error: &Error) -> String {
    let mut told = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        told += &format!(" {error} {error:?}");
        source = error.source();
    }
    told
}
