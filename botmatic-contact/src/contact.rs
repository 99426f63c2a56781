//! What a contact is on Botmatic: an id, and properties by name.
//!
//! Values are kept as they came; what they mean to a Rust type is the business of [`mapping`](crate::mapping).

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
pub use serde_json::Value;

use crate::id::ContactId;

/// A contact as Botmatic tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// Botmatic's id.
    pub id: ContactId,
    /// Everything else that was said of the contact.
    pub properties: Properties,
}

/// Properties of a contact by name, in the order in which they were added; each name occurs once.
///
/// Where properties say what is to be written, the three cases stay apart: a name that does not occur is *absent* and
/// is left alone, [`Value::Null`] is *cleared*, anything else is *set*.
///
/// `Debug` prints the names and never the values: those are personal data.
///
/// ```
/// # use botmatic_contact::Properties;
/// let mut properties = Properties::from_iter([("firstname", "Ada"), ("phone", "0612345678")]);
/// properties.set("phone", serde_json::Value::Null);
/// assert_eq!(serde_json::to_string(&properties)?, r#"{"firstname":"Ada","phone":null}"#);
/// assert_eq!(format!("{properties:?}"), "{firstname, phone}");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Properties(Vec<(Cow<'static, str>, Value)>);

impl Properties {
    /// No properties yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No properties yet, with room for `capacity`.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// The value of a property, if it occurs.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.position(name, 0).map(|position| &self.0[position].1)
    }

    /// Sets a property: in its old place if the name occurs already, else at the end.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let name = name.into();
        match self.position(&name, 0) {
            Some(position) => self.0[position].1 = value.into(),
            None => self.0.push((name, value.into())),
        }
    }

    /// Takes a property out, so that it is absent.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.position(name, 0).map(|position| self.0.remove(position).1)
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// How many names occur.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no name occurs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a name that is known not to occur yet.
    #[inline]
    pub(crate) fn push(&mut self, name: &'static str, value: Value) {
        self.0.push((Cow::Borrowed(name), value));
    }

    /// The place of a name, looked for from `start` on and then from the beginning: who reads the names in the order
    /// in which they were written finds each at once.
    #[inline]
    pub(crate) fn position(&self, name: &str, start: usize) -> Option<usize> {
        match self.0.get(start) {
            Some((candidate, _)) if candidate == name => Some(start),
            _ => self.position_elsewhere(name, start),
        }
    }

    fn position_elsewhere(&self, name: &str, start: usize) -> Option<usize> {
        let (before, after) = self.0.split_at_checked(start).unwrap_or((&self.0, &[]));
        let found = |(candidate, _): &(Cow<'static, str>, Value)| candidate == name;
        let position = after.iter().skip(1).position(found).map(|offset| start + 1 + offset);
        position.or_else(|| before.iter().position(found))
    }

    /// Takes the value at a place, which is null afterwards.
    pub(crate) fn take_at(&mut self, position: usize) -> Value {
        self.0[position].1.take()
    }

    /// The value at a place that [`position`](Self::position) gave.
    pub(crate) fn value_at(&self, position: usize) -> &Value {
        &self.0[position].1
    }
}

/// Equal when the same names have the same values, whatever the order.
impl PartialEq for Properties {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<Value>> FromIterator<(N, V)> for Properties {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> Self {
        let mut properties = Self::new();
        properties.extend(entries);
        properties
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<Value>> Extend<(N, V)> for Properties {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, entries: I) {
        for (name, value) in entries {
            self.set(name, value);
        }
    }
}

impl IntoIterator for Properties {
    type Item = (Cow<'static, str>, Value);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(|(name, _)| format_args_display(name));
        formatter.debug_set().entries(names).finish()
    }
}

/// A name that debug-prints without quotes.
fn format_args_display(name: &str) -> impl fmt::Debug {
    struct Bare<'a>(&'a str);
    impl fmt::Debug for Bare<'_> {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.0)
        }
    }
    Bare(name)
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (name, value) in self.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Naming(&[]).deserialize(deserializer)
    }
}

/// Of so many properties it is written down where they are while they are read: who calls decides how many there are.
const MANY: usize = 64;

/// Reads properties, and copies no name that is that of one of these.
pub(crate) struct Naming<'k>(pub(crate) &'k [Property]);

impl<'de> DeserializeSeed<'de> for Naming<'_> {
    type Value = Properties;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Properties, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Naming<'_> {
    type Value = Properties;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of properties by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
        let mut properties = Properties::with_capacity(map.size_hint().unwrap_or(16));
        while properties.len() < MANY {
            let Some(name) = map.next_key_seed(Name(self.0))? else { return Ok(properties) };
            properties.set(name, map.next_value::<Value>()?);
        }
        let names = properties.0.iter().map(|(name, _)| name.clone());
        let mut places: HashMap<_, _> = names.zip(0..).collect();
        while let Some(name) = map.next_key_seed(Name(self.0))? {
            let value = map.next_value::<Value>()?;
            match places.entry(name) {
                Entry::Occupied(place) => properties.0[*place.get()].1 = value,
                Entry::Vacant(place) => {
                    properties.0.push((place.key().clone(), value));
                    place.insert(properties.0.len() - 1);
                }
            }
        }
        Ok(properties)
    }
}

/// Reads one name.
struct Name<'k>(&'k [Property]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Cow<'static, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Cow<'static, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a property")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let known = self.0.iter().find(|property| property.name == name);
        Ok(known.map_or_else(|| Cow::Owned(name.to_owned()), |property| property.name.clone()))
    }
}

/// A property as Botmatic lists it: the name under which contacts hold a value, and the kind of that value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// The name, unique in a workspace.
    pub name: Cow<'static, str>,
    /// What its values are.
    pub kind: PropertyKind,
    /// Which way a mapping carries them; Botmatic itself knows nothing of that.
    pub access: Access,
    /// Whose word counts where both sides said something else than was agreed; the last one's if it is nobody's. Botmatic
    /// knows nothing of that.
    pub owner: Option<Owner>,
    /// The only texts that a mapping takes for a value; none where it takes others, too. Botmatic knows nothing of that.
    pub choices: &'static [&'static str],
}

impl Property {
    pub(crate) fn goes_both_ways(&self) -> bool {
        self.access == Access::ReadWrite
    }

    /// A property with a name and a kind, whose values go both ways.
    #[must_use]
    pub const fn new(name: &'static str, kind: PropertyKind) -> Self {
        Self { name: Cow::Borrowed(name), kind, access: Access::ReadWrite, owner: None, choices: &[] }
    }
}

/// What the external service lets be done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Access {
    /// It tells the value and takes it: the property goes both ways.
    #[default]
    ReadWrite,
    /// It tells the value and does not take it: the property goes to Botmatic, and what is said of it there stays there.
    ReadOnly,
    /// It takes the value and does not tell it: the property comes from Botmatic, and is neither set nor cleared there.
    WriteOnly,
}

/// The side whose word on a property counts where the two contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// What Botmatic said.
    Botmatic,
    /// What the external service said.
    External,
}

/// The kinds of property that Botmatic knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PropertyKind {
    /// Any text; also what has no kind of its own: booleans, and structured values as JSON text.
    Text,
    /// A number.
    Number,
    /// A date or a moment, as text in ISO 8601.
    Date,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_occurs_once_and_the_last_value_counts() {
        let properties: Properties = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(serde_json::to_string(&properties).unwrap(), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn of_many_names_each_occurs_once_too() {
        let names = |at_most: u32| (0..at_most).map(|number| format!("\"{number}\":{number}"));
        let again = ["\"3\":\"again\"", "\"300\":\"again\"", "\"new\":1"].map(str::to_owned);
        let body = format!("{{{}}}", names(400).chain(again).collect::<Vec<_>>().join(","));
        let properties: Properties = serde_json::from_str(&body).unwrap();
        assert_eq!(properties.len(), 401);
        assert_eq!(
            (properties.get("3"), properties.get("300")),
            (Some(&"again".into()), Some(&"again".into()))
        );
        let in_order: Vec<_> = properties.iter().map(|(name, _)| name).collect();
        assert_eq!((in_order[3], in_order[300], in_order[400]), ("3", "300", "new"));
    }

    /// Comparing each of these names with all others would take minutes.
    #[test]
    fn a_large_body_takes_no_longer_for_a_name_than_a_small_one() {
        let body: String = (0..200_000).map(|number| format!(",\"{number}\":0")).collect();
        let properties: Properties = serde_json::from_str(&format!("{{{}}}", &body[1..])).unwrap();
        assert_eq!(properties.len(), 200_000);
    }

    #[test]
    fn equality_looks_at_names_and_not_at_order() {
        let one = Properties::from_iter([("a", 1), ("b", 2)]);
        let two = Properties::from_iter([("b", 2), ("a", 1)]);
        assert_eq!(one, two);
        assert_ne!(one, Properties::from_iter([("a", 1)]));
        assert_ne!(one, Properties::from_iter([("a", Value::from(1)), ("b", Value::Null)]));
    }

    #[test]
    fn absent_cleared_and_set_stay_apart_on_the_wire() {
        let properties: Properties = serde_json::from_str(r#"{"cleared":null,"set":"","zero":0}"#).unwrap();
        assert_eq!(properties.get("absent"), None);
        assert_eq!(properties.get("cleared"), Some(&Value::Null));
        assert_eq!(properties.get("set"), Some(&Value::from("")));
        assert_eq!(properties.get("zero"), Some(&Value::from(0)));
    }
}
