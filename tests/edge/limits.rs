//! What a call takes at most: of time, of Botmatic's patience, of memory; and what it never does twice.

use std::num::NonZero;
use std::time::{Duration, Instant};

use botmatic_contact::{BotId, BotmaticApi, ContactId, Error, Platform, Properties, Token};
use futures_util::future::join_all;
use tokio::net::{TcpSocket, TcpStream};

use crate::fake::{Answer, Fake};
use crate::requests::TOKEN;

/// Longer than any call here takes, and shorter than the limits that hold by default.
const SOON: Duration = Duration::from_secs(9);

fn token() -> Token {
    Token::new(TOKEN)
}

fn created() -> Answer {
    Answer::new(201, r#"{"success":true,"id":1}"#)
}

fn throttled(status: u16, seconds: &str) -> Answer {
    Answer::new(status, r#"{"success":false,"error":"slow down"}"#).header("retry-after", seconds)
}

async fn create(api: &BotmaticApi, token: &Token) -> Result<ContactId, Error> {
    api.create_contact(token, &Properties::new()).await
}

/// How long something took, which has to be soon.
async fn timed<T>(task: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    let done = tokio::time::timeout(SOON, task).await.expect("it took too long");
    (done, start.elapsed())
}

#[tokio::test]
async fn an_attempt_that_is_not_answered_in_time_is_given_up_and_a_create_is_not_repeated() {
    for answer in [Answer::Silence, Answer::Stall(201), Answer::Stall(500)] {
        let fake = Fake::new([answer.clone(), created()]).await;
        let api = fake.builder().timeout(Duration::from_millis(300)).build().unwrap();
        let (result, _) = timed(create(&api, &token())).await;
        let error = result.unwrap_err();
        assert!(error.is_platform() && error.status().is_none(), "{answer:?}: {error}");
        assert!(error.to_string().contains("did not answer POST /api/contacts in time"), "{error}");
        fake.only();

        let fake = Fake::new([answer, Answer::new(200, r#"{"id":7}"#)]).await;
        let api = fake.builder().timeout(Duration::from_millis(300)).build().unwrap();
        timed(api.get_bot(&token(), &BotId::from(7_u64))).await.0.unwrap();
        assert_eq!(fake.asked().len(), 2);
    }
}

#[tokio::test]
async fn a_create_that_found_no_connection_in_time_is_tried_again_and_the_error_says_so() {
    // A listener whose queue is full answers nobody.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(waiting) =
        tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await
    {
        queue.push(waiting.unwrap());
    }
    let api = BotmaticApi::builder().base_url(format!("http://{address}")).retry_delay(Duration::ZERO);
    let api = api.connect_timeout(Duration::from_millis(100)).retries(2).build().unwrap();
    let (result, took) = timed(create(&api, &token())).await;
    let error = result.unwrap_err();
    assert!(error.is_platform() && error.to_string().contains("is it reachable from here"), "{error}");
    assert!(took >= Duration::from_millis(300), "three attempts take three times as long: {took:?}");
}

#[tokio::test]
async fn a_call_takes_no_longer_than_it_may_with_all_its_attempts() {
    let fake = Fake::answering(|_| Answer::new(500, "")).await;
    let total = Duration::from_millis(300);
    let api = fake.builder().retries(1000).retry_delay(Duration::from_millis(40)).total_timeout(total);
    let api = api.build().unwrap();
    let (result, _) = timed(api.delete_contact(&token(), &ContactId::from(1_u64))).await;
    assert_eq!(result.unwrap_err().status(), Some(500));
    assert!(fake.asked().len() > 1, "there was time for more than one attempt");

    let fake = Fake::new([Answer::Silence]).await;
    let api = fake.builder().total_timeout(total).build().unwrap();
    let (result, took) = timed(create(&api, &token())).await;
    assert!(result.unwrap_err().is_platform());
    assert!(took >= total, "an attempt may use all of it: {took:?}");
}

#[tokio::test]
async fn who_asks_for_more_patience_than_a_call_has_gets_none() {
    for retry_after in ["61", "86400", "18446744073709551615", "Mon, 21 Oct 2999 07:28:00 GMT"] {
        let fake = Fake::new([throttled(429, retry_after)]).await;
        let api = fake.builder().total_timeout(Duration::from_secs(60)).build().unwrap();
        let (result, _) = timed(create(&api, &token())).await;
        assert_eq!(result.unwrap_err().status(), Some(429), "{retry_after}");

        // The next call knows, and does not even ask.
        let error = timed(create(&api, &token())).await.0.unwrap_err();
        assert_eq!(error.status(), Some(429), "{retry_after}");
        assert!(error.to_string().contains("was not sent"), "{error}");
        fake.only();
    }
}

#[tokio::test]
async fn after_a_throttled_call_all_calls_of_the_installation_wait() {
    for status in [429, 503] {
        let fake =
            Fake::new([throttled(status, "1")].into_iter().chain(std::iter::repeat_n(created(), 20))).await;
        // No call is tried again here: it goes through at the first attempt or fails.
        let api = fake.builder().retries(0).build().unwrap();
        assert_eq!(create(&api, &token()).await.unwrap_err().status(), Some(status));
        let one = token();
        let (results, _) = timed(join_all((0..20).map(|_| create(&api, &one)))).await;
        results.into_iter().for_each(|result| drop(result.unwrap()));
        let asked = fake.asked();
        assert_eq!(asked.len(), 21);
        assert!(asked[1..].iter().all(|later| later.at - asked[0].at >= Duration::from_secs(1)));
    }
}

#[tokio::test]
async fn a_throttled_installation_does_not_hold_up_another() {
    let fake = Fake::new([throttled(429, "3600"), created()]).await;
    let api = fake.api();
    assert_eq!(create(&api, &token()).await.unwrap_err().status(), Some(429));
    timed(create(&api, &Token::new("tok-beta"))).await.0.unwrap();
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test]
async fn requests_keep_to_the_rate_of_their_installation() {
    let fake = Fake::answering(|_| created()).await;
    let rate = |per_second, burst| {
        let builder =
            fake.builder().rate_limit(NonZero::new(per_second).unwrap(), NonZero::new(burst).unwrap());
        builder.build().unwrap()
    };
    let (api, one, other) = (rate(20, 3), token(), Token::new("tok-beta"));
    let of_one = async { timed(join_all((0..8).map(|_| create(&api, &one)))).await };
    let of_other = async { timed(join_all((0..3).map(|_| create(&api, &other)))).await };
    let ((of_one, took), (of_other, _)) = tokio::join!(of_one, of_other);
    of_one.into_iter().chain(of_other).for_each(|result| drop(result.unwrap()));
    assert!(took >= Duration::from_millis(250), "three at once, and five at 50 ms each: {took:?}");

    let api = fake.builder().rate_limit(NonZero::<u32>::MIN, NonZero::<u32>::MIN);
    let api = api.total_timeout(Duration::from_millis(500)).build().unwrap();
    let before = fake.asked().len();
    let (results, _) = timed(join_all((0..5).map(|_| create(&api, &one)))).await;
    let held_back: Vec<_> = results.into_iter().filter_map(Result::err).map(|error| error.status()).collect();
    assert!(held_back.len() >= 3 && held_back.iter().all(|status| *status == Some(429)), "{held_back:?}");
    assert_eq!(fake.asked().len() - before, 5 - held_back.len());
}

#[tokio::test]
async fn connections_are_used_again() {
    let fake = Fake::new([
        created(),
        Answer::new(422, r#"{"error":"no"}"#),
        Answer::new(500, "<html>"),
        Answer::new(204, ""),
        Answer::new(200, r#"{"id":7}"#),
    ])
    .await;
    let api = fake.api();
    create(&api, &token()).await.unwrap();
    create(&api, &token()).await.unwrap_err();
    api.delete_contact(&token(), &ContactId::from(1_u64)).await.unwrap();
    api.clone().get_bot(&Token::new("tok-beta"), &BotId::from(7_u64)).await.unwrap();
    let connections: Vec<_> = fake.asked().iter().map(|asked| asked.connection).collect();
    assert_eq!(connections, [1; 5]);
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_not_read_to_its_end() {
    let long = format!(r#"{{"success":true,"id":1,"note":"{}"}}"#, "a".repeat(17 << 20));
    for status in [201, 500] {
        let fake = Fake::new([Answer::new(status, long.as_str()), created()]).await;
        let error = create(&fake.api(), &token()).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert!(error.to_string().contains("more than 16777216 bytes"), "{error}");
        fake.only();
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_not_tried_again() {
    let fake = Fake::new([]).await;
    let api = fake.builder().retry_delay(Duration::from_secs(10)).build().unwrap();
    let (result, _) = timed(api.get_bot(&Token::new("two\nlines"), &BotId::from(7_u64))).await;
    assert_eq!(result.unwrap_err().to_string(), "the request cannot be written");
    assert!(fake.asked().is_empty());
}
