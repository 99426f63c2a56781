//! A wire between a store and its server, on which things go wrong without anybody being told.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What happens when a certain text comes along towards the server.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    /// Nothing passes any more, on no connection, and none is closed.
    GoesDead,
    /// The server gets it, and the connection is lost before its answer arrives; once.
    LosesAnswer,
}

/// Lives as long as this.
pub(super) struct Wire {
    pub(super) port: u16,
    _passing: JoinSet<()>,
}

impl Wire {
    /// A wire to the server at `host:port`.
    pub(super) async fn new(server: &str, text: &'static str, fate: Fate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = server.to_owned();
        let has_happened = Arc::new(watch::Sender::new(false));
        let mut passing = JoinSet::new();
        passing.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                connections.spawn(pass(client, server, text.as_bytes(), fate, Arc::clone(&has_happened)));
            }
        });
        Self { port, _passing: passing }
    }
}

async fn pass(
    mut client: TcpStream,
    mut server: TcpStream,
    text: &[u8],
    fate: Fate,
    has_happened: Arc<watch::Sender<bool>>,
) {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut dead = has_happened.subscribe();
    loop {
        let (from_client, length) = tokio::select! {
            biased;
            () = async { drop(dead.wait_for(|happened| *happened).await) }, if matches!(fate, Fate::GoesDead) => {
                return std::future::pending().await;
            }
            length = client.read(&mut asked) => (true, length),
            length = server.read(&mut answered) => (false, length),
        };
        let Ok(length @ 1..) = length else { return };
        let bytes = if from_client { &asked[..length] } else { &answered[..length] };
        let happens = from_client && bytes.windows(text.len()).any(|window| window == text);
        if happens && !has_happened.send_replace(true) {
            if matches!(fate, Fate::LosesAnswer) && server.write_all(bytes).await.is_ok() {
                let _ = server.read(&mut answered).await;
                return;
            }
            continue;
        }
        let passed = if from_client { server.write_all(bytes).await } else { client.write_all(bytes).await };
        if passed.is_err() {
            return;
        }
    }
}
