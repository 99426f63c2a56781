//! What was recorded, as it stands in the files beside this one. `tok-alpha` and `tok-beta` are the tokens that the
//! recorded Botmatic knew; `{BOTMATIC}`, `{REFUSED}`, `{SERVER}` and `{PORT}` stand for addresses of that run.

use serde::de::DeserializeOwned;

const INBOUND: &str = include_str!("recordings/inbound.json");
const MAPPER: &str = include_str!("recordings/mapper.json");
const OUTBOUND: &str = include_str!("recordings/outbound.json");

/// Requests to the webhook endpoint and to the settings page, with the setup and all that followed.
pub(crate) fn inbound<T: DeserializeOwned>() -> Vec<T> {
    serde_json::from_str(INBOUND).unwrap()
}

/// Calls of the packages' functions, with the request each made and what it made of the answer.
pub(crate) fn outbound<T: DeserializeOwned>() -> Vec<T> {
    serde_json::from_str(OUTBOUND).unwrap()
}

/// Contacts that the mapper of js-contact made of each other, with the mapping. Of what JSON cannot write, marks tell.
pub(crate) fn mapper<T: DeserializeOwned>() -> Vec<T> {
    let mut recorded: serde_json::Value = serde_json::from_str(MAPPER).unwrap();
    serde_json::from_value(recorded["cases"].take()).unwrap()
}
