//! A connection while somebody uses it. Whatever is asked of the server is answered within a time limit, and whoever leaves
//! before the answer leaves no connection behind on which the next one would wait for it.

use std::time::Duration;

use deadpool_postgres::Object;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::outline;
use crate::error::{Error, Kind, Result};

/// Why a statement failed.
pub(super) enum Failure {
    /// The server refused it, or the connection was lost.
    Refused(tokio_postgres::Error),
    NoAnswer,
}

impl Failure {
    /// The server's reason, if it gave one; then nothing was done.
    pub(super) fn code(&self) -> Option<&SqlState> {
        match self {
            Self::Refused(error) => error.code(),
            Self::NoAnswer => None,
        }
    }

    fn outline(&self) -> String {
        match self {
            Self::Refused(error) => outline(error),
            Self::NoAnswer => "postgres: the server did not answer in time".to_owned(),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::key_store(failure.outline())
    }
}

pub(super) type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection of the pool, which gets it back if nothing is under way on it.
pub(super) struct Connection {
    object: Option<Object>,
    patience: Duration,
    /// Whether an answer, or the end of a transaction, is still to come.
    is_waiting: bool,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.is_waiting {
            // Closes it, which ends a transaction as well.
            drop(self.object.take().map(Object::take));
        }
    }
}

impl Connection {
    pub(super) fn new(object: Object, patience: Duration) -> Self {
        Self { object: Some(object), patience, is_waiting: false }
    }

    pub(super) async fn rows(
        &mut self,
        statement: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<Row>, Failure> {
        self.ask(async |client| {
            let statement = client.prepare_cached(statement).await?;
            client.query(&statement, parameters).await
        })
        .await
    }

    pub(super) async fn row(&mut self, statement: &str, parameters: Parameters<'_>) -> Result<Row, Failure> {
        self.ask(async |client| {
            let statement = client.prepare_cached(statement).await?;
            client.query_one(&statement, parameters).await
        })
        .await
    }

    /// Returns how many rows were changed.
    pub(super) async fn execute(
        &mut self,
        statement: &str,
        parameters: Parameters<'_>,
    ) -> Result<u64, Failure> {
        self.ask(async |client| {
            let statement = client.prepare_cached(statement).await?;
            client.execute(&statement, parameters).await
        })
        .await
    }

    /// Has work done in a transaction, which comes to nothing if the work fails. `begin` begins it.
    pub(super) async fn transaction<T>(
        &mut self,
        begin: &str,
        work: impl AsyncFnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.batch(begin).await?;
        match work(self).await {
            Ok(result) => self.batch("commit").await.map(|()| result).map_err(commit_failed),
            Err(error) => {
                self.is_waiting = self.batch("rollback").await.is_err();
                Err(error)
            }
        }
    }

    async fn batch(&mut self, statements: &str) -> Result<(), Failure> {
        self.ask(async |client| client.batch_execute(statements).await).await
    }

    async fn ask<T>(
        &mut self,
        question: impl AsyncFnOnce(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Failure> {
        let Some(client) = self.object.as_ref().filter(|_| !self.is_waiting) else {
            return Err(Failure::NoAnswer);
        };
        self.is_waiting = true;
        let answer = timeout(self.patience, question(client)).await.map_err(|_| Failure::NoAnswer)?;
        self.is_waiting = false;
        answer.map_err(Failure::Refused)
    }
}

/// A commit that failed: usually nothing was done, but an answer may be lost as well.
fn commit_failed(failure: Failure) -> Error {
    if failure.code().is_some() {
        return failure.into();
    }
    let message =
        "the key store did not answer, so it is not known whether it saved what was done; try again";
    Error::new(Kind::KeyStore, message).with_source(failure.outline())
}
