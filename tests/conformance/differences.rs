//! Where we differ from the JavaScript packages on purpose. The same table, for readers, is in the crate's
//! documentation (`botmatic_contact::from_js_contact`); the tests hold the two together.

use crate::token_source::{self, Came};

/// One difference: a defect of the original that is gone, or a promise that it did not make.
///
/// `O` is what a replay observes: the answer to a request, the result of a call.
pub(crate) struct Difference<O> {
    /// What differs, in a few words; a row of the table in the documentation begins with them.
    pub(crate) what: &'static str,
    /// The recordings that show it: names, each whole or up to a `*` at its end.
    pub(crate) recordings: &'static [&'static str],
    /// Whether what was observed is what we do instead.
    pub(crate) instead: fn(&O) -> bool,
}

/// What the documentation says to those who come from the JavaScript packages.
const DOCUMENTATION: &str = include_str!("../../botmatic-contact/docs/from_js_contact.md");

impl<O> Difference<O> {
    pub(crate) fn covers(&self, recording: &str) -> bool {
        self.recordings.iter().any(|name| match name.strip_suffix('*') {
            Some(beginning) => recording.starts_with(beginning),
            None => recording == *name,
        })
    }

    pub(crate) fn is_documented(&self) -> bool {
        DOCUMENTATION.contains(&format!("\n| {} |", self.what))
    }
}

/// Of the calls to js-jwt, those that came out otherwise.
pub(crate) const TOKEN_SOURCE: &[Difference<token_source::Observed>] = &[
    Difference {
        what: "A token that is refused",
        recordings: &[
            "jwt auth json: 400 with JSON error",
            "jwt auth json: 401 with JSON error",
            "jwt auth json: 404 with JSON error",
            "jwt auth json: 409 with JSON error",
            "jwt auth json: 422 with JSON error",
            "jwt auth json: 503 with empty body",
            "jwt auth json: 302 redirect",
        ],
        instead: |observed| observed.result == Came::Refused,
    },
    Difference {
        what: "An answer without a token",
        recordings: &["jwt auth json: 200 *", "jwt auth: onResponse returns an object"],
        instead: |observed| observed.result == Came::NoToken,
    },
    Difference {
        what: "No connection",
        recordings: &["jwt auth json: connection refused*"],
        instead: |observed| observed.result == Came::Unreachable,
    },
    Difference {
        what: "No answer",
        recordings: &["jwt auth json: no answer at all (2.5 s watched)"],
        instead: |observed| observed.result == Came::TooLate,
    },
    Difference {
        what: "An empty prefix",
        recordings: &["jwt auth: empty prefix"],
        instead: |observed| observed.result == Came::headers([("Authorization", "JWT-1")]),
    },
    Difference {
        what: "No `onResponse`",
        recordings: &["jwt auth: onResponse missing"],
        instead: |observed| observed.result == Came::NotBuilt && observed.request.is_none(),
    },
    Difference {
        what: "The address as option `url`",
        recordings: &["jwt init: url as in the README"],
        instead: |observed| observed.result == Came::Unreachable,
    },
];
