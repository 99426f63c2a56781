//! A contact of the service, and what it is on Botmatic.
//!
//! The service takes whatever it is given: a number may be a text, and a text a number, and what was never set is missing
//! or null. So a contact can always be read, with its members as they are; what does not fit is found when it is mapped,
//! and is then a matter of that one contact.

use botmatic_contact::prelude::*;
use botmatic_contact::{PropertyKind, PropertyValue, ValueError};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A contact, in the service's own terms. Members that it has beside these are left alone.
#[derive(Clone, Deserialize, ContactMapping)]
pub(crate) struct Person {
    #[contact(id)]
    #[serde(default, deserialize_with = "id")]
    pub(crate) id: Option<ExternalId>,
    #[contact("firstname")]
    prenom: Option<Text>,
    #[contact("lastname")]
    nom: Option<Text>,
    #[contact("email", email)]
    email: Option<Text>,
    #[contact("phone")]
    telephone: Option<Text>,
    #[contact("signup_date")]
    #[serde(default, deserialize_with = "empty_is_none")]
    date_inscription: Option<Moment>,
    #[contact("validation")]
    #[serde(default, deserialize_with = "empty_is_none")]
    validation: Option<Number>,
    #[contact("account")]
    compte: Option<Text>,
    #[contact("origin")]
    provenance: Option<Text>,
    #[contact("school", json)]
    etablissement: Option<Value>,
    #[contact("demarches", json)]
    demarches: Option<Value>,
}

impl Person {
    /// Whether that is the address. Letter case and space around it do not matter.
    pub(crate) fn has_email(&self, email: &str) -> bool {
        let own = self.email.as_ref().and_then(|Text(own)| own.as_str());
        own.is_some_and(|own| own.trim().to_lowercase() == email.trim().to_lowercase())
    }
}

/// A text, maybe one of digits that became a number.
#[derive(Clone, Serialize, Deserialize)]
struct Text(Value);

impl PropertyValue for Text {
    const KIND: PropertyKind = PropertyKind::Text;

    fn to_value(&self) -> Result<Value, ValueError> {
        String::from_value(&self.0)?.to_value()
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        Ok(Self(String::from_value(value)?.into()))
    }
}

/// A number, maybe in a text; a yes or no is 1 or 0.
#[derive(Clone, Serialize, Deserialize)]
struct Number(Value);

impl PropertyValue for Number {
    const KIND: PropertyKind = PropertyKind::Number;

    fn to_value(&self) -> Result<Value, ValueError> {
        if let Some(yes) = self.0.as_bool() {
            return i64::from(yes).to_value();
        }
        i64::from_value(&self.0)
            .and_then(|whole| whole.to_value())
            .or_else(|_| f64::from_value(&self.0)?.to_value())
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        Self(value.clone()).to_value().map(Self)
    }
}

/// A date and time as in `2018-02-09 12:44:26`, in UTC.
#[derive(Clone, Serialize, Deserialize)]
struct Moment(Value);

impl PropertyValue for Moment {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        let expected = |_| ValueError::expected("a date and time as in `2018-02-09 12:44:26`");
        jiff::Timestamp::from_value(&self.0).map_err(expected)?.to_value()
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        let moment = jiff::Timestamp::from_value(value)?;
        Ok(Self(moment.strftime("%Y-%m-%d %H:%M:%S").to_string().into()))
    }
}

/// What cannot be an id is none, and its contact one that cannot be kept in step.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ExternalId>, D::Error> {
    Ok(ExternalId::deserialize(Value::deserialize(deserializer)?).ok())
}

/// An empty text is a text, but neither a number nor a date.
fn empty_is_none<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Ok(None);
    }
    T::deserialize(value).map(Some).map_err(serde::de::Error::custom)
}
