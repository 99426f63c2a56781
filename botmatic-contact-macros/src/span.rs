//! Where generated tokens point.
//!
//! A generated token should be *reported* at what the user wrote and still be *known* to come from a macro: lints
//! stay quiet, local names do not mix with the user's, and the caret is where the cure is. Only generated tokens
//! get their span from here; a token the user wrote keeps its own.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The span of generated tokens that have no better place.
pub(crate) fn generated() -> Span {
    Span::mixed_site()
}

/// The span of generated tokens that are reported at `span`.
pub(crate) fn at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// From the first to the last token of something the user wrote.
///
/// The compiler underlines a path from its first to its last token, which is how a generated path can underline
/// all of `Vec<School>` although a stable macro cannot join two spans.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) first: Span,
    pub(crate) last: Span,
}

impl Range {
    /// The place of `tokens`, for generated tokens.
    pub(crate) fn of(tokens: impl ToTokens) -> Self {
        let mut tokens = tokens.into_token_stream().into_iter().map(|token| token.span());
        let first = tokens.next().unwrap_or_else(Span::call_site);
        let last = tokens.last().unwrap_or(first);
        Self { first: at(first), last: at(last) }
    }
}

/// The same tokens, reported at `place` but resolved as before.
pub(crate) fn relocated(tokens: TokenStream, place: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token: TokenTree| {
            token.set_span(token.span().located_at(place));
            token
        })
        .collect()
}
