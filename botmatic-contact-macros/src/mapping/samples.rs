//! What `assert_round_trip!` has to know of a struct. A macro of the runtime makes code of it, or nothing where the
//! feature `testing` is off.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;

use super::expand::{Property, Target, unmapped};
use super::model::{Mapping, Presence, Role};
use crate::span::generated;

pub(super) fn samples(target: &Target<'_>, mapping: &Mapping, properties: &[Property<'_>]) -> TokenStream {
    let (ident, p) = (target.ident, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    let unmapped = mapping
        .fields
        .iter()
        .filter(|field| !matches!(field.role, Role::Mapped(_)))
        .map(|field| unmapped(target, field));
    let mapped = properties.iter().map(|Property { ident, mapped, types, .. }| {
        let presence = match mapped.presence {
            Presence::Required | Presence::Defaulted => Ident::new("required", generated()),
            Presence::Optional => Ident::new("optional", generated()),
        };
        let name = &mapped.property;
        quote_spanned!(generated()=> #ident: @#presence #name [#types])
    });
    quote_spanned! {generated()=>
        #p::samples! {
            [#impl_generics] [#ident #ty_generics] [#where_clause]
            { #(#unmapped)* }
            { #(#mapped)* }
        }
    }
}

/// The same for a struct that is not understood: none can be made.
pub(super) fn fallback(target: &Target<'_>) -> TokenStream {
    let (ident, p) = (target.ident, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    quote_spanned!(generated()=> #p::samples! { [#impl_generics] [#ident #ty_generics] [#where_clause] })
}
