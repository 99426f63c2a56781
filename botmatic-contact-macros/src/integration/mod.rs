//! `#[botmatic::integration]`: the three stages in order.

mod about;
mod attr;
mod block;
mod expand;
mod model;
mod page;
mod signature;

use proc_macro2::TokenStream;
use quote::ToTokens;

use self::block::Block;
use crate::emit::{self, Errors};

/// The impl block without its markers, and the table of its handlers or why there is none.
pub(crate) fn integration(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let crate_path = attr::crate_path(args, &mut errors);
    let mut block = match Block::read(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            errors.at_span(
                error.span(),
                format_args!("{error}; `#[botmatic::integration]` stands on `impl YourType {{ … }}`"),
            );
            return emit::finish(item, &errors, TokenStream::new());
        }
    };
    let marked = attr::take_markers(&mut block, &mut errors);
    let members: Vec<_> = marked.iter().map(|marked| marked.member).collect();
    let generated = match model::understand(&block, marked, &mut errors) {
        Some(integration) => {
            expand::quieten(&mut block, members);
            expand::expand(&block, &crate_path, &integration)
        }
        None => expand::fallback(&block, &crate_path),
    };
    emit::finish(block.into_token_stream(), &errors, generated)
}

#[cfg(test)]
mod tests;
