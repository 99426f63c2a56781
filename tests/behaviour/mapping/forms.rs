//! Values that are written by other means than their type's own: `display` and `json`.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use botmatic_contact::prelude::*;
use botmatic_contact::{Properties, Property, PropertyKind};
use serde_json::{Value, json};

/// A colour as `#0a0b0c`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Colour(u32);

impl fmt::Display for Colour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 0x00ff_ffff { Err(fmt::Error) } else { write!(formatter, "#{:06x}", self.0) }
    }
}

impl FromStr for Colour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix('#').ok_or_else(|| format!("`{text}` does not begin with `#`"))?;
        u32::from_str_radix(digits, 16).map(Self).map_err(|error| format!("{text}: {error}"))
    }
}

#[derive(Debug, PartialEq, ContactMapping)]
struct Fan {
    #[contact(id)]
    id: u64,
    #[contact("favourite", display)]
    colour: Colour,
    #[contact(display, default)]
    shelf: u8,
    #[contact(display)]
    wall: Option<Colour>,
    #[contact(json, default)]
    scores: HashMap<String, HashMap<u8, f32>>,
}

fn read(properties: Value) -> Result<Fan, botmatic_contact::MappingError> {
    Fan::from_properties(&serde_json::from_value(properties).unwrap())
}

#[test]
fn a_value_with_display_is_text_in_the_form_that_its_display_has() {
    assert_eq!(
        Fan::PROPERTIES[..2],
        [Property::new("favourite", PropertyKind::Text), Property::new("shelf", PropertyKind::Text),]
    );
    let fan = read(json!({ "favourite": "#0A0B0c", "shelf": 3, "wall": null })).unwrap();
    assert_eq!((fan.colour, fan.shelf, fan.wall), (Colour(0x000a_0b0c), 3, None));
    assert_eq!(fan.to_properties().unwrap().get("favourite"), Some(&json!("#0a0b0c")));
    assert_eq!(fan.to_properties().unwrap().get("shelf"), Some(&json!("3")));
    let canonical = Fan::canonical(Properties::from_iter([("wall", "#0A0B0C")])).unwrap();
    assert_eq!(canonical, Properties::from_iter([("wall", "#0a0b0c")]));
}

#[test]
fn what_from_str_says_of_a_text_is_not_repeated() {
    for sent in ["canary", "#canary"] {
        let error = read(json!({ "favourite": sent })).unwrap_err();
        let told = format!("{error} {error:?} {:?}", std::error::Error::source(&error));
        assert!(error.to_string().contains("`favourite`") && !told.contains("canary"), "{told}");
    }
}

#[test]
fn a_value_that_display_cannot_write_is_an_error() {
    let fan = Fan { colour: Colour(u32::MAX), ..read(json!({ "favourite": "#000000" })).unwrap() };
    assert_eq!(fan.to_properties().unwrap_err().property(), "favourite");
}

#[test]
fn a_map_is_written_alike_however_it_is_ordered() {
    let fan = || Fan {
        scores: (0..20).map(|n| (format!("game {n}"), (0..20).map(|n| (n, 0.1)).collect())).collect(),
        ..read(json!({ "favourite": "#000000" })).unwrap()
    };
    let written = fan().to_properties().unwrap();
    for _ in 0..10 {
        assert_eq!(fan().to_properties().unwrap(), written);
        assert_eq!(Fan::canonical(written.clone()).unwrap(), written);
    }
    assert_eq!(Fan::from_properties(&written).unwrap(), fan());
}

#[test]
fn a_number_that_json_cannot_hold_is_refused_and_not_written_as_null() {
    for score in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let scores = HashMap::from([("maths".to_owned(), HashMap::from([(1, score)]))]);
        let fan = Fan { scores, ..read(json!({ "favourite": "#000000", "shelf": 3 })).unwrap() };
        let error = fan.to_properties().unwrap_err().to_string();
        assert_eq!(error, "property `scores`: expected a value that JSON can hold");
    }
}
