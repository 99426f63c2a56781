//! A marker above a whole impl block: its only async method is the handler.
//!
//! Part of the `model` stage: finds the method, and leaves everything else to the rules of blocks.

use proc_macro2::Ident;

use super::attr::{Marked, Marker};
use super::block::{Block, Kind};
use crate::emit::Errors;
use crate::marker;

/// Puts the marker on the only async method of the block, and says which member that is, or why there is no such.
pub(super) fn mark(
    block: &Block,
    kind: marker::Marker,
    marker: Marker,
    marked: &mut Vec<Marked>,
    errors: &mut Errors,
) -> Option<usize> {
    let methods: Vec<_> = block
        .members
        .iter()
        .zip(0..)
        .filter_map(|(member, place)| Some((place, name(&member.kind)?)))
        .collect();
    match methods[..] {
        [(place, _)] => {
            match marked.iter_mut().find(|marked| marked.member == place) {
                Some(marked) => marked.markers.insert(0, marker),
                None => marked.push(Marked { member: place, markers: vec![marker] }),
            }
            return Some(place);
        }
        [] => errors.at(
            &block.header.self_ty,
            format_args!(
                "`{}` above an `impl` makes a handler of its only `async fn`, and this block has none; write one, like \
                 `async fn name(&self) {{ … }}`",
                kind.name(),
            ),
        ),
        [(_, first), .., (_, last)] => errors.at(
            last,
            format_args!(
                "`{}` above an `impl` makes a handler of its only `async fn`, and `{last}` is another one beside \
                 `{first}`; put `#[botmatic::integration]` above the `impl`, and `{}` above each method that is a \
                 handler",
                kind.name(),
                kind.example(),
            ),
        ),
    }
    None
}

/// The name of an async method.
fn name(kind: &Kind) -> Option<&Ident> {
    match kind {
        Kind::Method(signature) => signature.asyncness.is_some().then_some(&signature.ident),
        Kind::Unreadable(_) | Kind::Other => None,
    }
}
