//! The quickstart as a newcomer runs it, and as nobody should: killed at any moment, then run again.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops at what it did not expect, and may say so"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long one run may take at most; it takes a second or so.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often it is killed.
const KILLS: u64 = 12;

fn quickstart() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quickstart"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn succeeded(output: &Output) -> String {
    let (told, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{told}\n{failed}");
    told.into_owned()
}

/// Real people, who are not part of the repository: where they are missing the test says so, and in CI it fails.
fn legislators() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/legislators.json");
    if path.exists() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", path.display());
    eprintln!("{} is missing: this was not tested", path.display());
    None
}

/// Waits until the journal of a run has grown to a size, then kills the run.
fn kill_at(mut run: Child, journal: &Path, size: u64) {
    let started = Instant::now();
    while fs::metadata(journal).map_or(0, |metadata| metadata.len()) < size {
        assert!(run.try_wait().unwrap().is_none(), "it ended before its journal had grown to {size} bytes");
        assert!(started.elapsed() < PATIENCE, "its journal does not grow");
        std::thread::yield_now();
    }
    run.kill().unwrap();
    run.wait().unwrap();
}

#[test]
fn the_bundled_people_are_kept_in_step() {
    let told = succeeded(&quickstart().output().unwrap());
    assert!(told.contains("Both sides hold the same, value by value"), "{told}");
    assert!(told.contains("imported into Botmatic (214)"), "{told}");
}

#[test]
fn real_people_are_kept_in_step() {
    let Some(path) = legislators() else { return };
    let told = succeeded(&quickstart().arg("--contacts").arg(path).output().unwrap());
    assert!(told.contains("imported into Botmatic (537)"), "{told}");
}

#[test]
fn killed_at_any_moment_it_goes_on_where_it_was_and_doubles_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    succeeded(&quickstart().arg("--store").arg(&whole).output().unwrap());
    let size = fs::metadata(whole.join("botmatic.journal")).unwrap().len();

    for kill in 1..=KILLS {
        let store = folder.path().join(kill.to_string());
        let run = quickstart().arg("--store").arg(&store).spawn().unwrap();
        kill_at(run, &store.join("botmatic.journal"), size * kill / (KILLS + 1));
        let told = succeeded(&quickstart().arg("--store").arg(&store).output().unwrap());
        assert!(told.contains("Both sides hold the same, value by value"), "{told}");
    }
}

#[test]
fn run_again_on_its_store_it_imports_nobody() {
    let folder = tempfile::tempdir().unwrap();
    succeeded(&quickstart().arg("--store").arg(folder.path()).output().unwrap());
    let told = succeeded(&quickstart().arg("--store").arg(folder.path()).output().unwrap());
    assert!(told.contains("imported into Botmatic (0)"), "{told}");
}

#[test]
fn a_list_that_is_none_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("people.json");
    fs::write(&file, r#"[{"id": "1", "first_name": "A", "last_name": "B", "shoe_size": 38}]"#).unwrap();
    let output = quickstart().arg("--contacts").arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("unknown field `shoe_size`") && said.contains("line 1"), "{said}");
}

#[test]
fn the_manifest_says_what_can_be_called_and_nothing_is_started_for_it() {
    let output = quickstart().env("BOTMATIC_BASE_URL", "none").arg("--manifest").output().unwrap();
    let manifest: Value = serde_json::from_str(&succeeded(&output)).unwrap();
    assert_eq!(manifest["endpoint"], "/botmatic");
    let heard =
        json!({ "name": "user_reply", "replaces_sync": false, "description": "Counts what users say." });
    assert_eq!(manifest["events"], json!([heard]));

    let [find] = manifest["actions"].as_array().unwrap().as_slice() else { panic!("{manifest:#}") };
    assert_eq!(find["name"], "find_person");
    assert_eq!(find["description"], "Finds whoever has an e-mail address; `null` if nobody has.");
    assert_eq!(find["params"]["required"], json!(["email"]));
    assert_eq!(find["answer"]["anyOf"], json!([{ "$ref": "#/$defs/Person" }, { "type": "null" }]));
    let person = &find["answer"]["$defs"]["Person"]["properties"];
    assert_eq!(person["suffix"]["description"], "What follows the name, such as `Jr.`");
    assert_eq!(
        (&person["birthday"]["format"], &person["offices"]["type"]),
        (&json!("date"), &json!("array"))
    );

    let [set] = manifest["patterns"].as_array().unwrap().as_slice() else { panic!("{manifest:#}") };
    assert_eq!(set["groups"], json!(["property", "value"]));
    assert_eq!(set["captures"]["required"], set["groups"]);

    let properties = manifest["properties"].as_array().unwrap();
    let kind = |name| properties.iter().find(|property| property["name"] == name).unwrap()["kind"].as_str();
    assert_eq!(
        [kind("nickname"), kind("birthday"), kind("district")],
        [Some("text"), Some("date"), Some("number")]
    );
    let finding = properties.iter().filter(|property| property["finds_contact"] == true);
    assert_eq!(finding.map(|property| &property["name"]).collect::<Vec<_>>(), ["email"]);
    // It has no settings page.
    assert_eq!(manifest.get("settings"), None);
}
