//! The way from generated code to the runtime: `::botmatic_contact::__private`, or what `crate = …` puts in its
//! place.
//!
//! There is no look into the user's manifest: it cannot tell a library from its own examples, and reading it costs
//! every expansion. What is found at the end of the path is left to the runtime.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;

use crate::emit::Errors;
use crate::options::{self, Item};
use crate::span::{self, Range};

/// An absolute path to the runtime crate.
#[derive(Debug, Clone)]
pub(crate) struct CratePath(TokenStream);

impl Default for CratePath {
    fn default() -> Self {
        Self(quote_spanned!(span::generated()=> ::botmatic_contact))
    }
}

impl CratePath {
    /// Reads `crate = …`.
    pub(crate) fn read(item: &Item, name: &Ident, errors: &mut Errors) -> Option<Self> {
        let path = options::expect_path(item, name, "::botmatic_contact", errors)?;
        match advice(&path) {
            None => Some(Self(path.into_token_stream())),
            Some(advice) => {
                errors.at(&path, advice);
                None
            }
        }
    }

    /// The path of the one module that generated code may name.
    pub(crate) fn private(&self) -> TokenStream {
        let root = &self.0;
        quote_spanned!(span::generated()=> #root::__private)
    }

    /// The path of one item of that module, reported at `place`.
    pub(crate) fn private_at(&self, name: &str, place: Range) -> TokenStream {
        let root = span::relocated(self.0.clone(), place.first);
        let name = Ident::new(name, place.last);
        quote_spanned!(place.first=> #root::__private::#name)
    }
}

/// What to write instead of a path that means something else in another module.
fn advice(path: &Path) -> Option<String> {
    let first = path.segments.first()?.ident.to_string();
    if path.leading_colon.is_some() || first == "crate" || first == "$crate" {
        return None;
    }
    let text = options::path_text(path);
    Some(match first.as_str() {
        "self" | "super" | "Self" => format!(
            "`crate = …` needs an absolute path, and `{first}` means something else in each module; write the path from the root, like `crate::path::to::botmatic_contact`"
        ),
        _ => format!(
            "`crate = …` needs an absolute path; write `::{text}` for a dependency or `crate::{text}` for a path in this crate"
        ),
    })
}
