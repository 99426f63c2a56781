//! What is read from an answer: the token, and how long it is good.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use secrecy::SecretString;

use super::error::TokenError;
use crate::contact::Value;

/// A token is replaced when a tenth of its life is left, but not earlier than this before its end.
const EARLIEST: Duration = Duration::from_secs(60);

/// The body of an answer: JSON, or the text that it is.
pub(super) struct Answer(Value);

impl Answer {
    /// A bare number is taken for text: reading it could change it.
    pub(super) fn parse(body: &[u8]) -> Self {
        let parsed = serde_json::from_slice(body).ok().filter(|parsed: &Value| !parsed.is_number());
        let text = || Value::from(String::from_utf8_lossy(body).trim());
        Self(parsed.unwrap_or_else(text))
    }
}

pub(super) type FindToken = Box<dyn Fn(&Value) -> Option<String> + Send + Sync>;

/// Where the token is.
pub(super) enum Place {
    At(String),
    By(FindToken),
}

/// How long a token is good.
pub(super) enum Lifetime {
    Unknown,
    Always(Duration),
    /// The number of seconds that stands there.
    At(String),
}

/// How an answer is read.
pub(super) struct Reading {
    pub(super) place: Place,
    pub(super) lifetime: Lifetime,
}

impl Reading {
    pub(super) fn token(&self, Answer(answer): &Answer) -> Result<SecretString, TokenError> {
        let found = match &self.place {
            Place::At(pointer) => answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned),
            // Others wait for this answer: they are to hear of a failure, whatever becomes of the function.
            Place::By(find) => catch_unwind(AssertUnwindSafe(|| find(answer)))
                .map_err(|_| TokenError::no_token("the function given to `token_by` panicked"))?,
        };
        let token = found.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
        token.map(SecretString::from).ok_or_else(|| {
            TokenError::no_token(match &self.place {
                Place::At(pointer) => format!("there is no text at `{pointer}`, where `token_at` says it is"),
                Place::By(_) => "the function given to `token_by` found none".to_owned(),
            })
        })
    }

    /// How long after it was asked for the token is to be replaced.
    pub(super) fn lifetime(&self, Answer(answer): &Answer) -> Option<Duration> {
        let lifetime = match &self.lifetime {
            Lifetime::Unknown => return None,
            Lifetime::Always(lifetime) => *lifetime,
            Lifetime::At(pointer) => seconds(answer.pointer(pointer)?)?,
        };
        Some(lifetime - (lifetime / 10).min(EARLIEST))
    }
}

/// A number of seconds, also in a text. What is none says nothing of the life time.
fn seconds(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_is_json_or_the_text_that_it_is() {
        for (body, expected) in [
            (r#"{"token":"a"}"#, json!({ "token": "a" })),
            (r#""a""#, json!("a")),
            ("null", Value::Null),
            ("eyJhbGciOi.J9.x\n", json!("eyJhbGciOi.J9.x")),
            ("12345678901234567890123", json!("12345678901234567890123")),
            ("", json!("")),
            ("{broken", json!("{broken")),
        ] {
            assert_eq!(Answer::parse(body.as_bytes()).0, expected, "{body}");
        }
    }

    #[test]
    fn a_lifetime_ends_a_little_early_and_is_unknown_where_none_is_said() {
        let read = |value| {
            let reading =
                Reading { place: Place::At(String::new()), lifetime: Lifetime::At("/for".to_owned()) };
            reading.lifetime(&Answer(json!({ "for": value })))
        };
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(read(json!(100)), seconds(90));
        assert_eq!(read(json!(3600)), seconds(3540));
        assert_eq!(read(json!("100")), seconds(90));
        assert_eq!(read(json!(0)), seconds(0));
        for none in [json!(-1), json!(1e300), json!("soon"), json!("NaN"), json!(null), json!([1])] {
            assert_eq!(read(none.clone()), None, "{none}");
        }
    }
}
