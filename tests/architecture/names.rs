//! The names of the protocol: those of its JSON stand in `wire`, those of events in `event.rs`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::source::{File, Token, closed};

/// Names of the JSON that are something else where they stand: the file, the name, and what it is there.
const OTHERWISE: [(&str, &str, &str); 7] = [
    ("key_store/postgres/mod.rs", "intents", "a table of the database"),
    ("key_store/redb/tables.rs", "intents", "a table of the database"),
    ("key_store/redis/mod.rs", "intents", "a table of the database"),
    ("mapping/value.rs", "name", "stands for any name where a message shows how to write an attribute"),
    ("server/settings/page.rs", "date", "a type of input in HTML"),
    ("server/settings/page.rs", "number", "a type of input in HTML"),
    ("server/settings/page.rs", "text", "a type of input in HTML"),
];

/// Whoever writes a format of its own with serde. Everybody else leaves the members of JSON to `wire`.
const OWN_FORMATS: [&str; 12] = [
    "durable/record.rs",
    "error.rs",
    "failure.rs",
    "key_store/intent_record.rs",
    "key_store/record.rs",
    "key_store/traces.rs",
    "manifest/mod.rs",
    "manifest/settings.rs",
    "simulator/http.rs",
    "simulator/state.rs",
    "sync/import/journal.rs",
    "sync/reconcile/plan.rs",
];

/// The names in a literal: all of it, or what stands in quotes in it, as in JSON written by hand.
fn names(text: &str) -> impl Iterator<Item = &str> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| crate::regex(r#"(?:^|")([a-z][a-z0-9_]*)(?:"|$)"#));
    let found = NAME.captures_iter(text).filter_map(|found| {
        let (all, name) = (found.get(0)?, found.get(1)?.as_str());
        (all.as_str().starts_with('"') == all.as_str().ends_with('"')).then_some(name)
    });
    found.filter(|name| !["null", "true", "false"].contains(name))
}

/// The names that `wire` reads and writes: the members of what serde writes, and the texts in its code.
pub(crate) fn of_json<'a>(wire: impl IntoIterator<Item = &'a File>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in wire {
        let (mut is_serde, mut lowercase, mut index) = (false, false, 0);
        while index < file.tokens.len() {
            if let Some(attribute) = file.attribute(index) {
                index = attribute.end;
                let attribute = &file.tokens[attribute];
                is_serde |= of_serde(attribute);
                lowercase |= attribute.iter().any(|token| token.is("rename_all"));
                continue;
            }
            if file.is(index, "struct") || file.is(index, "enum") {
                let body = (index..file.tokens.len()).find(|at| file.is(*at, "{") || file.is(*at, ";"));
                if let Some(body) = body.filter(|at| is_serde && file.is(*at, "{")) {
                    members(file, body, lowercase, &mut found);
                    index = closed(&file.tokens, body) - 1;
                }
                (is_serde, lowercase) = (false, false);
            }
            let texts = file.tokens[index].text().into_iter();
            found.extend(texts.flat_map(names).map(str::to_owned));
            index += 1;
        }
    }
    found
}

/// The members of a struct or the variants of an enum, under the names that serde has for them.
fn members(file: &File, body: usize, lowercase: bool, found: &mut BTreeSet<String>) {
    let end = closed(&file.tokens, body) - 1;
    let (mut renamed, mut flat, mut index) = (None, false, body + 1);
    while index < end {
        if let Some(attribute) = file.attribute(index) {
            let range = attribute.clone();
            let renaming = range.clone().find(|at| file.is(*at, "rename") && file.is(at + 1, "="));
            renamed = renaming.and_then(|at| file.tokens.get(at + 2)?.text()).or(renamed);
            flat |= range.into_iter().any(|at| file.is(at, "flatten"));
            index = attribute.end;
            continue;
        }
        if file.is(index, "pub") {
            index += 1;
            index = if file.is(index, "(") { closed(&file.tokens, index) } else { index };
        }
        let own = file.word(index).map(|word| if lowercase { word.to_lowercase() } else { word.to_owned() });
        let name = renamed.take().map(str::to_owned).or(own).filter(|_| !flat);
        found.extend(name);
        flat = false;
        index = next_member(file, index, end);
    }
}

/// Behind the comma that ends a member.
fn next_member(file: &File, mut index: usize, end: usize) -> usize {
    let mut angles = 0_i32;
    while index < end && !(angles == 0 && file.is(index, ",")) {
        angles += i32::from(file.is(index, "<")) - i32::from(file.is(index, ">"));
        index = closed(&file.tokens, index);
    }
    index + 1
}

fn of_serde(attribute: &[Token]) -> bool {
    attribute.iter().filter_map(Token::word).any(|word| ["Deserialize", "Serialize", "serde"].contains(&word))
}

/// The names of events: what `Event::new` is given.
pub(crate) fn of_events(file: &File) -> BTreeSet<String> {
    let parts = file.tokens.windows(5).filter(|part| {
        part[0].is("Event") && part[1] == Token::Colons && part[2].is("new") && part[3].is("(")
    });
    parts.filter_map(|part| part[4].text()).map(str::to_owned).collect()
}

/// Every name in a file that is one of these, with its line. Labels of `Debug` are none.
fn found<'a>(file: &'a File, known: &'a BTreeSet<String>) -> impl Iterator<Item = (usize, &'a str)> {
    let texts = file.tokens.iter().enumerate().filter_map(|(index, token)| Some((index, token.text()?)));
    let texts = texts.filter(|(index, _)| {
        let is_label = *index > 2 && file.is(index - 3, ".") && file.is(index - 2, "field");
        !(is_label && file.is(index - 1, "("))
    });
    let found = texts.flat_map(move |(index, text)| names(text).map(move |name| (file.lines[index], name)));
    found.filter(|(_, name)| known.contains(*name))
}

pub(crate) fn json_outside_of_wire(file: &File, known: &BTreeSet<String>) -> Vec<(usize, String)> {
    if file.path.starts_with("wire/") {
        return Vec::new();
    }
    let otherwise = |name| OTHERWISE.iter().any(|(path, known, _)| *path == file.path && *known == name);
    let found = found(file, known).filter(|(_, name)| !otherwise(*name));
    found.map(|(line, name)| (line, format!("the JSON name `{name}` stands outside of `wire`"))).collect()
}

pub(crate) fn events_outside_of_event(file: &File, known: &BTreeSet<String>) -> Vec<(usize, String)> {
    let found = found(file, known).filter(|_| file.path != "event.rs");
    found
        .map(|(line, name)| (line, format!("the event name `{name}` stands outside of `event.rs`")))
        .collect()
}

/// The members of a struct that serde writes are names too.
pub(crate) fn serde_outside_of_wire(file: &File) -> Vec<(usize, String)> {
    if file.path.starts_with("wire/") || OWN_FORMATS.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let attributes = (0..file.tokens.len()).filter_map(|index| file.attribute(index));
    let attributes = attributes.filter(|attribute| of_serde(&file.tokens[attribute.clone()]));
    attributes.map(|at| (file.lines[at.start], "serde names members outside of `wire`".to_owned())).collect()
}

#[test]
fn the_names_are_those_that_wire_has() {
    let text = r##"
        #[cfg(feature = "f")]
        #[derive(Debug, Serialize)]
        struct A<'a, T: B<C>> {
            /// "doc"
            #[serde(default = "yes", skip_serializing_if = "Option::is_none")]
            pub(crate) one: Option<(D, HashMap<E, F>)>,
            #[serde(rename = "type")]
            kind: &'a str,
            #[serde(flatten)]
            rest: T,
        }
        struct B { no: u8 }
        #[derive(Deserialize)]
        #[serde(rename_all = "lowercase")]
        enum C { Text, Number }
        fn f() { match name { "arm" => g("no name"), _ => h(r#"{"raw":null}"#, "null") } }
        const ID: &str = "id";
        #[cfg(test)]
        mod tests { const T: &str = "tested"; }
    "##;
    let found = of_json([&File::new("wire/a.rs", text)]);
    assert_eq!(Vec::from_iter(found), ["arm", "id", "number", "one", "raw", "text", "type"]);
    let event =
        File::new("event.rs", r#"const A: Event<B> = Event::new("a"); const C: D = Event::new("c");"#);
    assert_eq!(Vec::from_iter(of_events(&event)), ["a", "c"]);
}

#[test]
fn a_name_of_the_protocol_outside_of_its_module_is_caught() {
    let runtime = crate::runtime();
    let judge = |path, line| json_outside_of_wire(&File::new(path, line), &runtime.json);
    for line in [
        r#"members.get("contact_id")"#,
        r#"map.insert("success".to_owned(), true);"#,
        r##"let body = r#"{"contact_id":1}"#;"##,
        r#"let body = "{\"slug\": 1}";"#,
        r##"let body = br#"{"a":[{"is_draft":true}]}"#;"##,
        r#"json!({ "page_size": 1 })"#,
        r#"#[serde(rename = "type")]"#,
        r#"value["intents"]"#,
        r#"value["result"]"#,
    ] {
        assert!(!judge("sync/diff.rs", line).is_empty(), "{line}");
        assert_eq!(judge("wire/api.rs", line), [], "{line}");
    }
    for line in [
        r#".field("success", &self.success)"#,
        r#"let text = "a success";"#,
        r#"/// members.get("contact_id")"#,
        r#"#[cfg(test)] mod tests { const A: &str = "contact_id"; }"#,
    ] {
        assert_eq!(judge("sync/diff.rs", line), [], "{line}");
    }
    let judge = |path, line| events_outside_of_event(&File::new(path, line), &runtime.events);
    assert!(!judge("integration.rs", r#"if name == "install" {"#).is_empty());
    assert!(!judge("integration.rs", r##"let call = r#"{"x":"user_reply"}"#;"##).is_empty());
    assert_eq!(judge("event.rs", r#"Event::new("install");"#), []);
}

#[test]
fn members_named_by_serde_are_caught() {
    let judge = |path, line| serde_outside_of_wire(&File::new(path, line)).len();
    assert_eq!(judge("reply.rs", "#[derive(Debug,\n    Serialize)]"), 1);
    assert_eq!(judge("call.rs", "#[serde(default)]"), 1);
    assert_eq!(judge("call.rs", "#[cfg_attr(a, derive(serde::Deserialize))]"), 1);
    assert_eq!(judge("wire/api.rs", "#[derive(Serialize, Deserialize)]"), 0);
    assert_eq!(judge("reply.rs", "impl<T: Serialize> IntoReply for T {"), 0);
}
