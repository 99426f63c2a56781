//! The JSON Schemas of what handlers take and answer. Nothing is computed before somebody asks for the manifest.

use std::marker::PhantomData;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::json;

use super::description::Description;
use crate::contact::Value;

/// A type by what makes its schema.
#[derive(Debug, Clone, Copy)]
struct Type {
    /// As a document of its own.
    whole: fn(&mut SchemaGenerator) -> Schema,
    /// As a part of one, with definitions that the generator collects.
    part: fn(&mut SchemaGenerator) -> Schema,
}

impl Type {
    fn of<T: JsonSchema>() -> Self {
        Self { whole: SchemaGenerator::root_schema_for::<T>, part: SchemaGenerator::subschema_for::<T> }
    }
}

/// What a handler takes and answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Schemas {
    params: Vec<Type>,
    captures: Vec<Type>,
    answer: Option<Type>,
}

impl Description {
    /// The type of the `data` that the handler is called with; of several, the data fit all of them.
    ///
    /// ```
    /// use botmatic_contact::prelude::*;
    /// use botmatic_contact::{Description, Integration, Reply, Table};
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Guest {
    ///     name: String,
    /// }
    ///
    /// struct Greeter;
    ///
    /// impl Integration for Greeter {
    ///     fn table() -> Table<Self> {
    ///         Table::new()
    ///             .action("greet", |call| Box::pin(async move {
    ///                 let Params(guest) = call.extract::<Params<Guest>>().await?;
    ///                 let greeting = format!("Hello, {}", guest.name);
    ///                 Ok(Reply::data(&greeting).unwrap_or_else(|error| Reply::failure(&error.to_string())))
    ///             }))
    ///             .describe(Description::new("Greets a guest.").params::<Guest>().answer::<String>())
    ///     }
    /// }
    ///
    /// let manifest = botmatic::builder(Greeter).build()?.manifest();
    /// let [greet] = manifest.actions.as_slice() else { unreachable!() };
    /// assert_eq!(greet.params.as_ref().unwrap()["required"], serde_json::json!(["name"]));
    /// assert_eq!(greet.answer.as_ref().unwrap()["type"], "string");
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    #[must_use]
    pub fn params<T: JsonSchema>(mut self) -> Self {
        self.schemas.params.push(Type::of::<T>());
        self
    }

    /// The type of the named groups of a pattern; of several, the groups fit all of them.
    #[must_use]
    pub fn captures<T: JsonSchema>(mut self) -> Self {
        self.schemas.captures.push(Type::of::<T>());
        self
    }

    /// The type of the `data` of the answer. A type without content, `()` above all, says nothing.
    #[must_use]
    pub fn answer<T: JsonSchema>(mut self) -> Self {
        self.schemas.answer = Some(Type::of::<T>());
        self
    }

    pub(super) fn params_schema(&self) -> Option<Value> {
        document(&self.schemas.params, SchemaSettings::draft2020_12().for_deserialize())
    }

    pub(super) fn captures_schema(&self) -> Option<Value> {
        document(&self.schemas.captures, SchemaSettings::draft2020_12().for_deserialize())
    }

    pub(super) fn answer_schema(&self) -> Option<Value> {
        let answer = document(self.schemas.answer.as_slice(), SchemaSettings::draft2020_12().for_serialize());
        answer.filter(|schema| schema.pointer("/type").is_none_or(|kind| kind != "null"))
    }
}

/// One type as a document; of several what must fit all of them, with one list of definitions.
fn document(types: &[Type], settings: SchemaSettings) -> Option<Value> {
    let mut generator = settings.into_generator();
    match types {
        [] => None,
        [only] => Some((only.whole)(&mut generator).to_value()),
        several => {
            let parts: Value = several.iter().map(|one| (one.part)(&mut generator).to_value()).collect();
            let draft = generator.settings().meta_schema.clone();
            Some(json!({ "$schema": draft, "allOf": parts, "$defs": generator.take_definitions(true) }))
        }
    }
}

/// Finds out whether a type has a schema: the functions of [`NoSchema`] are what remains when the inherent ones are not
/// there.
#[derive(Debug)]
pub struct SchemaOf<T>(PhantomData<T>);

impl<T: JsonSchema> SchemaOf<T> {
    /// See [`Description::params`].
    pub fn params(description: Description) -> Description {
        description.params::<T>()
    }

    /// See [`Description::captures`].
    pub fn captures(description: Description) -> Description {
        description.captures::<T>()
    }

    /// See [`Description::answer`].
    pub fn answer(description: Description) -> Description {
        description.answer::<T>()
    }
}

/// See [`SchemaOf`]: a type that has no schema, as far as is known.
pub trait NoSchema {
    /// Adds nothing.
    fn params(description: Description) -> Description {
        description
    }

    /// Adds nothing.
    fn captures(description: Description) -> Description {
        description
    }

    /// Adds nothing.
    fn answer(description: Description) -> Description {
        description
    }
}

impl<T> NoSchema for SchemaOf<T> {}
