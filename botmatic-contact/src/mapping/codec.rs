//! How a field's type and a property's value are turned into each other: by the type itself, as JSON text, by `Display`
//! and `FromStr`, or by the user's own two functions.

use std::fmt::{self, Write};
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::json;
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
        json::to_text(value)
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

/// As text, by `Display` and `FromStr`: `#[contact("colour", display)]`.
#[derive(Debug)]
pub enum Display {}

impl<T: fmt::Display + FromStr> Codec<T> for Display {
    const KIND: PropertyKind = PropertyKind::Text;

    fn encode(value: &T) -> Result<Value, ValueError> {
        let mut text = String::new();
        write!(text, "{value}").map_err(|_| ValueError::expected("a value that its `Display` can write"))?;
        Ok(Value::String(text))
    }

    fn decode(value: &Value) -> Result<T, ValueError> {
        // Its own error may quote the value.
        String::from_value(value)?
            .parse()
            .map_err(|_| ValueError::expected("a text that the `FromStr` of the field's type takes"))
    }
}

/// What the two functions of a user's module do: `#[contact("since", with = module)]`.
pub trait Conversion<T> {
    /// The kind of property that holds what `to_botmatic` returns.
    const KIND: PropertyKind;

    /// Writes a value by `to_botmatic`.
    fn encode(self, value: &T) -> Result<Value, ValueError>;

    /// Reads a value by `from_botmatic`.
    fn decode(self, value: &Value) -> Result<T, ValueError>;
}

/// The two functions.
#[derive(Debug)]
pub struct Functions<T, V, E> {
    to_botmatic: fn(&T) -> V,
    from_botmatic: fn(V) -> Result<T, E>,
}

impl<T, V, E> Copy for Functions<T, V, E> {}

impl<T, V, E> Clone for Functions<T, V, E> {
    fn clone(&self) -> Self {
        *self
    }
}

/// Takes the functions of a user's module. Both are named in this one place, so that the compiler finds what is wrong with
/// one of them once.
pub const fn conversion<T, V, E>(
    to_botmatic: fn(&T) -> V,
    from_botmatic: fn(V) -> Result<T, E>,
) -> Functions<T, V, E> {
    Functions { to_botmatic, from_botmatic }
}

impl<T, V: PropertyValue, E: Into<BoxError>> Conversion<T> for Functions<T, V, E> {
    const KIND: PropertyKind = V::KIND;

    fn encode(self, value: &T) -> Result<Value, ValueError> {
        (self.to_botmatic)(value).to_value()
    }

    fn decode(self, value: &Value) -> Result<T, ValueError> {
        (self.from_botmatic)(V::from_value(value)?)
            .map_err(|error| ValueError::expected("a value that `from_botmatic` accepts").because(error))
    }
}

/// The kind of property that a conversion makes.
pub const fn kind_of<T, C: Conversion<T> + Copy>(_: C) -> PropertyKind {
    C::KIND
}
