//! `derive(PropertyValue)` and `derive(IdValue)`: the three stages in order.
//!
//! A struct around one value has its traits passed on by both; an enum can only be a property's value.

mod attr;
mod expand;
mod model;

use proc_macro2::TokenStream;

use crate::emit;

/// A type as the value of a property, or why it is none.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    emit::derive(input, |input, errors| {
        let written = attr::Written::read(input, errors);
        match model::understand(&written, errors) {
            Some(model) => expand::expand(&written, &model),
            None => expand::fallback(&written),
        }
    })
}

/// A struct around the id of a contact, or why it is none.
pub(crate) fn derive_id(input: TokenStream) -> TokenStream {
    emit::derive(input, |input, errors| {
        let written = attr::Written::read(input, errors);
        match model::understand_id(&written, errors) {
            Some(newtype) => expand::expand_id(&written, newtype),
            None => expand::fallback_id(&written),
        }
    })
}

#[cfg(test)]
mod tests;
