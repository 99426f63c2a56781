//! The JavaScript packages were recorded while they ran; here the recordings are replayed against ours.
//!
//! Each recording either comes out as it was recorded or stands in the table of [`differences`], with the reason and
//! with what we do instead. A recording in neither place, or in both, fails the test; the counts are printed
//! (`cargo test --test conformance -- --nocapture`).

#![cfg(test)]

mod difference;
mod differences;
#[path = "../edge/fake.rs"]
#[expect(dead_code, reason = "not every replay needs all that it can do")]
mod fake;
mod inbound;
mod mapper;
mod outbound;
mod recordings;
mod settings;
mod tally;
mod token_source;
