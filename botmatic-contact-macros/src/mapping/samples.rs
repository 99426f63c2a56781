//! What `assert_round_trip!` has to know of a struct. A macro of the runtime makes code of it, or nothing where the
//! feature `testing` is off.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;

use super::expand::{Property, Target, unread};
use super::model::{Access, Field, Mapping, Presence, Role};
use crate::span::generated;

pub(super) fn samples(target: &Target<'_>, mapping: &Mapping, properties: &[Property<'_>]) -> TokenStream {
    let (ident, p) = (target.ident, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    let is_read =
        |field: &Field| matches!(&field.role, Role::Mapped(mapped) if mapped.access != Access::ReadOnly);
    let unread = mapping.fields.iter().filter(|field| !is_read(field)).map(|field| unread(target, field));
    let read = properties.iter().filter(|property| property.mapped.access != Access::ReadOnly);
    let read = read.map(|Property { ident, mapped, types, .. }| {
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
            { #(#unread)* }
            { #(#read)* }
        }
    }
}

/// The same for a struct that is not understood: none can be made.
pub(super) fn fallback(target: &Target<'_>) -> TokenStream {
    let (ident, p) = (target.ident, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    quote_spanned!(generated()=> #p::samples! { [#impl_generics] [#ident #ty_generics] [#where_clause] })
}
