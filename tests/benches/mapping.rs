//! The derived mapping, both ways, beside one written by hand over a JSON object.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]

mod support;

use std::hint::black_box;

use botmatic_contact::prelude::*;
use botmatic_contact::{Properties, Value};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use support::compare;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct School {
    name: String,
    city: String,
    year: u16,
}

#[derive(Debug, Clone, PartialEq, ContactMapping)]
struct Candidate {
    #[contact(id)]
    id: u64,
    #[contact("firstname")]
    first_name: String,
    #[contact("lastname")]
    last_name: String,
    #[contact("email", email)]
    email: Option<String>,
    #[contact("phone")]
    phone: Option<String>,
    #[contact("birthdate")]
    birth_date: Option<Date>,
    #[contact("signup_date")]
    signed_up: Timestamp,
    #[contact("validation")]
    validation: u8,
    #[contact("account")]
    account: Option<String>,
    #[contact("origin")]
    origin: Option<String>,
    #[contact("school", json)]
    school: Option<School>,
}

fn candidate() -> Candidate {
    Candidate {
        id: 4001,
        first_name: "Zofia".to_owned(),
        last_name: "Ćwiklińska".to_owned(),
        email: Some("zofia@example.test".to_owned()),
        phone: Some("0048221234567".to_owned()),
        birth_date: Some("1984-02-29".parse().unwrap()),
        signed_up: "2018-02-09T12:44:26Z".parse().unwrap(),
        validation: 3,
        account: None,
        origin: Some("fair".to_owned()),
        school: Some(School { name: "Politechnika".to_owned(), city: "Łódź".to_owned(), year: 2008 }),
    }
}

/// What one writes without the framework.
fn to_object(candidate: &Candidate) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("firstname".to_owned(), json!(candidate.first_name));
    object.insert("lastname".to_owned(), json!(candidate.last_name));
    let optional = [
        ("email", &candidate.email),
        ("phone", &candidate.phone),
        ("account", &candidate.account),
        ("origin", &candidate.origin),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            object.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(birth_date) = candidate.birth_date {
        object.insert("birthdate".to_owned(), Value::String(birth_date.to_string()));
    }
    object.insert("signup_date".to_owned(), Value::String(candidate.signed_up.to_string()));
    object.insert("validation".to_owned(), json!(candidate.validation));
    if let Some(school) = &candidate.school {
        object.insert("school".to_owned(), Value::String(serde_json::to_string(school).unwrap()));
    }
    object
}

/// And back.
fn from_object(object: &Map<String, Value>) -> Option<Candidate> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    Some(Candidate {
        id: 0,
        first_name: text("firstname")?.to_owned(),
        last_name: text("lastname")?.to_owned(),
        email: text("email").map(ToOwned::to_owned),
        phone: text("phone").map(ToOwned::to_owned),
        birth_date: text("birthdate").and_then(|date| date.parse().ok()),
        signed_up: text("signup_date")?.parse().ok()?,
        validation: object.get("validation")?.as_u64()?.try_into().ok()?,
        account: text("account").map(ToOwned::to_owned),
        origin: text("origin").map(ToOwned::to_owned),
        school: text("school").and_then(|school| serde_json::from_str(school).ok()),
    })
}

fn main() {
    let candidate = candidate();
    let (object, properties) = (to_object(&candidate), candidate.to_properties().unwrap());
    let written_by_hand: Properties = object.clone().into_iter().collect();
    assert_eq!(written_by_hand, properties, "both write the same");
    assert_eq!(from_object(&object), Candidate::from_properties(&properties).ok(), "both read the same");

    compare(
        "mapping: 10 properties to Botmatic",
        || drop(black_box(to_object(black_box(&candidate)))),
        || drop(black_box(black_box(&candidate).to_properties().unwrap())),
    );
    compare(
        "mapping: 10 properties from Botmatic",
        || drop(black_box(from_object(black_box(&object)).unwrap())),
        || drop(black_box(Candidate::from_properties(black_box(&properties)).unwrap())),
    );
}
