//! The tokens of the patch's `Serialize`: partial JSON in the service's own terms.
//!
//! Part of the `expand` stage. A field is written as serde writes it in the struct itself: under the same name, by the
//! same function.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::{GenericParam, Lifetime, LifetimeParam, Type};

use super::expand::{Property, Target};
use super::model::{Json, Presence, SerializeFn};
use crate::span::{Range, generated};

/// Partial JSON under the names that serde gives the struct's own fields.
pub(super) fn serialize_impl(target: &Target<'_>, properties: &[&Property<'_>]) -> TokenStream {
    let (patch, p) = (&target.patch, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    let mut predicates: Vec<_> =
        where_clause.iter().flat_map(|clause| &clause.predicates).map(tokens_of).collect();
    let mut bounded = BTreeSet::new();
    let mut helpers = TokenStream::new();
    let mut writes = TokenStream::new();
    for Property { ident, mapped, .. } in properties {
        let (value, place) = (&mapped.value, Range::of(&mapped.value));
        let bound = match &mapped.json {
            Json::Hidden => continue,
            Json::Plain(name) => {
                writes.extend(quote_spanned! {place.first=>
                    #p::serialize_change(&mut __map, #name, &self.#ident)?;
                });
                target.crate_path.private_at("Serialize", place)
            }
            Json::With(name, function) => {
                let helper = SerializeHelper { target, field: ident, value };
                helpers.extend(helper.declaration(mapped.presence, function));
                let helper = helper.constructor();
                writes.extend(quote_spanned! {place.first=>
                    #p::serialize_change_with(
                        &mut __map,
                        #name,
                        &self.#ident,
                        |__value| #helper(__value, ::core::marker::PhantomData),
                    )?;
                });
                if mapped.presence != Presence::Optional {
                    continue;
                }
                quote_spanned!(place.first=> ::core::clone::Clone)
            }
        };
        // The lifetime keeps the compiler from judging the bound before somebody writes such a patch as JSON.
        let predicate = quote_spanned!(place.first=> for<'__a> #value: #bound);
        if bounded.insert(predicate.to_string()) {
            predicates.push(predicate);
        }
    }
    quote_spanned! {generated()=>
        #helpers

        #[automatically_derived]
        impl #impl_generics #p::Serialize for #patch #ty_generics
        where
            #(#predicates,)*
        {
            fn serialize<__S: #p::Serializer>(&self, __serializer: __S) -> #p::Result<__S::Ok, __S::Error> {
                let mut __map = #p::Serializer::serialize_map(__serializer, #p::None)?;
                #writes
                #p::SerializeMap::end(__map)
            }
        }
    }
}

fn tokens_of(tokens: impl ToTokens) -> TokenStream {
    tokens.into_token_stream()
}

/// A value on its way through a function that the user gave to serde.
struct SerializeHelper<'a> {
    target: &'a Target<'a>,
    field: &'a Ident,
    value: &'a Type,
}

impl SerializeHelper<'_> {
    fn name(&self) -> Ident {
        format_ident!("__As_{}", self.field.unraw(), span = generated())
    }

    /// `'a, Value, A, N`: the helper names every generic, so that its impl may use each.
    fn arguments(&self) -> TokenStream {
        let value = self.value;
        let (lifetimes, others): (Vec<_>, Vec<_>) =
            self.target.generics.params.iter().partition(|param| matches!(param, GenericParam::Lifetime(_)));
        let lifetimes = lifetimes.into_iter().map(Target::bare_argument);
        let others = others.into_iter().map(Target::bare_argument);
        quote_spanned!(generated()=> #(#lifetimes,)* #value, #(#others,)*)
    }

    fn constructor(&self) -> TokenStream {
        let (name, arguments) = (self.name(), self.arguments());
        quote_spanned!(generated()=> #name::<'_, #arguments>)
    }

    fn declaration(&self, presence: Presence, function: &SerializeFn) -> TokenStream {
        let Target { p, generics, .. } = self.target;
        let (name, arguments, phantom) = (self.name(), self.arguments(), self.target.phantom());
        let (lifetimes, others): (Vec<_>, Vec<_>) =
            generics.params.iter().partition(|param| matches!(param, GenericParam::Lifetime(_)));
        let lifetimes = lifetimes.into_iter().map(Target::bare_parameter);
        let others = others.into_iter().map(Target::bare_parameter);
        let mut extended = (*generics).clone();
        extended
            .params
            .insert(0, GenericParam::Lifetime(LifetimeParam::new(Lifetime::new("'__value", generated()))));
        let (impl_generics, _, where_clause) = extended.split_for_impl();
        let function = match function {
            SerializeFn::In(module) => {
                let place = Range::of(module);
                quote_spanned!(place.last=> #module::serialize)
            }
            SerializeFn::Is(function) => function.to_token_stream(),
        };
        // serde's function takes the field as it is declared, and a patch only holds what is inside an `Option`.
        let value = match presence {
            Presence::Optional => {
                quote_spanned!(generated()=> &#p::Some(::core::clone::Clone::clone(self.0)))
            }
            Presence::Required | Presence::Defaulted => quote_spanned!(generated()=> self.0),
        };
        let bound = (presence == Presence::Optional).then(|| {
            let (ty, place) = (self.value, Range::of(self.value));
            quote_spanned!(place.first=> for<'__a> #ty: ::core::clone::Clone)
        });
        let predicates =
            where_clause.iter().flat_map(|clause| &clause.predicates).map(tokens_of).chain(bound);
        quote_spanned! {generated()=>
            struct #name<'__value, #(#lifetimes,)* __V, #(#others,)*>(&'__value __V, #phantom);

            #[automatically_derived]
            impl #impl_generics #p::Serialize for #name<'__value, #arguments>
            where
                #(#predicates,)*
            {
                fn serialize<__S: #p::Serializer>(&self, __serializer: __S) -> #p::Result<__S::Ok, __S::Error> {
                    #function(#value, __serializer)
                }
            }
        }
    }
}
