//! Reading and writing one field after the other: what generated code calls.

use serde::Serialize;
use serde::ser::SerializeMap;

use super::codec::Codec;
use super::error::MappingError;
use super::patch::Change;
use crate::contact::{Access, Owner, Properties, Property, PropertyKind, Value};

impl Property {
    /// The property that holds a field of type `T`, written by `C`.
    #[doc(hidden)]
    #[must_use]
    pub const fn of<C: Codec<T>, T>(name: &'static str) -> Self {
        let mut property = Self::new(name, C::KIND);
        property.choices = C::CHOICES;
        property
    }

    /// The same property that goes one way only.
    #[doc(hidden)]
    #[must_use]
    pub const fn one_way(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// The same property, on which one side has the last word.
    #[doc(hidden)]
    #[must_use]
    pub const fn owned(mut self, owner: Owner) -> Self {
        self.owner = Some(owner);
        self
    }
}

/// The name of the property by which contacts are found.
#[track_caller]
#[must_use]
pub const fn email_of<C: Codec<T>, T>(name: &'static str) -> &'static str {
    assert!(
        matches!(C::KIND, PropertyKind::Text),
        "an e-mail address is text, and the field marked `email` holds none; make it a `String` or an `Option<String>`"
    );
    name
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

/// The first thing that went wrong. What reads and writes goes on after it, so that generated code need not look at every
/// single field; what it makes then is thrown away at the end. (A contact is read field by field: it is large, and its
/// fields cannot be left open.)
#[derive(Debug, Default)]
struct Failure(Option<MappingError>);

impl Failure {
    /// The value of a result, if it has one.
    #[inline]
    fn unless<T>(&mut self, result: Result<T, MappingError>) -> Option<T> {
        result.map_err(|error| self.note(error)).ok()
    }

    #[cold]
    fn note(&mut self, error: MappingError) {
        self.0.get_or_insert(error);
    }

    #[inline]
    fn or<T>(self, whole: T) -> Result<T, MappingError> {
        self.0.map_or(Ok(whole), Err)
    }
}

/// Reads properties into fields. Fields usually ask in the order in which the properties stand.
#[derive(Debug)]
pub struct Reader<'a> {
    properties: &'a Properties,
    next: usize,
    failure: Failure,
}

impl<'a> Reader<'a> {
    /// Starts at the first property.
    #[must_use]
    pub const fn new(properties: &'a Properties) -> Self {
        Self { properties, next: 0, failure: Failure(None) }
    }

    #[inline]
    fn get(&mut self, name: &str) -> Option<&'a Value> {
        let position = self.properties.position(name, self.next)?;
        self.next = position + 1;
        Some(self.properties.value_at(position))
    }

    /// A field that must have a value.
    ///
    /// # Errors
    /// When there is none, or it does not fit.
    #[inline]
    pub fn required<C: Codec<T>, T>(&mut self, name: &'static str) -> Result<T, MappingError> {
        match self.get(name) {
            None => Err(MappingError::missing(name)),
            Some(Value::Null) => Err(MappingError::not_nullable(name)),
            Some(value) => decode::<C, T>(name, value),
        }
    }

    /// A field that may be empty.
    ///
    /// # Errors
    /// When its value does not fit.
    #[inline]
    pub fn optional<C: Codec<T>, T>(&mut self, name: &'static str) -> Result<Option<T>, MappingError> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => decode::<C, T>(name, value).map(Some),
        }
    }

    /// A field that takes its type's default when it is empty.
    ///
    /// # Errors
    /// When its value does not fit.
    pub fn optional_or<C: Codec<T>, T>(
        &mut self,
        name: &'static str,
        default: fn() -> T,
    ) -> Result<T, MappingError> {
        Ok(self.optional::<C, T>(name)?.unwrap_or_else(default))
    }

    /// The change to a field.
    pub fn change<C: Codec<T>, T>(&mut self, name: &'static str, presence: Presence) -> Change<T> {
        match self.get(name) {
            None => Change::Keep,
            Some(Value::Null) => {
                if presence == Presence::Required {
                    self.failure.note(MappingError::not_nullable(name));
                }
                Change::Clear
            }
            Some(value) => self.failure.unless(decode::<C, T>(name, value)).map_or(Change::Keep, Change::Set),
        }
    }

    /// What was made of the changes.
    ///
    /// # Errors
    /// When a value does not fit its field, or a field that is required is cleared.
    pub fn finish<T>(self, patch: T) -> Result<T, MappingError> {
        self.failure.or(patch)
    }
}

fn decode<C: Codec<T>, T>(name: &'static str, value: &Value) -> Result<T, MappingError> {
    C::decode(value).map_err(|error| MappingError::value(name, error))
}

/// Writes fields into properties.
#[derive(Debug)]
pub struct Writer {
    properties: Properties,
    failure: Failure,
}

impl Writer {
    /// Starts with room for `capacity` properties.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { properties: Properties::with_capacity(capacity), failure: Failure::default() }
    }

    /// A field that has a value.
    pub fn required<C: Codec<T>, T>(&mut self, name: &'static str, value: &T) {
        let value = C::encode(value).map_err(|error| MappingError::value(name, error));
        if let Some(value) = self.failure.unless(value) {
            self.properties.push(name, value);
        }
    }

    /// A field that may be empty, and is absent then.
    pub fn optional<C: Codec<T>, T>(&mut self, name: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.required::<C, T>(name, value);
        }
    }

    /// The change to a field.
    pub fn change<C: Codec<T>, T>(&mut self, name: &'static str, change: &Change<T>) {
        match change {
            Change::Keep => {}
            Change::Clear => self.properties.push(name, Value::Null),
            Change::Set(value) => self.required::<C, T>(name, value),
        }
    }

    /// The properties that were written.
    ///
    /// # Errors
    /// When a value could not be written.
    pub fn finish(self) -> Result<Properties, MappingError> {
        self.failure.or(self.properties)
    }
}

/// Brings properties into canonical form, one field after the other. What is not mapped is left out.
#[derive(Debug)]
pub struct Canonical {
    properties: Properties,
    next: usize,
    canonical: Properties,
    failure: Failure,
}

impl Canonical {
    /// Starts at the first property, with room for `capacity` fields.
    #[must_use]
    pub fn new(properties: Properties, capacity: usize) -> Self {
        let canonical = Properties::with_capacity(capacity);
        Self { properties, next: 0, canonical, failure: Failure::default() }
    }

    /// What is said of a field: nothing, that it is cleared, or a value.
    pub fn field<C: Codec<T>, T>(&mut self, name: &'static str, presence: Presence) {
        let Some(position) = self.properties.position(name, self.next) else { return };
        self.next = position + 1;
        let value = match self.properties.take_at(position) {
            Value::Null if presence == Presence::Required => Err(MappingError::not_nullable(name)),
            Value::Null => Ok(Value::Null),
            value => C::canonical(value).map_err(|error| MappingError::value(name, error)),
        };
        if let Some(value) = self.failure.unless(value) {
            self.canonical.push(name, value);
        }
    }

    /// The properties in canonical form.
    ///
    /// # Errors
    /// When a value does not fit its field, or a field that is required is cleared.
    pub fn finish(self) -> Result<Properties, MappingError> {
        self.failure.or(self.canonical)
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
