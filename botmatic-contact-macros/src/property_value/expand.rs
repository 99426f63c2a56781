//! The tokens of a value and of an id: one impl each.
//!
//! What is generated is data and calls; reading a text, and what is said of one that is no choice, is left to the
//! runtime.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::{Generics, Type, parse_quote_spanned};

use super::attr::{Newtype, Written};
use super::model::Model;
use crate::span::{Range, generated};

/// The impl of a valid value.
pub(super) fn expand(written: &Written, model: &Model<'_>) -> TokenStream {
    match model {
        Model::Newtype(newtype) => passed_on(written, newtype),
        Model::Choices(choices) => {
            let p = written.crate_path.private();
            let variants: Vec<_> = choices.iter().map(|(variant, _)| variant).collect();
            let texts: Vec<_> = choices.iter().map(|(_, text)| text).collect();
            let body = quote_spanned! {generated()=>
                const KIND: #p::PropertyKind = #p::PropertyKind::Text;

                const CHOICES: &'static [&'static ::core::primitive::str] = &[#(#texts),*];

                fn to_value(&self) -> #p::Result<#p::Value, #p::ValueError> {
                    #p::write_choice(match self { #(Self::#variants => #texts),* })
                }

                fn from_value(__value: &#p::Value) -> #p::Result<Self, #p::ValueError> {
                    #p::read_choice(__value, <Self as #p::PropertyValue>::CHOICES, [#(Self::#variants),*])
                }
            };
            implementation(written, "PropertyValue", &written.generics, &body)
        }
    }
}

/// A struct whose value is that of its field. Everything asks the field's type the same question, so that the compiler
/// has one answer if it is no value.
fn passed_on(written: &Written, Newtype { member, ty }: &Newtype) -> TokenStream {
    let p = written.crate_path.private();
    let inner = as_trait(written, ty, "PropertyValue");
    let body = quote_spanned! {generated()=>
        const KIND: #p::PropertyKind = #inner::KIND;

        const CHOICES: &'static [&'static ::core::primitive::str] = #inner::CHOICES;

        fn to_value(&self) -> #p::Result<#p::Value, #p::ValueError> {
            #inner::to_value(&self.#member)
        }

        fn from_value(__value: &#p::Value) -> #p::Result<Self, #p::ValueError> {
            #p::Ok(Self { #member: #inner::from_value(__value)? })
        }

        fn canonical(__value: #p::Value) -> #p::Result<#p::Value, #p::ValueError> {
            #inner::canonical(__value)
        }
    };
    implementation(written, "PropertyValue", &bounded(written, ty, "PropertyValue"), &body)
}

/// The impl of a valid id.
pub(super) fn expand_id(written: &Written, Newtype { member, ty }: &Newtype) -> TokenStream {
    let p = written.crate_path.private();
    let inner = as_trait(written, ty, "IdValue");
    let body = quote_spanned! {generated()=>
        fn to_external_id(&self) -> #p::Option<#p::ExternalId> {
            #inner::to_external_id(&self.#member)
        }

        fn unassigned() -> Self {
            Self { #member: #inner::unassigned() }
        }
    };
    implementation(written, "IdValue", &bounded(written, ty, "IdValue"), &body)
}

/// The same impl with bodies that cannot run, so that code which uses the value reports nothing of its own.
pub(super) fn fallback(written: &Written) -> TokenStream {
    let p = written.crate_path.private();
    let body = quote_spanned! {generated()=>
        const KIND: #p::PropertyKind = #p::PropertyKind::Text;

        fn to_value(&self) -> #p::Result<#p::Value, #p::ValueError> {
            #p::unreachable_after_error()
        }

        fn from_value(_: &#p::Value) -> #p::Result<Self, #p::ValueError> {
            #p::unreachable_after_error()
        }
    };
    implementation(written, "PropertyValue", &written.generics, &body)
}

/// The same for an id.
pub(super) fn fallback_id(written: &Written) -> TokenStream {
    let p = written.crate_path.private();
    let body = quote_spanned! {generated()=>
        fn to_external_id(&self) -> #p::Option<#p::ExternalId> {
            #p::unreachable_after_error()
        }

        fn unassigned() -> Self {
            #p::unreachable_after_error()
        }
    };
    implementation(written, "IdValue", &written.generics, &body)
}

fn implementation(written: &Written, name: &str, generics: &Generics, body: &TokenStream) -> TokenStream {
    let (ident, p) = (&written.ident, written.crate_path.private());
    let name = Ident::new(name, generated());
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    quote_spanned! {generated()=>
        #[allow(
            deprecated,
            unused_qualifications,
            clippy::absolute_paths,
            clippy::allow_attributes,
            clippy::allow_attributes_without_reason
        )]
        #[automatically_derived]
        impl #impl_generics #p::#name for #ident #ty_generics #where_clause {
            #body
        }
    }
}

/// `<Type as Trait>`, reported under the type.
fn as_trait(written: &Written, ty: &Type, name: &str) -> TokenStream {
    let place = Range::of(ty);
    let trait_ = written.crate_path.private_at(name, place);
    quote_spanned!(place.first=> <#ty as #trait_>)
}

/// The generics, with the demand on what the struct holds where that depends on them.
fn bounded(written: &Written, ty: &Type, name: &str) -> Generics {
    let mut generics = written.generics.clone();
    if generics.type_params().next().is_some() {
        let trait_ = written.crate_path.private_at(name, Range::of(ty));
        generics.make_where_clause().predicates.push(parse_quote_spanned!(generated()=> #ty: #trait_));
    }
    generics
}
