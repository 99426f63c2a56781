//! The settings page: what the browser posts, and what is answered.

use serde::Serialize;

use crate::contact::Value;
use crate::settings::{Entry, SettingsError, Submission};

/// The name of the token, in the query of the page and among the inputs of its form.
pub(crate) const TOKEN: &str = "token";

/// The token in a query. One that is there twice is none: nobody could say which was meant.
pub(crate) fn token_in_query(query: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).ok()?;
    let mut tokens = pairs.into_iter().filter(|(name, _)| name == TOKEN).map(|(_, token)| token);
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => Some(token),
        _ => None,
    }
}

/// Reads a form that was posted as JSON. Numbers are read as their text; what is false or null is not ticked, and nothing
/// was entered there.
pub(crate) fn read(body: &[u8]) -> Option<Submission> {
    let body: serde_json::Map<String, Value> = serde_json::from_slice(body).ok()?;
    let entries = body.into_iter().filter_map(|(name, value)| match value {
        Value::Null | Value::Bool(false) => None,
        Value::String(text) => Some((name, Entry::Text(text))),
        other => Some((name, Entry::Text(other.to_string()))),
    });
    Some(entries.collect())
}

/// The answer to a save.
pub(crate) fn answer(saved: &Result<(), SettingsError>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Answer<'a> {
        success: bool,
        #[serde(rename = "errorFields", skip_serializing_if = "Option::is_none")]
        error_fields: Option<serde_json::Map<String, Value>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a str>,
    }
    let (error_fields, error) = match saved {
        Ok(()) => (None, None),
        Err(error) => {
            let fields: serde_json::Map<_, _> =
                error.fields().map(|(name, message)| (name.to_owned(), message.into())).collect();
            (Some(fields).filter(|fields| !fields.is_empty()), error.general())
        }
    };
    let answer = Answer { success: saved.is_ok(), error_fields, error };
    serde_json::to_vec(&answer).unwrap_or_else(|_| super::webhook::FAILED.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_there_twice_is_none() {
        assert_eq!(token_in_query("a=b&token=t%20o%2Bk").as_deref(), Some("t o+k"));
        for query in ["", "token[a]=1", "token=a&token=b", "token=a&token=a", "Token=a"] {
            assert_eq!(token_in_query(query), None, "{query}");
        }
    }

    #[test]
    fn what_is_no_object_is_no_form() {
        for body in ["", "{", "[]", "null", "\"a\""] {
            assert!(read(body.as_bytes()).is_none(), "{body}");
        }
        let mut form = read(br#"{"a":"1","a":"2","n":5,"yes":true,"no":null,"never":false}"#).unwrap();
        assert_eq!(form.take("a").last().and_then(Entry::text), Some("2"));
        assert_eq!(form.take("n")[0].text(), Some("5"));
        assert_eq!(form.take("yes")[0].text(), Some("true"));
        assert!(form.take("no").is_empty() && form.take("never").is_empty());
    }

    #[test]
    fn an_answer_says_what_is_wrong_where() {
        assert_eq!(answer(&Ok(())), br#"{"success":true}"#);
        let wrong = SettingsError::field("api_key", "Field required");
        assert_eq!(answer(&Err(wrong)), br#"{"success":false,"errorFields":{"api_key":"Field required"}}"#);
        let wrong = SettingsError::message("closed");
        assert_eq!(answer(&Err(wrong)), br#"{"success":false,"error":"closed"}"#);
    }
}
