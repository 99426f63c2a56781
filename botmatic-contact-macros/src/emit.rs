//! How a macro ends: with its errors and its tokens, in one place.
//!
//! A stage reports to [`Errors`] and goes on; nobody returns early with the first mistake. Which rules there are is
//! left to the `model` of each macro.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::DeriveInput;

/// All mistakes found in one use of a macro, each with the tokens it is about.
#[derive(Debug, Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// Reports `message` under all of `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.0.push(syn::Error::new_spanned(tokens, message));
    }

    /// Reports `message` at a place that has no tokens of its own.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.0.push(syn::Error::new(span, message));
    }

    /// Reports what syn could not read.
    pub(crate) fn unreadable(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// How many there are so far; for asking whether one step added any.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether code can be generated.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &syn::Error> {
        self.0.iter()
    }
}

/// The output of a derive, which gets what syn has read.
pub(crate) fn derive(
    input: TokenStream,
    expand: impl FnOnce(&DeriveInput, &mut Errors) -> TokenStream,
) -> TokenStream {
    let mut errors = Errors::default();
    let generated = match syn::parse2(input) {
        Ok(input) => expand(&input, &mut errors),
        Err(error) => {
            errors.unreadable(error);
            TokenStream::new()
        }
    };
    finish(TokenStream::new(), &errors, generated)
}

/// The output of every macro: the user's item (nothing for a derive), what went wrong, what was generated.
pub(crate) fn finish(item: TokenStream, errors: &Errors, generated: TokenStream) -> TokenStream {
    let mut output = item;
    output.extend(errors.0.iter().map(syn::Error::to_compile_error));
    output.extend(generated);
    output
}
