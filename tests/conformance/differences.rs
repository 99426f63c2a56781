//! Where we differ from the JavaScript packages on purpose. The same table, for readers, is in the crate's
//! documentation (`botmatic_contact::from_js_contact`); the tests hold the two together.

/// One difference: a defect of the original that is gone, or a promise that it did not make.
///
/// `O` is what a replay observes: the answer to a request, the result of a call.
pub(crate) struct Difference<O> {
    /// What differs, in a few words; a row of the table in the documentation begins with them.
    pub(crate) what: &'static str,
    /// The recordings that show it: their names; a `*` stands for any text.
    pub(crate) recordings: &'static [&'static str],
    /// Whether what was observed is what we do instead.
    pub(crate) instead: fn(&O) -> bool,
}

/// What the documentation says to those who come from the JavaScript packages.
const DOCUMENTATION: &str = include_str!("../../botmatic-contact/docs/from_js_contact.md");

impl<O> Difference<O> {
    pub(crate) fn covers(&self, recording: &str) -> bool {
        self.recordings.iter().any(|name| match name.split_once('*') {
            Some((beginning, end)) => {
                recording.strip_prefix(beginning).is_some_and(|rest| rest.ends_with(end))
            }
            None => recording == *name,
        })
    }

    pub(crate) fn is_documented(&self) -> bool {
        DOCUMENTATION.contains(&format!("\n| {} |", self.what))
    }
}
