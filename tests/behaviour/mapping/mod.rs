//! A struct of the external service's terms and a contact on Botmatic: what the derive and the values promise.

mod candidate;
mod derived_values;
mod forms;
mod lossy;
mod other_crates;
mod patch;
mod reading;
mod round_trip;
