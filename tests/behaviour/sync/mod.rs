//! What the engine does about each event and each call of the handle, seen from both sides.

mod concurrent;
mod crash;
mod created;
mod deleted;
mod echo;
mod histories;
mod import;
mod installation;
mod linked;
mod listing;
mod one_way;
mod order;
mod outbound;
mod owned;
mod reactions;
mod reconcile;
mod strays;
mod throttled;
mod updated;

/// The answer that names the external id.
pub(crate) fn done_with(id: u64) -> String {
    format!(r#"{{"data":{{"success":true,"id":{id}}},"type":"data","success":true}}"#)
}

/// The answer that has nothing to tell.
pub(crate) const DONE: &str = r#"{"data":{"success":true},"type":"data","success":true}"#;

/// The answer that says why not.
pub(crate) fn failed(error: &str) -> String {
    format!(r#"{{"data":{{"success":false,"error":"{error}"}},"type":"data","success":false}}"#)
}

pub(crate) const NOT_FOUND: &str =
    r#"{"data":{"success":false,"error":"resource not found"},"type":"data","success":false}"#;
