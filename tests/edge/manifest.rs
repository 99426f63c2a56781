//! What the manifest says of handlers that the macro found, of a table made by hand, of properties and of settings.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use botmatic_contact::manifest::Manifest;
use botmatic_contact::prelude::*;
use botmatic_contact::{Choice, Description, Integration, Rejection, Reply, Table, Upload, event};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::crm::Crm;

#[derive(Deserialize, JsonSchema)]
struct Query {
    city: City,
    /// At most nine.
    #[serde(default)]
    days: u8,
}

#[derive(Deserialize, JsonSchema)]
struct City(String);

#[derive(Deserialize, JsonSchema)]
struct Asker {
    from: City,
    asked: Option<Box<Self>>,
}

#[derive(Deserialize, JsonSchema)]
struct Set {
    property: String,
}

/// Read and written under different names.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Forecast {
    #[serde(rename(serialize = "is_sunny", deserialize = "sunny"))]
    sunny: bool,
}

/// A type without a schema.
#[derive(Serialize, Deserialize)]
struct Plain {
    text: String,
}

struct Station<T = Query>(PhantomData<fn() -> T>);

impl<T> Station<T> {
    const NEW: Self = Self(PhantomData);
}

#[botmatic::integration]
impl Station {
    /// Says what
    ///   the weather will be.
    ///
    #[doc = " Nobody knows\n for sure."]
    #[botmatic::action("zephyr")]
    async fn forecast(&self, Params(query): Params<Query>) -> Result<Forecast, String> {
        if query.days > 9 { Err(query.city.0) } else { Ok(Forecast { sunny: true }) }
    }

    #[botmatic::action("alizé")]
    async fn change(&self, Params(forecast): Params<Forecast>) -> Plain {
        Plain { text: forecast.sunny.to_string() }
    }

    #[botmatic::action("mistral")]
    async fn plain(&self, Params(plain): Params<Plain>) -> Reply {
        Reply::failure(&plain.text)
    }

    #[botmatic::action("several")]
    async fn several(
        &self,
        Params(query): Params<Query>,
        Params(_): Params<Plain>,
        #[cfg(any())] Params(_): Params<Missing>,
        #[cfg(not(doc))] asker: Params<Asker>,
    ) -> botmatic_contact::Result<()> {
        assert!(query.city.0 == asker.0.from.0 || asker.0.asked.is_some());
        Ok(())
    }

    #[botmatic::action("nameless")]
    async fn nameless(&self) -> impl Serialize + use<> {
        1
    }

    #[botmatic::action("borrowed")]
    async fn borrowed(&self) -> &str {
        "here"
    }

    /// Nobody reads this.
    #[doc(hidden)]
    #[botmatic::action(pattern = r"hidden_(?<secret>\d+)")]
    async fn hidden(&self) {}

    #[doc = concat!("Sets", " it.")]
    #[botmatic::action(pattern = r"set_(?<property>[a-z]+)_(\d)(?<value>.+)?")]
    async fn set(&self, Captures(set): Captures<Set>, Params(_): Params<City>) -> Result<String, Rejection> {
        Ok(set.property)
    }

    #[cfg(any())]
    #[botmatic::action("absent")]
    async fn absent(&self, missing: Params<Missing>) -> Missing {}

    /// Counts.
    #[botmatic::on(user_reply)]
    async fn heard(&self, _reply: UserReply) -> Forecast {
        Forecast { sunny: false }
    }

    #[botmatic::on("storm")]
    async fn storm(&self, Params(city): Params<City>) {
        drop(city);
    }
}

fn manifest<I: Integration>(integration: I) -> Manifest {
    botmatic::builder(integration).build().unwrap().manifest()
}

fn names(manifest: &Manifest) -> Vec<&str> {
    manifest.actions.iter().map(|action| action.name.as_str()).collect()
}

fn type_of(schema: Option<&Value>) -> Option<&str> {
    schema?.get("title")?.as_str()
}

#[test]
fn handlers_stand_in_the_order_of_their_methods_and_none_that_is_not_there() {
    let manifest = manifest(Station::NEW);
    assert_eq!(manifest.endpoint, "/");
    assert_eq!(names(&manifest), ["zephyr", "alizé", "mistral", "several", "nameless", "borrowed"]);
    let events: Vec<_> = manifest.events.iter().map(|event| (&*event.name, event.replaces_sync)).collect();
    assert_eq!(events, [("user_reply", false), ("storm", false)]);
    assert!(manifest.properties.is_empty() && manifest.settings.is_none());
}

#[test]
fn documentation_is_the_description_and_what_is_hidden_there_is_hidden_here() {
    let manifest = manifest(Station::NEW);
    let zephyr = manifest.actions[0].description.as_deref();
    assert_eq!(zephyr, Some("Says what\n  the weather will be.\n\nNobody knows\nfor sure."));
    assert_eq!(manifest.actions[1].description, None);
    assert_eq!(manifest.events[0].description.as_deref(), Some("Counts."));
    let [set] = manifest.patterns.as_slice() else { panic!("{:?}", manifest.patterns) };
    assert_eq!(
        (set.groups.join(" ").as_str(), set.description.as_deref()),
        ("property value", Some("Sets it."))
    );
}

#[test]
fn a_type_brings_its_schema_as_it_is_read_or_written() {
    let manifest = manifest(Station::NEW);
    let [zephyr, change, plain, _, nameless, borrowed] = manifest.actions.as_slice() else { panic!() };
    assert_eq!(
        zephyr.params,
        Some(json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Query",
            "type": "object",
            "properties": {
                "city": { "$ref": "#/$defs/City" },
                "days": {
                    "description": "At most nine.",
                    "type": "integer", "format": "uint8", "minimum": 0, "maximum": 255, "default": 0,
                },
            },
            "required": ["city"],
            "$defs": { "City": { "type": "string" } },
        }))
    );
    let member = |schema: &Option<Value>| schema.as_ref().unwrap()["required"].clone();
    assert_eq!((member(&zephyr.answer), member(&change.params)), (json!(["is_sunny"]), json!(["sunny"])));
    assert_eq!(
        (&change.answer, &plain.params, &plain.answer, &nameless.answer),
        (&None, &None, &None, &None)
    );
    assert_eq!(type_of(borrowed.answer.as_ref()), Some("string"));
    let [set] = manifest.patterns.as_slice() else { panic!() };
    let types = [&set.captures, &set.params, &set.answer].map(|schema| type_of(schema.as_ref()));
    assert_eq!(types, [Some("Set"), Some("City"), Some("string")]);
    let events = [&manifest.events[0], &manifest.events[1]].map(|event| type_of(event.params.as_ref()));
    assert_eq!(events, [None, Some("City")]);
}

#[test]
fn several_params_are_one_schema_with_one_list_of_definitions() {
    let manifest = manifest(Station::NEW);
    let several = &manifest.actions[3];
    assert_eq!(several.answer, None);
    let schema = several.params.as_ref().unwrap();
    let parts = json!([{ "$ref": "#/$defs/Query" }, { "$ref": "#/$defs/Asker" }]);
    assert_eq!(schema["allOf"], parts);
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let definitions = schema["$defs"].as_object().unwrap();
    let names: BTreeSet<_> = definitions.keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["Asker", "City", "Query"]));
    let asked = &definitions["Asker"]["properties"]["asked"];
    assert_eq!(asked["anyOf"][0]["$ref"], "#/$defs/Asker");
}

/// Generic: whether its parameters have schemas is known to whoever chooses them.
struct Generic<T>(PhantomData<fn() -> T>);

#[botmatic::integration]
impl<T: DeserializeOwned + JsonSchema + Serialize + Send + Sync + 'static> Generic<T> {
    #[botmatic::action("echo")]
    async fn echo(&self, Params(data): Params<T>) -> T {
        data
    }
}

struct Unknown<T>(PhantomData<fn() -> T>);

#[botmatic::integration]
impl<T: DeserializeOwned + Serialize + Send + Sync + 'static> Unknown<T> {
    #[botmatic::action("echo")]
    async fn echo(&self, Params(data): Params<T>) -> T {
        data
    }
}

#[test]
fn a_generic_integration_shows_what_its_bounds_promise() {
    let known = manifest(Generic::<Forecast>(PhantomData));
    assert_eq!(type_of(known.actions[0].params.as_ref()), Some("Forecast"));
    let unknown = manifest(Unknown::<Forecast>(PhantomData));
    assert_eq!((&unknown.actions[0].params, &unknown.actions[0].answer), (&None, &None));
}

/// A table made by hand.
struct ByHand;

fn wave(table: Table<ByHand>, name: &str) -> Table<ByHand> {
    table.action(name, |_call| Box::pin(async { Ok(Reply::done()) }))
}

impl Integration for ByHand {
    fn table() -> Table<Self> {
        let first = wave(Table::new().describe(Description::new("Of nobody.")), "b")
            .describe(Description::new("First."))
            .describe(Description::new("Second.").params::<Query>().answer::<()>())
            .replace(event::contact_created, |_call| Box::pin(async { Ok(Reply::done()) }))
            .describe(Description::new("Takes over."))
            .pattern("x_(?<x>.)", |_call| Box::pin(async { Ok(Reply::done()) }))
            .describe(Description::hidden())
            .pattern("y_(?<y>.)", |_call| Box::pin(async { Ok(Reply::done()) }));
        let second = wave(wave(Table::new(), "c"), "a")
            .pattern("z_(?<z>.)", |_call| Box::pin(async { Ok(Reply::done()) }))
            .describe(Description::default().captures::<Set>());
        first.merge(second)
    }
}

#[test]
fn a_table_made_by_hand_says_as_much_and_keeps_its_order_when_merged() {
    let late = wave(Table::new(), "0").describe(Description::new("Late.").answer::<Forecast>());
    let service = botmatic::builder(ByHand).handlers(late).endpoint("/hook/").build().unwrap();
    let mut manifest = serde_json::to_value(service.manifest()).unwrap();
    for (list, place, schema) in
        [("actions", 0, "params"), ("actions", 3, "answer"), ("patterns", 1, "captures")]
    {
        let schema = &mut manifest[list][place][schema];
        *schema = schema["title"].take();
    }
    let expected = json!({
        "endpoint": "/hook",
        "events": [{ "name": "contact_created", "replaces_sync": true, "description": "Takes over." }],
        "actions": [
            { "name": "b", "description": "Second.", "params": "Query" },
            { "name": "c" },
            { "name": "a" },
            { "name": "0", "description": "Late.", "answer": "Forecast" },
        ],
        "patterns": [
            { "pattern": "y_(?<y>.)", "groups": ["y"] },
            { "pattern": "z_(?<z>.)", "groups": ["z"], "captures": "Set" },
        ],
        "properties": [],
    });
    assert_eq!(manifest, expected);
}

enum Mute {}

#[botmatic::integration]
impl Crm<Mute> {
    #[botmatic::on(contact_deleted, replace)]
    async fn deleted(&self) {}
}

#[test]
fn properties_have_their_kinds_and_one_finds_the_contact() {
    let service = botmatic::builder(Crm::<Mute>::new()).key_store(MemoryKeyStore::new()).build().unwrap();
    let manifest = serde_json::to_value(service.manifest()).unwrap();
    assert_eq!(manifest["events"], json!([{ "name": "contact_deleted", "replaces_sync": true }]));
    let expected = json!([
        { "name": "name", "kind": "text", "access": "read_write", "finds_contact": false },
        { "name": "email", "kind": "text", "access": "read_write", "finds_contact": true },
        { "name": "born", "kind": "date", "access": "read_write", "finds_contact": false },
    ]);
    assert_eq!(manifest["properties"], expected);
}

#[derive(Clone, SettingsForm)]
struct Preferences {
    /// Where it answers.
    #[setting(label = "Address", kind = url)]
    address: String,
    key: Secret,
    note: Option<String>,
    #[setting(min = 1, max = 100)]
    page_size: Option<u32>,
    #[setting(min = 0.5)]
    patience: f64,
    since: jiff::civil::Date,
    newsletter: bool,
    language: Language,
    #[setting(accept = "image/png", max_size = 2_000)]
    logo: Option<Upload>,
    papers: Vec<Upload>,
    counter: u64,
}

#[derive(Clone, PartialEq)]
enum Language {
    French,
    English,
}

impl Choice for Language {
    const CHOICES: &'static [(Self, &'static str)] =
        &[(Self::French, "Français"), (Self::English, "English")];
}

struct Page;

#[botmatic::integration]
impl Page {
    #[botmatic::settings("/settings/")]
    async fn show(&self) -> Result<Preferences, SettingsError> {
        Err(SettingsError::message("never asked"))
    }

    #[botmatic::settings("/settings/", save)]
    async fn save(&self, _preferences: Preferences) {}
}

#[test]
fn settings_say_what_can_be_entered() {
    let manifest = serde_json::to_value(manifest(Page)).unwrap();
    let expected = json!({
        "path": "/settings",
        "fields": [
            { "name": "address", "label": "Address", "help": "Where it answers.", "required": true, "kind": "url" },
            { "name": "key", "label": "Key", "required": true, "kind": "secret" },
            { "name": "note", "label": "Note", "required": false, "kind": "text" },
            { "name": "page_size", "label": "Page size", "required": false, "kind": "integer", "min": 1, "max": 100 },
            { "name": "patience", "label": "Patience", "required": true, "kind": "number", "min": 0.5 },
            { "name": "since", "label": "Since", "required": true, "kind": "date" },
            { "name": "newsletter", "label": "Newsletter", "required": false, "kind": "checkbox" },
            { "name": "language", "label": "Language", "required": true, "kind": "choice", "choices": ["Français", "English"] },
            { "name": "logo", "label": "Logo", "required": false, "kind": "file", "several": false, "accept": "image/png", "max_size": 2_000 },
            { "name": "papers", "label": "Papers", "required": false, "kind": "file", "several": true, "max_size": 1_000_000 },
            { "name": "counter", "label": "Counter", "required": true, "kind": "integer", "min": 0, "max": u64::MAX },
        ],
    });
    assert_eq!(manifest["settings"], expected);
}
