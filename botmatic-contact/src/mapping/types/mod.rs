//! Types of other crates as values of properties: a file for each crate, behind a feature of its name.
//!
//! All dates and moments are written and read as jiff's are, so that it does not matter which of the crates a service
//! uses; a crate does by itself only what jiff cannot hold.

#[cfg(feature = "chrono")]
mod chrono;
#[cfg(any(feature = "chrono", feature = "time"))]
mod offset;
#[cfg(feature = "rust_decimal")]
mod rust_decimal;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "uuid")]
mod uuid;
