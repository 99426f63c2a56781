//! The Botmatic of the recordings: it knows two tokens, and otherwise answers what it is told to.

use std::collections::BTreeMap;

use super::recording::Given;
use crate::fake::{Answer, Fake};

pub(super) async fn botmatic(answers: BTreeMap<String, Given>) -> Fake {
    Fake::answering(move |asked| {
        let (kind, status, body) = match (asked.method.as_str(), asked.path.as_str()) {
            (_, "/api/integrationtokens/validate") => match asked.body.as_str() {
                "token=tok-alpha" | "token=tok-beta" => ("validate", 200, r#"{"success":true}"#),
                _ => ("validate", 401, r#"{"success":false}"#),
            },
            ("POST", "/api/properties") => ("properties", 201, r#"{"success":true,"id":501}"#),
            ("PATCH", _) => ("patch", 200, r#"{"success":true}"#),
            _ => ("", 404, r#"{"success":false}"#),
        };
        match answers.get(kind) {
            Some(Given { status: None, .. }) => Answer::Close,
            Some(Given { status: Some(status), headers, body }) => {
                let answer = Answer::new(*status, body);
                headers.iter().fold(answer, |answer, (name, value)| answer.header(name, value))
            }
            None => Answer::new(status, body),
        }
    })
    .await
}
