//! A marker above a whole impl block: its only async method is the handler, or each of those of which a `cfg` leaves one.
//!
//! Part of the `model` stage: finds the method, and leaves everything else to the rules of blocks.

use proc_macro2::Ident;

use super::attr::{Marked, Marker};
use super::block::{Block, Kind, Member};
use super::model::{cfgs, conditions};
use crate::emit::Errors;
use crate::marker;

/// Puts the marker on the only async method of the block, and says which member that is, or why there is no such. There
/// can be alternatives of it, each with a condition of its own.
pub(super) fn mark(
    block: &Block,
    kind: marker::Marker,
    marker: &Marker,
    marked: &mut Vec<Marked>,
    errors: &mut Errors,
) -> Vec<usize> {
    let methods: Vec<_> = block
        .members
        .iter()
        .zip(0..)
        .filter_map(|(member, place)| Some((place, member, name(&member.kind)?)))
        .collect();
    match methods[..] {
        [] => errors.at(
            &block.header.self_ty,
            format_args!(
                "`{}` above an `impl` makes a handler of its only `async fn`, and this block has none; write one, like \
                 `async fn name(&self) {{ … }}`",
                kind.name(),
            ),
        ),
        [(.., first), .., (.., last)] if !are_alternatives(&methods) => errors.at(
            last,
            format_args!(
                "`{}` above an `impl` makes a handler of its only `async fn`, and `{last}` is another one beside \
                 `{first}`; put `#[botmatic::integration]` above the `impl`, and `{}` above each method that is a \
                 handler",
                kind.name(),
                kind.example(),
            ),
        ),
        _ => {
            for (place, ..) in &methods {
                match marked.iter_mut().find(|marked| marked.member == *place) {
                    Some(marked) => marked.markers.insert(0, marker.clone()),
                    None => marked.push(Marked { member: *place, markers: vec![marker.clone()] }),
                }
            }
            return methods.iter().map(|(place, ..)| *place).collect();
        }
    }
    Vec::new()
}

/// Whether each has a condition, and none that of another.
fn are_alternatives(methods: &[(usize, &Member, &Ident)]) -> bool {
    let conditions: Vec<_> =
        methods.iter().map(|(_, member, _)| conditions(&cfgs(&member.attributes))).collect();
    conditions
        .iter()
        .enumerate()
        .all(|(index, own)| !own.is_empty() && !conditions.iter().take(index).any(|other| other == own))
}

/// The name of an async method.
fn name(kind: &Kind) -> Option<&Ident> {
    match kind {
        Kind::Method(signature) => signature.asyncness.is_some().then_some(&signature.ident),
        Kind::Unreadable(_) | Kind::Other => None,
    }
}
