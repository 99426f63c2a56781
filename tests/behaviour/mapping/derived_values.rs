//! Types of the user's own as values and ids: enums of texts, and structs around one value.

use std::num::NonZero;

use botmatic_contact::prelude::*;
use botmatic_contact::{Properties, Property, PropertyKind, Value};
use chrono::{DateTime, Utc};
use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, PropertyValue)]
#[property(rename_all = "snake_case")]
enum Status {
    Active,
    OnLeave,
    #[property("former member")]
    Left,
    #[property("1")]
    First,
    #[property("true")]
    True,
}

const STATUSES: [Status; 5] = [Status::Active, Status::OnLeave, Status::Left, Status::First, Status::True];

/// Around whatever it is.
#[derive(Debug, Clone, PartialEq, PropertyValue)]
struct Wrapped<T> {
    inner: T,
}

#[derive(Debug, Clone, PartialEq, PropertyValue, IdValue)]
struct CandidateId(u64);

#[derive(Debug, Clone, PartialEq, IdValue)]
struct Reference(Option<String>);

#[derive(Debug, PartialEq, ContactMapping)]
struct Member {
    #[contact(id)]
    id: CandidateId,
    status: Option<Status>,
    second: Wrapped<Status>,
    recommended_by: Option<CandidateId>,
}

fn member() -> Member {
    Member {
        id: CandidateId(0),
        status: Some(Status::Left),
        second: Wrapped { inner: Status::Active },
        recommended_by: Some(CandidateId((1 << 53) + 1)),
    }
}

#[test]
fn the_kind_and_the_choices_are_those_of_the_enum_and_pass_through_structs() {
    assert_eq!(Status::CHOICES, ["active", "on_leave", "former member", "1", "true"]);
    assert_eq!(Wrapped::<Wrapped<Status>>::CHOICES, Status::CHOICES);
    assert_eq!(CandidateId::CHOICES, [""; 0]);
    let with_choices = |name, choices| Property { choices, ..Property::new(name, PropertyKind::Text) };
    assert_eq!(
        Member::PROPERTIES,
        [
            with_choices("status", Status::CHOICES),
            with_choices("second", Status::CHOICES),
            Property::new("recommended_by", PropertyKind::Number),
        ]
    );
}

#[test]
fn what_is_written_is_read_again_and_canonical() {
    for status in STATUSES {
        let value = status.to_value().unwrap();
        assert_eq!(Status::from_value(&value).unwrap(), status);
        assert_eq!(Wrapped::<Status>::canonical(value.clone()).unwrap(), value);
    }
    let properties = member().to_properties().unwrap();
    assert_eq!(
        serde_json::to_value(&properties).unwrap(),
        json!({ "status": "former member", "second": "active", "recommended_by": "9007199254740993" })
    );
    assert_eq!(Member::from_properties(&properties).unwrap(), member());
}

#[test]
fn a_text_that_was_tidied_into_a_number_or_a_truth_value_is_still_the_choice() {
    assert_eq!(Status::from_value(&json!(1)).unwrap(), Status::First);
    assert_eq!(Status::from_value(&json!(true)).unwrap(), Status::True);
}

#[test]
fn a_text_that_is_no_choice_is_an_error_that_lists_the_choices_and_not_the_text() {
    for sent in [json!("canary"), json!(""), json!("Active"), json!(["canary"]), json!(7_654_321)] {
        let properties: Properties = [("status", sent), ("second", json!("active"))].into_iter().collect();
        let error = Member::from_properties(&properties).unwrap_err();
        assert_eq!(
            error.to_string(),
            "property `status`: expected one of the texts `active`, `on_leave`, `former member`, `1`, `true`"
        );
        let told = format!("{error:?}");
        assert!(!told.contains("canary") && !told.contains("7654321"), "{told}");
    }
}

#[test]
fn what_a_struct_holds_is_read_as_leniently_and_canonical_as_by_itself() {
    assert_eq!(CandidateId::from_value(&json!(" 12 ")).unwrap(), CandidateId(12));
    assert_eq!(CandidateId::canonical(json!("12")).unwrap(), Value::from(12));
    assert!(CandidateId::from_value(&json!(-1)).is_err());
}

#[test]
fn a_struct_around_an_id_is_an_id() {
    assert_eq!(CandidateId(7).to_external_id(), Some(7_u64.into()));
    assert_eq!(Reference(Some("a/b".to_owned())).to_external_id(), Some("a/b".into()));
    assert_eq!(Reference::unassigned(), Reference(None));
    assert_eq!(Reference::unassigned().to_external_id(), None);
    assert_eq!(member().external_id(), Some(0_u64.into()));
}

#[test]
fn every_value_of_a_derived_type_survives_the_wire() {
    #[derive(Debug, PartialEq, ContactMapping)]
    struct Derived {
        #[contact(id)]
        id: Reference,
        status: Status,
        nested: Option<Wrapped<Wrapped<Status>>>,
        recommended_by: CandidateId,
        text: Wrapped<String>,
        character: Wrapped<char>,
        truth: Wrapped<bool>,
        huge: Wrapped<i128>,
        not_zero: Wrapped<NonZero<u16>>,
        float: Wrapped<f32>,
        decimal: Wrapped<Decimal>,
        uuid: Wrapped<Uuid>,
        date: Wrapped<civil::Date>,
        moment: Wrapped<Timestamp>,
        utc: Wrapped<DateTime<Utc>>,
    }
    assert_round_trip!(Member);
    assert_round_trip!(Derived);
}
