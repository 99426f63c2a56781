//! Requests to the settings page that come out otherwise.

use crate::difference::Difference;
use crate::settings::{Body, Observed as Settings};

/// Requests to the settings page.
pub(crate) const SETTINGS: &[Difference<Settings>] = &[
    Difference {
        what: "Whose settings are saved",
        recordings: &["settings post: token in the body, none in the query: *"],
        instead: |observed| {
            let token = observed.given.as_ref().and_then(|given| given.token.as_deref());
            observed.status == Some(200) && token == Some("tok-alpha")
        },
    },
    Difference {
        what: "A field called `files`",
        recordings: &["settings post: a posted member called files is overwritten"],
        instead: |observed| {
            observed
                .given
                .as_ref()
                .is_some_and(|given| given.values.get("files").is_some_and(|files| files == "mine"))
        },
    },
    Difference {
        what: "A token that is a list or an object",
        recordings: &["settings page: token given twice", "settings page: token as an object"],
        instead: |observed| {
            let forbidden = Body::Text("Forbidden".to_owned());
            observed.status == Some(401) && observed.body == forbidden && observed.validated.is_empty()
        },
    },
    Difference {
        what: "Markup in a value",
        recordings: &[
            "settings page: token with markup that the validator accepts: not escaped",
            "settings page: page with mustache marks and markup: *",
        ],
        instead: |observed| observed.status == Some(200) && observed.body == Body::Page { markup: false },
    },
    Difference {
        what: "A page that cannot be shown",
        recordings: &["settings page: page function rejects"],
        instead: |observed| {
            let says_why =
                |page: &String| page.contains("<p class=\"notice\" role=\"alert\">page failed</p>");
            observed.status == Some(500) && matches!(&observed.body, Body::Text(page) if says_why(page))
        },
    },
    Difference {
        what: "A save that fails",
        recordings: &["settings post: handler rejects"],
        instead: |observed| is_refusal(observed, 200, "save failed"),
    },
    Difference {
        what: "What a save returns",
        recordings: &["settings post: handler resolves a string", "settings post: handler resolves a number"],
        instead: |observed| {
            let saved = Body::Json(serde_json::json!({ "success": true }));
            observed.status == Some(200) && observed.body == saved
        },
    },
    Difference {
        what: "A form that arrives broken",
        recordings: &["settings post: invalid JSON", "settings post: multipart, broken body"],
        instead: |observed| is_refusal(observed, 400, "The form arrived broken. Load the page again."),
    },
    Difference {
        what: "Files without a further package",
        recordings: &["settings post: multipart without multer"],
        instead: |observed| {
            let files = observed.given.as_ref().map(|given| given.files.as_slice());
            observed.status == Some(200)
                && files == Some(&[["logo", "logo.txt", "text/plain", "made-up file"].map(str::to_owned)])
        },
    },
    Difference {
        what: "A form that is posted to the webhook",
        recordings: &["settings post: multipart sent to the webhook endpoint while multer is on the app"],
        instead: |observed| {
            observed.status == Some(403) && observed.body == Body::Text("Bad Request".to_owned())
        },
    },
    Difference {
        what: "A settings page that is not there",
        recordings: &["settings page: no settings page defined"],
        instead: |observed| observed.status == Some(404) && observed.body == Body::Text(String::new()),
    },
];

fn is_refusal(observed: &Settings, status: u16, message: &str) -> bool {
    let refused = Body::Json(serde_json::json!({ "success": false, "error": message }));
    observed.status == Some(status) && observed.body == refused
}

/// The content types of its answers.
pub(crate) const SETTINGS_CONTENT_TYPES: &[Difference<String>] = &[Difference {
    what: "The content type of an answer to a save",
    recordings: &[
        "settings post: errorFields",
        "settings post: through js-contact",
        "settings post: handler returns a plain object",
        "settings post: multipart with a file, *",
        "settings post: multipart, two files under one name",
    ],
    instead: |observed| observed == "application/json; charset=utf-8",
}];
