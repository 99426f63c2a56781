//! The two kinds of contact id, and what a struct's own id field has to be able to do.
//!
//! Both services number their contacts as they like: with numbers or with text. An id keeps the form it came in, so
//! that it goes back the same way, but two ids are equal when their text is: `9001` and `"9001"` name one contact.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::ser::{Serialize, Serializer};

#[derive(Clone)]
struct Id {
    text: Arc<str>,
    numeric: bool,
}

impl Id {
    fn text(text: String) -> Self {
        Self { text: text.into(), numeric: false }
    }

    fn number(number: &impl ToString) -> Self {
        Self { text: number.to_string().into(), numeric: true }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.numeric {
            if let Ok(number) = self.text.parse::<u64>() {
                return serializer.serialize_u64(number);
            }
            if let Ok(number) = self.text.parse::<i64>() {
                return serializer.serialize_i64(number);
            }
        }
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;

        impl Visitor<'_> for IdVisitor {
            type Value = Id;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an id: a whole number or a text that is not empty")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Id, E> {
                Ok(Id::number(&number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Id, E> {
                Ok(Id::number(&number))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Id, E> {
                self.visit_string(text.to_owned())
            }

            fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Id, E> {
                if text.is_empty() {
                    return Err(E::custom("an id must not be empty"));
                }
                Ok(Id::text(text))
            }
        }

        deserializer.deserialize_any(IdVisitor).map_err(D::Error::custom)
    }
}

macro_rules! id_type {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        #[derive(Clone)]
        pub struct $name(Id);

        impl $name {
            /// The id as text, however it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0.text
            }

            /// Whether it came as a number, and so goes back as one.
            #[must_use]
            pub fn is_number(&self) -> bool {
                self.0.numeric
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Id::text(text))
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Id::text(text.to_owned()))
            }
        }

        impl From<u64> for $name {
            fn from(number: u64) -> Self {
                Self(Id::number(&number))
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(Id::number(&number))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Id::deserialize(deserializer).map(Self)
            }
        }
    };
}

id_type! {
    /// Botmatic's id of a contact. The same person has an [`ExternalId`] on the other side; mixing the two does not
    /// compile.
    ///
    /// ```
    /// # use botmatic_contact::ContactId;
    /// let as_number: ContactId = serde_json::from_str("9001")?;
    /// let as_text: ContactId = serde_json::from_str("\"9001\"")?;
    /// assert_eq!(as_number, as_text);
    /// assert_eq!(serde_json::to_string(&as_number)?, "9001");
    /// assert_eq!(serde_json::to_string(&as_text)?, "\"9001\"");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// ```compile_fail,E0308
    /// # use botmatic_contact::{ContactId, ExternalId};
    /// fn delete(_id: &ExternalId) {}
    /// delete(&ContactId::from(9001_u64));
    /// ```
    ContactId
}

id_type! {
    /// The external service's id of a contact. The same person has a [`ContactId`] on Botmatic.
    ExternalId
}

id_type! {
    /// The id of a bot on Botmatic.
    BotId
}

/// What the field marked `#[contact(id)]` has to be: a text (`String`, `Box<str>`, `Arc<str>`, `Cow<'static, str>`), a
/// whole number, with the feature `uuid` a `Uuid`, an `Option` of one, or a struct around one that
/// [derives](derive@crate::IdValue) this. `NonZero` is none, since there has to be a value for a contact without an id.
///
/// A contact that does not exist on the external service yet has no id. The field then holds
/// [`unassigned`](Self::unassigned): `0`, `""` or `None`; the id that counts is the one that
/// [`create_contact`](crate::ExternalApiConsumer::create_contact) returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the id of a contact",
    label = "the external id is a text or a whole number",
    note = "use `String`, an integer, `ExternalId`, an `Option` of one, or a struct around one with `#[derive(IdValue)]`",
    note = "an id is written in one way only; a float, of which `1`, `1.0` and `1e0` are the same, is not"
)]
pub trait IdValue: Sized {
    /// The id, or `None` for a contact that has none yet. A number is always taken for an id, `0` too: use an
    /// `Option` where contacts without an id are handed over.
    fn to_external_id(&self) -> Option<ExternalId>;

    /// What stands in the field before the external service has given an id.
    fn unassigned() -> Self;
}

macro_rules! text_ids {
    ($($text:ty),*) => {$(
        impl IdValue for $text {
            fn to_external_id(&self) -> Option<ExternalId> {
                (!self.is_empty()).then(|| ExternalId::from(&**self))
            }

            fn unassigned() -> Self {
                Self::from("")
            }
        }
    )*};
}

text_ids!(String, Box<str>, Arc<str>, Cow<'static, str>);

impl IdValue for ExternalId {
    fn to_external_id(&self) -> Option<ExternalId> {
        (!self.as_str().is_empty()).then(|| self.clone())
    }

    fn unassigned() -> Self {
        Self::from("")
    }
}

impl<T: IdValue> IdValue for Option<T> {
    fn to_external_id(&self) -> Option<ExternalId> {
        self.as_ref()?.to_external_id()
    }

    fn unassigned() -> Self {
        None
    }
}

macro_rules! integer_ids {
    ($($integer:ty),*) => {$(
        impl IdValue for $integer {
            fn to_external_id(&self) -> Option<ExternalId> {
                Some(ExternalId(Id::number(self)))
            }

            fn unassigned() -> Self {
                0
            }
        }
    )*};
}

integer_ids!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_the_form_it_came_in() {
        for wire in ["0", "9001", "-4", "\"9001\"", "\"a/b?c\"", "18446744073709551615"] {
            let id: ExternalId = serde_json::from_str(wire).unwrap();
            assert_eq!(serde_json::to_string(&id).unwrap(), wire);
        }
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for wire in ["null", "1.5", "true", "\"\"", "[1]", "{}"] {
            assert!(serde_json::from_str::<ContactId>(wire).is_err(), "{wire}");
        }
    }

    #[test]
    fn a_field_without_an_id_yet_has_no_external_id() {
        assert_eq!(String::unassigned().to_external_id(), None);
        assert_eq!(Option::<u64>::unassigned().to_external_id(), None);
        assert_eq!(Arc::<str>::unassigned().to_external_id(), None);
        assert_eq!(Cow::Borrowed("a7").to_external_id(), Some(ExternalId::from("a7")));
        assert_eq!(7_u64.to_external_id(), Some(ExternalId::from(7_u64)));
        assert_eq!(Some(7_i32).to_external_id().map(|id| id.is_number()), Some(true));
    }
}
