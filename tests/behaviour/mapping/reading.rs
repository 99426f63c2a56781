//! Reading what Botmatic sends: leniently where nothing is lost, and otherwise with an error that names the property.

use botmatic_contact::prelude::*;
use botmatic_contact::{MappingError, Properties, Value};
use serde_json::json;

#[derive(Debug, PartialEq, ContactMapping)]
struct Member {
    #[contact(id)]
    id: u64,
    name: String,
    #[contact("visits")]
    number_of_visits: u32,
    #[contact("balance", default)]
    balance: f64,
    #[contact("tags", json, default)]
    tags: Vec<String>,
    #[contact("nickname", default)]
    nickname: String,
}

/// The message of an error with those of its causes, as a log would have them.
fn everything_told(error: &MappingError) -> String {
    let mut told = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        told += &format!(" {error} {error:?}");
        cause = error.source();
    }
    told
}

fn read(contact: Value) -> Result<Member, MappingError> {
    let properties: Properties = serde_json::from_value(contact).unwrap();
    Member::from_properties(&properties)
}

#[test]
fn a_number_that_arrives_as_text_is_a_number() {
    for visits in [json!("12"), json!(" 12 "), json!(12), json!(12.0)] {
        let member = read(json!({ "name": "Ada", "visits": visits, "balance": "-0.5" })).unwrap();
        assert_eq!((member.number_of_visits, member.balance), (12, -0.5));
    }
}

#[test]
fn a_text_that_arrives_as_a_number_or_a_truth_value_is_its_text() {
    for (sent, expected) in [(json!(75001), "75001"), (json!(true), "true"), (json!(1.5), "1.5")] {
        assert_eq!(read(json!({ "name": sent, "visits": 1 })).unwrap().name, expected);
    }
}

#[test]
fn a_required_property_that_is_absent_or_cleared_is_an_error_that_names_it() {
    for (contact, property) in [
        (json!({ "visits": 1 }), "name"),
        (json!({ "name": "canary" }), "visits"),
        (json!({ "name": null, "visits": 1 }), "name"),
        (json!({ "name": "canary", "visits": null }), "visits"),
    ] {
        let error = read(contact).unwrap_err();
        assert_eq!(error.property(), property);
        let message = error.to_string();
        assert!(message.contains(&format!("`{property}`")) && !message.contains("canary"), "{message}");
        assert!(message.contains("Option") && message.contains("default"), "says what to do: {message}");
    }
}

#[test]
fn a_value_that_does_not_fit_is_an_error_that_says_what_was_expected_and_never_the_value() {
    for (contact, property, expected) in [
        (json!({ "name": ["canary"], "visits": 1 }), "name", "a text"),
        (json!({ "name": "x", "visits": "canary" }), "visits", "a whole number of 32 bits"),
        (json!({ "name": "x", "visits": -7_654_321 }), "visits", "not negative"),
        (json!({ "name": "x", "visits": 1.5 }), "visits", "a whole number"),
        (json!({ "name": "x", "visits": 4_294_967_296_u64 }), "visits", "32 bits"),
        (json!({ "name": "x", "visits": 1, "balance": "canary" }), "balance", "a number"),
        (json!({ "name": "x", "visits": 1, "tags": "canary" }), "tags", "JSON text"),
        (json!({ "name": "x", "visits": 1, "tags": "{\"canary\":1}" }), "tags", "JSON text"),
    ] {
        let error = read(contact).unwrap_err();
        let message = error.to_string();
        assert_eq!(error.property(), property, "{message}");
        assert!(message.contains(expected), "{message}");

        let told = everything_told(&error);
        assert!(!told.contains("canary") && !told.contains("7654321"), "{told}");
    }
}

#[test]
fn a_field_with_a_default_takes_it_when_its_property_is_absent_or_cleared() {
    for contact in [
        json!({ "name": "Ada", "visits": 1 }),
        json!({ "name": "Ada", "visits": 1, "balance": null, "tags": null, "nickname": null }),
    ] {
        let member = read(contact).unwrap();
        assert_eq!((member.balance, member.tags.len(), member.nickname.as_str()), (0.0, 0, ""));
    }
}

#[test]
fn dates_are_read_with_a_time_of_day_and_moments_without_an_offset() {
    #[derive(ContactMapping)]
    struct Dated {
        #[contact(id)]
        _id: u64,
        date: jiff::civil::Date,
        moment: jiff::Timestamp,
    }
    let read = |date: &'static str, moment: &'static str| {
        Dated::from_properties(&Properties::from_iter([("date", date), ("moment", moment)]))
    };
    let dated = read("1958-10-13T00:30:00+01:00", "2021-03-04T05:06:07").unwrap();
    assert_eq!(dated.date, jiff::civil::date(1958, 10, 13));
    assert_eq!(dated.moment.to_string(), "2021-03-04T05:06:07Z");
    for sly in ["canary", "2021-02-30 canary", "2021-02-28canary", "canary-02-28"] {
        for (date, moment, property) in [(sly, "2021-03-04T05:06:07Z", "date"), ("2021-02-28", sly, "moment")]
        {
            let error = read(date, moment).err().unwrap();
            assert_eq!(error.property(), property);
            assert!(!everything_told(&error).contains("canary"), "{}", everything_told(&error));
        }
    }
}

#[test]
fn an_id_that_is_text_or_optional_or_a_number_is_an_external_id() {
    #[derive(ContactMapping)]
    struct Named<T: IdValue + Send + Sync + 'static> {
        #[contact(id)]
        id: T,
    }
    assert_eq!(Named { id: "a:b/ü".to_owned() }.external_id(), Some("a:b/ü".into()));
    assert_eq!(Named { id: Some(7_u32) }.external_id(), Some(7_u64.into()));
    assert_eq!(Named { id: None::<u32> }.external_id(), None);
    assert_eq!(Named { id: String::new() }.external_id(), None);
    assert!(Named { id: -4_i64 }.external_id().unwrap().is_number());
}
