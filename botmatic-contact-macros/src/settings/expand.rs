//! The tokens of a form: one impl that describes, shows and reads it.
//!
//! What is generated is data and calls; what can be entered and what is said about it is left to the runtime.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::{Generics, Type};

use super::attr::{Value, Written};
use super::model::{Field, Form};
use crate::crate_path::CratePath;
use crate::span::{Range, at, generated};

/// The impl of a valid form.
pub(super) fn expand(form: &Form<'_>) -> TokenStream {
    let p = form.crate_path.private();
    // A type that cannot be in a form would be reported once for each call, since the calls differ. With the same
    // question in front of them, every report is the same one, and the compiler gives it once.
    let checks: Vec<_> = form.fields.iter().map(|Field { ty, .. }| check(ty, form.crate_path)).collect();
    let described = form.fields.iter().map(|field| described(field, form.crate_path));
    let shown = form.fields.iter().map(|Field { ident, ty, .. }| {
        let place = Range::of(ty);
        let trait_ = form.crate_path.private_at("SettingValue", place);
        quote_spanned!(place.first=> <#ty as #trait_>::show(&self.#ident))
    });
    let read = form.fields.iter().map(|Field { ident, ty, name, .. }| {
        let place = Range::of(ty);
        let (reader, local) = (form.crate_path.private_at("FormReader", place), local(ident));
        quote_spanned! {place.last=>
            let #local = #reader::value::<#ty>(__reader, #name, __current.map(|__current| &__current.#ident));
        }
    });
    let idents = form.fields.iter().map(|field| field.ident);
    let locals = form.fields.iter().map(|field| local(field.ident));
    let body = quote_spanned! {generated()=>
        fn form() -> #p::Form {
            #(#checks)*
            #p::Form::new([#(#described),*])
        }

        fn show(&self) -> #p::Vec<#p::Shown> {
            #(#checks)*
            ::core::convert::From::from([#(#shown),*])
        }

        fn read(__reader: &mut #p::FormReader<'_>, __current: #p::Option<&Self>) -> #p::Option<Self> {
            #(#checks)*
            #(#read)*
            #p::Some(Self { #(#idents: #locals?),* })
        }
    };
    form_impl(form.ident, form.generics, &p, &body)
}

/// The variable of a field.
fn local(field: &Ident) -> Ident {
    format_ident!("__field_{}", field.unraw(), span = generated())
}

/// The same impl with bodies that cannot run, so that code which uses the form reports nothing of its own.
pub(super) fn fallback(written: &Written) -> TokenStream {
    let p = written.crate_path.private();
    let body = quote_spanned! {generated()=>
        fn form() -> #p::Form {
            #p::unreachable_after_error()
        }

        fn show(&self) -> #p::Vec<#p::Shown> {
            #p::unreachable_after_error()
        }

        fn read(_: &mut #p::FormReader<'_>, _: #p::Option<&Self>) -> #p::Option<Self> {
            #p::unreachable_after_error()
        }
    };
    form_impl(&written.ident, &written.generics, &p, &body)
}

fn form_impl(ident: &Ident, generics: &Generics, p: &TokenStream, body: &TokenStream) -> TokenStream {
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
        impl #impl_generics #p::SettingsForm for #ident #ty_generics #where_clause {
            #body
        }
    }
}

/// Asks whether a type can be in a form.
fn check(ty: &Type, crate_path: &CratePath) -> TokenStream {
    let place = Range::of(ty);
    let trait_ = crate_path.private_at("SettingValue", place);
    quote_spanned!(place.first=> let _ = <#ty as #trait_>::REQUIRED;)
}

/// The description of a field. What an option demands of the type is reported at the option.
fn described(field: &Field<'_>, crate_path: &CratePath) -> TokenStream {
    let (ty, name, label, setting) = (field.ty, &field.name, &field.label, field.setting);
    let place = Range::of(ty);
    let new = crate_path.private_at("Field", place);
    let mut tokens = quote_spanned!(place.last=> #new::new::<#ty>(#name));
    tokens.extend(quote_spanned!(generated()=> .label(#label)));
    if let Some(help) = &field.help {
        tokens.extend(quote_spanned!(generated()=> .help(#help)));
    }
    if let Some((word, variant)) = field.kind {
        let place = Range::of(word);
        let (kind, variant) = (crate_path.private_at("TextKind", place), Ident::new(variant, place.last));
        tokens.extend(quote_spanned!(place.first=> .kind::<#ty>(#kind::#variant)));
    }
    for Value { name, value } in [&setting.min, &setting.max, &setting.max_size].into_iter().flatten() {
        let method = Ident::new(&name.to_string(), at(name.span()));
        tokens.extend(quote_spanned!(at(name.span())=> .#method::<#ty>(#value)));
    }
    if let Some((name, types)) = &setting.accept {
        tokens.extend(quote_spanned!(at(name.span())=> .accept::<#ty>(#types)));
    }
    tokens
}
