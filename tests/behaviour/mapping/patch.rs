//! A change to a contact: absent, cleared and set are three things, under the names of the service.

use botmatic_contact::Properties;
use botmatic_contact::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ContactMapping)]
#[serde(rename_all = "camelCase")]
struct Customer {
    #[contact(id)]
    customer_id: u64,
    #[contact("firstname")]
    first_name: String,
    #[contact("email", email)]
    #[serde(rename = "e-mail")]
    email_address: Option<String>,
    #[contact("phone")]
    phone_number: Option<String>,
    #[contact("score", default)]
    loyalty_score: u32,
    #[contact("address", json)]
    postal_address: Option<Value>,
    #[contact("secret")]
    #[serde(skip)]
    inner_note: Option<String>,
}

fn patch(properties: Value) -> CustomerPatch {
    let properties: Properties = serde_json::from_value(properties).unwrap();
    CustomerPatch::from_properties(&properties).unwrap()
}

fn grace() -> Customer {
    Customer {
        customer_id: 7,
        first_name: "Grace".to_owned(),
        email_address: Some("grace@example.org".to_owned()),
        phone_number: Some("0612345678".to_owned()),
        loyalty_score: 5,
        postal_address: Some(json!({ "zip": "01234" })),
        inner_note: None,
    }
}

#[test]
fn absent_cleared_and_set_are_told_apart_field_by_field() {
    let patch = patch(json!({ "email": null, "phone": "" }));
    assert_eq!(patch.first_name, Change::Keep);
    assert_eq!(patch.email_address, Change::Clear);
    assert_eq!(patch.phone_number, Change::Set(String::new()));
}

#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    let mut customer = grace();
    patch(json!({ "email": null, "phone": "", "score": null, "address": { "zip": "99999" } }))
        .apply(&mut customer)
        .unwrap();
    assert_eq!(
        customer,
        Customer {
            email_address: None,
            phone_number: Some(String::new()),
            loyalty_score: 0,
            postal_address: Some(json!({ "zip": "99999" })),
            ..grace()
        }
    );
}

#[test]
fn an_empty_patch_changes_nothing_and_says_so() {
    let nothing = patch(json!({ "not_mapped": 1 }));
    assert!(nothing.is_empty());
    assert_eq!(serde_json::to_value(&nothing).unwrap(), json!({}));
    let mut customer = grace();
    nothing.apply(&mut customer).unwrap();
    assert_eq!(customer, grace());
    assert!(!patch(json!({ "phone": null })).is_empty());
}

#[test]
fn a_patch_is_serialised_as_partial_json_under_the_names_of_serde() {
    let all = json!({
        "firstname": "Ada", "email": null, "phone": "0033", "score": 3, "address": "{\"zip\":\"01234\"}",
        "secret": "never",
    });
    assert_eq!(
        serde_json::to_value(patch(all)).unwrap(),
        json!({
            "firstName": "Ada", "e-mail": null, "phoneNumber": "0033", "loyaltyScore": 3,
            "postalAddress": { "zip": "01234" },
        })
    );
    assert_eq!(
        serde_json::to_value(patch(json!({ "phone": null }))).unwrap(),
        json!({ "phoneNumber": null })
    );
}

#[test]
fn a_patch_writes_the_properties_it_was_read_from() {
    let properties =
        json!({ "firstname": "Ada", "email": null, "score": 3, "address": "{\"zip\":\"01234\"}" });
    assert_eq!(serde_json::to_value(patch(properties.clone()).to_properties().unwrap()).unwrap(), properties);
}

#[test]
fn clearing_a_required_field_is_an_error_that_names_the_property() {
    let cleared = Properties::from_iter([("firstname", Value::Null)]);
    let error = CustomerPatch::from_properties(&cleared).unwrap_err();
    assert_eq!(error.property(), "firstname");
    assert!(error.to_string().contains("`firstname` was cleared"), "{error}");
}

#[test]
fn a_cleared_property_inside_a_structure_stays_a_value() {
    let patch = patch(json!({ "address": { "zip": null, "lines": [null] } }));
    assert_eq!(patch.postal_address, Change::Set(json!({ "zip": null, "lines": [null] })));
}
