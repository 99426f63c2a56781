//! How a field's type and a property's value are turned into each other: by the type itself, as JSON text, or by the
//! user's own two functions.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::value::{PropertyValue, ValueError};
use crate::contact::{PropertyKind, Value};
use crate::error::BoxError;

/// A way to write values of `T` to a property and to read them back.
pub trait Codec<T> {
    /// The kind of property that holds them.
    const KIND: PropertyKind;

    /// The only texts that it reads, where they are few.
    const CHOICES: &'static [&'static str] = &[];

    /// The value in its one canonical form.
    fn encode(value: &T) -> Result<Value, ValueError>;

    /// The value that was written.
    fn decode(value: &Value) -> Result<T, ValueError>;

    /// The same value in its one canonical form.
    fn canonical(value: Value) -> Result<Value, ValueError> {
        Self::encode(&Self::decode(&value)?)
    }
}

/// The type says itself how it is written.
#[derive(Debug)]
pub enum Plain {}

impl<T: PropertyValue> Codec<T> for Plain {
    const KIND: PropertyKind = T::KIND;
    const CHOICES: &'static [&'static str] = T::CHOICES;

    fn encode(value: &T) -> Result<Value, ValueError> {
        value.to_value()
    }

    fn decode(value: &Value) -> Result<T, ValueError> {
        T::from_value(value)
    }

    fn canonical(value: Value) -> Result<Value, ValueError> {
        T::canonical(value)
    }
}

/// A structured value, as JSON text: `#[contact("school", json)]`.
#[derive(Debug)]
pub enum Json {}

impl<T: Serialize + DeserializeOwned> Codec<T> for Json {
    const KIND: PropertyKind = PropertyKind::Text;

    fn encode(value: &T) -> Result<Value, ValueError> {
        serde_json::to_string(value)
            .map(Value::String)
            .map_err(|error| ValueError::expected("a value that JSON can hold").because(error))
    }

    /// Also takes the structure itself: a platform that reads the text for us loses us nothing.
    #[inline]
    fn decode(value: &Value) -> Result<T, ValueError> {
        match value {
            Value::String(text) => serde_json::from_str(text),
            structure => T::deserialize(structure),
        }
        .map_err(|error| no_structure(&error))
    }
}

/// serde quotes the value it did not expect; only the place is kept.
#[cold]
fn no_structure(error: &serde_json::Error) -> ValueError {
    let place = format!("line {}, column {}", error.line(), error.column());
    ValueError::expected("JSON text of the field's structure").because(place)
}

/// The kind of property that the user's `to_botmatic` makes: that of the type it returns.
pub const fn kind_of<T, V: PropertyValue>(_: fn(&T) -> V) -> PropertyKind {
    V::KIND
}

/// Writes a value by the user's `to_botmatic`.
pub fn encode_with<T, V: PropertyValue>(
    value: &T,
    to_botmatic: impl FnOnce(&T) -> V,
) -> Result<Value, ValueError> {
    to_botmatic(value).to_value()
}

/// Reads a value by the user's `from_botmatic`.
pub fn decode_with<T, V: PropertyValue, E: Into<BoxError>>(
    value: &Value,
    from_botmatic: impl FnOnce(V) -> Result<T, E>,
) -> Result<T, ValueError> {
    from_botmatic(V::from_value(value)?)
        .map_err(|error| ValueError::expected("a value that `from_botmatic` accepts").because(error))
}
