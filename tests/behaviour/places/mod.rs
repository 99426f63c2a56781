//! The places where a handler can stand, and how they come together.

mod clients;
mod composed;
mod free;
mod parts;
mod settings;
mod whole;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Builder, Integration, Manifest, Service};
use serde_json::Value;
use tower::ServiceExt;

/// A bot that asks a service.
pub(crate) struct Bot<I> {
    simulator: Simulator,
    token: Token,
    pub(crate) service: Service<I>,
}

impl<I: Integration> Bot<I> {
    /// Of the service that is built.
    pub(crate) async fn of(builder: Builder<I>) -> Self {
        let (simulator, token) = (Simulator::new(), Token::new("tok-alpha"));
        let service = builder.platform(simulator.clone()).build().unwrap();
        simulator.connect(&token, service.clone());
        assert!(simulator.install(&token).await.unwrap().success);
        Self { simulator, token, service }
    }

    /// What an action answers.
    pub(crate) async fn ask(&self, action: &str, data: impl Into<Value> + Send) -> Value {
        self.simulator.action(&self.token, action, data).await.unwrap().data
    }

    /// What the handler of an event answers.
    pub(crate) async fn tell(&self, event: &str, data: impl Into<Value> + Send) -> Value {
        self.simulator.event(&self.token, event, data).await.unwrap().data
    }

    /// The settings page.
    pub(crate) async fn page(&self) -> String {
        let page = Request::get(format!("/settings?token={}", self.token.expose()));
        self.http(page.body(Body::empty()).unwrap()).await
    }

    /// What becomes of a submission.
    pub(crate) async fn submit(&self, mut fields: Value) -> Value {
        fields["token"] = self.token.expose().into();
        let post = Request::post("/settings").header(header::CONTENT_TYPE, "application/json");
        let answer = self.http(post.body(fields.to_string().into()).unwrap()).await;
        serde_json::from_str(&answer).unwrap()
    }

    async fn http(&self, request: Request<Body>) -> String {
        let response = self.service.router().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    pub(crate) fn manifest(&self) -> Manifest {
        self.service.manifest()
    }
}
