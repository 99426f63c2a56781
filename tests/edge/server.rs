//! Serving over real sockets: how it ends, and what a caller who hangs up leaves behind.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Integration, Service};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::requests::TOKEN;

/// After so long a test has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends a call and leaves the connection open for the answer.
async fn ask(address: SocketAddr, action: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = format!(r#"{{"action":"{action}"}}"#);
    let request = format!(
        "POST / HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Sends a text over a connection of its own, and reads up to its end.
pub(crate) async fn exchange(address: SocketAddr, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    rest(stream).await
}

/// A server of a service, in this process.
pub(crate) struct Own {
    pub(crate) address: SocketAddr,
    end: oneshot::Sender<()>,
    serving: JoinHandle<botmatic_contact::Result<()>>,
}

impl Own {
    pub(crate) async fn start<I: Integration>(service: &Service<I>, routes: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel::<()>();
        let service = service.clone();
        let serving = tokio::spawn(async move {
            service.serve_with(listener, routes, async { ended.await.unwrap() }).await
        });
        Self { address, end, serving }
    }

    /// Asks it to end, and waits until nobody listens there any more.
    async fn ask_to_end(self) -> JoinHandle<botmatic_contact::Result<()>> {
        self.end.send(()).unwrap();
        refused(self.address).await;
        self.serving
    }

    pub(crate) async fn end(self) {
        let serving = self.ask_to_end().await;
        timeout(PATIENCE, serving).await.expect("the server ends").unwrap().unwrap();
    }
}

/// Everything up to the end of the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut text)).await.expect("an answer").unwrap();
    text
}

/// Returns once nobody listens there any more.
async fn refused(address: SocketAddr) {
    let refused = async { while TcpStream::connect(address).await.is_ok() {} };
    timeout(PATIENCE, refused).await.expect("connections are still taken");
}

struct Process {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_serving"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, output }
    }

    /// The next line with this text in it.
    async fn says(&mut self, text: &str) -> String {
        let wanted = async {
            loop {
                let line = self.output.next_line().await.unwrap().expect("the process has ended");
                if line.contains(text) {
                    return line;
                }
            }
        };
        timeout(PATIENCE, wanted).await.unwrap_or_else(|_| panic!("it never said {text:?}"))
    }

    async fn address(&mut self) -> SocketAddr {
        let line = self.says("listening address=").await;
        let (_, address) = line.split_once("address=").unwrap();
        address.split_whitespace().next().unwrap().parse().unwrap()
    }

    async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([name, &id]).status().await.unwrap().success());
    }

    async fn exit_code(mut self) -> Option<i32> {
        timeout(PATIENCE, self.child.wait()).await.expect("the process does not end").unwrap().code()
    }
}

#[tokio::test]
async fn a_process_that_is_asked_to_end_answers_what_is_in_flight_and_takes_nothing_new() {
    let mut process = Process::start();
    let address = process.address().await;
    let asked = ask(address, "slow").await;
    process.says("working").await;

    process.signal("-TERM").await;
    process.says("asked to end").await;
    refused(address).await;
    assert!(process.child.try_wait().unwrap().is_none(), "it waits for its action");

    let input = process.child.stdin.as_mut().unwrap();
    input.write_all(b"done in time\n").await.unwrap();
    let answer = rest(asked).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with(r#"{"data":"done in time","type":"data","success":true}"#), "{answer}");
    assert_eq!(process.exit_code().await, Some(0));
}

#[tokio::test]
async fn a_process_without_work_is_well_and_ends_at_once_on_either_signal() {
    for signal in ["-TERM", "-INT"] {
        let mut process = Process::start();
        let address = process.address().await;
        let asked = "GET /health HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
        let health = exchange(address, asked).await;
        assert!(
            health.starts_with("HTTP/1.1 200 OK\r\n") && health.ends_with(r#"{"status":"ok"}"#),
            "{health}"
        );
        process.signal(signal).await;
        assert_eq!(process.exit_code().await, Some(0), "{signal}");
    }
}

/// Works until it is told to finish, and says when it begins and when it is done.
#[derive(Default)]
struct Worker {
    begun: Arc<Notify>,
    finish: Arc<Notify>,
    done: Arc<Notify>,
}

#[botmatic::integration]
impl Worker {
    #[botmatic::action("work")]
    async fn work(&self) -> &'static str {
        self.begun.notify_one();
        self.finish.notified().await;
        self.done.notify_one();
        "done"
    }
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_cancel_the_handler_and_the_server_waits_for_it() {
    let worker = Worker::default();
    let (begun, finish, done) =
        (Arc::clone(&worker.begun), Arc::clone(&worker.finish), Arc::clone(&worker.done));
    let simulator = Simulator::new();
    let service = botmatic::builder(worker).platform(simulator.clone()).build().unwrap();
    simulator.connect(&Token::new(TOKEN), service.clone());
    let server = Own::start(&service, Router::new().route("/health", get(async || "well"))).await;
    let address = server.address;

    let asked = ask(address, "work").await;
    timeout(PATIENCE, begun.notified()).await.expect("the handler begins");
    drop(asked);
    // An exchange on another connection is over: the server has had the time to notice.
    let other = "GET /health HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
    assert!(exchange(address, other).await.ends_with("well"), "routes of the user's own are served too");

    let serving = server.ask_to_end().await;
    assert!(!serving.is_finished(), "the server waits for the handler");
    finish.notify_one();
    timeout(PATIENCE, done.notified()).await.expect("the handler comes to its end");
    timeout(PATIENCE, serving).await.expect("the server ends").unwrap().unwrap();
}
