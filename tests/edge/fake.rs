//! A Botmatic that answers what it was told to, over real sockets, and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use botmatic_contact::{BotmaticApi, BotmaticApiBuilder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// One answer.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A status, headers and a body.
    Say(u16, Vec<(String, String)>, String),
    /// The connection is closed once the request has been read.
    Close,
    /// The connection is reset once the request has been read.
    Reset,
    /// The connection is closed in the middle of the body.
    CutOff(u16),
    /// The body begins and does not go on.
    Stall(u16),
    /// Nothing comes, and the connection stays open.
    Silence,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self::Say(status, Vec::new(), body.into())
    }

    /// The same with one more header.
    pub(crate) fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        match self {
            Self::Say(status, mut headers, body) => {
                headers.push((name.into(), value.into()));
                Self::Say(status, headers, body)
            }
            other => other,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let (status, headers, body, missing) = match self {
            Self::Say(status, headers, body) => (*status, headers.as_slice(), body.as_str(), 0),
            Self::CutOff(status) | Self::Stall(status) => (*status, &[][..], r#"{"success":true"#, 9),
            Self::Close | Self::Reset | Self::Silence => return Vec::new(),
        };
        let mut text = format!("HTTP/1.1 {status} Said\r\n");
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        if status == 204 {
            return (text + "\r\n").into_bytes();
        }
        text += &format!("content-length: {}\r\n\r\n{body}", body.len() + missing);
        text.into_bytes()
    }

    /// Gives the answer; whether the connection goes on.
    async fn give(&self, stream: &mut TcpStream) -> bool {
        // Who asked may have gone away.
        let given = stream.write_all(&self.bytes()).await.is_ok();
        match self {
            Self::Say(..) => given,
            Self::Close | Self::CutOff(_) => {
                let _ = stream.shutdown().await;
                false
            }
            Self::Reset => {
                stream.set_zero_linger().unwrap();
                false
            }
            Self::Stall(_) | Self::Silence => std::future::pending().await,
        }
    }
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    /// Which connection it came over, counted from one.
    pub(crate) connection: usize,
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
    pub(crate) async fn new(answers: impl IntoIterator<Item = Answer, IntoIter: Send + 'static>) -> Self {
        let mut answers = answers.into_iter();
        Self::answering(move |_| answers.next().unwrap_or(Answer::Close)).await
    }

    /// Gives the answer that depends on the request.
    pub(crate) async fn answering(answer: impl FnMut(&Asked) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let asked = Arc::clone(&log);
        let answer = Arc::new(Mutex::new(answer));
        let serving = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (asked, answer) = (Arc::clone(&asked), Arc::clone(&answer));
                let connection = connections.len() + 1;
                connections.spawn(async move {
                    while let Some(request) = read(&mut stream, connection).await {
                        let answer = (answer.lock().unwrap())(&request);
                        asked.lock().unwrap().push(request);
                        if !answer.give(&mut stream).await {
                            break;
                        }
                    }
                });
            }
        });
        Self { address, log, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An API at this server that does not wait long before it tries again.
    pub(crate) fn builder(&self) -> BotmaticApiBuilder {
        BotmaticApi::builder().base_url(self.url()).retry_delay(Duration::from_millis(1))
    }

    pub(crate) fn api(&self) -> BotmaticApi {
        self.builder().build().unwrap()
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

async fn read(stream: &mut TcpStream, connection: usize) -> Option<Asked> {
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
    let (method, path) = (request.next()?, request.next()?);
    Some(Asked { at: Instant::now(), connection, method, path, headers, body })
}
