//! The names of the prelude, of the standard library and of common crates mean something else, and so do its macros.

#![expect(dead_code, non_snake_case, unused_macros, reason = "they are there to be taken for something else")]

pub(crate) struct Box;
pub(crate) struct Clone;
pub(crate) struct Default;
pub(crate) struct From;
pub(crate) struct Future;
pub(crate) struct Into;
pub(crate) struct Iterator;
pub(crate) struct Option;
pub(crate) struct PhantomData;
pub(crate) struct Pin;
pub(crate) struct Result;
pub(crate) struct Send;
pub(crate) struct Sized;
pub(crate) struct String;
pub(crate) struct Sync;
pub(crate) struct Vec;

// A type, since a trait of that name would be found by `#[derive(Debug)]` as well.
pub(crate) struct Serialize;
pub(crate) struct Serializer;

fn None() {}
fn Some() {}
fn Ok() {}
fn Err() {}

mod alloc {}
mod async_trait {}
mod botmatic_contact {}
mod core {}
mod serde {}
mod serde_json {}
mod std {}

macro_rules! assert {
    () => {};
}
macro_rules! concat {
    () => {};
}
macro_rules! panic {
    () => {};
}
macro_rules! unreachable {
    () => {};
}
macro_rules! vec {
    () => {};
}

::core::include!("everything.rs");
