//! Everybody who takes part: the integration, json-server and Botmatic.

use std::fs::{self, File};
use std::future::Future;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use botmatic_contact::prelude::*;
use botmatic_contact::simulator::{HttpEndpoint, Simulator};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::json_server::JsonServer;

/// After so long a test has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Marks what must not be logged.
pub(crate) const SECRET: &str = "tok-c4n4ry";

/// The binary, with nothing in its environment but what it is given.
pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rest_crm"));
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

/// The integration, running.
pub(crate) struct Integration {
    process: Child,
    pub(crate) url: String,
}

impl Integration {
    pub(crate) async fn start(mut command: Command) -> Self {
        let mut process = command.env("LISTEN", "127.0.0.1:0").spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line =
            within(lines.next_line()).await.unwrap().expect("it ended before it said where it listens");
        let address = line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}"));
        let address: std::net::SocketAddr = address.parse().unwrap();
        assert_ne!(address.port(), 0);
        Self { process, url: format!("http://{address}") }
    }

    /// Ends it as one ends services.
    pub(crate) async fn end(mut self) -> ExitStatus {
        let id = self.process.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
        within(self.process.wait()).await.unwrap()
    }
}

pub(crate) struct World {
    folder: TempDir,
    pub(crate) token: Token,
    pub(crate) botmatic: Simulator,
    botmatic_url: String,
    pub(crate) crm: JsonServer,
    pub(crate) integration: Option<Integration>,
    http: Client,
}

impl World {
    /// Starts all three with these contacts at the service, and installs the integration.
    pub(crate) async fn start(contacts: &[Value]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db.json");
        fs::write(&file, json!({ "contacts": contacts }).to_string()).unwrap();
        let crm = JsonServer::start(&file).await;
        let botmatic = Simulator::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let botmatic_url = format!("http://{}", listener.local_addr().unwrap());
        let serving = botmatic.clone();
        tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
        let http = Client::builder().no_proxy().build().unwrap();
        let mut world =
            Self { folder, token: Token::new(SECRET), botmatic, botmatic_url, crm, integration: None, http };
        world.start_integration().await;
        let said = world.botmatic.install(&world.token).await.unwrap();
        assert!(said.success, "{said:?}");
        world
    }

    /// Starts the integration, on the pairs that it had before.
    pub(crate) async fn start_integration(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = binary();
        command
            .env("BOTMATIC_BASE_URL", &self.botmatic_url)
            .env("CRM_URL", format!("{}/", self.crm.url))
            .env("ENDPOINT", "/botmatic")
            .env("KEY_STORE", format!("redb:{}", self.folder.path().join("pairs.redb").display()))
            .env("RUST_LOG", "trace,hyper=warn,hyper_util=warn,reqwest=warn")
            .stderr(log);
        let integration = Integration::start(command).await;
        let endpoint = HttpEndpoint::new(format!("{}/botmatic", integration.url)).unwrap();
        self.botmatic.connect(&self.token, endpoint);
        self.integration = Some(integration);
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// All that the integration has logged.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap()
    }

    /// Posts a body to one of the routes of the service; the status, and the answer.
    pub(crate) async fn post(&self, route: &str, body: impl Into<String>) -> (u16, Value) {
        let url = format!("{}/crm/{route}", self.integration.as_ref().unwrap().url);
        let answer = self.http.post(url).body(body.into()).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        assert!(!text.contains("c4n4ry"), "{text}");
        (status, serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text}")))
    }

    /// The service tells of something in the name of the installation.
    pub(crate) async fn tell(&self, route: &str, mut body: Value) -> (u16, Value) {
        body["token"] = SECRET.into();
        self.post(route, body.to_string()).await
    }

    /// Waits until Botmatic has told everything.
    pub(crate) async fn settled(&self) {
        within(self.botmatic.settled()).await;
    }

    /// The contact on Botmatic, without what is cleared.
    pub(crate) fn on_botmatic(&self, id: &ContactId) -> Option<Value> {
        let contact = self.botmatic.contact(&self.token, id)?;
        let properties = contact.properties.into_iter().filter(|(_, value)| !value.is_null());
        Some(properties.map(|(name, value)| (name.into_owned(), value)).collect())
    }
}

/// Runs what has to come to its end by itself, and returns what it said on standard error.
pub(crate) async fn refused(mut command: Command) -> (ExitStatus, String) {
    let output = within(command.stderr(Stdio::piped()).output()).await.unwrap();
    assert!(output.stdout.is_empty());
    (output.status, String::from_utf8(output.stderr).unwrap())
}

pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it takes too long")
}
