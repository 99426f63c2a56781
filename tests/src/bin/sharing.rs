//! A service in a process of its own that shares its key store with others: `sharing KEY_STORE NAME LEASE BOOK`,
//! and `durable` behind that if it is to accept events.
//!
//! `KEY_STORE` is the address of Redis or PostgreSQL, `NAME` the prefix or the schema there, `LEASE` in milliseconds. `BOOK` is the address of the external service, which is asked one line a connection and
//! answers one: `find ADDRESS` or `create ADDRESS`, and an id, or nothing. Its log says where it listens.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use botmatic_contact::KeyStore;
use botmatic_contact::prelude::*;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

#[derive(Clone, ContactMapping)]
struct Person {
    #[contact(id)]
    id: u64,
    #[contact("email", email)]
    email: String,
}

/// The external service, somewhere else.
struct Book(String);

impl Book {
    async fn ask(&self, what: &str, email: &str) -> io::Result<Option<u64>> {
        let mut stream = BufReader::new(TcpStream::connect(&self.0).await?);
        stream.write_all(format!("{what} {email}\n").as_bytes()).await?;
        let mut answer = String::new();
        stream.read_line(&mut answer).await?;
        if !answer.ends_with('\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(answer.trim().parse().ok())
    }
}

impl ExternalApiConsumer for Book {
    type Contact = Person;
    type Client = ();

    async fn create_contact(&self, _auth: &Auth, person: Person) -> Result<ExternalId, ConsumerError> {
        let id = self.ask("create", &person.email).await?;
        Ok(id.ok_or_else(|| ConsumerError::failed("no id"))?.into())
    }

    async fn get_contact(&self, _auth: &Auth, _id: &ExternalId) -> Result<Option<Person>, ConsumerError> {
        Err(ConsumerError::unsupported("get_contact"))
    }

    async fn get_contact_by_email(&self, _auth: &Auth, email: &str) -> Result<Option<Person>, ConsumerError> {
        let found = self.ask("find", email).await?;
        Ok(found.map(|id| Person { id, email: email.to_owned() }))
    }

    async fn list_contacts(&self, _auth: &Auth, _page: Page) -> Result<Vec<Person>, ConsumerError> {
        Err(ConsumerError::unsupported("list_contacts"))
    }

    async fn update_contact(
        &self,
        _auth: &Auth,
        _id: &ExternalId,
        _patch: PersonPatch,
    ) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("update_contact"))
    }

    async fn delete_contact(&self, _auth: &Auth, _id: &ExternalId) -> Result<(), ConsumerError> {
        Err(ConsumerError::unsupported("delete_contact"))
    }
}

#[botmatic::integration]
impl Book {
    #[botmatic::action("ping")]
    async fn ping(&self) -> &'static str {
        "pong"
    }
}

async fn key_store(url: &str, name: &str, lease: Duration) -> botmatic_contact::Result<Arc<dyn KeyStore>> {
    if url.starts_with("redis:") {
        return Ok(Arc::new(RedisKeyStore::builder(url).prefix(name).lease(lease).connect().await?));
    }
    Ok(Arc::new(PostgresKeyStore::builder(url).schema(name).lease(lease).connect().await?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().without_time().with_ansi(false).init();
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().ok_or("usage: sharing KEY_STORE NAME LEASE BOOK");
    let (url, name, lease, book) = (word()?, word()?, Duration::from_millis(word()?.parse()?), word()?);
    let builder = botmatic::builder(Book(book))
        .base_url("http://127.0.0.1:9")
        .key_store(key_store(&url, &name, lease).await?);
    let builder = if word().is_ok_and(|word| word == "durable") { builder.durable() } else { builder };
    let service = builder.authorize_with(async |_token: Token| Ok::<_, Infallible>(Some(()))).build()?;
    Ok(service.serve("127.0.0.1:0").await?)
}
