//! The quickstart: everything at work, on this machine, in a few seconds.
//!
//! A simulated Botmatic, a real REST service (an address book) and the integration between them run in this process,
//! each on a port of its own, and talk over HTTP. A story is told in steps, each checked on both sides. The exit code
//! is 0 only if everything was as it should be.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that tells a story prints it")]

mod compare;
mod integration;
mod person;
mod service;
mod story;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::person::Person;
use crate::service::BoxError;
use crate::story::{Line, Story};
use crate::world::{Side, World};

/// Keeps an address book and a simulated Botmatic in step, and checks every step.
#[derive(Parser)]
struct Arguments {
    /// A JSON list of people to start with, instead of the bundled ones. Each needs `id`, `first_name` and `last_name`;
    /// `examples/quickstart/person.rs` lists what else there may be. With a store that was used before, those who are
    /// not in it yet are added.
    #[arg(long, value_name = "FILE")]
    contacts: Option<PathBuf>,
    /// A folder that keeps everything, so that another run goes on from there. Without it nothing is kept.
    #[arg(long, value_name = "PATH")]
    store: Option<PathBuf>,
    /// Leave everything running at the end, and say how to talk to it.
    #[arg(long)]
    keep: bool,
    /// Print what bots can call, as JSON, and do nothing else.
    #[arg(long, exclusive = true)]
    manifest: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n  ✗ {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("    because {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), BoxError> {
    if arguments.manifest {
        println!("{}", serde_json::to_string_pretty(&world::manifest()?)?);
        return Ok(());
    }
    let started = Instant::now();
    let people = people(arguments.contacts.as_deref())?;
    // Dropped at the end, and the folder with it.
    let temporary;
    let folder = match &arguments.store {
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .map_err(|error| format!("cannot make the folder `{}`: {error}", folder.display()))?;
            folder.as_path()
        }
        None => {
            temporary = tempfile::tempdir()?;
            temporary.path()
        }
    };
    println!("botmatic-contact: {} people, two services, one integration between them\n", people.len());

    let mut world = World::start(folder).await?;
    world.book.load(people.clone()).await?;
    let lines = Story::new(&mut world).tell(&people).await?;
    report(&lines, &world, started);
    if arguments.keep {
        keep(&world).await?;
    }
    Ok(())
}

fn people(file: Option<&Path>) -> Result<Vec<Person>, BoxError> {
    match file {
        None => Ok(serde_json::from_str(include_str!("people.json"))?),
        Some(file) => {
            let shown = file.display();
            let text =
                std::fs::read_to_string(file).map_err(|error| format!("cannot read `{shown}`: {error}"))?;
            Ok(serde_json::from_str(&text)
                .map_err(|error| format!("`{shown}` is not a list of people: {error}"))?)
        }
    }
}

fn report(lines: &[Line], world: &World, started: Instant) {
    let requests = |side: Side| side.creates + side.batches + side.updates + side.deletes;
    println!("\n  How many were done, and how many writing requests that took on each side:\n");
    println!("  {:<32} {:>6} {:>12} {:>12} {:>8}", "step", "done", "Botmatic", "the book", "ms");
    for Line { what, how_many, writes, milliseconds } in lines {
        let (botmatic, book) = (requests(writes.botmatic), requests(writes.book));
        println!("  {what:<32} {how_many:>6} {botmatic:>12} {book:>12} {milliseconds:>8}");
    }
    let on_botmatic: u64 = world.botmatic.requests().values().sum();
    let book = world.book.requests();
    let on_book = book.reads + book.creates + book.updates + book.deletes;
    println!(
        "\n  Botmatic's API got {on_botmatic} requests, the address book {on_book} and called its webhook {} times.",
        book.webhooks
    );
    println!("  Both sides hold the same, value by value. It took {:.2} s.", started.elapsed().as_secs_f64());
}

async fn keep(world: &World) -> Result<(), BoxError> {
    let (token, addresses) = (world.token.expose(), world.addresses);
    println!(
        r#"
Still running. In another terminal:

  # Who is in the address book?
  curl -s 'http://{book}/people?page=1&size=3'
  # Somebody joins it. A moment later Botmatic has them too.
  curl -s http://{book}/people -H 'content-type: application/json' -d '{{"first_name":"Ada","last_name":"Example","email":"ada@example.test"}}'
  # A bot asks who has an address.
  curl -s http://{integration}/botmatic -H 'authorization: Bearer {token}' -H 'content-type: application/json' -d '{{"action":"find_person","data":{{"email":"ada@example.test"}}}}'
  # Somebody is created through Botmatic's API. A moment later the address book has them too.
  curl -s http://{botmatic}/api/contacts -H 'authorization: Bearer {token}' -H 'content-type: application/json' -d '{{"contact":{{"first_name":"Bo","last_name":"Sample"}}}}'

Ctrl-C ends it."#,
        book = addresses.book,
        botmatic = addresses.botmatic,
        integration = addresses.integration,
    );
    Ok(tokio::signal::ctrl_c().await?)
}
