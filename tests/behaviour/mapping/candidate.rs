//! The struct that the documentation shows, and what it becomes.

use botmatic_contact::prelude::*;
use botmatic_contact::{Properties, Property, PropertyKind};
use serde_json::json;

use crate::design::{Candidate, CandidatePatch, ada};

#[test]
fn properties_are_declared_in_the_order_of_the_fields_with_the_kind_of_their_types() {
    assert_eq!(
        Candidate::PROPERTIES,
        [
            Property::new("firstname", PropertyKind::Text),
            Property::new("email", PropertyKind::Text),
            Property::new("birthdate", PropertyKind::Date),
            Property::new("signup_date", PropertyKind::Text),
            Property::new("validation", PropertyKind::Number),
            Property::new("school", PropertyKind::Text),
        ]
    );
    assert_eq!(Candidate::EMAIL, Some("email"));
}

#[test]
fn a_candidate_is_written_under_the_names_and_in_the_forms_of_botmatic() {
    assert_eq!(
        serde_json::to_value(ada().to_properties().unwrap()).unwrap(),
        json!({
            "firstname": "Ada",
            "email": "ada@example.org",
            "birthdate": "1815-12-10",
            "signup_date": "13/10/2021 05:06:07",
            "validation": 3,
            "school": "{\"name\":\"Home\",\"years\":[1829],\"degree\":null}",
        })
    );
}

#[test]
fn the_id_and_what_is_skipped_never_leave_the_service() {
    let written = serde_json::to_string(&ada().to_properties().unwrap()).unwrap();
    assert!(!written.contains("4001") && !written.contains("id_candidate"), "{written}");
    assert!(!written.contains("canary") && !written.contains("password"), "{written}");
    assert_eq!(ada().external_id(), Some(ExternalId::from(4001_u64)));

    let patch = CandidatePatch::from_properties(&ada().to_properties().unwrap()).unwrap();
    let written = serde_json::to_string(&patch).unwrap();
    assert!(!written.contains("id_candidate") && !written.contains("password"), "{written}");
}

#[test]
fn a_candidate_comes_back_as_it_was_but_for_what_stayed_behind() {
    let properties = ada().to_properties().unwrap();
    let back = Candidate::from_properties(&properties).unwrap();
    assert_eq!(back, Candidate { id_candidate: 0, password_hash: String::new(), ..ada() });
}

#[test]
fn what_the_candidate_does_not_have_is_absent() {
    let bare = Candidate { email_address: None, birth_date: None, school: None, ..ada() };
    let properties = bare.to_properties().unwrap();
    assert_eq!(
        properties.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["firstname", "signup_date", "validation"]
    );
    let back = Candidate::from_properties(&properties).unwrap();
    assert_eq!((back.email_address, back.birth_date, back.school), (None, None, None));
}

#[test]
fn properties_that_are_not_mapped_are_passed_over() {
    let mut properties = ada().to_properties().unwrap();
    properties.extend([("favourite_colour", "mauve"), ("id_candidate", "17"), ("password_hash", "x")]);
    let back = Candidate::from_properties(&properties).unwrap();
    assert_eq!((back.id_candidate, back.password_hash.as_str()), (0, ""));
}

#[test]
fn a_structured_value_is_read_from_its_text_and_from_the_structure_itself() {
    for school in [
        json!(r#"{"name":"Home","years":[1829],"degree":null}"#),
        json!({ "name": "Home", "years": [1829], "degree": null }),
    ] {
        let mut properties = ada().to_properties().unwrap();
        properties.set("school", school);
        assert_eq!(Candidate::from_properties(&properties).unwrap().school, ada().school);
    }
}

#[test]
fn a_conversion_of_the_users_own_that_fails_names_the_property_and_not_the_value() {
    let mut properties = ada().to_properties().unwrap();
    properties.set("signup_date", "canary yesterday");
    let error = Candidate::from_properties(&properties).unwrap_err();
    assert_eq!(error.property(), "signup_date");
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[test]
fn debugging_a_patch_or_properties_prints_no_value() {
    let properties: Properties = ada().to_properties().unwrap();
    let patch = CandidatePatch::from_properties(&properties).unwrap();
    let printed = format!("{properties:?} {patch:?}");
    assert!(!printed.contains("Ada") && !printed.contains("example.org"), "{printed}");
    assert!(printed.contains("firstname") && printed.contains("first_name"), "{printed}");
}
