//! A Botmatic that answers what it was told to, over real sockets, and remembers what it was asked.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use botmatic_contact::BotmaticApi;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One answer.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A status, headers and a body.
    Say(u16, Vec<(&'static str, String)>, String),
    /// The connection is closed once the request has been read.
    Close,
    /// The connection stays open, and nothing is said.
    Silence,
    /// The connection is closed in the middle of the body.
    CutOff(u16),
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self::Say(status, Vec::new(), body.into())
    }

    /// The same with one more header.
    pub(crate) fn header(self, name: &'static str, value: impl Into<String>) -> Self {
        match self {
            Self::Say(status, mut headers, body) => {
                headers.push((name, value.into()));
                Self::Say(status, headers, body)
            }
            other => other,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let (status, headers, body) = match self {
            Self::Say(status, headers, body) => (*status, headers.as_slice(), body.as_str()),
            Self::CutOff(status) => (*status, &[][..], r#"{"success":true"#),
            Self::Close | Self::Silence => return Vec::new(),
        };
        let mut text = format!("HTTP/1.1 {status} Said\r\nconnection: close\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        let length = if matches!(self, Self::CutOff(_)) { body.len() + 9 } else { body.len() };
        if status != 204 {
            text += &format!("content-length: {length}\r\n");
        }
        text += "\r\n";
        if status != 204 {
            text += body;
        }
        text.into_bytes()
    }
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// The server; gone when it is dropped.
pub(crate) struct Fake {
    address: std::net::SocketAddr,
    log: Arc<Mutex<Vec<Asked>>>,
    serving: JoinHandle<()>,
}

impl Fake {
    /// Gives these answers, one after the other; who asks once more is not answered.
    pub(crate) async fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let mut answers: VecDeque<_> = answers.into_iter().collect();
        let asked = Arc::clone(&log);
        let serving = tokio::spawn(async move {
            let mut silent = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Some(request) = read(&mut stream).await else { continue };
                asked.lock().unwrap().push(request);
                let answer = answers.pop_front().unwrap_or(Answer::Close);
                if matches!(answer, Answer::Silence) {
                    silent.push(stream);
                    continue;
                }
                stream.write_all(&answer.bytes()).await.unwrap();
                let _ = stream.shutdown().await;
            }
        });
        Self { address, log, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The API at this server, with something after the address.
    pub(crate) fn api_below(&self, path: &str) -> BotmaticApi {
        BotmaticApi::new(Some(&format!("{}{path}", self.url()))).unwrap()
    }

    pub(crate) fn api(&self) -> BotmaticApi {
        self.api_below("")
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    /// The only request there was.
    pub(crate) fn only(&self) -> Asked {
        let asked = self.asked();
        let [only] = asked.as_slice() else { panic!("{asked:?}") };
        only.clone()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.lines();
    let mut request = lines.next()?.split(' ').map(str::to_owned);
    let headers: BTreeMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(bytes[head..].to_vec()).unwrap();
    Some(Asked { at: Instant::now(), method: request.next()?, path: request.next()?, headers, body })
}
