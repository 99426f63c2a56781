//! The layers of the two crates, checked by reading their sources: arrows point down only.
//!
//! Each rule is a function of a path and a line of code. A new module has to be put into [`LAYERS`]; an exception is
//! made here, where it can be seen.

use std::path::Path;
use std::sync::LazyLock;
use std::{fs, io};

use regex::Regex;

/// What a module may use: modules of the same number and of lower ones.
const LAYERS: [(&str, &[&str]); 6] = [
    ("vocabulary", &["contact", "error", "event", "id", "outcome", "token", "wire"]),
    ("ports", &["auth", "clock", "consumer", "key_store", "mapping", "platform"]),
    ("calls and answers", &["call", "context", "extract", "reply"]),
    ("engine", &["handle", "integration", "sync", "table"]),
    ("adapters", &["api", "server"]),
    ("assembly", &["botmatic", "builder", "lib", "prelude", "private", "__private", "simulator"]),
];

/// Things that are of another layer than the module they are named through.
const ADAPTERS_IN_PORTS: [(&str, &[&str]); 1] =
    [("key_store", &["LocalClaims", "MemoryKeyStore", "RedbKeyStore"])];

const ENGINE: usize = 3;
const ADAPTERS: usize = 4;
const ASSEMBLY: usize = 5;

/// The names that the protocol has in its JSON.
const JSON_NAMES: [&str; 21] = [
    "action",
    "bot",
    "bot_id",
    "bots",
    "contact",
    "contact_id",
    "contact_props",
    "contacts",
    "content",
    "data",
    "error",
    "event",
    "event_name",
    "is_draft",
    "message",
    "page_size",
    "properties",
    "slug",
    "source",
    "success",
    "type",
];

const EVENT_NAMES: [&str; 7] = [
    "install",
    "uninstall",
    "contact_created",
    "contact_updated",
    "contact_deleted",
    "user_reply",
    "bot_reply",
];

type Rule = fn(path: &str, line: &str) -> Option<String>;

const RUNTIME: [Rule; 6] =
    [heavy_dependency, layer, json_name, serde_derive, event_name, time_randomness_and_tasks];
const MACROS: [Rule; 2] = [tokens_outside_of_expand, generated_path];

/// The lines of code, with their numbers: without comments, and without the tests at the end of a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let lines = lines.take_while(|(_, line)| line.trim_end() != "#[cfg(test)]");
    lines.filter_map(|(number, line)| {
        let line = line.split(" // ").next().unwrap_or_default().trim();
        (!line.is_empty() && !line.starts_with("//")).then_some((number, line))
    })
}

/// What breaks a rule, as `path:line: what`.
fn violations(path: &str, text: &str, rules: &[Rule]) -> Vec<String> {
    let lines = code(text);
    let found = lines.flat_map(|(number, line)| {
        let what = rules.iter().filter_map(|rule| rule(path, line)).collect::<Vec<_>>();
        what.into_iter().map(move |what| format!("{path}:{number}: {what}"))
    });
    found.collect()
}

/// An HTTP library or a database is used in its own adapter and nowhere else.
fn heavy_dependency(path: &str, line: &str) -> Option<String> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        regex(r"(?:^|[^:\w])(?:::)?(axum|reqwest|redb|backon|hyper|tower|tokio::net)(?:::|;)")
    });
    // The module that has the name of its database.
    if line.ends_with("mod redb;") {
        return None;
    }
    let name = NAMED.captures(line)?.get(1)?.as_str();
    let homes: &[&str] = match name {
        "axum" | "tokio::net" => &["server/", "simulator/"],
        "reqwest" | "backon" => &["api/"],
        "redb" => &["key_store/redb.rs"],
        _ => &[],
    };
    let at_home = homes.iter().any(|home| path.starts_with(home));
    (!at_home).then(|| format!("`{name}` is used outside of {homes:?}"))
}

/// The layer of a module; of the root's own names, that of the root.
fn layer_of(module: &str) -> Option<usize> {
    if module.starts_with(char::is_uppercase) {
        return Some(ASSEMBLY);
    }
    LAYERS.iter().position(|(_, modules)| modules.contains(&module))
}

fn layer_of_file(path: &str) -> Option<usize> {
    let module = path.split(['/', '.']).next().unwrap_or_default();
    // The stores stand beside their port.
    let is_adapter = module == "key_store" && path != "key_store/mod.rs";
    if is_adapter { Some(ADAPTERS) } else { layer_of(module) }
}

/// A file uses its own layer and those below.
fn layer(path: &str, line: &str) -> Option<String> {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| regex(r"\bcrate::(\{.*\}?|[\w:]+(?:\{[^}]*)?)"));
    let Some(own) = layer_of_file(path) else {
        return Some(format!("`{path}` has no layer: add its module to the table"));
    };
    for found in NAMED.captures_iter(line) {
        let named = found.get(1)?.as_str();
        for one in named.trim_start_matches('{').split(',').filter(|_| named.starts_with('{')) {
            let module = one.trim().split("::").next().unwrap_or_default();
            if let Some(what) = too_high(path, own, module.trim_end_matches(['}', ';'])) {
                return Some(what);
            }
        }
        if !named.starts_with('{') {
            let module = named.split("::").next().unwrap_or_default();
            let inside = ADAPTERS_IN_PORTS.iter().find(|(port, _)| *port == module);
            let adapter = inside.and_then(|(_, names)| names.iter().find(|name| named.contains(**name)));
            if let Some(adapter) = adapter.filter(|_| own < ADAPTERS) {
                return Some(format!("`{adapter}` is an adapter, and `{path}` is {}", LAYERS[own].0));
            }
            if let Some(what) = too_high(path, own, module) {
                return Some(what);
            }
        }
    }
    None
}

fn too_high(path: &str, own: usize, module: &str) -> Option<String> {
    match layer_of(module) {
        _ if module.is_empty() => None,
        None => Some(format!("the module `{module}` has no layer: add it to the table")),
        Some(theirs) if theirs > own => {
            Some(format!("`{path}` is {}, and `{module}` above it is {}", LAYERS[own].0, LAYERS[theirs].0))
        }
        Some(_) => None,
    }
}

/// The texts in a line that are no labels of `Debug`.
fn texts(line: &str) -> impl Iterator<Item = &str> {
    static TEXT: LazyLock<Regex> = LazyLock::new(|| regex(r#"(\.field\()?"((?:[^"\\]|\\.)*)""#));
    TEXT.captures_iter(line)
        .filter(|found| found.get(1).is_none())
        .filter_map(|found| found.get(2).map(|text| text.as_str()))
}

/// The names of the protocol's JSON stand in `wire`.
fn json_name(path: &str, line: &str) -> Option<String> {
    let name = texts(line).find(|text| JSON_NAMES.contains(text))?;
    (!path.starts_with("wire/")).then(|| format!("the JSON name `{name}` stands outside of `wire`"))
}

/// The members of a struct that serde writes are names too. Whoever has a format of its own says so here.
fn serde_derive(path: &str, line: &str) -> Option<String> {
    const OWN_FORMATS: [&str; 3] = ["key_store/record.rs", "simulator/state.rs", "simulator/http.rs"];
    static DERIVE: LazyLock<Regex> =
        LazyLock::new(|| regex(r"#\[derive\(.*\b(Serialize|Deserialize)\b|#\[serde\("));
    let known = path.starts_with("wire/") || OWN_FORMATS.contains(&path);
    (!known && DERIVE.is_match(line)).then(|| "serde names members outside of `wire`".to_owned())
}

/// The names of events stand in `event.rs`.
fn event_name(path: &str, line: &str) -> Option<String> {
    let name = texts(line).find(|text| EVENT_NAMES.contains(text))?;
    (path != "event.rs").then(|| format!("the event name `{name}` stands outside of `event.rs`"))
}

/// Up to the engine time and randomness come from outside, and nothing is spawned.
fn time_randomness_and_tasks(path: &str, line: &str) -> Option<String> {
    static TAKEN: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"\b((?:Timestamp|Zoned|Instant|SystemTime)::now|tokio::(?:spawn|time|task|runtime)|rand::|fastrand|getrandom|thread::spawn|env::var)",
        )
    });
    let above = layer_of_file(path).is_none_or(|layer| layer > ENGINE);
    if above || path == "clock.rs" {
        return None;
    }
    Some(format!(
        "`{}` is for adapters; the engine gets it from its ports",
        TAKEN.captures(line)?.get(1)?.as_str()
    ))
}

/// Whether a file of the macros belongs to the `expand` stage, or to the helpers of all stages.
fn makes_tokens(path: &str) -> bool {
    const HELPERS: [&str; 5] =
        ["mapping/patch.rs", "mapping/serialize.rs", "crate_path.rs", "emit.rs", "span.rs"];
    path.ends_with("/expand.rs") || HELPERS.contains(&path)
}

/// Tokens are made in the `expand` stage.
fn tokens_outside_of_expand(path: &str, line: &str) -> Option<String> {
    static QUOTE: LazyLock<Regex> =
        LazyLock::new(|| regex(r"\b(quote|quote_spanned|parse_quote|parse_quote_spanned)!"));
    let allowed = makes_tokens(path) || path.ends_with("/tests.rs");
    (!allowed && QUOTE.is_match(line)).then(|| "tokens are made outside of `expand`".to_owned())
}

/// Generated code names the runtime through `__private`, which is put together in one place, and `::core`.
fn generated_path(path: &str, line: &str) -> Option<String> {
    static TEXT: LazyLock<Regex> = LazyLock::new(|| regex(r#""(?:[^"\\]|\\.)*""#));
    static ABSOLUTE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:^|[\s(<,&=])::(\w+)"));
    if !makes_tokens(path) || path == "crate_path.rs" {
        return None;
    }
    let line = TEXT.replace_all(line, "");
    if line.contains("#root") || line.contains("__private") {
        return Some("the path to the runtime is put together outside of `crate_path.rs`".to_owned());
    }
    let root = ABSOLUTE.captures(&line)?.get(1)?.as_str();
    (root != "core").then(|| format!("generated code names `::{root}` and not `__private`"))
}

fn regex(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "all patterns are in this file")]
    Regex::new(pattern).expect("a pattern")
}

/// All sources below a folder: relative path and text.
fn sources(folder: &Path, below: &str, found: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type()?.is_dir() {
            sources(folder, &path, found)?;
        } else if Path::new(&path).extension().is_some_and(|extension| extension == "rs") {
            found.push((path, fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}

fn check(of_crate: &str, rules: &[Rule]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(of_crate).join("src");
    let mut found = Vec::new();
    sources(&folder, "", &mut found).unwrap_or_else(|error| unreachable!("{}: {error}", folder.display()));
    assert!(found.len() > 10, "{} has sources", folder.display());
    let violations: Vec<_> = found.iter().flat_map(|(path, text)| violations(path, text, rules)).collect();
    assert!(violations.is_empty(), "{of_crate}:\n{}", violations.join("\n"));
}

#[test]
fn the_runtime_keeps_its_layers() {
    check("botmatic-contact", &RUNTIME);
}

#[test]
fn the_macros_keep_their_stages() {
    check("botmatic-contact-macros", &MACROS);
}

#[test]
fn a_heavy_dependency_outside_of_its_adapter_is_caught() {
    for (path, line) in [
        ("integration.rs", "use axum::Router;"),
        ("api/mod.rs", "let app = ::axum::Router::new();"),
        ("sync/created.rs", "client: reqwest::Client,"),
        ("server/mod.rs", "use reqwest::Client;"),
        ("key_store/memory.rs", "use redb::Database;"),
        ("key_store/mod.rs", "pub use redb;"),
        ("sync/mod.rs", "use tokio::net::TcpListener;"),
    ] {
        assert!(heavy_dependency(path, line).is_some(), "{path}: {line}");
    }
    for (path, line) in [
        ("server/mod.rs", "use axum::Router;"),
        ("simulator/http.rs", "use axum::Router;"),
        ("api/request.rs", "use reqwest::Client;"),
        ("key_store/redb.rs", "use redb::{Database};"),
        ("key_store/mod.rs", "pub use self::redb::RedbKeyStore;"),
        ("key_store/mod.rs", "mod redb;"),
        ("lib.rs", "#[cfg(feature = \"redb\")]"),
    ] {
        assert_eq!(heavy_dependency(path, line), None, "{path}: {line}");
    }
}

#[test]
fn an_arrow_that_points_up_is_caught() {
    for (path, line) in [
        ("contact.rs", "use crate::mapping::PropertyValue;"),
        ("wire/webhook.rs", "use crate::call::Request;"),
        ("key_store/mod.rs", "use crate::sync::Engine;"),
        ("extract.rs", "use crate::handle::Botmatic;"),
        ("sync/mod.rs", "use crate::api::BotmaticApi;"),
        ("sync/mod.rs", "use crate::key_store::{Claim, MemoryKeyStore};"),
        ("sync/mod.rs", "use crate::key_store::MemoryKeyStore;"),
        ("sync/mod.rs", "let api = crate::api::BotmaticApi::new(None);"),
        ("sync/mod.rs", "use crate::{error, server};"),
        ("integration.rs", "use crate::Builder;"),
        ("server/mod.rs", "use crate::builder::builder;"),
        ("table.rs", "use crate::novelty::Thing;"),
        ("novelty.rs", "let nothing = 1;"),
    ] {
        assert!(layer(path, line).is_some(), "{path}: {line}");
    }
    for (path, line) in [
        ("sync/mod.rs", "use crate::key_store::{Claim, Known, Subject, Write};"),
        ("sync/mod.rs", "use super::Engine;"),
        ("server/mod.rs", "use crate::integration::{Answer, Service};"),
        ("key_store/redb.rs", "use crate::error::Error;"),
        ("prelude.rs", "pub use crate::{Change, ContactMapping};"),
        ("simulator/http.rs", "use crate::api::WebhookClient;"),
    ] {
        assert_eq!(layer(path, line), None, "{path}: {line}");
    }
}

#[test]
fn a_name_of_the_protocol_outside_of_its_module_is_caught() {
    assert!(json_name("sync/mod.rs", r#"members.get("contact_id")"#).is_some());
    assert!(json_name("reply.rs", r#"map.insert("success".to_owned(), true);"#).is_some());
    assert!(json_name("api/mod.rs", r#"#[serde(rename = "type")]"#).is_some());
    assert_eq!(json_name("wire/api.rs", r#"#[serde(rename = "type")]"#), None);
    assert_eq!(json_name("reply.rs", r#".field("success", &self.success)"#), None);
    assert_eq!(json_name("reply.rs", r#"let text = "a success";"#), None);
    assert!(serde_derive("reply.rs", "#[derive(Debug, Serialize)]").is_some());
    assert!(serde_derive("call.rs", "#[serde(default)]").is_some());
    assert_eq!(serde_derive("wire/api.rs", "#[derive(Serialize, Deserialize)]"), None);
    assert_eq!(serde_derive("reply.rs", "impl<T: Serialize> IntoReply for T {"), None);
    assert!(event_name("integration.rs", r#"if name == "install" {"#).is_some());
    assert_eq!(event_name("event.rs", r#"Event::new("install");"#), None);
}

#[test]
fn time_randomness_and_tasks_of_ones_own_are_caught() {
    for line in [
        "let now = Timestamp::now();",
        "let now = std::time::Instant::now();",
        "SystemTime::now()",
        "tokio::spawn(async move {})",
        "tokio::time::sleep(pause).await;",
        "rand::random()",
    ] {
        assert!(time_randomness_and_tasks("sync/created.rs", line).is_some(), "{line}");
        assert!(time_randomness_and_tasks("integration.rs", line).is_some(), "{line}");
        assert_eq!(time_randomness_and_tasks("server/mod.rs", line), None, "{line}");
    }
    assert_eq!(time_randomness_and_tasks("clock.rs", "Timestamp::now()"), None);
    assert_eq!(time_randomness_and_tasks("sync/mod.rs", "self.context.clock.now()"), None);
}

#[test]
fn tokens_and_paths_in_the_wrong_place_are_caught() {
    assert!(tokens_outside_of_expand("mapping/model.rs", "let tokens = quote!(a);").is_some());
    assert!(tokens_outside_of_expand("integration/attr.rs", "quote_spanned!(span=> a)").is_some());
    assert_eq!(tokens_outside_of_expand("integration/expand.rs", "quote_spanned!(span=> a)"), None);
    assert!(generated_path("mapping/expand.rs", "impl ::serde::Serialize for #ident {").is_some());
    assert!(generated_path("mapping/expand.rs", "::std::option::Option<u8>").is_some());
    assert!(generated_path("mapping/expand.rs", "#p: ::botmatic_contact::Contact").is_some());
    assert!(generated_path("mapping/expand.rs", "quote!(#root::__private::Option)").is_some());
    assert_eq!(generated_path("mapping/expand.rs", "#p::Option<::core::marker::PhantomData<u8>>"), None);
    assert_eq!(generated_path("mapping/attr.rs", r#""write `crate = ::botmatic_contact`""#), None);
}

#[test]
fn comments_and_the_tests_of_a_file_are_not_read() {
    let text = "//! use axum::Router;\nfn a() {} // tokio::spawn\n/// crate::api\n\nfn b() {}\n#[cfg(test)]\nmod tests {}\n";
    assert_eq!(code(text).collect::<Vec<_>>(), [(2, "fn a() {}"), (5, "fn b() {}")]);
    let found = violations("sync/mod.rs", "fn a() {}\nuse axum::Router;\n", &RUNTIME);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("sync/mod.rs:2: `axum`"), "{found:?}");
}
