//! The quickstart: an address book of invented people.
#![cfg_attr(
    not(test),
    expect(dead_code, reason = "the integration that uses it is to come")
)]

mod person;
mod service;

use std::env;

use person::Person;
use service::{AddressBook, BoxError};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let path = env::args().nth(1).unwrap_or_else(|| "people.redb".to_owned());
    let people: Vec<Person> = serde_json::from_str(include_str!("people.json"))?;
    let book = AddressBook::open(path).await?;
    book.load(people).await?;
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    book.serve(listener, async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await
}
