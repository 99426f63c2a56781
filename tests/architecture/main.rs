//! The layers of the two crates, checked by reading their sources: arrows point down only.
//!
//! What can be derived is: the layers from `ARCHITECTURE.md`, the heavy dependencies from `Cargo.toml`, the names of the
//! protocol from `wire/` and `event.rs`. An exception is made in the module of its rule, where it can be seen.

mod dependencies;
mod layers;
mod macros;
mod names;
mod paths;
mod source;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fs, io};

use regex::Regex;

use crate::layers::{Layers, Map, module_of};
use crate::source::File;

/// The runtime, and all that its rules are derived from.
#[derive(Debug)]
struct Runtime {
    files: Vec<File>,
    manifest: String,
    map: Map,
    json: BTreeSet<String>,
    events: BTreeSet<String>,
}

impl Runtime {
    fn new(files: Vec<File>, manifest: String, architecture: &str) -> Self {
        let json = names::of_json(files.iter().filter(|file| file.path.starts_with("wire/")));
        let events = files.iter().filter(|file| file.path == "event.rs").flat_map(names::of_events).collect();
        let map = Map::new(Layers::parse(architecture), &files);
        Self { files, manifest, map, json, events }
    }

    /// What breaks a rule in a file, with its line.
    fn violations(&self, file: &File) -> Vec<(usize, String)> {
        let found = [
            dependencies::outside_of_home(file),
            dependencies::time_randomness_and_tasks(&self.map.layers, file),
            self.map.arrows_up(file),
            names::json_outside_of_wire(file, &self.json),
            names::events_outside_of_event(file, &self.events),
            names::serde_outside_of_wire(file),
        ];
        found.concat()
    }
}

fn runtime() -> &'static Runtime {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        let folder = root().join("botmatic-contact");
        let files = sources(&folder.join("src")).iter().map(|(path, text)| File::new(path, text)).collect();
        Runtime::new(files, read(&folder.join("Cargo.toml")), &read(&root().join("ARCHITECTURE.md")))
    });
    &RUNTIME
}

fn regex(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "all patterns are in this folder")]
    Regex::new(pattern).expect("a pattern")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| unreachable!("{}: {error}", path.display()))
}

/// All sources below a folder: relative path and text.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect(folder, "", &mut found).unwrap_or_else(|error| unreachable!("{}: {error}", folder.display()));
    assert!(found.len() > 10, "{} has sources", folder.display());
    found
}

fn collect(folder: &Path, below: &str, found: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type()?.is_dir() {
            collect(folder, &path, found)?;
        } else if Path::new(&path).extension().is_some_and(|extension| extension == "rs") {
            found.push((path, fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}

fn report<'a>(path: &'a str, found: Vec<(usize, String)>) -> impl Iterator<Item = String> + 'a {
    found.into_iter().map(move |(line, what)| format!("{path}:{line}: {what}"))
}

#[test]
fn the_runtime_keeps_its_layers() {
    let runtime = runtime();
    let found = runtime.files.iter().flat_map(|file| report(&file.path, runtime.violations(file)));
    let found: Vec<_> = found.collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn the_macros_keep_their_stages() {
    let files = sources(&root().join("botmatic-contact-macros/src"));
    let found = files.iter().flat_map(|(path, text)| report(path, macros::violations(path, text)));
    let found: Vec<_> = found.collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_optional_dependency_has_a_home() {
    let found = dependencies::homeless(&runtime().manifest, &runtime().files);
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn the_table_of_layers_names_what_exists() {
    let runtime = runtime();
    for layer in ["vocabulary", "ports", "calls", "engine", "adapters", "assembly"] {
        assert!(runtime.map.layers.height(layer).is_some(), "ARCHITECTURE.md has no row `{layer}`");
    }
    for module in runtime.map.layers.modules() {
        let exists = runtime
            .files
            .iter()
            .any(|file| [file.path.trim_end_matches(".rs"), module_of(&file.path)].contains(&module));
        assert!(exists, "ARCHITECTURE.md names the module `{module}`, which does not exist");
    }
}

#[test]
fn what_the_rules_are_derived_from_is_found() {
    let runtime = runtime();
    for name in ["action", "bot_id", "contact_props", "content", "id", "is_draft", "slug", "success", "type"]
    {
        assert!(runtime.json.contains(name), "{name}: {:?}", runtime.json);
    }
    assert_eq!(runtime.events.len(), 7, "{:?}", runtime.events);
    assert!(!dependencies::optional(&runtime.manifest).is_empty());
}

#[test]
fn the_macros_know_the_events_of_the_runtime() {
    let model = read(&root().join("botmatic-contact-macros/src/integration/model.rs"));
    let list = model.split_once("const EVENTS").and_then(|(_, list)| list.split_once("];"));
    let list = list.map(|(list, _)| list).unwrap_or_default();
    let known: BTreeSet<_> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(known, runtime().events);
}

#[test]
fn a_violation_is_told_with_its_line() {
    let file = File::new("sync/diff.rs", "fn a() {}\nuse axum::Router;\n");
    let found: Vec<_> = report(&file.path, runtime().violations(&file)).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("sync/diff.rs:2: `axum`"), "{found:?}");
}
