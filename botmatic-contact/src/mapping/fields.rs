//! Reading and writing one field after the other: what generated code calls.

use serde::Serialize;
use serde::ser::SerializeMap;

use super::codec::Codec;
use super::error::MappingError;
use super::patch::Change;
use crate::contact::{Properties, Property, Value};

impl Property {
    /// The property that holds a field of type `T`, written by `C`.
    #[doc(hidden)]
    #[must_use]
    pub const fn of<C: Codec<T>, T>(name: &'static str) -> Self {
        Self::new(name, C::KIND)
    }
}

/// What a field does when its property is cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The field cannot be empty.
    Required,
    /// The field is an `Option`.
    Optional,
    /// The field takes its type's default.
    Defaulted,
}

/// Reads properties into fields. Fields usually ask in the order in which the properties stand.
#[derive(Debug)]
pub struct Reader<'a> {
    properties: &'a Properties,
    next: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first property.
    #[must_use]
    pub const fn new(properties: &'a Properties) -> Self {
        Self { properties, next: 0 }
    }

    #[inline]
    fn get(&mut self, name: &str) -> Option<&'a Value> {
        let position = self.properties.position(name, self.next)?;
        self.next = position + 1;
        Some(self.properties.value_at(position))
    }

    /// A field that must have a value.
    #[inline]
    pub fn required<C: Codec<T>, T>(&mut self, name: &'static str) -> Result<T, MappingError> {
        match self.get(name) {
            None => Err(MappingError::missing(name)),
            Some(Value::Null) => Err(MappingError::not_nullable(name)),
            Some(value) => decode::<C, T>(name, value),
        }
    }

    /// A field that may be empty.
    #[inline]
    pub fn optional<C: Codec<T>, T>(&mut self, name: &'static str) -> Result<Option<T>, MappingError> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => decode::<C, T>(name, value).map(Some),
        }
    }

    /// A field that takes its type's default when it is empty.
    pub fn or_default<C: Codec<T>, T: Default>(&mut self, name: &'static str) -> Result<T, MappingError> {
        Ok(self.optional::<C, T>(name)?.unwrap_or_default())
    }

    /// The change to a field.
    pub fn change<C: Codec<T>, T>(
        &mut self,
        name: &'static str,
        presence: Presence,
    ) -> Result<Change<T>, MappingError> {
        match self.get(name) {
            None => Ok(Change::Keep),
            Some(Value::Null) if presence == Presence::Required => Err(MappingError::not_nullable(name)),
            Some(Value::Null) => Ok(Change::Clear),
            Some(value) => decode::<C, T>(name, value).map(Change::Set),
        }
    }
}

fn decode<C: Codec<T>, T>(name: &'static str, value: &Value) -> Result<T, MappingError> {
    C::decode(value).map_err(|error| MappingError::value(name, error))
}

/// Writes fields into properties.
#[derive(Debug)]
pub struct Writer(Properties);

impl Writer {
    /// Starts with room for `capacity` properties.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Properties::with_capacity(capacity))
    }

    /// A field that has a value.
    pub fn required<C: Codec<T>, T>(&mut self, name: &'static str, value: &T) -> Result<(), MappingError> {
        let value = C::encode(value).map_err(|error| MappingError::value(name, error))?;
        self.0.push(name, value);
        Ok(())
    }

    /// A field that may be empty, and is absent then.
    pub fn optional<C: Codec<T>, T>(
        &mut self,
        name: &'static str,
        value: &Option<T>,
    ) -> Result<(), MappingError> {
        match value {
            Some(value) => self.required::<C, T>(name, value),
            None => Ok(()),
        }
    }

    /// The change to a field.
    pub fn change<C: Codec<T>, T>(
        &mut self,
        name: &'static str,
        change: &Change<T>,
    ) -> Result<(), MappingError> {
        match change {
            Change::Keep => {}
            Change::Clear => self.0.push(name, Value::Null),
            Change::Set(value) => self.required::<C, T>(name, value)?,
        }
        Ok(())
    }

    /// The properties that were written.
    #[must_use]
    pub fn finish(self) -> Properties {
        self.0
    }
}

/// Brings properties into canonical form, one field after the other. What is not mapped is left out.
#[derive(Debug)]
pub struct Canonical {
    properties: Properties,
    next: usize,
    canonical: Properties,
}

impl Canonical {
    /// Starts at the first property, with room for `capacity` fields.
    #[must_use]
    pub fn new(properties: Properties, capacity: usize) -> Self {
        Self { properties, next: 0, canonical: Properties::with_capacity(capacity) }
    }

    /// What is said of a field: nothing, that it is cleared, or a value.
    pub fn field<C: Codec<T>, T>(
        &mut self,
        name: &'static str,
        presence: Presence,
    ) -> Result<(), MappingError> {
        let Some(position) = self.properties.position(name, self.next) else { return Ok(()) };
        self.next = position + 1;
        let value = match self.properties.take_at(position) {
            Value::Null if presence == Presence::Required => return Err(MappingError::not_nullable(name)),
            Value::Null => Value::Null,
            value => C::canonical(value).map_err(|error| MappingError::value(name, error))?,
        };
        self.canonical.push(name, value);
        Ok(())
    }

    /// The properties in canonical form.
    #[must_use]
    pub fn finish(self) -> Properties {
        self.canonical
    }
}

/// Writes one field of a patch under its serde name: nothing, `null`, or the value.
pub fn serialize_change<M: SerializeMap, T: Serialize>(
    map: &mut M,
    name: &'static str,
    change: &Change<T>,
) -> Result<(), M::Error> {
    serialize_change_with(map, name, change, |value| value)
}

/// The same for a field that has a serde function of its own.
pub fn serialize_change_with<'a, M: SerializeMap, T, S: Serialize>(
    map: &mut M,
    name: &'static str,
    change: &'a Change<T>,
    wrap: impl FnOnce(&'a T) -> S,
) -> Result<(), M::Error> {
    match change {
        Change::Keep => Ok(()),
        Change::Clear => map.serialize_entry(name, &()),
        Change::Set(value) => map.serialize_entry(name, &wrap(value)),
    }
}
