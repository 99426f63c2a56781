//! What bots are told that they can call.

use serde_json::{Value, json};

use crate::world::binary;

#[tokio::test]
async fn it_says_what_can_be_called_and_needs_no_environment_for_it() {
    let output = binary().arg("--manifest").output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut manifest: Value = serde_json::from_slice(&output.stdout).unwrap();
    let schema = manifest["patterns"][0]["captures"].take();
    let any = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "AnyValue" });
    let property = |name: &str, kind: &str| json!({ "name": name, "kind": kind, "access": "read_write", "finds_contact": name == "email" });
    let text = |name: &str| property(name, "text");
    let expected = json!({
        "endpoint": "/",
        "events": [],
        "actions": [{
            "name": "echo",
            "description": "Answers with what it was called with.",
            "params": any,
            "answer": any,
        }],
        "patterns": [{
            "pattern": r"set_(?<property>signup_date|[^_]+)_(?<value>.+)",
            "groups": ["property", "value"],
            "description": "Sets a property of the contact, here and at the service. A mapped property is set in its \
                            own kind:\n`set_validation_1` sets a number.",
            "captures": null,
        }],
        "properties": [
            text("firstname"),
            text("lastname"),
            text("email"),
            text("phone"),
            property("signup_date", "date"),
            property("validation", "number"),
            text("account"),
            text("origin"),
            text("school"),
            text("demarches"),
        ],
    });
    assert_eq!(manifest, expected);
    assert_eq!(schema["required"], json!(["property", "value"]));
    assert_eq!(
        schema["properties"]["value"],
        json!({ "description": "Its new value, as text.", "type": "string" })
    );
}

#[tokio::test]
async fn it_shows_the_endpoint_that_the_environment_says_or_why_it_cannot_be_one() {
    let output = binary().arg("--manifest").env("ENDPOINT", "/hook").output().await.unwrap();
    let manifest: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(manifest["endpoint"], "/hook");
    let output = binary().arg("--manifest").env("ENDPOINT", "hook").output().await.unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}
