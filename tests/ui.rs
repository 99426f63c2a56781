//! What the compiler says to whoever makes a mistake. One mistake per file under `ui/`; `ui/README.md` says how to bless.

#![expect(clippy::expect_used, reason = "helpers of tests panic as tests do")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The compiler whose words are recorded. Another one says the same in other words.
const RECORDED_WITH: &str = "1.95.0";

fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("there is a compiler");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn is_recorded(version: &str) -> bool {
    version.split_whitespace().nth(1) == Some(RECORDED_WITH)
}

fn fixtures(extension: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let folders = fs::read_dir(root).expect("ui").map(|entry| entry.expect("an entry").path());
    let files = folders.filter(|path| path.is_dir()).flat_map(|folder| {
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
    });
    files.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

#[test]
fn every_mistake_is_explained_where_it_was_made() {
    let version = compiler();
    if !is_recorded(&version) {
        eprintln!("skipped: the messages are recorded with rustc {RECORDED_WITH}, and this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}

#[test]
fn a_message_shows_no_source_of_the_standard_library_which_not_everybody_has() {
    for path in fixtures("stderr") {
        let text = fs::read_to_string(&path).expect("a message");
        assert!(!text.contains("$RUST"), "{}", path.display());
    }
}

#[test]
fn every_message_belongs_to_a_mistake() {
    for path in fixtures("stderr") {
        assert!(path.with_extension("rs").exists(), "{}", path.display());
    }
    assert!(!fixtures("rs").is_empty());
}

#[test]
fn the_version_is_told_from_what_the_compiler_says() {
    assert!(is_recorded("rustc 1.95.0 (59807616e 2026-04-14)"));
    for other in ["rustc 1.95.1 (0 2026)", "rustc 1.96.0-nightly (0 2026)", "rustc 1.195.0", "1.95.0", ""] {
        assert!(!is_recorded(other), "{other}");
    }
}
