//! `derive(SettingsForm)`: the three stages in order.

mod attr;
mod expand;
mod model;

use proc_macro2::{Span, TokenStream};

use crate::emit;

/// Whether the runtime knows of settings.
pub(crate) const IS_ON: bool = cfg!(any(test, feature = "settings"));

/// What is said where it does not.
pub(crate) fn needs_feature(what: &str) -> String {
    format!(
        "`{what}` needs the feature `settings` of `botmatic-contact`; write `features = [\"settings\"]` in the dependency"
    )
}

/// The form of a struct, or why there is none.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    emit::derive(input, |input, errors| {
        if !IS_ON {
            errors.at_span(Span::call_site(), needs_feature("SettingsForm"));
            return TokenStream::new();
        }
        let written = attr::Written::read(input, errors);
        match model::understand(&written, errors) {
            Some(form) => expand::expand(&form),
            None => expand::fallback(&written),
        }
    })
}

#[cfg(test)]
mod tests;
