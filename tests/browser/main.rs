//! The settings page in a real browser, inside a page that plays Botmatic.
//!
//! It needs Chromium and its driver (`chromium` and `chromium-driver` in Debian); without them the tests fail.

#![cfg(test)]

#[path = "../conformance/difference.rs"]
mod difference;
mod frames;
mod looks;
mod recorded;
mod saving;
mod service;
mod stage;
#[path = "../conformance/tally.rs"]
mod tally;
