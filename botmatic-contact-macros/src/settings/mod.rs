//! `derive(SettingsForm)`: the three stages in order.

mod attr;
mod expand;
mod model;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::emit::{self, Errors};

/// The form of a struct, or why there is none.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => {
            errors.unreadable(error);
            return emit::finish(TokenStream::new(), &errors, TokenStream::new());
        }
    };
    let written = attr::Written::read(&input, &mut errors);
    let generated = match model::understand(&written, &mut errors) {
        Some(form) => expand::expand(&form),
        None => expand::fallback(&written),
    };
    emit::finish(TokenStream::new(), &errors, generated)
}

#[cfg(test)]
mod tests;
