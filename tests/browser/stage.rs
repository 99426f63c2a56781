//! A browser, and in it a page that plays Botmatic, with the settings page in its frame.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::process::Stdio;
use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use futures_util::FutureExt;
use serde_json::Value;
use thirtyfour::prelude::*;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// After so long a test has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a browser, plays, and ends the browser whatever became of it.
pub(crate) async fn in_browser(play: impl AsyncFnOnce(&WebDriver)) {
    let (mut process, port) = chromedriver().await;
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=900,1400"] {
        capabilities.add_arg(argument).unwrap();
    }
    let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await;
    let driver = driver.expect("Chromium starts: is the package `chromium` installed?");
    let played = AssertUnwindSafe(play(&driver)).catch_unwind().await;
    driver.quit().await.unwrap();
    process.kill().await.unwrap();
    if let Err(panic) = played {
        resume_unwind(panic);
    }
}

/// The driver of the browser, on a port of its choice.
async fn chromedriver() -> (Child, u16) {
    let mut process = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("chromedriver starts: is the package `chromium-driver` installed?");
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let port = async {
        loop {
            let line = lines.next_line().await.unwrap().expect("chromedriver says its port");
            if let Some((_, port)) = line.split_once("successfully on port ") {
                return port.trim_end_matches('.').parse().unwrap();
            }
        }
    };
    let port = timeout(PATIENCE, port).await.expect("chromedriver says its port");
    (process, port)
}

/// Serves routes for as long as the test runs.
pub(crate) async fn serve(routes: impl FnOnce(SocketAddr) -> Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = routes(address);
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

/// The origin of a page that embeds what its query names, and notes what it is told.
pub(crate) async fn embedding() -> String {
    const PAGE: &str = r#"<!DOCTYPE html><title>Botmatic</title><script>
        window.heard = [];
        window.addEventListener("message", ({ origin, source, data }) =>
            heard.push({ origin, own: source === document.getElementById("frame").contentWindow, data }));
        window.addEventListener("DOMContentLoaded", () => {
            const frame = document.getElementById("frame");
            frame.addEventListener("load", () => { window.loaded = true; });
            frame.src = decodeURIComponent(location.search.slice(1));
        });
        </script><body style="margin: 0"><iframe id="frame" style="border: 0; width: 640px; height: 1200px"></iframe>"#;
    let address = serve(|_| Router::new().route("/", get(async || Html(PAGE)))).await;
    format!("http://{address}")
}

/// The browser while it shows a page inside that of an origin.
pub(crate) struct Stage<'a> {
    driver: &'a WebDriver,
    seen: usize,
}

impl<'a> Stage<'a> {
    /// Opens the page inside that of the origin, and waits until it has loaded.
    pub(crate) async fn open(driver: &'a WebDriver, origin: &str, page: &str) -> Self {
        let query: String = page.bytes().map(|byte| format!("%{byte:02x}")).collect();
        driver.goto(format!("{origin}/?{query}")).await.unwrap();
        let stage = Self { driver, seen: 0 };
        stage.until("return window.loaded === true").await;
        stage
    }

    /// Runs a script in the embedding page.
    pub(crate) async fn outside(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver.execute(script, arguments).await.unwrap().json().clone()
    }

    /// Runs a script in the settings page.
    pub(crate) async fn inside(&self, script: &str) -> Value {
        self.driver.enter_frame(0).await.unwrap();
        let result = self.driver.execute(script, Vec::new()).await;
        self.driver.enter_default_frame().await.unwrap();
        result.unwrap().json().clone()
    }

    /// Waits until a script in the embedding page says yes.
    async fn until(&self, script: &str) {
        let said = async { while self.outside(script, Vec::new()).await != true {} };
        timeout(PATIENCE, said).await.unwrap_or_else(|_| panic!("never happened: {script}"));
    }

    /// Waits until a script in the settings page says yes.
    pub(crate) async fn until_inside(&self, script: &str) {
        let said = async { while self.inside(script).await != true {} };
        timeout(PATIENCE, said).await.unwrap_or_else(|_| panic!("never happened: {script}"));
    }

    /// Sends a message to the settings page, as Botmatic does.
    pub(crate) async fn send(&self, message: Value) {
        let script = "document.getElementById('frame').contentWindow.postMessage(arguments[0], '*')";
        self.outside(script, vec![message]).await;
    }

    /// Waits for so many more messages of the settings page and returns them.
    pub(crate) async fn hear(&mut self, count: usize) -> Vec<Value> {
        let until = self.seen + count;
        self.until(&format!("return heard.length >= {until}")).await;
        let heard = self.heard().await.split_off(self.seen);
        self.seen += heard.len();
        heard.into_iter().map(|mut message| message["data"].take()).collect()
    }

    /// Waits for so many more messages of the settings page, and returns them with all that it has sent since.
    pub(crate) async fn hear_all(&mut self, count: usize) -> Vec<Value> {
        let mut heard = self.hear(count).await;
        // Messages keep their order: what was sent before this one is there once this one is.
        self.inside("window.parent.postMessage('that is all', '*')").await;
        while heard.last().is_none_or(|last| last != "that is all") {
            heard.extend(self.hear(1).await);
        }
        heard.pop();
        heard
    }

    /// All that was ever heard, with who said it.
    pub(crate) async fn heard(&self) -> Vec<Value> {
        self.outside("return heard", Vec::new()).await.as_array().unwrap().clone()
    }

    /// Counts from now on what the settings page posts and which messages it gets.
    pub(crate) async fn watch(&self) {
        self.inside(
            "window.posts = 0; window.got = 0; const original = window.fetch;
             window.fetch = (...all) => { posts += 1; return original(...all); };
             window.addEventListener('message', () => { got += 1; });",
        )
        .await;
    }

    /// Types into an input of the settings page, as a person does.
    pub(crate) async fn type_into(&self, name: &str, text: &str) {
        self.driver.enter_frame(0).await.unwrap();
        let input = self.driver.find(By::Name(name)).await.unwrap();
        input.send_keys(text).await.unwrap();
        self.driver.enter_default_frame().await.unwrap();
    }

    /// Clicks what is found by a CSS selector in the settings page.
    pub(crate) async fn click(&self, selector: &str) {
        self.driver.enter_frame(0).await.unwrap();
        self.driver.find(By::Css(selector)).await.unwrap().click().await.unwrap();
        self.driver.enter_default_frame().await.unwrap();
    }
}
