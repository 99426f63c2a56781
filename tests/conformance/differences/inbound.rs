//! What is different at the endpoint, and what ours does instead.

use serde_json::{Value, json};

use crate::difference::Difference;
use crate::inbound::{Answer, Observed, Said};

impl Observed {
    /// The only answer, if it is JSON under 200.
    fn reply(&self) -> &Value {
        match self.answers.as_slice() {
            [Answer::Said { status: 200, body: Said::Json(body), .. }] => body,
            _ => &Value::Null,
        }
    }

    /// All answers are JSON under 200.
    fn replies(&self) -> impl Iterator<Item = &Value> {
        self.answers.iter().map(|answer| match answer {
            Answer::Said { status: 200, body: Said::Json(body), .. } => body,
            _ => &Value::Null,
        })
    }

    fn succeeds(&self) -> bool {
        self.replies().all(|reply| reply["success"] == true)
    }

    /// The last answer speaks of failure; the reason.
    fn reason(&self) -> &str {
        let last = self.replies().last().filter(|reply| reply["success"] == false);
        last.and_then(|reply| reply["data"]["error"].as_str()).unwrap_or_default()
    }

    /// The only answer has this status, and a line of text that shows nothing of the inside.
    fn refused_with(&self, expected: u16) -> bool {
        matches!(self.answers.as_slice(), [Answer::Said { status, body: Said::Text(text), .. }]
            if *status == expected && text.len() < 80 && !text.contains(['<', '\n']))
    }

    fn is_unbuilt(&self, why: &str) -> bool {
        matches!(self.answers.as_slice(), [Answer::Unbuilt(reason)] if reason.contains(why))
    }

    fn is_unauthorized(&self) -> bool {
        self.refused_with(401) && self.heard.is_empty() && self.consumer.is_empty()
    }

    fn has_pairs_of(&self, token: &str) -> bool {
        self.pairs.keys().any(|key| key.starts_with(token))
    }

    /// What the first handler that was asked was given.
    fn given(&self) -> &Value {
        self.heard.first().unwrap_or(&Value::Null)
    }

    /// How often the external service was asked for something.
    fn asked_for(&self, method: &str) -> usize {
        self.consumer.iter().filter(|call| call[0] == method).count()
    }
}

/// The rows; those of one name are one row of the documentation, each with what is pinned down for its recordings.
pub(crate) const INBOUND: &[Difference<Observed>] = &[
    Difference {
        what: "A token",
        recordings: &[
            "auth: default auth, no header",
            "auth: default auth, empty header value",
            "auth: default auth, token in the query only",
            "contact_created: no authorization header: token null becomes part of the key (patched)",
            "malformed: event is an object with a toString member, js-contact with default auth, no Authorization header",
        ],
        instead: |seen| seen.is_unauthorized() && seen.pairs.is_empty(),
    },
    Difference {
        what: "The `Authorization` header",
        recordings: &[
            "auth: default auth, bad scheme",
            "auth: default auth, scheme only",
            "auth: default auth, Bearer in the middle",
        ],
        instead: Observed::is_unauthorized,
    },
    Difference {
        what: "The `Authorization` header",
        recordings: &[
            "auth: default auth, lower-case bearer",
            "auth: default auth, upper-case BEARER",
            "auth: default auth, two spaces",
        ],
        instead: |seen| seen.succeeds() && seen.given()["token"] == "tok-alpha",
    },
    Difference {
        what: "The `Authorization` header",
        recordings: &["install: basic scheme", "install: empty bearer"],
        instead: |seen| seen.is_unauthorized() && seen.asked.is_empty(),
    },
    Difference {
        what: "The `Authorization` header",
        recordings: &["install: lower-case bearer"],
        instead: |seen| {
            seen.succeeds() && seen.asked.first().is_some_and(|one| one.body == "token=tok-alpha")
        },
    },
    Difference {
        what: "An authorizer that returns nothing",
        recordings: &["auth: auth function: resolve_null", "auth: auth function: resolve_undefined"],
        instead: Observed::is_unauthorized,
    },
    Difference {
        what: "An authorizer that fails",
        recordings: &["auth: auth function: throws_synchronously"],
        instead: |seen| seen.refused_with(503) && seen.heard.is_empty(),
    },
    Difference {
        what: "An authorizer of another form",
        recordings: &[
            "auth: auth function: a_string",
            "auth: auth returns plain true on js-contact with an event (the README default)",
        ],
        instead: Observed::succeeds,
    },
    Difference {
        what: "Whether Botmatic knows a token",
        recordings: &[
            "install: validator 200 success is the string \"false\"",
            "install: validator 401 but success true",
            "install: validator 500 but success true",
        ],
        instead: |seen| {
            seen.is_unauthorized() && seen.asked.iter().all(|one| one.path.ends_with("/validate"))
        },
    },
    Difference {
        what: "A request to Botmatic that fails in passing",
        recordings: &["install: validator closes the connection"],
        instead: |seen| seen.is_unauthorized() && seen.asked.len() == 5,
    },
    Difference {
        what: "A request to Botmatic that fails in passing",
        recordings: &["install: properties answer 500"],
        instead: |seen| seen.reason().contains("500") && seen.asked.len() == 6,
    },
    Difference {
        what: "A name that is no text",
        recordings: &[
            "install: event is the list [\"install\"]: validator not asked, handler runs",
            "malformed: event is nested list",
            "malformed: event is list of two",
            "malformed: event is object",
            "malformed: action is object",
        ],
        instead: |seen| seen.reason().starts_with("No ") && seen.heard.is_empty() && seen.asked.is_empty(),
    },
    Difference {
        what: "A name that is no text",
        recordings: &["install: event [\"uninstall\"] with an unknown token wipes that token"],
        instead: |seen| seen.reason().starts_with("No event") && seen.has_pairs_of("tok-beta"),
    },
    Difference {
        what: "A name that is no text",
        recordings: &["malformed: action is an object with a toString member, and a handler .* "],
        instead: |seen| seen.succeeds() && seen.given()["body"]["action"] == r#"{"toString":1}"#,
    },
    Difference {
        what: "An action and an event in one call",
        recordings: &["malformed: both action and event", "malformed: both, action empty"],
        instead: |seen| {
            let shown = &seen.given()["body"];
            seen.succeeds() && (shown.get("action").is_some() != shown.get("event").is_some())
        },
    },
    Difference {
        what: "Handlers of events by pattern",
        recordings: &[
            "install: wildcard event handler registered by the user takes install over",
            "replies: wildcard handler registered by the user also takes contact_updated",
        ],
        instead: |seen| seen.succeeds() && seen.heard.is_empty(),
    },
    Difference {
        what: "Handlers of events by pattern",
        recordings: &[
            "replies: unknown event with a wildcard handler",
            "malformed: event is an object with a toString member, and a handler .*",
        ],
        instead: |seen| seen.reason().starts_with("No event"),
    },
    Difference {
        what: "An exact name and a pattern",
        recordings: &[
            "actions: two matching: exact then wildcard",
            "actions: integer-like name registered first",
        ],
        instead: |seen| seen.succeeds() && seen.given()["name"] == "first",
    },
    Difference {
        what: "An exact name and a pattern",
        recordings: &["actions: integer-like name is visited before the others, whatever the order"],
        instead: |seen| seen.succeeds() && seen.given()["name"] == "second",
    },
    Difference {
        what: "A name with two handlers",
        recordings: &["actions: same name twice: replaced"],
        instead: |seen| seen.is_unbuilt("has two handlers"),
    },
    Difference {
        what: "A name with two handlers",
        recordings: &[
            "actions: wildcard, exact, then wildcard again: the position of the first registration counts",
        ],
        instead: |seen| seen.is_unbuilt("is never asked"),
    },
    Difference {
        what: "A pattern that is no regular expression",
        recordings: &["actions: invalid regex at registration"],
        instead: |seen| seen.is_unbuilt("is not a regular expression"),
    },
    Difference {
        what: "`__proto__`, `hasOwnProperty` and 0",
        recordings: &["actions: name \"__proto__\""],
        instead: |seen| seen.succeeds() && seen.heard.len() == 1,
    },
    Difference {
        what: "`__proto__`, `hasOwnProperty` and 0",
        recordings: &["contact_created: a field called hasOwnProperty", "contact_created: id 0 (patched)"],
        instead: |seen| seen.reply()["data"]["id"] == 701 && seen.pairs.len() == 2,
    },
    Difference {
        what: "`__proto__`, `hasOwnProperty` and 0",
        recordings: &["contact_deleted: contact_id 0"],
        instead: |seen| seen.reason() == "resource not found" && seen.consumer.is_empty(),
    },
    Difference {
        what: "The form of an answer",
        recordings: &[
            "actions: resolves a bigint",
            "actions: resolves a frozen object",
            "actions: resolves a list",
            "actions: resolves bytes",
            "actions: resolves null",
            "actions: resolves number*",
            "actions: resolves true",
            "actions: resolves undefined",
            "actions: resolves with data only",
            "actions: resolves without data",
            "actions: returns *",
            "install: js-integration alone, handler returns a plain object",
            "replies: event handler returns a plain object",
        ],
        instead: |seen| {
            let reply = seen.reply();
            seen.succeeds() && reply["type"] == "data" && reply.get("data").is_some()
        },
    },
    Difference {
        what: "The form of an answer",
        recordings: &["actions: rejects with success true: overwritten"],
        instead: |seen| *seen.reply() == json!({ "data": 1, "type": "data", "success": false }),
    },
    Difference {
        what: "A handler that fails",
        recordings: &[
            "actions: rejects with a string",
            "actions: rejects with an Error*",
            "actions: rejects with an empty object",
            "actions: rejects with null",
            "actions: rejects with number 404",
            "actions: rejects with undefined",
            "malformed: nesting 20000 deep, handler sends it back",
            "replies: event handler throws synchronously",
        ],
        instead: |seen| {
            let reason = seen.reason();
            !reason.is_empty()
                && *seen.reply() == json!({ "data": { "error": reason }, "type": "data", "success": false })
        },
    },
    Difference {
        what: "What never comes to an end",
        recordings: &[
            "actions: never settles",
            "auth: auth function: never_settles",
            "contact_created: consumer createContact never settles (patched)",
            "install: callback never settles",
        ],
        instead: |seen| seen.reason().starts_with("this takes too long"),
    },
    Difference {
        what: "What never comes to an end",
        recordings: &["malformed: body shorter than content-length, client waits"],
        instead: |seen| seen.refused_with(408) && seen.heard.is_empty(),
    },
    Difference {
        what: "`contact_created`",
        recordings: &["contact_created: * (unpatched)"],
        instead: |seen| {
            seen.is_unauthorized()
                || !seen.reason().is_empty()
                || seen.replies().all(|reply| reply["data"]["id"] != Value::Null)
        },
    },
    Difference {
        what: "A contact that cannot be synced",
        recordings: &[
            "contact_created: consumer createContact fails (patched)",
            "contact_created: consumer createContact returns undefined (patched)",
            "contact_created: consumer createContact succeeds without an id (patched)",
            "contact_created: consumer createContact throws *(patched)",
            "contact_created: data null",
            "contact_created: transform throws (date is a number)",
            "contact_updated: data null",
            "contact_updated: known id, consumer *",
            "contact_updated: no data member",
            "contact_updated: transform throws",
            "contact_deleted: contact nested under the event name, as the packages own tests send it",
            "contact_deleted: empty data",
            "contact_deleted: id instead of contact_id",
            "contact_deleted: no data member",
        ],
        instead: |seen| {
            let reason = seen.reason();
            !reason.is_empty() && seen.reply()["data"] == json!({ "success": false, "error": reason })
        },
    },
    Difference {
        what: "An `install` that fails",
        recordings: &[
            "install: properties answer 201 that is not JSON",
            "install: properties answer 400",
            "install: properties answer 409",
            "install: properties answer 422",
        ],
        instead: |seen| seen.reason().starts_with("Botmatic answered POST /api/properties"),
    },
    Difference {
        what: "Data that are no contact",
        recordings: &[
            "contact_created: contact nested under the event name, as the packages own tests send it (patched)",
            "contact_created: data a string (patched)",
            "contact_updated: data a string",
            "contact_updated: no id",
        ],
        instead: |seen| !seen.reason().is_empty() && seen.consumer.is_empty(),
    },
    Difference {
        what: "A value of another type",
        recordings: &[
            "contact_created: id as string (patched)",
            "contact_updated: unknown id, consumer create fails",
        ],
        instead: |seen| seen.reason().starts_with("property `score`: expected") && seen.consumer.is_empty(),
    },
    Difference {
        what: "A field that is emptied",
        recordings: &["contact_updated: clearing fields with empty string and null"],
        instead: |seen| {
            let patch = json!({ "given_name": "", "family_name": null, "mobile": "0700000000" });
            seen.succeeds() && seen.consumer == [json!(["updateContact", "4001", patch])]
        },
    },
    Difference {
        what: "A contact without an e-mail address",
        recordings: &["contact_created: no email (patched)"],
        instead: |seen| {
            seen.succeeds() && seen.consumer == [json!(["createContact", { "given_name": "Noemail" }])]
        },
    },
    Difference {
        what: "A contact that is found by its e-mail address",
        recordings: &[
            "contact_created: existing by email*(patched)",
            "contact_updated: unknown id, same email exists in the external service",
        ],
        instead: |seen| {
            let external = seen.pairs.get("tok-alpha:b:9001").map(String::as_str);
            let asked = seen.asked.iter().all(|one| one.path == "/api/contacts/9001");
            seen.succeeds()
                && asked
                && seen.asked_for("createContact") == 0
                && external.is_some_and(|id| ["4001", "C-1"].contains(&id))
        },
    },
    Difference {
        what: "A lookup by e-mail that fails",
        recordings: &[
            "contact_created: consumer getContactByEmail fails for another reason than not found (patched)",
        ],
        instead: |seen| {
            seen.reason() == "timeout" && seen.asked_for("createContact") == 0 && seen.pairs.is_empty()
        },
    },
    Difference {
        what: "The same contact twice",
        recordings: &[
            "contact_created: another token: pair is kept per token (patched)",
            "contact_created: two deliveries at once of one contact, consumer takes 100 ms (patched)",
            "contact_updated: two deliveries at once for an unknown id",
        ],
        instead: |seen| {
            let ids: Vec<_> = seen.replies().map(|reply| &reply["data"]["id"]).collect();
            let one = ids.iter().all(|id| *id == ids[0] && !id.is_null());
            seen.succeeds() && one && seen.asked_for("createContact") <= 1
        },
    },
    Difference {
        what: "The deletion of nobody",
        recordings: &["contact_deleted: unknown id", "contact_deleted: delivered twice"],
        instead: |seen| {
            seen.reason() == "resource not found" && seen.consumer.iter().all(|call| !call[1].is_null())
        },
    },
    Difference {
        what: "A deletion that fails",
        recordings: &["contact_deleted: known id, consumer fails (pair is dropped all the same)"],
        instead: |seen| seen.reason() == "locked" && seen.has_pairs_of("tok-alpha"),
    },
    Difference {
        what: "A key store that fails",
        recordings: &["contact_deleted: keystore down", "contact_updated: keystore down"],
        instead: |seen| seen.reason().starts_with("the key store failed") && seen.consumer.is_empty(),
    },
    Difference {
        what: "A mapping without an id",
        recordings: &["contact_updated: known id, mappings without an id flag"],
        instead: |seen| seen.succeeds() && seen.consumer.iter().all(|call| call[1] == "4001"),
    },
    Difference {
        what: "`install` without a handler",
        recordings: &["install: js-integration alone, no install handler"],
        instead: |seen| seen.reply()["data"] == json!({ "success": true }),
    },
    Difference {
        what: "A handler of `install` or `uninstall`",
        recordings: &["install: callback rejects (not awaited)"],
        instead: |seen| seen.reason() == "store failed" && seen.asked.len() == 2,
    },
    Difference {
        what: "A handler of `install` or `uninstall`",
        recordings: &[
            "uninstall: callback rejects (not awaited)",
            "uninstall: callback throws synchronously",
        ],
        instead: |seen| seen.reason() == "cleanup failed" && !seen.has_pairs_of("tok-alpha"),
    },
    Difference {
        what: "The answer to `uninstall`",
        recordings: &[
            "uninstall: callback registered",
            "uninstall: callback registered, no data member",
            "uninstall: default (no callback registered)",
            "uninstall: empty keystore",
        ],
        instead: |seen| {
            let said = [json!({ "success": true }), json!({ "mine": 1 })];
            seen.succeeds() && said.contains(&seen.reply()["data"]) && !seen.has_pairs_of("tok-alpha")
        },
    },
    Difference {
        what: "Other methods on the endpoint",
        recordings: &["malformed: * on the endpoint", "malformed: GET on the endpoint, production mode"],
        instead: |seen| seen.refused_with(405),
    },
    Difference {
        what: "Error pages",
        recordings: &[
            "endpoint: custom endpoint, deeper path",
            "endpoint: custom endpoint, percent-escaped letter",
            "endpoint: custom endpoint, root is not served",
            "endpoint: option called path as in the README is ignored: /hook",
            "malformed: POST with a broken percent escape",
        ],
        instead: |seen| seen.refused_with(404),
    },
    Difference {
        what: "Error pages",
        recordings: &[
            "malformed: JSON null",
            "malformed: JSON string",
            "malformed: JSON true",
            "malformed: body shorter than content-length, then the client closes",
            "malformed: gzip declared, body is plain",
            "malformed: invalid JSON*",
            "malformed: single quotes",
            "malformed: trailing comma",
        ],
        instead: |seen| seen.refused_with(400),
    },
    Difference {
        what: "Error pages",
        recordings: &[
            "malformed: body of 1 MB",
            "malformed: body of 102401 bytes",
            "malformed: gzip bomb: 200 bytes that inflate to 200 kB",
        ],
        instead: |seen| seen.refused_with(413),
    },
    Difference {
        what: "Error pages",
        recordings: &["malformed: charset iso-8859-1", "malformed: unknown content-encoding"],
        instead: |seen| seen.refused_with(415),
    },
    Difference {
        what: "UTF-16",
        recordings: &["malformed: charset utf-16 declared"],
        instead: |seen| seen.refused_with(415),
    },
    Difference {
        what: "Bytes after the body",
        recordings: &["malformed: body longer than content-length"],
        instead: |seen| seen.succeeds() && seen.heard.len() == 1,
    },
    Difference {
        what: "A body parser of the app",
        recordings: &["endpoint: an earlier middleware leaves req.body undefined"],
        instead: |seen| seen.succeeds() && seen.heard.len() == 1,
    },
    Difference {
        what: "A body parser of the app",
        recordings: &["endpoint: app already parses JSON, not strict: *"],
        instead: |seen| seen.refused_with(400),
    },
    Difference {
        what: "A body parser of the app",
        recordings: &["endpoint: app already parses JSON with a 1 MB limit: 102401 bytes pass"],
        instead: |seen| seen.refused_with(413),
    },
    Difference {
        what: "Strict routing",
        recordings: &["endpoint: strict routing on: trailing slash"],
        instead: Observed::succeeds,
    },
    Difference {
        what: "A parameter in the endpoint",
        recordings: &["endpoint: custom endpoint with a parameter"],
        instead: |seen| seen.is_unbuilt("is not a path"),
    },
    Difference {
        what: "Two integrations on one endpoint",
        recordings: &["endpoint: two integrations on one app and one endpoint: *"],
        instead: |seen| seen.is_unbuilt("one endpoint"),
    },
];
