//! A server in a process of its own: this same program, started again and told what to serve.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Read, stdin};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::subjects::{by_hand, ours};
use crate::support::Spread;

/// The variable that tells a started program what to serve, and with how many threads.
const ROLE: &str = "BENCH_SERVES";

/// Which of the two is served.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// The bare handler.
    ByHand,
    /// The framework.
    Ours,
}

/// On which of tokio's runtimes.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Threads {
    /// `current_thread`.
    One,
    /// `multi_thread`, with a worker for each core.
    Many,
}

impl fmt::Display for Threads {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::One => "one thread",
            Self::Many => "a thread per core",
        })
    }
}

/// A server that runs until it is dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Server {
    pub(crate) fn start(kind: Kind, threads: Threads) -> Self {
        let kind = if kind == Kind::Ours { "ours" } else { "by hand" };
        let threads = if threads == Threads::One { "one" } else { "many" };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(ROLE, format!("{kind}, {threads}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { child, address: address.trim().to_owned() }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let connection = TcpStream::connect(&self.address).unwrap();
        connection.set_nodelay(true).unwrap();
        connection
    }

    /// The CPU time that all threads have used so far.
    pub(crate) fn cpu_time(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let used = threads.map(|thread| {
            let line = fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
            line.split(' ').next().unwrap().parse::<u64>().unwrap()
        });
        Duration::from_nanos(used.sum())
    }

    /// The memory that is in use, in kilobytes.
    fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its standard input is closed with it, which is what it waits for.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

pub(crate) fn was_asked_for() -> bool {
    std::env::var_os(ROLE).is_some()
}

/// Serves what the variable says until standard input is closed.
pub(crate) fn serve() {
    let role = std::env::var(ROLE).unwrap();
    let runtime: Runtime = match role.ends_with("one") {
        true => Builder::new_current_thread().enable_all().build().unwrap(),
        false => Builder::new_multi_thread().enable_all().build().unwrap(),
    };
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let _ = stdin().read_to_end(&mut Vec::new());
            let _ = end.send(());
        });
        let ended = async move { ended.await.unwrap_or_default() };
        if role.starts_with("ours") {
            let service = ours().await;
            println!("{address}");
            service.serve_with(listener, axum::Router::new(), ended).await.unwrap();
        } else {
            println!("{address}");
            axum::serve(listener, by_hand()).with_graceful_shutdown(ended).await.unwrap();
        }
    });
}

/// Prints how long it takes from the start of a process to its first answer, and how much memory it then uses.
pub(crate) fn report_start() {
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..21 {
        let started = Instant::now();
        let server = Server::start(Kind::Ours, Threads::Many);
        crate::ask(&mut server.connect());
        times.push(started.elapsed().as_secs_f64() * 1e3);
        sizes.push(f64::from(u32::try_from(server.resident()).unwrap()) / 1024.0);
    }
    let [time, size] = [times, sizes].map(Spread::of);
    println!("http: from the start of the process to its first answer {time} ms; idle {size} MB");
}
