//! How pairs and installations are written down by the stores that keep bytes. Changing a record's members is
//! changing the format of every store on disk: add members with a default, never rename.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(super) use super::intent_record::{intent_from_bytes, intent_to_bytes};
use super::{Installation, Known, Pair, Traces};
use crate::contact::Properties;
use crate::error::{Error, Result};
use crate::id::{ContactId, ExternalId};
use crate::token::Token;

#[derive(Serialize, Deserialize)]
struct PairRecord {
    contact: ContactId,
    external: ExternalId,
    snapshot: Properties,
    #[serde(default, skip_serializing_if = "Traces::is_empty")]
    traces: Traces,
}

#[derive(Serialize, Deserialize)]
struct InstallationRecord {
    token: String,
    generation: u64,
    installed_at: Timestamp,
}

pub(super) fn pair_to_bytes(pair: &Pair) -> Result<Vec<u8>> {
    let Pair { contact, external, snapshot, traces } = pair.clone();
    to_bytes(&PairRecord { contact, external, snapshot, traces })
}

pub(super) fn pair_from_bytes(bytes: &[u8]) -> Result<Pair> {
    let PairRecord { contact, external, snapshot, traces } = from_bytes(bytes)?;
    Ok(Pair { contact, external, snapshot, traces })
}

pub(super) fn installation_to_bytes(installation: &Installation) -> Result<Vec<u8>> {
    to_bytes(&InstallationRecord {
        token: installation.token.expose().to_owned(),
        generation: installation.generation,
        installed_at: installation.installed_at,
    })
}

pub(super) fn installation_from_bytes(bytes: &[u8]) -> Result<Installation> {
    let InstallationRecord { token, generation, installed_at } = from_bytes(bytes)?;
    Ok(Installation { token: Token::new(token), generation, installed_at })
}

/// The moment of a tombstone. One outside jiff's range was not written by us; the tombstone counts all the same.
pub(super) fn deleted(milliseconds: i64) -> Known {
    Known::Deleted(Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn to_bytes(record: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(record).map_err(Error::key_store)
}

fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(Error::key_store)
}
