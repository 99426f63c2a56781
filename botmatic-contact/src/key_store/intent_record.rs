//! How intents are written down, by stores that keep bytes and in the journal of strays. Changing a record's members is
//! changing the format of every store on disk: add members with a default, never rename.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Half, Intent};
use crate::contact::Properties;
use crate::error::{Error, Result};
use crate::id::{ContactId, ExternalId};

#[derive(Serialize, Deserialize)]
struct IntentRecord {
    half: HalfRecord,
    properties: Properties,
    #[serde(default)]
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
enum HalfRecord {
    Contact(ContactId),
    External(ExternalId),
}

pub(crate) fn intent_to_bytes(intent: &Intent) -> Result<Vec<u8>> {
    let half = match intent.half.clone() {
        Half::Contact(id) => HalfRecord::Contact(id),
        Half::External(id) => HalfRecord::External(id),
    };
    let record = IntentRecord { half, properties: Properties::clone(&intent.properties), at: intent.at };
    serde_json::to_vec(&record).map_err(Error::key_store)
}

pub(crate) fn intent_from_bytes(bytes: &[u8]) -> Result<Intent> {
    let IntentRecord { half, properties, at } = serde_json::from_slice(bytes).map_err(Error::key_store)?;
    let half = match half {
        HalfRecord::Contact(id) => Half::Contact(id),
        HalfRecord::External(id) => Half::External(id),
    };
    Ok(Intent { half, properties: properties.into(), at })
}
