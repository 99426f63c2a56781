//! What is written can be read back, through the text of the wire, without any change of value or type; and
//! `assert_round_trip!` finds whatever does not keep that.

use std::borrow::Cow;
use std::num::NonZero;
use std::sync::Arc;

use botmatic_contact::prelude::*;
use botmatic_contact::testing::proptest::collection::vec;
use botmatic_contact::testing::proptest::prelude::*;
use botmatic_contact::testing::samples;
use botmatic_contact::{ContactPatch, Properties, Value};
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use crate::design::Candidate;

/// One field of every type that is a property by itself.
#[derive(Debug, PartialEq, ContactMapping)]
struct Everything {
    #[contact(id)]
    id: Option<String>,
    text: String,
    optional_text: Option<String>,
    #[contact(default)]
    defaulted_text: String,
    boxed: Box<str>,
    shared: Arc<str>,
    borrowed: Cow<'static, str>,
    character: char,
    truth: bool,
    u8: u8,
    u16: u16,
    u32: u32,
    u64: u64,
    u128: Option<u128>,
    usize: usize,
    i8: i8,
    i16: i16,
    i32: i32,
    i64: i64,
    i128: i128,
    isize: isize,
    not_zero: NonZero<u64>,
    float: f64,
    single: f32,
    date: civil::Date,
    date_time: civil::DateTime,
    moment: Timestamp,
    chrono_date: chrono::NaiveDate,
    chrono_date_time: chrono::NaiveDateTime,
    chrono_utc: chrono::DateTime<chrono::Utc>,
    chrono_moment: chrono::DateTime<chrono::FixedOffset>,
    time_date: time::Date,
    time_date_time: time::PrimitiveDateTime,
    time_utc: time::UtcDateTime,
    time_moment: time::OffsetDateTime,
    decimal: rust_decimal::Decimal,
    uuid: Option<uuid::Uuid>,
    #[contact(json)]
    tree: Tree,
    #[contact(json)]
    anything: Value,
    #[contact(json)]
    numbers: Vec<i32>,
    #[contact(skip)]
    skipped: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Tree {
    label: Option<String>,
    planted: Option<civil::Date>,
    weight: Option<f64>,
    count: u128,
    kind: Kind,
    children: Vec<Self>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Oak,
    Other(String),
    Grafted { on: Box<Self>, year: (i16, u8) },
}

#[test]
fn every_value_of_every_type_survives_the_wire() {
    assert_round_trip!(Everything);
}

/// The legacy format has whole seconds and years of four digits.
fn candidates() -> impl Strategy<Value = Candidate> {
    let legacy =
        |moment: Timestamp| Timestamp::from_second(moment.as_second().clamp(-62_135_596_800, i64::MAX));
    samples::<Candidate>()
        .prop_map(move |candidate| Candidate { signed_up: legacy(candidate.signed_up).unwrap(), ..candidate })
}

#[test]
fn every_candidate_survives_the_wire() {
    assert_round_trip!(Candidate, candidates());
}

/// `id` and one field that is named like its type.
#[derive(Debug, PartialEq, ContactMapping)]
struct Generic<T>
where
    T: PropertyValue + Send + Sync + 'static,
{
    #[contact(id)]
    id: u64,
    value: Option<T>,
}

#[test]
fn a_generic_mapping_survives_with_each_of_its_types() {
    assert_round_trip!(Generic<String>);
    assert_round_trip!(Generic<u64>);
    assert_round_trip!(Generic<civil::Date>);
}

proptest! {
    #[test]
    fn whole_numbers_beyond_what_javascript_holds_travel_as_text(counted in samples::<Generic<u64>>()) {
        let written = counted.to_properties().unwrap();
        let number = counted.value.map_or(0, |number| number);
        prop_assert_eq!(written.get("value").is_none_or(Value::is_number), number < 1 << 53);
    }
}

#[test]
fn numbers_that_are_none_are_refused_and_not_written_as_null() {
    for length in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = Generic { id: 0, value: Some(length) }.to_properties().unwrap_err();
        assert_eq!(error.property(), "value");
    }
}

/// Anything that can be said of a property, and often null.
fn anything() -> impl Strategy<Value = Value> {
    #[derive(Debug, ContactMapping)]
    struct Said {
        #[contact(id)]
        _id: u64,
        #[contact(json)]
        value: Option<Value>,
    }
    samples::<Said>().prop_map(|said| said.value.unwrap_or_default())
}

proptest! {
    #[test]
    fn the_canonical_form_is_what_a_patch_reads_and_writes_whatever_was_said(
        said in vec((0..=Everything::PROPERTIES.len(), anything()), 0..4),
    ) {
        let name = |index: usize| Everything::PROPERTIES.get(index).map_or("unknown", |property| &*property.name);
        let said: Properties = said.into_iter().map(|(index, value)| (name(index), value)).collect();
        let patched = EverythingPatch::from_properties(&said).and_then(|patch| patch.to_properties());
        match (Everything::canonical(said), patched) {
            (Ok(canonical), Ok(patched)) => prop_assert_eq!(
                serde_json::to_string(&canonical).unwrap(),
                serde_json::to_string(&patched).unwrap()
            ),
            (Err(canonical), Err(patched)) => prop_assert_eq!(canonical.to_string(), patched.to_string()),
            (canonical, patched) => prop_assert!(false, "{canonical:?} {patched:?}"),
        }
    }
}

/// What goes one way only comes back that way.
#[derive(Debug, PartialEq, ContactMapping)]
struct OneWay {
    #[contact(id)]
    id: u64,
    name: String,
    #[contact(read_only)]
    last_visit: Option<civil::Date>,
    #[contact(read_only, default)]
    visits: u32,
    #[contact(write_only)]
    greeting: String,
    #[contact(write_only)]
    note: Option<String>,
}

#[test]
fn what_goes_one_way_comes_back_that_way() {
    assert_round_trip!(OneWay);
}
