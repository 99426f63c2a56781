//! The layers of the runtime, as the table in `ARCHITECTURE.md` has them: arrows point down only.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths::{Named, paths};
use crate::source::File;

/// The layers, the lowest first: their names and their modules, which are written like paths of files.
#[derive(Debug)]
pub(crate) struct Layers(Vec<(String, Vec<String>)>);

impl Layers {
    /// Reads the table: its first column names the layers, its second the modules.
    pub(crate) fn parse(markdown: &str) -> Self {
        let rows = markdown.lines().skip_while(|line| !line.starts_with("| layer | modules"));
        let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
        let mut layers: Vec<_> = rows
            .map(|row| {
                let mut cells = row.split('|').skip(1);
                let name = cells.next().unwrap_or_default().trim().to_owned();
                let modules = cells.next().unwrap_or_default().split('`').skip(1).step_by(2);
                (name, modules.map(|module| module.trim_end_matches('/').to_owned()).collect())
            })
            .collect();
        layers.reverse();
        Self(layers)
    }

    pub(crate) fn modules(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|(_, modules)| modules).map(String::as_str)
    }

    /// How high a layer is.
    pub(crate) fn height(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(layer, _)| layer == name)
    }

    /// How high the layer of a module is; that of the longest path in the table that it begins with.
    pub(crate) fn of(&self, module: &str) -> Option<usize> {
        let module = if module.is_empty() { "lib" } else { module };
        let layers = self.0.iter().enumerate();
        let rows = layers.flat_map(|(height, (_, modules))| modules.iter().map(move |one| (one, height)));
        let fitting = rows.filter(|(one, _)| {
            module.strip_prefix(one.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        fitting.max_by_key(|(one, _)| one.len()).map(|(_, height)| height)
    }
}

/// The module that a file is, as a path; of the root it is empty.
pub(crate) fn module_of(path: &str) -> &str {
    let module = path.trim_end_matches(".rs");
    if module == "lib" { "" } else { module.trim_end_matches("/mod") }
}

/// What stands where: the modules of a crate, and under which names modules show what is of others.
#[derive(Debug)]
pub(crate) struct Map {
    pub(crate) layers: Layers,
    modules: BTreeSet<String>,
    shown: BTreeMap<String, String>,
}

impl Map {
    pub(crate) fn new(layers: Layers, files: &[File]) -> Self {
        let modules = files.iter().map(|file| module_of(&file.path).to_owned()).collect();
        let mut map = Self { layers, modules, shown: BTreeMap::new() };
        for file in files {
            for named in paths(file) {
                let target = map.resolve(&file.path, &named);
                if let Some((target, name)) = target.zip(named.brings.as_ref()) {
                    let place = join(&[&place(&file.path, &named)[..], std::slice::from_ref(name)].concat());
                    if place != target && !map.modules.contains(&place) {
                        map.shown.insert(place, target);
                    }
                }
            }
        }
        map
    }

    /// Where a path leads, from the root of the crate on; nothing if it leads out of the crate.
    fn resolve(&self, file: &str, named: &Named) -> Option<String> {
        let mut base = place(file, named);
        let mut rest = &named.path[..];
        let first = rest.first()?;
        if !["crate", "self", "super"].contains(&first.as_str()) {
            let child = join(&[&base[..], std::slice::from_ref(first)].concat());
            if base.is_empty() || !self.modules.contains(&child) {
                return None;
            }
        }
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" => base.clear(),
                "super" => drop(base.pop()),
                "self" => {}
                _ => break,
            }
            rest = others;
        }
        let rest = rest.iter().map(|word| word.trim_start_matches("__").to_owned());
        Some(join(&base.into_iter().chain(rest).collect::<Vec<_>>()))
    }

    /// Where a thing really is, if it is shown by another module.
    fn home(&self, target: &str) -> String {
        let mut target = target.to_owned();
        for _ in 0..8 {
            let ends = target.match_indices('/').map(|(end, _)| end).chain([target.len()]);
            let shown = ends.filter_map(|end| Some((end, self.shown.get(&target[..end])?))).next();
            let Some((end, home)) = shown else { break };
            target = format!("{home}{}", &target[end..]);
        }
        target
    }

    /// Every path of a file that leads into a layer above its own.
    pub(crate) fn arrows_up(&self, file: &File) -> Vec<(usize, String)> {
        let module = module_of(&file.path);
        let Some(own) = self.layers.of(module) else {
            return vec![(1, format!("`{}` has no layer: put its module into ARCHITECTURE.md", file.path))];
        };
        let judge = |named: Named| {
            let target = self.resolve(&file.path, &named)?;
            // A folder may show what stands in it, whatever the layer: a port the stores beside it.
            let is_inside = target.strip_prefix(module).is_some_and(|rest| rest.starts_with('/'));
            if named.is_public && is_inside {
                return None;
            }
            // Both count: through which module a thing is named, and where it is. What is of no module is of the root.
            let layer = |target: &str| self.layers.of(target).or_else(|| self.layers.of(""));
            let theirs = layer(&target).max(layer(&self.home(&target)))?;
            let names = [own, theirs].map(|height| &self.layers.0[height].0);
            (theirs > own).then(|| {
                (named.line, format!("`{}` is of the {} above {}", named.path.join("::"), names[1], names[0]))
            })
        };
        paths(file).into_iter().filter_map(judge).collect()
    }
}

fn place(file: &str, named: &Named) -> Vec<String> {
    let module = module_of(file).split('/').filter(|word| !word.is_empty()).map(str::to_owned);
    module.chain(named.within.iter().cloned()).collect()
}

fn join(words: &[String]) -> String {
    words.join("/")
}

#[test]
fn the_table_is_read_from_below() {
    let layers = Layers::parse(
        "| layer | modules | x |\n|---|---|---|\n| top | `lib`, `c/d` (e) | `f` |\n| low | `c/` |\n\n| no |",
    );
    assert_eq!(layers.modules().collect::<Vec<_>>(), ["c", "lib", "c/d"]);
    assert_eq!(
        [layers.of("c"), layers.of("c/x"), layers.of("c/d/y"), layers.of("")],
        [Some(0), Some(0), Some(1), Some(1)]
    );
    assert_eq!([layers.of("cc"), layers.height("top")], [None, Some(1)]);
}

#[test]
fn an_arrow_that_points_up_is_caught() {
    for (path, line) in [
        ("sync/diff.rs", "use super::super::server::Thing;"),
        ("sync/diff.rs", "use self::super::super::server;"),
        ("sync/diff.rs", "use crate::{\n    server::Thing,\n};"),
        ("sync/diff.rs", "use crate::{contact::Value, key_store::{Claim, redb::{self, Thing}}};"),
        ("sync/diff.rs", "fn thing(it: &crate::server::Thing) {}"),
        ("sync/diff.rs", "fn thing() { super::super::server::thing() }"),
        ("sync/diff.rs", "mod deep { use super::super::super::server::Thing; }"),
        ("sync/diff.rs", "use crate as root;"),
        ("sync/diff.rs", "use super::super as root;"),
        ("sync/diff.rs", "use crate::*;"),
        ("sync/diff.rs", "pub use crate::server::Thing;"),
        ("sync/mod.rs", "use super::server::Thing;"),
        ("contact.rs", "use crate::mapping::PropertyValue;"),
        ("contact.rs", "use crate::outcome::Outcome;"),
        ("wire/webhook.rs", "use crate::call::Request;"),
        ("key_store/mod.rs", "use crate::sync::Engine;"),
        ("key_store/mod.rs", "fn store() { memory::MemoryKeyStore::new() }"),
        ("extract.rs", "use crate::handle::Botmatic;"),
        ("extract.rs", "use crate::Error;"),
        ("sync/mod.rs", "use crate::api::BotmaticApi;"),
        ("sync/mod.rs", "use crate::BotmaticApi;"),
        ("sync/mod.rs", "use crate::key_store::{Claim, MemoryKeyStore};"),
        ("sync/mod.rs", "let store = crate::key_store::RedbKeyStore::open(path)?;"),
        ("sync/mod.rs", "use crate::{error, server};"),
        ("integration.rs", "use crate::Builder;"),
        ("integration.rs", "use crate::botmatic::builder;"),
        ("server/mod.rs", "use crate::builder::builder;"),
        ("simulator/mod.rs", "use crate::builder::Builder;"),
        ("simulator/endpoint.rs", "use crate::prelude::Token;"),
        ("simulator/endpoint.rs", "use crate::__private::Probe;"),
        ("table.rs", "use crate::novelty::Thing;"),
        ("novelty.rs", "let nothing = 1;"),
    ] {
        assert!(!crate::runtime().map.arrows_up(&File::new(path, line)).is_empty(), "{path}: {line}");
    }
}

#[test]
fn an_arrow_that_points_down_or_aside_is_none() {
    for (path, line) in [
        ("sync/diff.rs", "use crate::key_store::{Claim, Known, Subject, Write};"),
        ("sync/diff.rs", "use super::{Engine, email};"),
        ("sync/diff.rs", "use other::server::Thing;"),
        ("sync/diff.rs", "// use crate::server::Thing;"),
        ("sync/diff.rs", "#[cfg(test)] mod tests { use crate::builder::builder; }"),
        ("server/mod.rs", "use crate::integration::{Answer, Service};"),
        ("key_store/mod.rs", "pub use self::redb::RedbKeyStore;"),
        ("key_store/redb/mod.rs", "use super::{KeyStore, LocalClaims};"),
        ("prelude.rs", "pub use crate::{Change, ContactMapping};"),
        ("simulator/http.rs", "use crate::api::WebhookClient;"),
    ] {
        assert_eq!(crate::runtime().map.arrows_up(&File::new(path, line)), [], "{path}: {line}");
    }
}
