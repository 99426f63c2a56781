//! The webhook: what Botmatic posts to an integration, and what is answered.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::contact::{Contact, Naming, Property, Value};
use crate::event::{BotReply, UserReply};
use crate::id::{BotId, ContactId, ExternalId};

/// The `type` of a reply that carries data.
pub(crate) const KIND_DATA: &str = "data";

/// What a call says that cannot be read, and why. It is for the caller, whose own values it may quote, and for no log.
#[derive(Debug)]
pub(crate) struct Malformed(String);

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The body of a webhook request. Anything that is JSON can be read as one; what has neither an action nor an event is
/// not a call.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) action: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) data: Option<Box<RawValue>>,
    pub(crate) members: BTreeMap<String, Box<RawValue>>,
}

impl Body {
    /// Reads a body; of names that occur twice the last counts.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let body = serde_json::from_slice(bytes).or_else(|error| match String::from_utf8_lossy(bytes) {
            Cow::Borrowed(_) => Err(error),
            // Bytes that are no text become replacement characters.
            Cow::Owned(text) => serde_json::from_str(&text),
        });
        body.map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Malformed(format!("the body is not a JSON object: line {line}, column {column}"))
        })
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BodyVisitor;

        impl<'de> Visitor<'de> for BodyVisitor {
            type Value = Body;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body, A::Error> {
                let mut body = Body::default();
                while let Some(Name(name)) = map.next_key()? {
                    match &*name {
                        "action" => body.action = name_of(map.next_value()?),
                        "event" => body.event = name_of(map.next_value()?),
                        "data" => body.data = Some(map.next_value()?),
                        _ => {
                            let value = map.next_value()?;
                            body.members.insert(name.into_owned(), value);
                        }
                    }
                }
                Ok(body)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Body, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Body::default())
            }
        }

        deserializer.deserialize_any(BodyVisitor)
    }
}

/// The name of a member, copied only where it has to be.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// The name of an action or event, where there is one: text that is not empty. Other values are shown in the answer
/// as they are, so that whoever sent them sees what was sent, but none is ever taken for a name that has a handler.
fn name_of(value: Value) -> Option<String> {
    match value {
        Value::String(name) => (!name.is_empty()).then_some(name),
        Value::Null | Value::Bool(false) => None,
        Value::Number(number) if number.as_f64() == Some(0.0) => None,
        other => Some(other.to_string()),
    }
}

/// Reads the `data` of a call as some type.
pub(crate) fn read<T: DeserializeOwned>(data: Option<&RawValue>) -> Result<T, Malformed> {
    let text = data.map_or("null", RawValue::get);
    serde_json::from_str(text).map_err(|error| Malformed(format!("data: {error}")))
}

/// Reads the `data` of a call as it is.
pub(crate) fn read_any(data: Option<&RawValue>) -> Result<Value, Malformed> {
    read(data)
}

/// Reads the named groups of a pattern as some type; numbers are read from their text.
pub(crate) fn read_captures<T: DeserializeOwned>(captures: &[(String, String)]) -> Result<T, Malformed> {
    serde_urlencoded::to_string(captures)
        .map_err(|error| Malformed(error.to_string()))
        .and_then(|form| serde_urlencoded::from_str(&form).map_err(|error| Malformed(error.to_string())))
        .map_err(|Malformed(why)| Malformed(format!("the name of the action: {why}")))
}

/// The `data` of `contact_created` and `contact_updated`: the contact itself, flat. Its properties are likely to have
/// the names of those that are known.
pub(crate) fn read_contact(data: Option<&RawValue>, known: &[Property]) -> Result<Contact, Malformed> {
    let text = data.map(RawValue::get).filter(|text| text.starts_with('{'));
    let mut text = serde_json::Deserializer::from_str(text.ok_or_else(|| Malformed("no data".to_owned()))?);
    let mut properties =
        Naming(known).deserialize(&mut text).map_err(|error| Malformed(format!("data: {error}")))?;
    let id = properties.remove("id");
    let id = id.ok_or_else(|| Malformed("data: the contact has no `id`".to_owned()))?;
    let id = serde_json::from_value(id).map_err(|_| Malformed(ID_EXPECTED.to_owned()))?;
    Ok(Contact { id, properties })
}

const ID_EXPECTED: &str = "data: the id of the contact is neither a whole number nor a text";

/// The `data` of what is about a contact without being one.
pub(crate) fn read_contact_id(data: Option<&RawValue>) -> Result<ContactId, Malformed> {
    find_contact_id(data)?.ok_or_else(|| Malformed("no data".to_owned()))
}

/// The same where nobody may be meant.
pub(crate) fn find_contact_id(data: Option<&RawValue>) -> Result<Option<ContactId>, Malformed> {
    let id = match read(data)? {
        Value::Object(mut members) => members.remove("contact_id").filter(|id| !id.is_null()),
        _ => None,
    };
    id.map(serde_json::from_value).transpose().map_err(|_| Malformed(ID_EXPECTED.to_owned()))
}

/// The `data` of `user_reply`.
pub(crate) fn read_user_reply(data: Option<&RawValue>) -> Result<UserReply, Malformed> {
    #[derive(Deserialize)]
    struct Said {
        contact_id: ContactId,
        bot_id: Option<BotId>,
        platform: Option<String>,
        result: Understood,
    }
    #[derive(Deserialize)]
    struct Understood {
        source: String,
        #[serde(default)]
        intents: Vec<Intent>,
    }
    #[derive(Deserialize)]
    struct Intent {
        slug: String,
    }

    let Said { contact_id, bot_id, platform, result } = read(data)?;
    let intents = result.intents.into_iter().map(|intent| intent.slug).collect();
    Ok(UserReply { contact_id, bot_id, platform, text: result.source, intents })
}

/// The `data` of `bot_reply`; its `message` is JSON text of an object with the `content`.
pub(crate) fn read_bot_reply(data: Option<&RawValue>) -> Result<BotReply, Malformed> {
    #[derive(Deserialize)]
    struct Said {
        contact_id: ContactId,
        platform: Option<String>,
        message: Value,
    }

    let Said { contact_id, platform, message } = read(data)?;
    let parsed = message.as_str().and_then(|text| serde_json::from_str(text).ok());
    let content = match parsed.unwrap_or(message) {
        Value::Object(mut message) => message.remove("content").unwrap_or(Value::Object(message)),
        other => other,
    };
    Ok(BotReply { contact_id, platform, content })
}

/// The body of an answer.
#[derive(Serialize)]
struct Answer<'a> {
    data: &'a RawValue,
    #[serde(rename = "type")]
    kind: &'a str,
    success: bool,
}

/// Writes the body of an answer.
pub(crate) fn answer(success: bool, kind: &str, data: &RawValue) -> Vec<u8> {
    serde_json::to_vec(&Answer { data, kind, success }).unwrap_or_else(|_| FAILED.to_vec())
}

/// Writes the body of an answer that says why nothing else is answered.
#[cfg(feature = "server")]
pub(crate) fn answer_of_failure(why: &str) -> Vec<u8> {
    answer(false, KIND_DATA, &data_of_error(why))
}

/// What the health route answers.
#[cfg(feature = "server")]
pub(crate) const HEALTHY: &[u8] = br#"{"status":"ok"}"#;

/// The body of an answer to a call whose handler did not come to an end.
pub(crate) const FAILED: &[u8] = br#"{"success":false}"#;

/// The `data` that says that something worked.
pub(crate) fn data_of_success() -> Cow<'static, RawValue> {
    static SUCCESS: LazyLock<Box<RawValue>> = LazyLock::new(|| raw(&Success { success: true, id: None }));
    Cow::Borrowed(&SUCCESS)
}

/// The `data` that says so of a contact that was created or found, with its external id.
pub(crate) fn data_of_contact(id: &ExternalId) -> Box<RawValue> {
    raw(&Success { success: true, id: Some(id) })
}

#[derive(Serialize)]
struct Success<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a ExternalId>,
}

/// The `data` that says why a contact was not synced.
pub(crate) fn data_of_failure(error: &str) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Failure<'a> {
        success: bool,
        error: &'a str,
    }
    raw(&Failure { success: false, error })
}

/// The `data` that says why a handler failed, or that there is none.
pub(crate) fn data_of_error(error: &str) -> Box<RawValue> {
    #[derive(Serialize)]
    struct Failure<'a> {
        error: &'a str,
    }
    raw(&Failure { error })
}

/// These structs hold text and ids: writing them cannot fail.
fn raw(data: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(data).unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// Writes a call, as Botmatic does.
#[cfg(feature = "simulator")]
pub(crate) fn call(is_action: bool, name: &str, data: &Value) -> Vec<u8> {
    #[derive(Serialize)]
    struct Call<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        action: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        event: Option<&'a str>,
        data: &'a Value,
    }
    let call = Call { action: is_action.then_some(name), event: (!is_action).then_some(name), data };
    serde_json::to_vec(&call).unwrap_or_default()
}

/// The `data` of a call about a contact, as Botmatic sends it.
#[cfg(feature = "simulator")]
pub(crate) fn contact_data(contact: &Contact) -> Value {
    let mut data = serde_json::Map::new();
    data.insert("id".to_owned(), serde_json::json!(contact.id));
    data.extend(contact.properties.iter().map(|(name, value)| (name.to_owned(), value.clone())));
    Value::Object(data)
}

/// The `data` of a call that names a contact.
#[cfg(feature = "simulator")]
pub(crate) fn contact_id_data(id: &ContactId) -> Value {
    serde_json::json!({ "contact_id": id })
}

/// The `data` of `user_reply`, as Botmatic sends it.
#[cfg(feature = "simulator")]
pub(crate) fn user_reply_data(id: &ContactId, bot_id: &BotId, text: &str) -> Value {
    serde_json::json!({ "contact_id": id, "bot_id": bot_id, "platform": "web", "result": { "source": text } })
}

/// The `data` of `bot_reply`, as Botmatic sends it.
#[cfg(feature = "simulator")]
pub(crate) fn bot_reply_data(id: &ContactId, text: &str) -> Value {
    let message = serde_json::json!({ "content": text }).to_string();
    serde_json::json!({ "contact_id": id, "platform": "web", "message": message })
}

/// Why something failed, where the `data` of an answer says so.
#[cfg(feature = "simulator")]
pub(crate) fn error_in(data: &Value) -> Option<&str> {
    data.get("error")?.as_str()
}

/// What an integration answered, as Botmatic reads it.
#[cfg(feature = "simulator")]
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Answered {
    pub(crate) success: bool,
    #[serde(default)]
    pub(crate) data: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Body {
        Body::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_last_of_equal_names_counts_and_further_members_are_kept() {
        let body = parse(r#"{"event":"a","x":1,"event":"b","x":2,"data":{"y":[1, 2]}}"#);
        assert_eq!(body.event.as_deref(), Some("b"));
        assert_eq!(body.members.len(), 1);
        assert_eq!(body.members["x"].get(), "2");
        assert_eq!(body.data.unwrap().get(), r#"{"y":[1, 2]}"#);
    }

    #[test]
    fn what_is_no_name_is_no_call_and_never_another_name() {
        for text in
            ["{}", "[1]", r#"{"event":""}"#, r#"{"event":null}"#, r#"{"event":0}"#, r#"{"action":false}"#]
        {
            let body = parse(text);
            assert!(body.event.is_none() && body.action.is_none(), "{text}");
        }
        assert_eq!(parse(r#"{"event":["install"]}"#).event.as_deref(), Some(r#"["install"]"#));
        assert_eq!(parse(r#"{"event":12}"#).event.as_deref(), Some("12"));
    }

    #[test]
    fn what_is_no_object_is_refused_without_being_repeated() {
        for text in ["", "{", r#""secret""#, "null", "true", "{'a':1}", "{\"a\":1,}", "{} {}"] {
            let error = Body::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(Body::parse(b"\xef\xbb\xbf{}").is_ok());
        assert!(Body::parse(&[b'['; 20_000]).is_err());
    }

    #[test]
    fn captures_are_read_as_text_and_as_numbers() {
        #[derive(Deserialize, PartialEq, Debug)]
        struct Set {
            property: String,
            count: u8,
            rest: Option<String>,
        }
        let captures = [("property".to_owned(), "a&b=ü".to_owned()), ("count".to_owned(), "7".to_owned())];
        let set: Set = read_captures(&captures).unwrap();
        assert_eq!(set, Set { property: "a&b=ü".to_owned(), count: 7, rest: None });
        assert!(read_captures::<Set>(&captures[..1]).is_err());
    }

    #[test]
    fn a_bot_reply_is_found_inside_its_text() {
        let data =
            RawValue::from_string(r#"{"contact_id":1,"message":"{\"content\":\"hi\"}"}"#.to_owned()).unwrap();
        assert_eq!(read_bot_reply(Some(&data)).unwrap().content, "hi");
        let data = RawValue::from_string(r#"{"contact_id":1,"message":"hi"}"#.to_owned()).unwrap();
        assert_eq!(read_bot_reply(Some(&data)).unwrap().content, "hi");
    }
}
