//! What is written can be read back, through the text of the wire, without any change of value or type.

use botmatic_contact::prelude::*;
use botmatic_contact::{ContactPatch, MappingError, Properties, Value};
use jiff::{Timestamp, civil};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::design::{Candidate, School};

/// One field of every type that is a property by itself.
#[derive(Debug, Clone, PartialEq, ContactMapping)]
struct Everything {
    #[contact(id)]
    id: Option<String>,
    text: String,
    optional_text: Option<String>,
    character: char,
    truth: bool,
    unsigned: u64,
    signed: i64,
    huge: i128,
    huge_unsigned: Option<u128>,
    small: i8,
    float: f64,
    single: f32,
    date: civil::Date,
    date_time: civil::DateTime,
    moment: Timestamp,
    #[contact(json)]
    tree: Tree,
    #[contact(json)]
    anything: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Tree {
    label: Option<String>,
    children: Vec<Self>,
}

fn character() -> impl Strategy<Value = char> {
    prop_oneof![prop::sample::select(vec![' ', '\n', '\u{a0}', '\u{0}', '\u{301}']), any::<char>()]
}

/// Text that others like to mistake for something else.
fn text() -> impl Strategy<Value = String> {
    let sly = vec![
        "",
        " ",
        "0",
        "007",
        "01234",
        "1e3",
        "-0",
        "+1",
        "9007199254740993",
        "NaN",
        "null",
        "true",
        "false",
        "undefined",
        "{}",
        "[]",
        "{\"a\":1}",
        "\"quoted\"",
        "[1,2",
        "2024-02-29",
        "line\nbreak\r\n\t",
        "\u{0}",
        "a\u{301}e\u{308}",
        "e\u{301}\u{e9}",
        "שלום עולם",
        "مرحبا",
        "\u{202e}reversed\u{202c}",
        "👩‍👩‍👧‍👦",
        "\u{feff}bom",
        "\u{2028}\u{2029}",
        "ﬁ",
        "İ",
        "\\u0041",
        "%00",
        "<b>&amp;</b>",
    ];
    prop_oneof![prop::sample::select(sly).prop_map(str::to_owned), "[0-9]{1,20}", any::<String>()]
}

fn unsigned() -> impl Strategy<Value = u64> {
    let edges = vec![0, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, i64::MAX as u64, u64::MAX];
    prop_oneof![prop::sample::select(edges), any::<u64>()]
}

fn signed() -> impl Strategy<Value = i64> {
    let edges = vec![i64::MIN, -(1 << 53) - 1, -(1 << 53), -(1 << 53) + 1, -1, 0, (1 << 53) + 1, i64::MAX];
    prop_oneof![prop::sample::select(edges), any::<i64>()]
}

fn date() -> impl Strategy<Value = civil::Date> {
    let edges = vec![civil::date(1, 1, 1), civil::date(9999, 12, 31), civil::date(2024, 2, 29)];
    let any = (-9999_i16..=9999, 1_i8..=12, 1_i8..=31)
        .prop_map(|(year, month, day)| civil::Date::new(year, month, day.min(28)).unwrap());
    prop_oneof![prop::sample::select(edges), any]
}

fn date_time() -> impl Strategy<Value = civil::DateTime> {
    (date(), 0_i8..24, 0_i8..60, 0_i8..60, prop_oneof![Just(0), 0..1_000_000_000])
        .prop_map(|(date, hour, minute, second, nano)| date.at(hour, minute, second, nano))
}

fn moment() -> impl Strategy<Value = Timestamp> {
    let range = Timestamp::MIN.as_second() + 1..Timestamp::MAX.as_second();
    let any = (range, prop_oneof![Just(0), 0..1_000_000_000])
        .prop_map(|(second, nano)| Timestamp::new(second, nano).unwrap());
    prop_oneof![prop::sample::select(vec![Timestamp::MIN, Timestamp::MAX, Timestamp::UNIX_EPOCH]), any]
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop::option::of(text()).prop_map(|label| Tree { label, children: Vec::new() });
    leaf.prop_recursive(3, 12, 3, |inner| {
        (prop::option::of(text()), vec(inner, 0..3)).prop_map(|(label, children)| Tree { label, children })
    })
}

fn anything() -> impl Strategy<Value = Value> {
    let float = any::<f64>().prop_filter("JSON has finite numbers alone", |number| number.is_finite());
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        unsigned().prop_map(Value::from),
        signed().prop_map(Value::from),
        float.prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((text(), inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

prop_compose! {
    fn everything()(
        (text, optional_text, character, truth) in (text(), prop::option::of(text()), character(), any::<bool>()),
        (unsigned, signed, small) in (unsigned(), signed(), any::<i8>()),
        (huge, huge_unsigned) in (any::<i128>(), any::<Option<u128>>()),
        (float, single) in (any::<f64>(), any::<f32>()),
        (date, date_time, moment) in (date(), date_time(), moment()),
        (tree, anything) in (tree(), anything()),
    ) -> Everything {
        let float = if float.is_finite() { float } else { f64::MIN_POSITIVE };
        let single = if single.is_finite() { single } else { f32::MAX };
        // `null` for a required field is "cleared"; inside a structure it is a value like any other.
        let anything = Value::Array(vec![anything]);
        Everything {
            id: None, text, optional_text, character, truth, unsigned, signed, huge, huge_unsigned, small, float,
            single, date, date_time, moment, tree, anything,
        }
    }
}

prop_compose! {
    fn candidate()(
        (first_name, email_address, validation) in (text(), prop::option::of(text()), any::<u8>()),
        birth_date in prop::option::of(date()),
        // The legacy format has whole seconds and years of four digits.
        signed_up in civil::date(1, 1, 1).to_datetime(civil::Time::midnight())
            .to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second()..Timestamp::MAX.as_second(),
        school in prop::option::of((text(), vec(any::<u16>(), 0..3), prop::option::of(text()))),
    ) -> Candidate {
        Candidate {
            id_candidate: 0,
            first_name,
            email_address,
            birth_date,
            signed_up: Timestamp::from_second(signed_up).unwrap(),
            validation,
            school: school.map(|(name, years, degree)| School { name, years, degree: degree.map(Some) }),
            password_hash: String::new(),
        }
    }
}

/// Writes a contact, sends it as text, and reads it; says what was sent.
fn through_the_wire<M: ContactMapping>(contact: &M) -> Result<(M, Properties), MappingError> {
    let sent = serde_json::to_string(&contact.to_properties()?).unwrap();
    let received: Properties = serde_json::from_str(&sent).unwrap();
    Ok((M::from_properties(&received)?, received))
}

proptest! {
    #[test]
    fn every_value_of_every_type_survives_the_wire(contact in everything()) {
        let (back, received) = through_the_wire(&contact)?;
        prop_assert_eq!(&back, &contact);
        prop_assert_eq!(back.to_properties().unwrap(), received, "and has one canonical form");
    }

    #[test]
    fn every_candidate_survives_the_wire(contact in candidate()) {
        prop_assert_eq!(through_the_wire(&contact)?.0, contact);
    }

    #[test]
    fn a_whole_contact_as_a_patch_makes_any_other_contact_equal(one in candidate(), mut other in candidate()) {
        let mut all = one.to_properties().unwrap();
        for property in Candidate::PROPERTIES {
            if all.get(&property.name).is_none() {
                all.set(property.name.clone(), Value::Null);
            }
        }
        let patch = <Candidate as ContactMapping>::Patch::from_properties(&all).unwrap();
        prop_assert_eq!(patch.to_properties().unwrap(), all);
        patch.apply(&mut other).unwrap();
        prop_assert_eq!(other, one);
    }

    #[test]
    fn whole_numbers_beyond_what_javascript_holds_travel_as_text(number in unsigned()) {
        #[derive(ContactMapping)]
        struct Counted {
            #[contact(id)]
            _id: String,
            count: u64,
        }
        let written = Counted { _id: String::new(), count: number }.to_properties().unwrap();
        let fits = number < 1 << 53;
        prop_assert_eq!(written.get("count").unwrap().is_number(), fits);
        prop_assert_eq!(Counted::from_properties(&written).unwrap().count, number);
    }
}

#[test]
fn numbers_that_are_none_are_refused_and_not_written_as_null() {
    #[derive(ContactMapping)]
    struct Measured {
        #[contact(id)]
        _id: String,
        length: f64,
    }
    for length in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = Measured { _id: String::new(), length }.to_properties().unwrap_err();
        assert_eq!(error.property(), "length");
    }
}

/// The names that are mapped, and one that is not.
const NAMES: [&str; 17] = [
    "text",
    "optional_text",
    "character",
    "truth",
    "unsigned",
    "signed",
    "huge",
    "huge_unsigned",
    "small",
    "float",
    "single",
    "date",
    "date_time",
    "moment",
    "tree",
    "anything",
    "unknown",
];

proptest! {
    #[test]
    fn the_canonical_form_is_what_a_patch_reads_and_writes_whatever_was_said(
        said in vec((prop::sample::select(NAMES.as_slice()), anything()), 0..4),
    ) {
        let said: Properties = said.into_iter().collect();
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
