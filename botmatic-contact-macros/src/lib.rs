//! The macros of `botmatic-contact`; their documentation stands on the re-exports of that crate.
