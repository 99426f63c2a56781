//! A complete integration between Botmatic and any REST service with the conventions of json-server, configured by the
//! environment alone.
//!
//! | variable | meaning | without it |
//! |---|---|---|
//! | `BOTMATIC_BASE_URL` | where Botmatic's API is | `https://app.botmatic.ai` |
//! | `CRM_URL` | where the service is: its contacts are at `/contacts` below | must be there |
//! | `LISTEN` | the address to listen on; port 0 is any free one | `127.0.0.1:3456` |
//! | `ENDPOINT` | the path to which Botmatic posts | `/` |
//! | `KEY_STORE` | where the pairs live: `memory:`, `redb:PATH`, or, to share them with other processes, `redis://HOST` or `postgres://USER@HOST/DATABASE` | `memory:` |
//! | `RUST_LOG` | what is logged, to standard error | `info` |
//!
//! With `--manifest` it prints what bots can call, as JSON, and ends; of the variables only `ENDPOINT` counts then.
//!
//! `contact` says how a contact of the service is one on Botmatic, `crm` speaks to the service and answers bots,
//! `routes` hears of the service's own changes.

mod config;
mod contact;
mod crm;
mod routes;

use std::error::Error;
use std::io::{IsTerminal, Write as _, stderr, stdout};
use std::process::ExitCode;

use botmatic_contact::prelude::*;
use botmatic_contact::{Manifest, asked_to_end};
use clap::Parser;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::config::Config;
use crate::crm::Crm;

/// Keeps Botmatic in step with a REST service. What it has to know is in the environment.
#[derive(Parser)]
struct Arguments {
    /// Print what bots can call, as JSON, and do nothing else.
    #[arg(long)]
    manifest: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If nobody reads it, the exit code says it all the same.
            let _ = writeln!(stderr(), "rest_crm: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    if arguments.manifest {
        writeln!(stdout(), "{}", serde_json::to_string_pretty(&manifest()?)?)?;
        return Ok(());
    }
    let config = Config::from_env().await?;
    let service = botmatic::builder(Crm::new(config.crm)?)
        .key_store(config.key_store)
        .endpoint(config.endpoint)
        .build()?;
    let listener = TcpListener::bind(&config.listen).await.map_err(|error| {
        format!(
            "LISTEN: cannot listen on `{}`, {error}; write an address that is free, as in `127.0.0.1:3456`",
            config.listen
        )
    })?;
    // Heard of from now on: who reads the line below may end us at once.
    let end = asked_to_end();
    writeln!(stdout(), "listening on {}", listener.local_addr()?)?;
    service.serve_with(listener, routes::routes(&service), end).await?;
    tracing::info!("ended");
    Ok(())
}

/// What bots can call. Nothing is asked for it, so the addresses are nobody's.
fn manifest() -> Result<Manifest, Box<dyn Error>> {
    let service = botmatic::builder(Crm::new("http://localhost".parse()?)?)
        .key_store(MemoryKeyStore::new())
        .base_url("http://localhost")
        .endpoint(config::endpoint()?)
        .build()?;
    Ok(service.manifest())
}
