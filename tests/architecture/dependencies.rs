//! An HTTP library or a database is used in its own adapter and nowhere else; time and chance only in adapters.

use crate::layers::{Layers, module_of};
use crate::paths::paths;
use crate::source::File;

/// Where each optional dependency is used: folders end with `/`.
const HOMES: [(&str, &[&str]); 20] = [
    ("askama", &["server/settings/"]),
    ("axum", &["server/", "simulator/"]),
    ("backon", &["api/"]),
    ("base64", &["server/settings/"]),
    ("chrono", &["mapping/types/chrono.rs", "testing/samples/other_crates.rs"]),
    ("deadpool-postgres", &["key_store/postgres/"]),
    ("flate2", &["server/"]),
    ("governor", &["api/pace.rs"]),
    ("percent-encoding", &["api/"]),
    ("proptest", &["testing/"]),
    ("redb", &["key_store/redb/"]),
    ("redis", &["key_store/redis/"]),
    ("reqwest", &["api/", "token_source/"]),
    ("rust_decimal", &["mapping/types/rust_decimal.rs", "testing/samples/other_crates.rs"]),
    ("schemars", &["manifest/schema.rs"]),
    ("time", &["mapping/types/time.rs", "testing/samples/other_crates.rs"]),
    ("tokio-postgres", &["key_store/postgres/"]),
    ("tokio-util", &["server/"]),
    ("tower", &["server/"]),
    ("uuid", &["mapping/types/uuid.rs", "testing/samples/other_crates.rs"]),
];

/// What has a home though it is no dependency of its own.
const FURTHER: [(&[&str], &[&str]); 2] = [(&["hyper"], &[]), (&["tokio", "net"], &["server/", "simulator/"])];

/// What the engine and all below it get from their ports.
const TAKEN: [&[&str]; 14] = [
    &["Instant", "now"],
    &["SystemTime", "now"],
    &["Timestamp", "now"],
    &["Zoned", "now"],
    &["env", "var"],
    &["fastrand"],
    &["getrandom"],
    &["rand"],
    &["thread", "sleep"],
    &["thread", "spawn"],
    &["tokio", "runtime"],
    &["tokio", "spawn"],
    &["tokio", "task"],
    &["tokio", "time"],
];

/// The optional dependencies in a `Cargo.toml`.
pub(crate) fn optional(manifest: &str) -> Vec<&str> {
    let lines = manifest.lines().skip_while(|line| line.trim() != "[dependencies]").skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    let optional = lines.filter(|line| line.replace(' ', "").contains("optional=true"));
    optional.filter_map(|line| line.split(['=', '.', ' ']).next()).collect()
}

/// What is wrong with [`HOMES`], given a `Cargo.toml` and the paths of the sources.
pub(crate) fn homeless(manifest: &str, files: &[File]) -> Vec<String> {
    let optional = optional(manifest);
    let without = optional.iter().filter(|name| HOMES.iter().all(|(known, _)| known != *name));
    let without = without.map(|name| {
        format!("the optional dependency `{name}` has no home: add it to HOMES with the one folder or file that uses it")
    });
    let gone = HOMES.iter().filter(|(name, _)| !optional.contains(name));
    let gone = gone.map(|(name, _)| format!("`{name}` is no optional dependency: take it out of HOMES"));
    let empty = HOMES.iter().flat_map(|(name, homes)| homes.iter().map(move |home| (name, home)));
    let empty = empty.filter(|(_, home)| !files.iter().any(|file| file.path.starts_with(**home)));
    let empty = empty.map(|(name, home)| format!("the home `{home}` of `{name}` does not exist"));
    without.chain(gone).chain(empty).collect()
}

/// Every use of a heavy dependency outside of its home.
pub(crate) fn outside_of_home(file: &File) -> Vec<(usize, String)> {
    let heavy = HOMES.iter().map(|(name, homes)| (vec![name.replace('-', "_")], *homes));
    let further =
        FURTHER.iter().map(|(path, homes)| (path.iter().map(|word| (*word).to_owned()).collect(), *homes));
    let heavy: Vec<_> = heavy.chain(further).collect();
    let judge = |(line, path): (usize, Vec<String>)| {
        let (name, homes) = heavy.iter().find(|(name, _)| path.starts_with(name))?;
        let at_home = homes.iter().any(|home| file.path.starts_with(home));
        (!at_home).then(|| (line, format!("`{}` is used outside of {homes:?}", name.join("::"))))
    };
    paths(file).into_iter().map(|named| (named.line, named.path)).filter_map(judge).collect()
}

/// Up to the engine time and randomness come from outside, and nothing is spawned.
pub(crate) fn time_randomness_and_tasks(layers: &Layers, file: &File) -> Vec<(usize, String)> {
    let above = layers.of(module_of(&file.path)) > layers.height("engine");
    if above || file.path == "clock.rs" {
        return Vec::new();
    }
    let takes = |path: &[String]| {
        let one = |taken: &&&[&str]| match taken {
            [name] => path.first().is_some_and(|first| first == name),
            _ => path.windows(taken.len()).any(|part| part.iter().eq(taken.iter())),
        };
        TAKEN.iter().find(one).map(|taken| taken.join("::"))
    };
    let found = paths(file).into_iter().filter_map(|named| Some((named.line, takes(&named.path)?)));
    found
        .map(|(line, what)| (line, format!("`{what}` is for adapters; the engine gets it from its ports")))
        .collect()
}

#[test]
fn an_optional_dependency_without_a_home_is_caught() {
    let manifest = "[features]\na = []\n[dependencies]\nb.workspace = true\nsqlx = { workspace = true, optional = true }\n[dev-dependencies]\nc = { optional = true }";
    assert_eq!(optional(manifest), ["sqlx"]);
    let found = homeless(manifest, &[]);
    assert!(found.iter().any(|what| what.contains("`sqlx` has no home: add it to HOMES")), "{found:?}");
    assert!(found.iter().any(|what| what.contains("`axum` is no optional dependency")), "{found:?}");
    assert!(found.iter().any(|what| what.contains("`server/` of `axum` does not exist")), "{found:?}");
}

#[test]
fn a_heavy_dependency_outside_of_its_adapter_is_caught() {
    for (path, line) in [
        ("integration.rs", "use axum::Router;"),
        ("integration.rs", "use {axum as web, std::fmt};"),
        ("api/mod.rs", "let app = ::axum::Router::new();"),
        ("sync/created.rs", "client: reqwest::Client,"),
        ("sync/created.rs", "use tokio_util::task::TaskTracker;"),
        ("server/mod.rs", "use reqwest::Client;"),
        ("server/mod.rs", "use percent_encoding::AsciiSet;"),
        ("key_store/memory.rs", "use redb::Database;"),
        ("key_store/mod.rs", "pub use redb;"),
        ("sync/mod.rs", "use tokio::net::TcpListener;"),
        ("sync/mod.rs", "use tokio::{\n    net::TcpListener,\n};"),
    ] {
        assert!(!outside_of_home(&File::new(path, line)).is_empty(), "{path}: {line}");
    }
    for (path, line) in [
        ("server/mod.rs", "use axum::Router;"),
        ("simulator/http.rs", "use axum::Router;"),
        ("api/request.rs", "use reqwest::Client;"),
        ("key_store/redb/mod.rs", "use redb::{Database};"),
        ("key_store/mod.rs", "pub use self::redb::RedbKeyStore;"),
        ("key_store/mod.rs", "mod redb;"),
        ("lib.rs", "#[cfg(feature = \"redb\")]"),
    ] {
        assert_eq!(outside_of_home(&File::new(path, line)), [], "{path}: {line}");
    }
}

#[test]
fn time_randomness_and_tasks_of_ones_own_are_caught() {
    let layers = &crate::runtime().map.layers;
    let judge = |path, line| time_randomness_and_tasks(layers, &File::new(path, line));
    for line in [
        "let now = Timestamp::now();",
        "let now = std::time::Instant::now();",
        "SystemTime::now()",
        "tokio::spawn(async move {})",
        "use tokio::{\n    sync::watch,\n    time::sleep,\n};",
        "tokio::time::sleep(pause).await;",
        "rand::random()",
    ] {
        assert!(!judge("sync/created.rs", line).is_empty(), "{line}");
        assert!(!judge("integration.rs", line).is_empty(), "{line}");
        assert_eq!(judge("server/mod.rs", line), [], "{line}");
    }
    assert_eq!(judge("clock.rs", "Timestamp::now()"), []);
    assert_eq!(judge("sync/mod.rs", "self.context.clock.now()"), []);
}
