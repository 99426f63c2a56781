//! What a call costs the server, in CPU time, over real sockets: the framework beside a bare axum handler that does the
//! same work. Each serves in a process of its own, so that the cost of asking is not counted.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and one that cannot run should stop"
)]

mod server;
#[path = "../subjects.rs"]
mod subjects;
#[path = "../support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::net::TcpStream;

use server::{Kind, Server, Threads};
use subjects::{CONTACTS, TOKEN, action, updated};
use support::Spread;

/// How many pairs of rounds are measured.
const ROUNDS: usize = 41;

/// How many requests each connection makes in a round. The connections ask in turn, each without waiting for the others.
const REQUESTS: usize = 60;

fn main() {
    if server::was_asked_for() {
        return server::serve();
    }
    for threads in [Threads::One, Threads::Many] {
        let (by_hand, ours) = (Server::start(Kind::ByHand, threads), Server::start(Kind::Ours, threads));
        let (mut by_hand, mut ours) = (Load::on(&by_hand), Load::on(&ours));
        let action = action();
        compare(threads, "an action", &mut by_hand, &mut ours, |_, _| action.clone());
        compare(threads, "contact_updated, one field changed", &mut by_hand, &mut ours, |id, turn| {
            updated(id, turn)
        });
        compare(threads, "contact_updated, an echo", &mut by_hand, &mut ours, |id, _| updated(id, 7));
    }
    server::report_start();
}

/// Measures both in turns and prints the CPU time of one call each, and the ratio of calls per CPU-second: above 1,
/// ours needs less.
fn compare(
    threads: Threads,
    what: &str,
    by_hand: &mut Load<'_>,
    ours: &mut Load<'_>,
    body: impl Fn(u64, u64) -> String,
) {
    let (mut hand_times, mut our_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (hand_time, our_time) = (by_hand.round(round, &body), ours.round(round, &body));
        if round > 0 {
            hand_times.push(hand_time);
            our_times.push(our_time);
            ratios.push(hand_time / our_time);
        }
    }
    let [hand_time, our_time, ratio] = [hand_times, our_times, ratios].map(Spread::of);
    let (hand_time, our_time) = (hand_time.median, our_time.median);
    println!(
        "http, {threads}: {what:<36} by hand {hand_time:>5.1} µs   ours {our_time:>5.1} µs   \
         calls per CPU-second {ratio}   10 000 calls {:.2} s",
        our_time / 100.0
    );
}

/// Connections to a server.
struct Load<'a> {
    server: &'a Server,
    connections: Vec<TcpStream>,
}

impl<'a> Load<'a> {
    fn on(server: &'a Server) -> Self {
        let connections = CONTACTS.map(|_| server.connect()).collect();
        Self { server, connections }
    }

    /// Microseconds of CPU time that one call cost the server.
    fn round(&mut self, round: usize, body: impl Fn(u64, u64) -> String) -> f64 {
        let requests: Vec<[Vec<u8>; 2]> = CONTACTS
            .map(|id| [1, 2].map(|score| request(&body(id, 10 * u64::try_from(round).unwrap() + score))))
            .collect();
        let before = self.server.cpu_time();
        for turn in 0..REQUESTS {
            for (connection, requests) in self.connections.iter_mut().zip(&requests) {
                connection.write_all(&requests[turn % 2]).unwrap();
            }
            for connection in &mut self.connections {
                read_answer(connection);
            }
        }
        let spent = self.server.cpu_time() - before;
        let calls = REQUESTS * self.connections.len();
        spent.as_secs_f64() * 1e6 / f64::from(u32::try_from(calls).unwrap())
    }
}

fn request(body: &str) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Makes one call on a connection.
fn ask(connection: &mut TcpStream) {
    connection.write_all(&request(&action())).unwrap();
    read_answer(connection);
}

/// Reads one answer, which has to be one of success.
fn read_answer(connection: &mut TcpStream) {
    let mut bytes = [0; 4096];
    let mut read = 0;
    loop {
        read += connection.read(&mut bytes[read..]).unwrap();
        let text = std::str::from_utf8(&bytes[..read]).unwrap();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            if body.len() == length.parse::<usize>().unwrap() {
                assert!(head.starts_with("HTTP/1.1 200") && body.contains(r#""success":true"#), "{text}");
                return;
            }
        }
    }
}
