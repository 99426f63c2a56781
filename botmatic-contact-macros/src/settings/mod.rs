//! `derive(SettingsForm)`: the three stages in order.

mod attr;
mod expand;
mod model;

use proc_macro2::TokenStream;

use crate::emit;

/// The form of a struct, or why there is none.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    emit::derive(input, |input, errors| {
        let written = attr::Written::read(input, errors);
        match model::understand(&written, errors) {
            Some(form) => expand::expand(&form),
            None => expand::fallback(&written),
        }
    })
}

#[cfg(test)]
mod tests;
