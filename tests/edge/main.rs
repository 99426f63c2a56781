//! What happens at the edges: what callers send, what Botmatic answers, and what is said where.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests panic as tests do"
)]

mod admission;
mod api;
mod batches;
mod bodies;
mod contacts;
mod crm;
mod durable;
mod endpoint;
mod fake;
mod garbage;
mod handlers;
mod import;
mod limits;
mod log;
mod manifest;
mod mounting;
mod patience;
mod patterns;
mod requests;
mod retries;
mod secrets;
mod server;
mod settings;
mod settings_built;
mod simulator;
mod token_source;
