//! `#[botmatic::integration]`, and the markers in all places: the three stages in order.

mod about;
mod attr;
mod block;
mod expand;
mod free;
mod model;
mod page;
mod signature;
mod whole;

use proc_macro2::TokenStream;
use quote::ToTokens;

use self::attr::{Alone, Options};
use self::block::{Block, Kind, Member};
use self::model::Integration;
use crate::emit::{self, Errors};
use crate::marker::{self, Marker};

/// The impl block without its markers, and the table of its handlers or why there is none.
pub(crate) fn integration(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::read(args, &mut errors);
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
    let handlers: Vec<_> = marked.iter().map(|marked| marked.member).collect();
    let integration = model::understand(&block, marked, &options, &mut errors);
    block_with_table(block, &handlers, integration.as_ref(), &options, &errors)
}

/// What a marker makes of an item that is in no block: of a free function, or of a whole impl block.
pub(crate) fn alone(marker: Marker, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    if Block::is_one(&item) {
        return whole(marker, args, item);
    }
    let mut member = match Member::read(item.clone()) {
        Ok(member @ Member { kind: Kind::Method(_), .. }) => member,
        Ok(Member { kind: Kind::Unreadable(error), .. }) => {
            errors.at_span(
                error.span(),
                "this signature cannot be read; write one like `async fn name(argument: Type) -> Answer`",
            );
            return emit::finish(item, &errors, TokenStream::new());
        }
        _ => return marker::misplaced(marker, item),
    };
    let signature = match &member.kind {
        Kind::Method(signature) if free::is_free(signature) => (**signature).clone(),
        _ => return marker::outside_of_a_block(marker, item),
    };
    let Alone { crate_path, integration, marker: first } = attr::alone(marker, args, &mut errors);
    let mut markers = vec![first];
    markers.extend(attr::take(&mut member.attributes, &mut errors));
    let generated = match free::understand(&member, &signature, integration, markers, &mut errors) {
        Some(function) => {
            expand::quieten(&mut member);
            expand::function(&function, &crate_path)
        }
        None => expand::function_fallback(&free::Named::of(&member, &signature), &crate_path),
    };
    emit::finish(member.into_token_stream(), &errors, generated)
}

/// The only async method of a block, or its alternatives, as the only handler of an integration.
fn whole(marker: Marker, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Alone { crate_path, integration, marker: first } = attr::alone(marker, args, &mut errors);
    if let Some((name, _)) = integration {
        errors.at(name, attr::FOR_ON_A_METHOD);
    }
    let options = Options { crate_path, ..Options::default() };
    let mut block = match Block::read(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            errors.unreadable(error);
            return emit::finish(item, &errors, TokenStream::new());
        }
    };
    let mut marked = attr::take_markers(&mut block, &mut errors);
    let methods = whole::mark(&block, marker, &first, &mut marked, &mut errors);
    let integration =
        if methods.is_empty() { None } else { model::understand(&block, marked, &options, &mut errors) };
    block_with_table(block, &methods, integration.as_ref(), &options, &errors)
}

fn block_with_table(
    mut block: Block,
    handlers: &[usize],
    integration: Option<&Integration>,
    options: &Options,
    errors: &Errors,
) -> TokenStream {
    let generated = match integration {
        Some(integration) => {
            for handler in handlers {
                block.members.get_mut(*handler).into_iter().for_each(expand::quieten);
            }
            expand::expand(&block, options, integration)
        }
        None => expand::fallback(&block, options),
    };
    emit::finish(block.into_token_stream(), errors, generated)
}

#[cfg(test)]
mod tests;
