//! What can be called of a service: what whoever designs a bot has to know.
//!
//! [`Service::manifest`] makes a [`Manifest`] of the handlers, the mapping and the settings page; it is written for
//! JSON. Names, patterns, groups, properties and settings are known anyway. A handler's description and the schemas of
//! what it takes and answers are its [`Description`], which `#[botmatic::integration]` makes of the
//! method's documentation and of its types, and which a table that is made by hand is given with
//! [`Table::describe`](crate::Table::describe).
//!
//! With the feature `schemars` a type that implements `schemars::JsonSchema` brings its schema, a document of JSON Schema
//! 2020-12; others have none. That goes for the `T` of a parameter [`Params<T>`](crate::Params) or
//! [`Captures<T>`](crate::Captures), also in an `Option` or a `Result`, and for the return type or what a `Result` holds.
//! A handler that takes several `Params` reads the same data several times, so its schema is `allOf` theirs.
//!
//! ```
//! use botmatic_contact::prelude::*;
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use serde_json::json;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Forecast {
//!     /// The name of the city.
//!     city: String,
//!     days: Option<u8>,
//! }
//!
//! #[derive(Serialize, JsonSchema)]
//! struct Weather {
//!     sunny: bool,
//! }
//!
//! struct Station;
//!
//! #[botmatic::integration]
//! impl Station {
//!     /// Says what the weather will be.
//!     #[botmatic::action("forecast")]
//!     async fn forecast(&self, Params(asked): Params<Forecast>) -> Result<Weather, &'static str> {
//!         if asked.days > Some(9) { Err("nobody knows") } else { Ok(Weather { sunny: asked.city != "Brest" }) }
//!     }
//!
//!     #[botmatic::action(pattern = r"is_it_(?<weather>\w+)")]
//!     async fn is_it(&self) {}
//!
//!     /// Counts who listens.
//!     #[botmatic::on(user_reply)]
//!     async fn heard(&self, _reply: UserReply) {}
//! }
//!
//! let service = botmatic::builder(Station).endpoint("/botmatic").build()?;
//! let expected = json!({
//!     "endpoint": "/botmatic",
//!     "events": [{
//!         "name": "user_reply",
//!         "replaces_sync": false,
//!         "description": "Counts who listens.",
//!     }],
//!     "actions": [{
//!         "name": "forecast",
//!         "description": "Says what the weather will be.",
//!         "params": {
//!             "$schema": "https://json-schema.org/draft/2020-12/schema",
//!             "title": "Forecast",
//!             "type": "object",
//!             "properties": {
//!                 "city": { "type": "string", "description": "The name of the city." },
//!                 "days": { "type": ["integer", "null"], "format": "uint8", "minimum": 0, "maximum": 255 },
//!             },
//!             "required": ["city"],
//!         },
//!         "answer": {
//!             "$schema": "https://json-schema.org/draft/2020-12/schema",
//!             "title": "Weather",
//!             "type": "object",
//!             "properties": { "sunny": { "type": "boolean" } },
//!             "required": ["sunny"],
//!         },
//!     }],
//!     "patterns": [{ "pattern": r"is_it_(?<weather>\w+)", "groups": ["weather"] }],
//!     "properties": [],
//! });
//! assert_eq!(serde_json::to_value(service.manifest())?, expected);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod description;
#[cfg(feature = "schemars")]
mod schema;
#[cfg(feature = "settings")]
mod settings;

use std::borrow::Cow;

use serde::Serialize;

pub use self::description::Description;
pub(crate) use self::description::{Listed, What};
#[cfg(feature = "schemars")]
#[doc(hidden)]
pub use self::schema::{NoSchema, SchemaOf};
#[cfg(feature = "settings")]
pub use self::settings::{SettingInfo, SettingKind, SettingsInfo};
use crate::contact::{Access, Property, PropertyKind, Value};
use crate::integration::{Integration, Service};

/// What can be called of a service. It serialises as an object with these members; what is not known is left out. The
/// [module](self) shows one.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The path to which events and actions are posted.
    pub endpoint: String,
    /// The events that have a handler, in the order in which they were added. Contact events of an integration with
    /// contacts are synced even where none of them is here.
    pub events: Vec<EventInfo>,
    /// The actions with a fixed name, in the order in which they were added.
    pub actions: Vec<ActionInfo>,
    /// The actions with a pattern, in the order in which they were added: where several match a name, the last one
    /// answers, and before all of them the action of exactly that name.
    pub patterns: Vec<PatternInfo>,
    /// The properties of contacts that are kept in step, in the order of the mapping.
    pub properties: Vec<PropertyInfo>,
    /// The settings page.
    #[cfg(feature = "settings")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<SettingsInfo>,
}

/// An event that has a handler.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EventInfo {
    /// Its name.
    pub name: String,
    /// Whether the handler takes the place of the sync.
    pub replaces_sync: bool,
    /// What the handler does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Cow<'static, str>>,
    /// The JSON Schema of the event's `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
}

/// An action with a fixed name.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActionInfo {
    /// Its name.
    pub name: String,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Cow<'static, str>>,
    /// The JSON Schema of the `data` that it is called with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
    /// The JSON Schema of the `data` of its answer, where that speaks of success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
}

/// An action with a pattern.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PatternInfo {
    /// The regular expression that the whole name matches.
    pub pattern: String,
    /// Its named groups, in their order.
    pub groups: Vec<String>,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Cow<'static, str>>,
    /// The JSON Schema of the groups, as an object of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captures: Option<Value>,
    /// The JSON Schema of the `data` that it is called with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
    /// The JSON Schema of the `data` of its answer, where that speaks of success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
}

/// A property of contacts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PropertyInfo {
    /// Its name on Botmatic.
    pub name: Cow<'static, str>,
    /// What its values are: `text`, `number` or `date`.
    #[serde(with = "Kind")]
    pub kind: PropertyKind,
    /// Which way its values go, from the external service's side: `read_write`, `read_only` or `write_only`.
    #[serde(with = "Direction")]
    pub access: Access,
    /// The only texts that its values can be; none where others are taken, too.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub choices: &'static [&'static str],
    /// Whether an existing contact is found by it: the one with the e-mail address.
    pub finds_contact: bool,
}

impl PropertyInfo {
    fn new(property: &Property, email: Option<&str>) -> Self {
        let Property { name, kind, access, owner: _, choices } = property.clone();
        let finds_contact = email == Some(&*name);
        Self { name, kind, access, choices, finds_contact }
    }
}

/// How a [`PropertyKind`] is written.
#[derive(Serialize)]
#[serde(remote = "PropertyKind", rename_all = "lowercase")]
enum Kind {
    Text,
    Number,
    Date,
}

/// How an [`Access`] is written.
#[derive(Serialize)]
#[serde(remote = "Access", rename_all = "snake_case")]
enum Direction {
    ReadWrite,
    ReadOnly,
    WriteOnly,
}

impl<I: Integration> Service<I> {
    /// What can be called: events, actions and patterns, the properties of contacts, and the fields of the settings
    /// page. Schemas are made anew with each call.
    ///
    /// ```
    /// use botmatic_contact::prelude::*;
    ///
    /// struct Weather;
    ///
    /// #[botmatic::integration]
    /// impl Weather {
    ///     /// Says what the weather will be.
    ///     #[botmatic::action("forecast")]
    ///     async fn forecast(&self) -> &'static str {
    ///         "sunny"
    ///     }
    /// }
    ///
    /// let manifest = botmatic::builder(Weather).build()?.manifest();
    /// assert_eq!(manifest.actions[0].description.as_deref(), Some("Says what the weather will be."));
    /// println!("{}", serde_json::to_string_pretty(&manifest)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        let handlers = self.handlers();
        let mut manifest = Manifest {
            endpoint: self.endpoint().to_owned(),
            events: Vec::new(),
            actions: Vec::new(),
            patterns: Vec::new(),
            properties: self.properties(),
            #[cfg(feature = "settings")]
            settings: self.settings_page().map(|page| SettingsInfo::new(&page.path, &page.form)),
        };
        let mut regexes = handlers.regexes();
        for Listed { what, description } in &handlers.listed {
            // A pattern has its expression whether it is shown or not.
            let regex = if matches!(what, What::Pattern(_)) { regexes.next() } else { None };
            if description.is_hidden() {
                continue;
            }
            let (text, params, answer) =
                (description.text(), description.params_schema(), || description.answer_schema());
            match what {
                What::Event { name, replaces_sync } => manifest.events.push(EventInfo {
                    name: name.clone(),
                    replaces_sync: *replaces_sync,
                    description: text,
                    params,
                }),
                What::Action(name) => manifest.actions.push(ActionInfo {
                    name: name.clone(),
                    description: text,
                    params,
                    answer: answer(),
                }),
                What::Pattern(pattern) => manifest.patterns.push(PatternInfo {
                    pattern: pattern.clone(),
                    groups: regex
                        .into_iter()
                        .flat_map(|regex| regex.capture_names().flatten())
                        .map(str::to_owned)
                        .collect(),
                    description: text,
                    captures: description.captures_schema(),
                    params,
                    answer: answer(),
                }),
            }
        }
        manifest
    }

    fn properties(&self) -> Vec<PropertyInfo> {
        let Some(sync) = self.sync() else { return Vec::new() };
        sync.properties.iter().map(|property| PropertyInfo::new(property, sync.email)).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_property_says_which_texts_it_takes_where_it_does_not_take_all() {
        let mut status = Property::new("status", PropertyKind::Text);
        let mut written =
            json!({ "name": "status", "kind": "text", "access": "read_write", "finds_contact": false });
        assert_eq!(serde_json::to_value(PropertyInfo::new(&status, None)).unwrap(), written);
        status.choices = &["active", "on_leave"];
        written["choices"] = json!(["active", "on_leave"]);
        assert_eq!(serde_json::to_value(PropertyInfo::new(&status, Some("email"))).unwrap(), written);
    }
}
