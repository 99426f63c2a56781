//! No name is known but those that are written out.

#![no_implicit_prelude]

::core::include!("everything.rs");
