//! What was recorded, as it stands in the files beside this one. `tok-alpha` and `tok-beta` are the tokens that the
//! recorded Botmatic knew; `{BOTMATIC}`, `{REFUSED}`, `{SERVER}` and `{PORT}` stand for addresses of that run.

use serde::de::DeserializeOwned;

const INBOUND: &str = include_str!("recordings/inbound.json");
const OUTBOUND: &str = include_str!("recordings/outbound.json");

/// Requests to the webhook endpoint and to the settings page, with the setup and all that followed.
pub(crate) fn inbound<T: DeserializeOwned>() -> Vec<T> {
    serde_json::from_str(INBOUND).unwrap()
}

/// Calls of the packages' functions, with the request each made and what it made of the answer.
pub(crate) fn outbound<T: DeserializeOwned>() -> Vec<T> {
    serde_json::from_str(OUTBOUND).unwrap()
}
