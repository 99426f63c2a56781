//! json-server itself, from npm: installed once into the target folder, and run on a port of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::sync::OnceLock;

use reqwest::Client;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::world::within;

/// What its command line does, but that the port is a free one, and that it is said when one can connect.
const SERVE: &str = r"
    const jsonServer = require('json-server');
    const server = jsonServer.create();
    server.use(jsonServer.defaults({ logger: false }));
    server.use(jsonServer.router(process.argv[1]));
    const listener = server.listen(0, '127.0.0.1', () => console.log(listener.address().port));
";

/// A running json-server; it is killed when this is dropped.
pub(crate) struct JsonServer {
    _process: Child,
    pub(crate) url: String,
    http: Client,
}

/// The folder with the installation, which is made if it is not there.
fn installed() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let wanted = Path::new(env!("CARGO_MANIFEST_DIR")).join("rest_crm/json-server");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("json-server");
        let lock = "package-lock.json";
        // Made beside it, and moved when it is complete.
        let is_complete =
            fs::read(folder.join(lock)).is_ok_and(|found| found == fs::read(wanted.join(lock)).unwrap());
        if !is_complete {
            install(&wanted, &folder.with_extension("new"));
            let _ = fs::remove_dir_all(&folder);
            fs::rename(folder.with_extension("new"), &folder).unwrap();
        }
        folder
    })
}

fn install(wanted: &Path, folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    for file in ["package.json", "package-lock.json"] {
        fs::copy(wanted.join(file), folder.join(file)).unwrap();
    }
    let npm = process::Command::new("npm").args(["ci", "--ignore-scripts"]).current_dir(folder).output();
    let output = npm.unwrap_or_else(|error| {
        panic!(
            "json-server is needed for this test, and npm to install it: install Node.js and npm ({error})"
        )
    });
    assert!(
        output.status.success(),
        "npm cannot install json-server:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

impl JsonServer {
    /// Serves what is in the file, and writes it there.
    pub(crate) async fn start(file: &Path) -> Self {
        let mut process = Command::new("node")
            .args(["-e", SERVE])
            .arg(file)
            .current_dir(installed())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("json-server is needed for this test: install Node.js ({error})"));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = within(lines.next_line()).await.unwrap().expect("json-server has ended");
        let http = Client::builder().no_proxy().build().unwrap();
        Self { _process: process, url: format!("http://127.0.0.1:{port}"), http }
    }

    pub(crate) async fn contacts(&self) -> Vec<Value> {
        self.http.get(format!("{}/contacts", self.url)).send().await.unwrap().json().await.unwrap()
    }

    pub(crate) async fn contact(&self, id: &Value) -> Option<Value> {
        self.contacts().await.into_iter().find(|contact| contact["id"] == *id)
    }

    /// Somebody adds a contact; returns it with its id.
    pub(crate) async fn add(&self, contact: &Value) -> Value {
        let answer = self.http.post(format!("{}/contacts", self.url)).json(contact).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    /// Somebody changes a contact; returns all of it.
    pub(crate) async fn change(&self, id: &Value, members: &Value) -> Value {
        let answer = self.http.patch(self.url_of(id)).json(members).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    pub(crate) async fn delete(&self, id: &Value) {
        self.http.delete(self.url_of(id)).send().await.unwrap().error_for_status().unwrap();
    }

    fn url_of(&self, id: &Value) -> String {
        format!("{}/contacts/{}", self.url, id.to_string().trim_matches('"'))
    }
}
