//! Where an integration answers: over HTTP, or in the same process.

use std::fmt;

use async_trait::async_trait;

use crate::api::WebhookClient;
use crate::error::Result;
use crate::integration::{Answer, Integration, Service};
use crate::token::Token;

/// Somebody who answers calls.
#[async_trait]
pub trait Endpoint: Send + Sync + 'static {
    /// Delivers the body of a call in the name of a workspace and returns the body of the answer.
    ///
    /// # Errors
    /// When nobody answered, or not as an integration does.
    async fn deliver(&self, token: &Token, body: Vec<u8>) -> Result<Vec<u8>, Undelivered>;
}

/// Why a call was not answered.
#[derive(Debug, Clone)]
pub struct Undelivered(String);

impl Undelivered {
    /// A call that was not answered, and why.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Undelivered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Undelivered {}

/// In the same process, without HTTP.
#[async_trait]
impl<I: Integration> Endpoint for Service<I> {
    async fn deliver(&self, token: &Token, body: Vec<u8>) -> Result<Vec<u8>, Undelivered> {
        match self.handle(Some(token.clone()), &body).await {
            Answer::Reply(body) => Ok(body),
            refused => Err(Undelivered(format!("the service answered {refused:?}"))),
        }
    }
}

/// Over HTTP.
#[derive(Debug, Clone)]
pub struct HttpEndpoint {
    client: WebhookClient,
    url: String,
}

impl HttpEndpoint {
    /// The endpoint at that address.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(url: impl Into<String>) -> Result<Self> {
        Ok(Self { client: WebhookClient::new()?, url: url.into() })
    }
}

#[async_trait]
impl Endpoint for HttpEndpoint {
    async fn deliver(&self, token: &Token, body: Vec<u8>) -> Result<Vec<u8>, Undelivered> {
        let (status, answer) =
            self.client.post(&self.url, token, body).await.map_err(|error| Undelivered(error.to_string()))?;
        if status == 200 {
            Ok(answer)
        } else {
            Err(Undelivered(format!("the endpoint answered with {status}")))
        }
    }
}
