//! Calls of js-api-client and js-contact that come out otherwise.

use serde_json::{Value, json};

use crate::difference::Difference;
use crate::outbound::{Observed, Outcome, Pairs, Seen, Sent};

/// Calls of js-api-client and js-contact.
pub(crate) const OUTBOUND: &[Difference<Observed>] = &[
    Difference {
        what: "The external id as a property `id`",
        recordings: &[
            "contact createContact: success",
            "contact createContact: 20* (a 2xx that is not the expected 201)",
            "contact createContact: 4*JSON error",
            "contact createContact: 500 with HTML",
            "contact createContact: 302 redirect",
            "contact createContact: connection closed without an answer",
            "contact updateContacts: success",
            "contact updateContacts: 20* (a 2xx that is not the expected 200)",
            "contact updateContacts: 302 redirect",
            "contact updateContacts: 200 with unexpected JSON",
            "contact updateContacts: 200 with JSON *",
            "contact updateContacts: 200 with empty body",
            "contact importContacts (2 contacts): success",
            "contact importContacts: 60 contacts, exact pages",
            "contact importContacts: 65 contacts*",
        ],
        instead: |observed| observed.is(|_| {}),
    },
    Difference {
        what: "A body on a GET",
        recordings: &[
            "api getAllBots: success",
            "api getAllBots: 201 (a 2xx that is not the expected 200)",
            "api getAllBots: 4*",
        ],
        instead: |observed| observed.is(|_| {}),
    },
    Difference {
        what: "Retries",
        recordings: &[
            "api *: 429 with Retry-After",
            "api *: 503 with empty body",
            "contact createContact: 429 with Retry-After",
            "contact createContact: 503 with empty body",
            "contact updateContact: 429 with Retry-After",
            "contact updateContact*: 503 with empty body",
            "contact deleteContact: 503 with empty body",
            "contact createPropert*: 429 with Retry-After",
            "contact createPropert*: 503 with empty body",
            "api update*: 500 with HTML",
            "api deleteContact: 500 with HTML",
            "api createProperty: 500 with HTML",
            "api getBot: 500 with HTML",
            "api update*: connection closed without an answer",
            "api deleteContact: connection closed without an answer",
            "api createProperty: connection closed without an answer",
            "api get*: connection closed without an answer",
            "contact update*: connection closed without an answer",
            "contact updateContacts: 500 with HTML",
            "contact deleteContact: 500 with HTML",
            "contact deleteContact: connection closed without an answer",
            "contact createPropert*: 500 with HTML",
            "contact createPropert*: connection closed without an answer",
        ],
        instead: |observed| {
            let not_done = matches!(observed.given, Some(429 | 503));
            observed.is(|ours| ours.tried_again(not_done))
        },
    },
    Difference {
        what: "No answer",
        recordings: &["*: no answer at all (2.5 s watched)"],
        instead: |observed| {
            observed.is(|ours| {
                ours.result = Outcome::Failed(None);
                ours.tried_again(false);
            })
        },
    },
    Difference {
        what: "An answer that cannot be one",
        recordings: &[
            "api createContacts: 201 with body that is not JSON",
            "api update*: 200 with body that is not JSON",
            "api createProperties: 201 with body that is not JSON",
            "api get*: 200 with body that is not JSON",
            "api getBot: 200 with empty body",
            "contact *: 201 with body that is not JSON",
            "contact *: 200 with body that is not JSON",
            "api createContact*: 201 with unexpected JSON",
            "api createContact*: 201 with JSON *",
            "api createContacts: 201 with empty body",
            "contact createContact: 201 with JSON *",
            "contact createContact: 201 with empty body",
            "api getAllBots: 200 with unexpected JSON",
            "api get*: 200 with JSON *",
        ],
        instead: |observed| observed.is(|ours| ours.result = Outcome::Failed(observed.given)),
    },
    Difference {
        what: "`success: false` under a status of success",
        recordings: &[
            "api createContact: success false but an id",
            "api createPropert*: 201 with {\"success\":false}",
            "api sendEventOnCampaign: 201 with {\"success\":false}",
            "api updateContact: 200 with {\"success\":false}",
            "api updateBot: 200 with {\"success\":false}",
            "api get*: 200 with {\"success\":false}",
            "contact create*: 201 with {\"success\":false}",
            "api createContacts: 201 with {\"success\":false}",
            "api updateContacts: 200 with {\"success\":false}",
            "contact importContacts (2 contacts): 201 with {\"success\":false}",
        ],
        instead: |observed| {
            observed.is(|ours| {
                let is_import =
                    matches!(&ours.result, Outcome::Done(value) if value.get("contacts_count").is_some());
                if is_import {
                    ours.nobody_imported(Some(422));
                } else {
                    ours.result = Outcome::Failed(Some(422));
                }
                ours.halved();
            })
        },
    },
    Difference {
        what: "A batch that is refused because of one contact",
        recordings: &[
            "api createContacts: 400 with JSON error",
            "api createContacts: 409 with JSON error",
            "api createContacts: 422 with JSON error",
            "api updateContacts: 409 with JSON error",
            "api updateContacts: 422 with JSON error",
            "contact updateContacts: 4*",
        ],
        instead: |observed| observed.is(Seen::halved),
    },
    Difference {
        what: "An empty list of contacts",
        recordings: &["api createContacts: empty list sent", "contact updateContacts: empty list"],
        instead: |observed| observed.is(|ours| ours.sent.clear()),
    },
    Difference {
        what: "What `deleteContact` comes to",
        recordings: &[
            "api deleteContact: success",
            "api deleteContact: 20*",
            "contact deleteContact: 20*",
            "api deleteContact: success as the packages own tests fake it*",
            "contact deleteContact: 404 with JSON error",
        ],
        instead: |observed| {
            observed.is(|ours| {
                // The packages' own tests put an answer in its place, and nothing was sent.
                if ours.sent.is_empty() {
                    let delete = |sent: &&Sent| sent.method == "DELETE" && sent.path == "/api/contacts/9001";
                    ours.sent = observed.seen.sent.iter().filter(delete).cloned().collect();
                }
                ours.deleted();
            })
        },
    },
    Difference {
        what: "An id in an address",
        recordings: &["api *: id needs escaping"],
        instead: |observed| {
            observed.is(|ours| {
                let escaped = ours.sent[0].path.replacen("a/b?c=d", "a%2Fb%3Fc%3Dd", 1);
                ours.sent[0].path = escaped;
                ours.result = Outcome::Done(Value::Null);
            })
        },
    },
    Difference {
        what: "A slash at the end of the base URL",
        recordings: &["api getBot: BOTMATIC_BASE_URL ends with a slash"],
        instead: |observed| observed.is(|ours| ours.sent[0].path = "/api/bots/7".to_owned()),
    },
    Difference {
        what: "A redirect of a GET",
        recordings: &["api getAllBots: 302 redirect"],
        instead: |observed| {
            observed.is(|ours| {
                ours.sent.truncate(1);
                ours.result = Outcome::Failed(Some(302));
            })
        },
    },
    Difference {
        what: "The event of a campaign",
        recordings: &[
            "api sendEventOnCampaign: the fake answers 200 as js-integration expects",
            "contact sendEventOnCampaign: 201 (a 2xx that is not the expected 200)",
        ],
        instead: |observed| observed.is(|ours| ours.result = Outcome::Done(Value::Null)),
    },
    Difference {
        what: "The id of a property",
        recordings: &[
            "api createProperty: success",
            "api createProperty: 201 with JSON null",
            "contact createProperty: 201 with JSON *",
            "contact createProperty: 201 with empty body",
        ],
        instead: |observed| observed.is(|ours| ours.result = Outcome::Done(Value::Null)),
    },
    Difference {
        what: "The id 0",
        recordings: &["api createContact: id is 0", "contact importContacts: ext id is 0"],
        instead: |observed| {
            observed.is(|ours| match ours.result {
                Outcome::Failed(_) => ours.result = Outcome::Done(json!({ "id": 0 })),
                _ => ours.pairs.insert("9001", "0"),
            })
        },
    },
    Difference {
        what: "A contact without an external id",
        recordings: &["contact *: ext id absent"],
        instead: |observed| {
            observed.is(|ours| {
                ours.sent.clear();
                ours.result = Outcome::Failed(None);
            })
        },
    },
    Difference {
        what: "Empty text, and a number that came as text",
        recordings: &[
            "contact updateContact: field cleared to an empty string and to null",
            "contact createContact: numeric looking strings and empties",
        ],
        instead: |observed| {
            observed.is(|ours| {
                let contact = &mut ours.sent[0].body["contact"];
                contact["firstname"] = json!("");
                if let Some(score) = contact.get_mut("score") {
                    *score = json!(12);
                }
            })
        },
    },
    Difference {
        what: "What an import reports",
        recordings: &[
            "contact importContacts (2 contacts): 204*",
            "contact importContacts (2 contacts): 201 with JSON *",
            "contact importContacts (2 contacts): 201 with unexpected JSON",
            "contact importContacts (2 contacts): 201 with empty body",
            "contact importContacts (2 contacts): 4*",
            "contact importContacts (2 contacts): 50*",
            "contact importContacts (2 contacts): connection refused",
            "contact importContacts: answer has * contacts than sent",
            "contact importContacts: second of three pages answers 429",
        ],
        instead: |observed| {
            observed.is(|ours| {
                if let [_, throttled, _] = ours.sent.as_mut_slice() {
                    throttled.times = 2;
                    // It would be sent again after a pause.
                    ours.result = Outcome::Done(json!({ "contacts_count": 35 }));
                    return;
                }
                ours.nobody_imported(observed.given);
                match observed.given {
                    Some(400 | 409) => ours.halved(),
                    Some(429 | 503) => ours.tried_again(true),
                    _ => {}
                }
            })
        },
    },
    Difference {
        what: "Importing again",
        recordings: &["contact importContacts: already imported contacts are posted again"],
        instead: |observed| {
            let changes = json!({ "contacts": [
                { "contact_id": "8001", "contact_props": { "firstname": "Name0", "email": "c0@example.test" } },
                { "contact_id": "8002", "contact_props": { "firstname": "Name1", "email": "c1@example.test" } },
            ] });
            observed.is(|ours| {
                ours.sent[0].method = "PATCH".to_owned();
                ours.sent[0].body = changes;
                ours.pairs = Pairs::default();
                ours.pairs.insert("8001", "1000");
                ours.pairs.insert("8002", "1001");
            })
        },
    },
    Difference {
        what: "An update of somebody whom Botmatic does not have",
        recordings: &["contact updateContacts: one known, one unknown"],
        instead: |observed| {
            observed.is(|ours| {
                let create = Sent {
                    method: "POST".to_owned(),
                    body: json!({ "contacts": [{ "firstname": "Nobody" }] }),
                    ..ours.sent[0].clone()
                };
                ours.sent.insert(0, create);
                ours.pairs.insert("9101", "999");
            })
        },
    },
    Difference {
        what: "Arguments of another type",
        recordings: &[
            "api createContact: token undefined",
            "api createContact: contact undefined",
            "api updateContact: no id in the contact",
            "api deleteContact: id undefined",
            "contact *: mappings without an id flag",
            "contact sendEventOnCampaign: one id, not a list",
            "contact importContacts: called as the README says (contacts, token)",
        ],
        instead: |observed| {
            observed.is(|ours| {
                ours.result = Outcome::NotWritable;
                ours.page_size = None;
                if !ours.sent.is_empty() {
                    ours.sent.clear();
                    ours.pairs = Pairs::default();
                }
            })
        },
    },
    Difference {
        what: "`getContact`, `getContactByEmail`, `listContacts`, `listAllContacts`",
        recordings: &["api *: not implemented"],
        instead: |observed| observed.is(|ours| ours.result = Outcome::NotWritable),
    },
];
