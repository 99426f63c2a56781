//! One way in which ours is not what was recorded, on purpose.

/// One difference: a defect of the original that is gone, or a promise that it did not make.
///
/// `O` is what a replay observes: the answer to a request, the result of a call.
pub(crate) struct Difference<O> {
    /// What differs, in a few words; a row of the table in the documentation begins with them.
    pub(crate) what: &'static str,
    /// The recordings that show it: names, in which a `*` stands for anything.
    pub(crate) recordings: &'static [&'static str],
    /// Whether what was observed is what we do instead.
    pub(crate) instead: fn(&O) -> bool,
}

/// What the documentation says to those who come from the JavaScript packages.
const DOCUMENTATION: &str = include_str!("../../botmatic-contact/docs/from_js_contact.md");

impl<O> Difference<O> {
    pub(crate) fn covers(&self, recording: &str) -> bool {
        self.recordings.iter().any(|pattern| matches(pattern, recording))
    }

    pub(crate) fn is_documented(&self) -> bool {
        DOCUMENTATION.contains(&format!("\n| {} |", self.what))
    }
}

/// Whether a name fits a pattern.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((beginning, rest)) = pattern.split_once('*') else { return pattern == name };
    let ends = |name: &str| name.char_indices().map(|(at, _)| at).chain([name.len()]).collect::<Vec<_>>();
    name.strip_prefix(beginning).is_some_and(|name| ends(name).iter().any(|end| matches(rest, &name[*end..])))
}
