//! The JavaScript packages were recorded while they ran; here the recordings are replayed against ours.
//!
//! Each recording either comes out as it was recorded or stands in the table of [`differences`], with the reason and
//! with what we do instead. A recording in neither place, or in both, fails the test; the counts are printed
//! (`cargo test --test conformance -- --nocapture`).

#![cfg(test)]

mod differences;
mod inbound;
mod recordings;
mod tally;
