//! A copy of the runtime in the build's own folder, where one thing at a time is broken, built and run.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;
use std::{env, fs};

use tokio::process::Command;
use tokio::time::timeout;

use crate::table::Break;

/// What is copied of the workspace.
const COPIED: [&str; 4] = ["Cargo.lock", "README.md", "botmatic-contact", "botmatic-contact-macros"];

/// The package that runs the simulation, and how everything is built: what is built anew for each break is built fast, and
/// runs a little faster than usual; what is built once runs fast.
const RUNNER: &str = r#"
[package]
name = "runner"
version = "0.0.0"
edition = "2024"

[[bin]]
name = "runner"
path = "../simulate.rs"

[dependencies]
botmatic-contact = { workspace = true, features = ["simulator", "testing"] }
"#;
const PROFILE: &str = r#"
[profile.broken]
inherits = "dev"
opt-level = 1
debug = false
incremental = true

[profile.broken.package."*"]
opt-level = 2
"#;

/// After so long a run is taken never to end.
const PATIENCE: Duration = Duration::from_secs(300);

/// The copy.
#[derive(Debug)]
pub(crate) struct Workshop {
    source: PathBuf,
    copy: PathBuf,
}

/// What became of the seeds.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Everything holds.
    Held,
    /// Something does not, with this seed.
    Failed { seed: u64, violation: String },
    /// It ends in another way, or does not end.
    Odd(String),
}

impl Workshop {
    /// Makes the copy, or brings it up to date; what is the same stays as it is, so that it is not built again.
    pub(crate) fn set_up() -> io::Result<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let built = env::current_exe()?;
        let target = built.ancestors().nth(2).ok_or(io::ErrorKind::NotFound)?;
        let workshop = Self { source, copy: target.join("broken-engines") };
        for name in COPIED {
            // Cargo writes the runner into the copy's lock file, and takes the rest from there.
            let is_kept = name == "Cargo.lock" && workshop.copy.join(name).exists();
            if !is_kept {
                mirror(&workshop.source.join(name), &workshop.copy.join(name))?;
            }
        }
        mirror(&workshop.source.join("tests/src/bin/simulate.rs"), &workshop.copy.join("simulate.rs"))?;
        write(&workshop.copy.join("runner/Cargo.toml"), RUNNER)?;
        let manifest = fs::read_to_string(workshop.source.join("Cargo.toml"))?;
        let manifest = manifest.replace(r#""examples", "tests"]"#, r#""runner"]"#);
        write(&workshop.copy.join("Cargo.toml"), &(manifest + PROFILE))?;
        Ok(workshop)
    }

    /// Breaks the copy.
    pub(crate) fn break_it(&self, broken: &Break) -> io::Result<()> {
        let text = fs::read_to_string(file(&self.source, broken))?;
        write(&file(&self.copy, broken), text.replacen(broken.text, broken.replacement, 1))
    }

    /// Makes the copy whole again.
    pub(crate) fn mend(&self, broken: &Break) -> io::Result<()> {
        mirror(&file(&self.source, broken), &file(&self.copy, broken))
    }

    /// Builds the copy as it is.
    pub(crate) async fn build(&self) -> io::Result<Result<(), String>> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--quiet", "--profile", "broken", "-p", "runner"]);
        cargo.arg("--target-dir").arg(self.copy.join("target"));
        cargo.current_dir(&self.copy).env("RUSTFLAGS", "-Awarnings");
        let Output { status, stderr, .. } = cargo.output().await?;
        Ok(if status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&stderr).into_owned()) })
    }

    /// Runs what was built.
    pub(crate) async fn run(&self, seeds: u64, faults: &[&str]) -> io::Result<Verdict> {
        let mut runner = Command::new(self.copy.join("target/broken/runner"));
        runner.arg(seeds.to_string()).args(faults).kill_on_drop(true);
        let runner = runner.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let Ok(output) = timeout(PATIENCE, runner.wait_with_output()).await else {
            return Ok(Verdict::Odd(format!("does not end within {} s", PATIENCE.as_secs())));
        };
        let Output { status, stdout, stderr } = output?;
        if status.success() {
            return Ok(Verdict::Held);
        }
        let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        let first = stdout.lines().next().and_then(|line| line.strip_prefix("seed ")?.split_once(": "));
        let failed = first.and_then(|(seed, violation)| Some((seed.parse().ok()?, violation.to_owned())));
        Ok(match failed {
            Some((seed, violation)) => Verdict::Failed { seed, violation },
            None => Verdict::Odd(format!("{status}: {}", stderr.trim())),
        })
    }
}

/// Why a break does not fit the engine any more, if it does not.
pub(crate) fn misfit(broken: &Break) -> Option<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match fs::read_to_string(file(&source, broken)) {
        Err(error) => Some(format!("{}: {error}", broken.file)),
        Ok(text) => match text.matches(broken.text).count() {
            1 => None,
            found => Some(format!("{}: the text to replace occurs {found} times, not once", broken.file)),
        },
    }
}

/// The file that a break is in.
fn file(root: &Path, broken: &Break) -> PathBuf {
    root.join("botmatic-contact/src").join(broken.file)
}

/// Makes a file or a folder the same as another, and touches what is the same already no more than that.
fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return write(to, fs::read(from)?);
    }
    fs::create_dir_all(to)?;
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        mirror(&from.join(&name), &to.join(&name))?;
        names.insert(name);
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if names.contains(&entry.file_name()) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn write(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    if fs::read(path).is_ok_and(|known| known == content.as_ref()) {
        return Ok(());
    }
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(path, content)
}
