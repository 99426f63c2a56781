//! Many contacts at once: how they are split, and that each has its own result.

use std::num::NonZero;

use botmatic_contact::{BotmaticApi, ContactId, Platform, Properties, Property, Result, Token};
use serde_json::{Value, json};

use crate::fake::{Answer, Asked, Fake};
use crate::requests::TOKEN;

fn token() -> Token {
    Token::new(TOKEN)
}

fn contacts(numbers: std::ops::Range<u64>) -> Vec<Properties> {
    numbers.map(|number| Properties::from_iter([("number", number)])).collect()
}

fn changes(numbers: std::ops::Range<u64>) -> Vec<(ContactId, Properties)> {
    numbers.map(|number| (number.into(), Properties::from_iter([("number", number)]))).collect()
}

/// The contacts that a request tells of, by number.
fn numbers(asked: &Asked) -> Vec<u64> {
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let number =
        |contact: &Value| contact.get("contact_props").unwrap_or(contact)["number"].as_u64().unwrap();
    body["contacts"].as_array().unwrap().iter().map(number).collect()
}

/// Creates everybody, with an id beyond a thousand, or says 200 to an update; unless `refusal` has something to say of
/// the numbers of the request.
async fn botmatic(refusal: impl Fn(&[u64]) -> Option<Answer> + Send + 'static) -> Fake {
    Fake::answering(move |asked| {
        let numbers = numbers(asked);
        let created = || {
            let contacts: Vec<_> = numbers.iter().map(|number| json!({ "id": 1000 + number })).collect();
            Answer::new(201, json!({ "contacts": contacts }).to_string())
        };
        let done = || if asked.method == "POST" { created() } else { Answer::new(200, "{}") };
        refusal(&numbers).unwrap_or_else(done)
    })
    .await
}

fn refused(status: u16) -> Option<Answer> {
    Some(Answer::new(status, r#"{"success":false,"error":"one of them is wrong"}"#))
}

fn in_batches_of(size: usize, fake: &Fake) -> BotmaticApi {
    fake.builder().batch_size(NonZero::new(size).unwrap()).retries(0).build().unwrap()
}

/// The statuses of those who failed, by their place.
fn failed<T>(results: &[Result<T>]) -> Vec<(usize, Option<u16>)> {
    let failed = |(place, result): (usize, &Result<T>)| Some((place, result.as_ref().err()?.status()));
    results.iter().enumerate().filter_map(failed).collect()
}

#[tokio::test]
async fn contacts_go_in_batches_and_their_results_come_in_order() {
    let fake = botmatic(|_| None).await;
    let results = in_batches_of(4, &fake).create_contacts(&token(), &contacts(0..10)).await;
    let ids: Vec<_> = results.into_iter().map(|result| result.unwrap().to_string()).collect();
    assert_eq!(ids, (1000..1010).map(|id| id.to_string()).collect::<Vec<_>>());
    let batches = || fake.asked().iter().map(numbers).collect::<Vec<_>>();
    assert_eq!(batches(), [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9]]);

    let results = in_batches_of(4, &fake).update_contacts(&token(), &changes(0..5)).await;
    assert_eq!((results.len(), failed(&results)), (5, vec![]));
    assert_eq!(batches()[3..], [vec![0, 1, 2, 3], vec![4]]);

    let fake = botmatic(|_| None).await;
    fake.api().create_contacts(&token(), &contacts(0..61)).await;
    assert_eq!(fake.asked().iter().map(|asked| numbers(asked).len()).collect::<Vec<_>>(), [30, 30, 1]);
}

#[tokio::test]
async fn nothing_is_sent_for_nobody() {
    let fake = Fake::new([]).await;
    let api = fake.api();
    assert!(api.create_contacts(&token(), &[]).await.is_empty());
    assert!(api.update_contacts(&token(), &[]).await.is_empty());
    api.create_properties(&token(), &[] as &[Property]).await.unwrap();
    assert!(fake.asked().is_empty());
}

#[tokio::test]
async fn a_batch_that_fails_fails_alone_and_each_of_its_contacts_has_the_reason() {
    for (answer, status) in [
        (Answer::new(500, "<html>"), Some(500)),
        (Answer::new(401, ""), Some(401)),
        (Answer::new(503, ""), Some(503)),
        (Answer::new(201, "<html>"), Some(201)),
        (Answer::new(201, r#"{"contacts":[{"id":1}]}"#), Some(201)),
        (Answer::Close, None),
    ] {
        let said = answer.clone();
        let fake = botmatic(move |numbers| numbers.contains(&3).then(|| said.clone())).await;
        let results = in_batches_of(3, &fake).create_contacts(&token(), &contacts(0..8)).await;
        assert_eq!(
            (results.len(), failed(&results)),
            (8, vec![(3, status), (4, status), (5, status)]),
            "{answer:?}"
        );
        let messages: Vec<_> =
            results[3..6].iter().map(|result| result.as_ref().unwrap_err().to_string()).collect();
        assert!(messages.iter().all(|message| *message == messages[0]), "{messages:?}");
        assert_eq!(fake.asked().len(), 3, "what may have been done is not sent again: {answer:?}");
    }
}

#[tokio::test]
async fn who_makes_botmatic_refuse_a_batch_is_found_and_the_others_go_through_once() {
    for status in [400, 409, 413, 422] {
        let wrong = |numbers: &[u64]| numbers.iter().any(|number| [3, 17].contains(number));
        let fake = botmatic(move |numbers| wrong(numbers).then(|| refused(status)).flatten()).await;
        let results = fake.api().create_contacts(&token(), &contacts(0..30)).await;
        assert_eq!(failed(&results), [(3, Some(status)), (17, Some(status))]);
        let went_through =
            fake.asked().into_iter().map(|asked| numbers(&asked)).filter(|batch| !wrong(batch));
        let mut created: Vec<_> = went_through.flatten().collect();
        let in_order = created.clone();
        created.sort_unstable();
        assert_eq!(created, in_order);
        assert_eq!(created, (0..30).filter(|number| ![3, 17].contains(number)).collect::<Vec<_>>());

        let results = fake.api().update_contacts(&token(), &changes(0..30)).await;
        assert_eq!(failed(&results), [(3, Some(status)), (17, Some(status))]);
    }
}

#[tokio::test]
async fn who_is_gone_is_found_too_but_a_create_that_finds_nothing_is_at_the_wrong_address() {
    let fake = botmatic(|numbers| numbers.contains(&2).then(|| refused(404)).flatten()).await;
    let results = fake.api().update_contacts(&token(), &changes(0..5)).await;
    assert_eq!(failed(&results), [(2, Some(404))]);

    let fake = botmatic(|_| refused(404)).await;
    let results = fake.api().create_contacts(&token(), &contacts(0..5)).await;
    assert_eq!(failed(&results).len(), 5);
    fake.only();
}

#[tokio::test]
async fn who_may_have_been_created_is_not_created_again() {
    let some = r#"{"success":false,"contacts":[{"success":true,"id":7},{"success":false,"error":"taken"}]}"#;
    for (status, said) in [(201, Some(201)), (409, None), (422, None)] {
        let fake = Fake::new([Answer::new(status, some)]).await;
        let results = fake.api().create_contacts(&token(), &contacts(0..3)).await;
        assert_eq!(failed(&results), [0, 1, 2].map(|place| (place, said)), "{status}");
        fake.only();
    }
    // Where all that is listed was refused, or nothing is listed, nobody was created.
    for nobody in [r#"{"contacts":[]}"#, r#"{"contacts":[{"success":false}]}"#] {
        let fake = botmatic(move |numbers| numbers.contains(&2).then(|| Answer::new(422, nobody))).await;
        let results = fake.api().create_contacts(&token(), &contacts(0..3)).await;
        assert_eq!(failed(&results), [(2, Some(422))], "{nobody}");
    }
}

#[tokio::test]
async fn results_that_are_listed_count_whatever_is_said_of_them_all() {
    let listed = r#"{"success":false,"error":"some failed","contacts":[
        {"success":true,"id":7},{"success":false,"error":"email taken"},{"id":""},{"success":true}]}"#;
    for status in [201, 422] {
        let fake = Fake::new([Answer::new(status, listed)]).await;
        let results = fake.api().create_contacts(&token(), &contacts(0..4)).await;
        let [Ok(id), Err(taken), Err(no_id), Err(no_id_either)] = results.as_slice() else {
            panic!("{results:?}")
        };
        assert_eq!(id, &ContactId::from(7_u64));
        assert!(taken.to_string().contains("email taken"), "{taken}");
        assert_eq!((no_id.status(), no_id_either.status()), (Some(status), Some(status)));
        fake.only();
    }
}
