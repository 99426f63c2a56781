//! Posting to a webhook, as Botmatic does: for the simulator.

use reqwest::Client;
use reqwest::header::CONTENT_TYPE;

use super::builder::TIMEOUT;
use crate::error::{Error, Kind, Result};
use crate::token::Token;

/// A client for webhooks. Keeps its connections.
#[derive(Debug, Clone)]
pub(crate) struct WebhookClient(Client);

impl WebhookClient {
    pub(crate) fn new() -> Result<Self> {
        let client = Client::builder().timeout(TIMEOUT).no_proxy().build().map_err(|source| {
            Error::new(Kind::Configuration, "the HTTP client cannot be set up").with_source(source)
        })?;
        Ok(Self(client))
    }

    /// Posts a body and returns the status and the body of the answer.
    pub(crate) async fn post(&self, url: &str, token: &Token, body: Vec<u8>) -> Result<(u16, Vec<u8>)> {
        let unanswered = |source| {
            Error::new(Kind::Io, "the webhook did not answer")
                .with_source(reqwest::Error::without_url(source))
        };
        let request = self.0.post(url).bearer_auth(token.expose()).header(CONTENT_TYPE, "application/json");
        let response = request.body(body).send().await.map_err(unanswered)?;
        let status = response.status().as_u16();
        Ok((status, response.bytes().await.map_err(unanswered)?.to_vec()))
    }
}
