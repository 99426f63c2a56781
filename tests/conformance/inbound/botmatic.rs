//! The Botmatic of the recordings: it knows two tokens, and otherwise answers what it is told to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::Asked;
use super::recording::Given;
use super::wire::read_request;

/// The server; gone when it is dropped.
pub(super) struct Botmatic {
    address: std::net::SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    serving: JoinHandle<()>,
}

impl Botmatic {
    pub(super) async fn new(answers: BTreeMap<String, Given>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (log, answers) = (Arc::clone(&asked), Arc::new(answers));
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream, Arc::clone(&log), Arc::clone(&answers)));
            }
        });
        Self { address, asked, serving }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Botmatic {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(mut stream: TcpStream, log: Arc<Mutex<Vec<Asked>>>, answers: Arc<BTreeMap<String, Given>>) {
    let Some(request) = read_request(&mut stream).await else { return };
    let authorization = request.headers.get("authorization").cloned();
    log.lock().unwrap().push(Asked::new(&request.method, &request.path, authorization, &request.body));
    let (kind, given) = match (request.method.as_str(), request.path.as_str()) {
        (_, "/api/integrationtokens/validate") => {
            let known = ["token=tok-alpha", "token=tok-beta"].contains(&request.body.as_str());
            ("validate", if known { (200, r#"{"success":true}"#) } else { (401, r#"{"success":false}"#) })
        }
        ("POST", "/api/properties") => ("properties", (201, r#"{"success":true,"id":501}"#)),
        ("PATCH", _) => ("patch", (200, r#"{"success":true}"#)),
        _ => ("", (404, r#"{"success":false}"#)),
    };
    let (status, headers, body) = match answers.get(kind) {
        Some(Given { status: None, .. }) => return,
        Some(Given { status: Some(status), headers, body }) => (*status, headers.clone(), body.clone()),
        None => (given.0, BTreeMap::new(), given.1.to_owned()),
    };
    let mut text =
        format!("HTTP/1.1 {status} Said\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    let _ = stream.write_all(format!("{text}\r\n{body}").as_bytes()).await;
    let _ = stream.shutdown().await;
}
