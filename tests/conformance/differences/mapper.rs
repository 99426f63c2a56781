//! Contacts that come out otherwise than from the mapper of js-contact.

use serde_json::json;

use crate::difference::Difference;
use crate::mapper::Came;

/// Of the contacts that were mapped, those that come out otherwise. Every recording in which a value was changed on its
/// way is among them.
pub(crate) const MAPPER: &[Difference<Came>] = &[
    Difference {
        what: "Text that can be read as JSON",
        recordings: &[
            r#"from Botmatic: text "0""#,
            r#"from Botmatic: text "123""#,
            r#"from Botmatic: text "-7""#,
            r#"from Botmatic: text "-0""#,
            r#"from Botmatic: text "1.0""#,
            r#"from Botmatic: text "1E-3""#,
            r#"from Botmatic: text "1e400""#,
            r#"from Botmatic: zip "75001""#,
            r#"from Botmatic: phone "33612345678""#,
            r#"from Botmatic: 16 digit number "1234567890123456""#,
            r#"from Botmatic: text "9007199254740993""#,
            r#"from Botmatic: text "12 ""#,
            r#"from Botmatic: text "true""#,
            r#"from Botmatic: text "false""#,
            r#"from Botmatic: text "null""#,
            r#"from Botmatic: text {"a":1}"#,
            r#"from Botmatic: text {"a":"1"}: inner text stays text"#,
            r#"from Botmatic: text {"a":1,"a":2}"#,
            "from Botmatic: text {}",
            "from Botmatic: text [1]",
            "from Botmatic: text []",
            "from Botmatic: quoted *",
            "from Botmatic: twice quoted *",
            "from Botmatic: three times quoted number",
            r#"from Botmatic: year text "2021""#,
            r#"from Botmatic: number-like id "4001""#,
            r#"from Botmatic: git hash like "7e9""#,
            "from Botmatic: numeric text (first leg)",
            "from Botmatic: numeric text (second leg)",
            "from Botmatic: exponent text (second leg)",
            "from Botmatic: 20 digit number (first leg)",
        ],
        // That it is the same text is asserted of every recording.
        instead: |came| matches!(came, Came::Out(_)),
    },
    Difference {
        what: "A number that is none",
        recordings: &["to Botmatic: infinity", r#"*: parse_int on "abc""#],
        instead: |came| *came == Came::Refused,
    },
    Difference {
        what: "A date object",
        recordings: &["to Botmatic: date object", "to Botmatic: to_date_object on *"],
        instead: |came| *came == Came::Out(json!({ "b": "2021-03-04T05:06:07Z" })),
    },
    Difference {
        what: "What JSON does not have",
        recordings: &[
            "from Botmatic: infinity",
            "from Botmatic: date object",
            "*: invalid date object",
            "*: object with toJSON",
        ],
        instead: |came| *came == Came::Impossible,
    },
    Difference {
        what: "An object without a prototype",
        recordings: &["*: source without a prototype"],
        instead: |came| matches!(came, Came::Out(_)),
    },
    Difference {
        what: "Data that are no contact",
        recordings: &["*: source a string", "*: source a number"],
        instead: |came| *came == Came::Refused,
    },
    Difference {
        what: "A declared type",
        recordings: &[
            "to Botmatic: type text with 12",
            r#"to Botmatic: type number with "*"#,
            r#"to Botmatic: type date with "abc""#,
            "to Botmatic: type date with 12",
            "to Botmatic: numeric text (first leg)",
        ],
        instead: |came| *came == Came::Refused,
    },
    Difference {
        what: "A type that does not exist",
        recordings: &["to Botmatic: type bogus with *"],
        instead: |came| *came == Came::Impossible,
    },
    Difference {
        what: "What a transform is handed",
        recordings: &[
            "from Botmatic: sql_to_iso on 1614834367000",
            r#"from Botmatic: uppercase on "true""#,
            r#"from Botmatic: type_of on "123""#,
            r#"from Botmatic: type_of on "{\"a\":1}""#,
            r#"to Botmatic: type_of on {"a":1}"#,
            "to Botmatic: type_of on [1]",
        ],
        instead: |came| matches!(came, Came::Out(_)),
    },
    Difference {
        what: "A structure on Botmatic, and a transform",
        recordings: &[r#"from Botmatic: type_of on {"a":1}"#, "from Botmatic: type_of on [1]"],
        instead: |came| *came == Came::Refused,
    },
    Difference {
        what: "An empty text, and a transform",
        recordings: &[r#"*: sql_to_iso on """#, r#"*: type_of on """#],
        instead: |came| matches!(came, Came::Out(_)),
    },
    Difference {
        what: "JSON text that a transform returns",
        recordings: &[r#"from Botmatic: to_json_text on "x""#],
        instead: |came| *came == Came::Out(json!({ "e": r#"{"inner":"x"}"# })),
    },
    Difference {
        what: "A transform that returns nothing",
        recordings: &["*: to_undefined on *"],
        instead: |came| *came == Came::Impossible,
    },
    Difference {
        what: "Two mappings with one name",
        recordings: &[
            "to Botmatic: two sources into one target: *",
            "to Botmatic: one source into two targets",
        ],
        instead: |came| *came == Came::Impossible,
    },
];
