//! HTTP by hand: requests as they were recorded, byte for byte, and what comes back.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Answer;
use super::recording::Request;

/// The first line, the headers, and what comes after them.
fn head(bytes: &[u8]) -> Option<(String, BTreeMap<String, String>, &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let (first, lines) = text.split_once("\r\n").unwrap_or((&text, ""));
    let headers = lines.lines().filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Some((first.to_owned(), headers, &bytes[end + 4..]))
}

/// Sends requests over one connection, all in one write, and reads until it is closed.
pub(super) async fn exchange(address: SocketAddr, requests: &[Request]) -> Vec<Answer> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut bytes = Vec::new();
    for (position, request) in requests.iter().enumerate() {
        let last = position + 1 == requests.len();
        bytes.extend(written(request, last));
    }
    stream.write_all(&bytes).await.unwrap();
    // What comes after the announced end would be the beginning of another request: nobody waits for its rest.
    if requests.iter().any(|request| request.client_ends || request.content_length.is_some()) {
        stream.shutdown().await.unwrap();
    }
    let mut received = Vec::new();
    // A connection that is closed with bytes unread is reset; what came before that counts.
    let _ = stream.read_to_end(&mut received).await;
    Answer::all_in(&received)
}

fn written(request: &Request, last: bool) -> Vec<u8> {
    let body = request.bytes();
    let mut text = format!("{} {} HTTP/1.1\r\nhost: here\r\n", request.method, request.path);
    for (name, value) in &request.headers {
        text += &format!("{name}: {value}\r\n");
    }
    if request.has_body() {
        text += &format!("content-length: {}\r\n", request.content_length.unwrap_or(body.len()));
    }
    // Where more comes than was announced, the connection has to go on for it to be looked at.
    if last && request.content_length.is_none() {
        text += "connection: close\r\n";
    }
    [text.as_bytes(), b"\r\n", &body].concat()
}

impl Answer {
    /// The answers in a stream of bytes; those that only announce another one are left out.
    pub(super) fn all_in(mut bytes: &[u8]) -> Vec<Self> {
        let mut answers = Vec::new();
        while let Some((first, headers, rest)) = head(bytes) {
            let status = first.split(' ').nth(1).unwrap().parse().unwrap();
            let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
            let (body, rest) = rest.split_at(length.min(rest.len()));
            bytes = rest;
            if status >= 200 {
                let content_type = headers.get("content-type").cloned().unwrap_or_default();
                answers.push(Self::said(status, &content_type, &String::from_utf8_lossy(body)));
            }
        }
        if answers.is_empty() { vec![Self::None] } else { answers }
    }
}
