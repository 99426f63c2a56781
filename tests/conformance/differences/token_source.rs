//! Calls of js-jwt that come out otherwise.

use crate::difference::Difference;
use crate::token_source::{self, Came};

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
