//! The tokens of the patch struct: its declaration and its impls, but for `Serialize`.
//!
//! Part of the `expand` stage.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::GenericParam;
use syn::ext::IdentExt;

use super::expand::{PatchField, Property, Target, default_of};
use super::model::Presence;
use crate::span::{Range, generated};

/// The struct itself, with a document on everything, since the user's crate may ask for that.
pub(super) fn declaration(target: &Target<'_>, fields: &[PatchField<'_>]) -> TokenStream {
    let (ident, patch, vis, p) = (target.ident, &target.patch, target.vis, &target.p);
    let generics = target.generics;
    let where_clause = &generics.where_clause;
    let about = format!("A change to a [`{}`]: each field is left alone, cleared or set.", ident.unraw());
    let declared = fields.iter().map(|PatchField { ident, vis, value }| {
        let about = format!(" What happens to `{}`.", ident.unraw());
        quote_spanned!(generated()=> #[doc = #about] #vis #ident: #p::Change<#value>,)
    });
    let phantom = phantom_field(target, fields).map(|name| {
        let ty = target.phantom();
        quote_spanned!(generated()=> #[doc(hidden)] #name: #ty,)
    });
    quote_spanned! {generated()=>
        #[doc = #about]
        #[allow(
            dead_code,
            deprecated,
            missing_copy_implementations,
            non_camel_case_types,
            non_snake_case,
            unreachable_pub,
            unused_qualifications,
            clippy::absolute_paths,
            clippy::allow_attributes,
            clippy::allow_attributes_without_reason,
            clippy::exhaustive_structs,
            clippy::module_name_repetitions,
            clippy::partial_pub_fields,
            clippy::pub_underscore_fields,
            clippy::struct_field_names
        )]
        #vis struct #patch #generics #where_clause {
            #(#declared)*
            #phantom
        }
    }
}

/// A field that names the generics when a mapped field does not.
fn phantom_field(target: &Target<'_>, fields: &[PatchField<'_>]) -> Option<Ident> {
    let mut named = BTreeSet::new();
    for field in fields {
        collect_names(field.value.to_token_stream(), &mut named);
    }
    let unnamed = target.generics.params.iter().any(|param| match param {
        GenericParam::Type(param) => !named.contains(&param.ident.to_string()),
        GenericParam::Lifetime(param) => !named.contains(&param.lifetime.ident.to_string()),
        _ => false,
    });
    unnamed.then(|| Ident::new("__generics", generated()))
}

fn collect_names(tokens: TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                names.insert(ident.to_string());
            }
            TokenTree::Group(group) => collect_names(group.stream(), names),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// All impls of the patch struct.
pub(super) fn impls(
    target: &Target<'_>,
    fields: &[PatchField<'_>],
    properties: &[&Property<'_>],
) -> TokenStream {
    let phantom = phantom_field(target, fields);
    let phantom = phantom.map(|name| quote_spanned!(generated()=> #name: ::core::marker::PhantomData,));
    let mut output = default_impl(target, properties, phantom.as_ref());
    output.extend(debug_impl(target, properties));
    output.extend(patch_impl(target, properties, phantom.as_ref()));
    output
}

fn default_impl(
    target: &Target<'_>,
    properties: &[&Property<'_>],
    phantom: Option<&TokenStream>,
) -> TokenStream {
    let (patch, p) = (&target.patch, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    let idents = properties.iter().map(|property| property.ident);
    quote_spanned! {generated()=>
        #[automatically_derived]
        impl #impl_generics #p::Default for #patch #ty_generics #where_clause {
            fn default() -> Self {
                Self { #(#idents: #p::Change::Keep,)* #phantom }
            }
        }
    }
}

fn debug_impl(target: &Target<'_>, properties: &[&Property<'_>]) -> TokenStream {
    let (patch, p) = (&target.patch, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    let name = patch.to_string();
    let idents = properties.iter().map(|property| property.ident);
    let names = properties.iter().map(|property| property.ident.unraw().to_string());
    quote_spanned! {generated()=>
        #[automatically_derived]
        impl #impl_generics #p::fmt::Debug for #patch #ty_generics #where_clause {
            fn fmt(&self, __formatter: &mut #p::fmt::Formatter<'_>) -> #p::fmt::Result {
                __formatter
                    .debug_struct(#name)
                    #(.field(#names, &#p::Change::state(&self.#idents)))*
                    .finish()
            }
        }
    }
}

fn patch_impl(
    target: &Target<'_>,
    properties: &[&Property<'_>],
    phantom: Option<&TokenStream>,
) -> TokenStream {
    let (contact, patch, p) = (target.ident, &target.patch, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    let read = properties.iter().map(|property| {
        let Property { ident, mapped, types, .. } = property;
        let (name, place) = (&mapped.property, Range::of(&mapped.value));
        let presence = property.presence();
        quote_spanned!(place.first=> #ident: __reader.change::<#types>(#name, #p::Presence::#presence),)
    });
    let count = properties.len();
    let write = properties.iter().map(|Property { ident, mapped, types, .. }| {
        let (name, place) = (&mapped.property, Range::of(&mapped.value));
        quote_spanned!(place.first=> __writer.change::<#types>(#name, &self.#ident);)
    });
    let mut empty: Vec<_> = properties
        .iter()
        .map(|Property { ident, .. }| quote_spanned!(generated()=> #p::Change::is_keep(&self.#ident)))
        .collect();
    if empty.is_empty() {
        empty.push(quote_spanned!(generated()=> true));
    }
    let apply = properties.iter().map(|property| {
        let Property { ident, mapped, .. } = property;
        let (name, place) = (&mapped.property, Range::of(&mapped.value));
        match mapped.presence {
            Presence::Required => {
                let arguments = quote_spanned!(generated()=> #name, &mut __contact.#ident, &mut __outcome);
                quote_spanned!(place.first=> #p::Change::apply_required(self.#ident, #arguments);)
            }
            Presence::Optional => {
                quote_spanned!(place.first=> #p::Change::apply_optional(self.#ident, &mut __contact.#ident);)
            }
            Presence::Defaulted => {
                let default = default_of(target, &mapped.value);
                quote_spanned!(place.first=> #p::Change::apply_or(self.#ident, &mut __contact.#ident, #default);)
            }
        }
    });
    let checks: Vec<_> = properties.iter().map(|property| &property.check).collect();
    quote_spanned! {generated()=>
        #[automatically_derived]
        impl #impl_generics #p::ContactPatch for #patch #ty_generics #where_clause {
            type Contact = #contact #ty_generics;

            fn from_properties(__properties: &#p::Properties) -> #p::Result<Self, #p::MappingError> {
                #(#checks)*
                let mut __reader = #p::Reader::new(__properties);
                let __patch = Self { #(#read)* #phantom };
                __reader.finish(__patch)
            }

            fn to_properties(&self) -> #p::Result<#p::Properties, #p::MappingError> {
                #(#checks)*
                let mut __writer = #p::Writer::with_capacity(#count);
                #(#write)*
                __writer.finish()
            }

            fn is_empty(&self) -> ::core::primitive::bool {
                #(#empty)&&*
            }

            fn apply(self, __contact: &mut Self::Contact) -> #p::Result<(), #p::MappingError> {
                let mut __outcome = #p::Ok(());
                #(#apply)*
                __outcome
            }
        }
    }
}

/// The same impls with bodies that cannot run.
pub(super) fn fallback(target: &Target<'_>) -> TokenStream {
    let (contact, patch, p) = (target.ident, &target.patch, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    quote_spanned! {generated()=>
        #[automatically_derived]
        impl #impl_generics #p::Default for #patch #ty_generics #where_clause {
            fn default() -> Self {
                #p::unreachable_after_error()
            }
        }

        #[automatically_derived]
        impl #impl_generics #p::fmt::Debug for #patch #ty_generics #where_clause {
            fn fmt(&self, _: &mut #p::fmt::Formatter<'_>) -> #p::fmt::Result {
                #p::unreachable_after_error()
            }
        }

        #[automatically_derived]
        impl #impl_generics #p::ContactPatch for #patch #ty_generics #where_clause {
            type Contact = #contact #ty_generics;

            fn from_properties(_: &#p::Properties) -> #p::Result<Self, #p::MappingError> {
                #p::unreachable_after_error()
            }

            fn to_properties(&self) -> #p::Result<#p::Properties, #p::MappingError> {
                #p::unreachable_after_error()
            }

            fn is_empty(&self) -> ::core::primitive::bool {
                #p::unreachable_after_error()
            }

            fn apply(self, _: &mut Self::Contact) -> #p::Result<(), #p::MappingError> {
                #p::unreachable_after_error()
            }
        }

        #[automatically_derived]
        impl #impl_generics #p::Serialize for #patch #ty_generics #where_clause {
            fn serialize<__S: #p::Serializer>(&self, _: __S) -> #p::Result<__S::Ok, __S::Error> {
                #p::unreachable_after_error()
            }
        }
    }
}
