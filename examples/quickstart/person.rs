//! A person, in the external service's own terms. How one is mapped to a contact is said here; how one is kept and
//! served is the service's business.

use botmatic_contact::prelude::*;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// One person of the address book. A member this type does not have is refused: nothing is dropped on the way in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, ContactMapping)]
#[serde(deny_unknown_fields)]
pub(crate) struct Person {
    /// The service's id, given by the service and never used for anybody else.
    #[contact(id)]
    pub(crate) id: String,
    /// The given name; empty for those who have one name only.
    pub(crate) first_name: String,
    /// What stands between the two.
    #[serde(default)]
    pub(crate) middle_name: Option<String>,
    /// The family name, or the only one.
    pub(crate) last_name: String,
    /// What follows the name, such as `Jr.`
    #[serde(default)]
    pub(crate) suffix: Option<String>,
    /// What friends say.
    #[serde(default)]
    pub(crate) nickname: Option<String>,
    /// The day of birth.
    #[serde(default)]
    pub(crate) birthday: Option<Date>,
    /// In the service's own letters.
    #[serde(default)]
    pub(crate) gender: Option<String>,
    /// Where mail reaches them; by this an existing contact is found.
    #[serde(default)]
    #[contact("email", email)]
    pub(crate) email: Option<String>,
    /// A number to call. Text, though some consist of digits.
    #[serde(default)]
    pub(crate) phone: Option<String>,
    /// A number to send paper to.
    #[serde(default)]
    pub(crate) fax: Option<String>,
    /// The postal address, on one line.
    #[serde(default)]
    pub(crate) address: Option<String>,
    /// Their page.
    #[serde(default)]
    pub(crate) website: Option<String>,
    /// The state or region.
    #[serde(default)]
    pub(crate) state: Option<String>,
    /// The district within it. 0 is a district like any other.
    #[serde(default)]
    pub(crate) district: Option<u32>,
    /// The party.
    #[serde(default)]
    pub(crate) party: Option<String>,
    /// The chamber they sit in.
    #[serde(default)]
    pub(crate) chamber: Option<String>,
    /// The first day of the term.
    #[serde(default)]
    pub(crate) term_start: Option<Date>,
    /// The last day of the term.
    #[serde(default)]
    pub(crate) term_end: Option<Date>,
    /// Their handle.
    #[serde(default)]
    pub(crate) twitter: Option<String>,
    /// Their offices, each exactly as it came: a zip code keeps its zeros, a member that is missing stays missing.
    #[serde(default, deserialize_with = "null_is_empty")]
    #[contact("offices", json, default)]
    pub(crate) offices: Vec<Value>,
}

impl Person {
    /// Reads a person, or says which member is wrong and how.
    pub(crate) fn from_members(members: Map<String, Value>) -> Result<Self, String> {
        serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| {
            let (path, reason) = (error.path().to_string(), error.inner());
            match path.as_str() {
                "." => reason.to_string(),
                member => format!("`{member}`: {reason}"),
            }
        })
    }

    /// This person with only the given members changed; null clears one.
    pub(crate) fn with(&self, changes: Map<String, Value>) -> Result<Self, String> {
        match serde_json::to_value(self) {
            Ok(Value::Object(mut members)) => {
                members.extend(changes);
                Self::from_members(members)
            }
            Ok(_) => Err("a person is not an object".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// A list has no third state: cleared, it is empty.
fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
