//! One field of each type, without a transform.

use botmatic_contact::prelude::*;
use botmatic_contact::{Properties, PropertyValue};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Came, Direction};

/// A contact with a field of a type.
#[derive(Serialize, Deserialize, ContactMapping)]
struct Plain<T>
where
    T: PropertyValue + Send + Sync + 'static,
{
    #[contact(id)]
    #[serde(skip)]
    id: u64,
    value: Option<T>,
}

/// A contact with a structured field.
#[derive(Serialize, Deserialize, ContactMapping)]
struct Structured {
    #[contact(id)]
    #[serde(skip)]
    id: u64,
    #[contact("value", json)]
    value: Option<Value>,
}

/// What becomes of the value of a field, whose type was declared or is that of the value.
pub(super) fn replayed(declared: Option<&str>, direction: Direction, value: &Value) -> Came {
    match (declared, value) {
        (Some("bogus"), _) => Came::Impossible,
        (Some("text"), _) | (None, Value::String(_)) => through::<Plain<String>>(direction, value),
        (Some("number"), _) | (None, Value::Number(_)) => through::<Plain<f64>>(direction, value),
        (Some("date"), _) => through::<Plain<Date>>(direction, value),
        (None, Value::Bool(_)) => through::<Plain<bool>>(direction, value),
        _ => through::<Structured>(direction, value),
    }
}

/// Sends a value through a contact whose only field is called `value`, under both names.
pub(super) fn through<M>(direction: Direction, value: &Value) -> Came
where
    M: ContactMapping + Serialize + DeserializeOwned,
{
    let value = json!({ "value": value });
    let out = match direction {
        Direction::Writing => serde_json::from_value::<M>(value).ok().and_then(|contact| written(&contact)),
        Direction::Reading => {
            let properties: Properties = serde_json::from_value(value).unwrap();
            M::from_properties(&properties).ok().map(|contact| serde_json::to_value(contact).unwrap())
        }
    };
    out.map_or(Came::Refused, |mut out| match out["value"].take() {
        Value::Null => Came::Absent,
        value => Came::Out(value),
    })
}

fn written<M: ContactMapping>(contact: &M) -> Option<Value> {
    contact.to_properties().ok().map(|properties| serde_json::to_value(properties).unwrap())
}

/// What becomes of a value that only JavaScript has; some have a like in Rust, and none comes from Botmatic.
pub(super) fn without_json(direction: Direction, value: &Value) -> Came {
    let out = match (direction, value["$number"].as_str(), moment(&value["$date"])) {
        (Direction::Writing, Some(number), _) => {
            written(&Plain { id: 0, value: Some(number.parse::<f64>().unwrap()) })
        }
        (Direction::Writing, _, Value::String(moment)) => {
            written(&Plain { id: 0, value: Some(moment.parse::<Timestamp>().unwrap()) })
        }
        _ => return Came::Impossible,
    };
    out.map_or(Came::Refused, |mut out| Came::Out(out["value"].take()))
}

/// A date of JavaScript as text; null if it is none.
pub(super) fn moment(date: &Value) -> Value {
    let moment = date.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    moment.map_or(Value::Null, |moment| moment.to_string().into())
}
