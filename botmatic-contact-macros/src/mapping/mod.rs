//! `derive(ContactMapping)`: the three stages in order.

mod attr;
mod expand;
mod model;
mod patch;
mod samples;
mod serialize;

use proc_macro2::TokenStream;

use crate::emit;

/// The mapping and the patch of a struct, or why there is none.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    emit::derive(input, |input, errors| {
        let written = attr::Written::read(input, errors);
        match model::understand(&written, errors) {
            Some(mapping) => expand::expand(&mapping),
            None => expand::fallback(&written),
        }
    })
}

#[cfg(test)]
mod tests;
