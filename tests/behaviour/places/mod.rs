//! The places where a handler can stand, and how they come together.

mod free;
mod whole;

use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Builder, Integration, Manifest, Service};
use serde_json::Value;

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

    pub(crate) fn manifest(&self) -> Manifest {
        self.service.manifest()
    }
}
