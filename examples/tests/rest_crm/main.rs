//! The integration for REST services as it is run in earnest: the binary, a json-server, and Botmatic as the simulator
//! plays it, three processes (but for the simulator) that talk over HTTP.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests panic as tests do"
)]

mod config;
mod expected;
mod json_server;
mod manifest;
mod routes;
mod story;
mod world;
