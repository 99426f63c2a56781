//! A service in a process of its own, for tests that end processes.
//!
//! Its log says where it listens. Its one action says `working` when it begins, and ends with the next line of the
//! standard input, which is its answer.

#![expect(clippy::print_stdout, reason = "the standard output is how this process talks to its test")]

use std::convert::Infallible;
use std::io;

use botmatic_contact::HasClient;
use botmatic_contact::prelude::*;
use tokio::io::{AsyncBufReadExt, BufReader};

struct Slow;

impl HasClient for Slow {
    type Client = ();
}

#[botmatic::integration]
impl Slow {
    #[botmatic::action("slow")]
    async fn slow(&self) -> io::Result<String> {
        println!("working");
        let mut line = String::new();
        BufReader::new(tokio::io::stdin()).read_line(&mut line).await?;
        Ok(line.trim().to_owned())
    }
}

#[tokio::main]
async fn main() -> botmatic_contact::Result<()> {
    tracing_subscriber::fmt().without_time().with_ansi(false).init();
    let service = botmatic::builder(Slow)
        .base_url("http://127.0.0.1:9")
        .authorize_with(async |_token: Token| Ok::<_, Infallible>(Some(())))
        .build()?;
    service.serve("127.0.0.1:0").await
}
