//! How the framework behaves: one binary, a module per topic.

#![cfg(test)]

mod design;
mod durable;
mod handlers;
mod import;
mod key_store;
mod legislators;
mod mapping;
mod places;
mod simulation;
mod support;
mod sync;
