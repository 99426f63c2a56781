//! The tokens of a mapping: the patch struct beside the user's struct, and all impls in one `const` block.
//!
//! What is generated is data and calls; deciding what absent, cleared and set mean is left to the runtime. A type is
//! named as the user wrote it, and the calls that demand something of it are reported under it.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::{GenericParam, Generics, Type, Visibility};

use super::attr::{Shape, Written, option_of};
use super::model::{Codec, Field, Mapped, Mapping, Presence, Role};
use super::{patch, samples, serialize};
use crate::crate_path::CratePath;
use crate::span::{Range, at, generated};

/// The patch struct and the impls of a valid mapping.
pub(super) fn expand(mapping: &Mapping) -> TokenStream {
    let target = Target::new(&mapping.ident, &mapping.vis, &mapping.generics, &mapping.crate_path);
    let properties: Vec<_> = mapping.fields.iter().filter_map(|field| Property::of(field, &target)).collect();
    let fields: Vec<_> = properties.iter().map(Property::patch_field).collect();
    let patch = patch::declaration(&target, &fields);
    let impls = [
        properties.iter().map(|property| with_codec(&target, property)).collect(),
        patch::impls(&target, &fields, &properties),
        serialize::serialize_impl(&target, &properties),
        mapping_impl(&target, mapping, &properties),
        samples::samples(&target, mapping, &properties),
    ];
    block(&patch, &impls)
}

/// The same items with bodies that cannot run, so that code which uses the mapping reports nothing of its own.
pub(super) fn fallback(written: &Written) -> TokenStream {
    let target = Target::new(&written.ident, &written.vis, &written.generics, &written.crate_path);
    let fields: Vec<_> = match &written.shape {
        Shape::Named(fields) => fields
            .iter()
            .filter(|field| field.contact.id.is_none() && field.contact.skip.is_none())
            .map(|field| PatchField {
                ident: &field.ident,
                vis: &field.vis,
                value: option_of(&field.ty).unwrap_or(&field.ty),
            })
            .collect(),
        Shape::Tuple(_) | Shape::Unit(_) | Shape::Enum(_) | Shape::Union(_) => Vec::new(),
    };
    let patch = patch::declaration(&target, &fields);
    block(&patch, &[patch::fallback(&target), mapping_fallback(&target), samples::fallback(&target)])
}

/// Impls are kept in a `const`, where their helpers have names that nobody else sees.
fn block(patch: &TokenStream, impls: &[TokenStream]) -> TokenStream {
    quote_spanned! {generated()=>
        #patch

        #[allow(
            deprecated,
            non_camel_case_types,
            trivial_bounds,
            unused_mut,
            unused_qualifications,
            unused_variables,
            clippy::absolute_paths,
            clippy::allow_attributes,
            clippy::allow_attributes_without_reason,
            clippy::used_underscore_binding
        )]
        const _: () = {
            #(#impls)*
        };
    }
}

/// The struct that gets the impls, in the pieces that every impl needs.
pub(super) struct Target<'a> {
    pub(super) ident: &'a Ident,
    pub(super) patch: Ident,
    pub(super) vis: &'a Visibility,
    pub(super) generics: &'a Generics,
    pub(super) crate_path: &'a CratePath,
    /// `::botmatic_contact::__private`
    pub(super) p: TokenStream,
}

impl<'a> Target<'a> {
    fn new(ident: &'a Ident, vis: &'a Visibility, generics: &'a Generics, crate_path: &'a CratePath) -> Self {
        let patch = format_ident!("{}Patch", ident.unraw(), span = ident.span());
        Self { ident, patch, vis, generics, crate_path, p: crate_path.private() }
    }

    /// `PhantomData` of all generics, for helpers that must name each of them.
    pub(super) fn phantom(&self) -> TokenStream {
        let params = self.generics.params.iter().filter_map(|param| match param {
            GenericParam::Type(param) => {
                let ident = &param.ident;
                Some(quote_spanned!(generated()=> *const #ident))
            }
            GenericParam::Lifetime(param) => {
                let lifetime = &param.lifetime;
                Some(quote_spanned!(generated()=> &#lifetime ()))
            }
            _ => None,
        });
        quote_spanned!(generated()=> ::core::marker::PhantomData<fn() -> (#(#params,)*)>)
    }

    /// A generic as a helper declares it that only carries it: no bounds, no default.
    pub(super) fn bare_parameter(param: &GenericParam) -> TokenStream {
        match param {
            GenericParam::Const(param) => {
                let (ident, ty) = (&param.ident, &param.ty);
                quote_spanned!(generated()=> const #ident: #ty)
            }
            other => Self::bare_argument(other),
        }
    }

    /// A generic as it is passed on.
    pub(super) fn bare_argument(param: &GenericParam) -> TokenStream {
        match param {
            GenericParam::Type(param) => param.ident.to_token_stream(),
            GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
            GenericParam::Const(param) => param.ident.to_token_stream(),
        }
    }
}

/// A field of the patch struct.
pub(super) struct PatchField<'a> {
    pub(super) ident: &'a Ident,
    pub(super) vis: &'a Visibility,
    pub(super) value: &'a Type,
}

/// A mapped field, with the tokens that its calls share.
pub(super) struct Property<'a> {
    pub(super) ident: &'a Ident,
    pub(super) vis: &'a Visibility,
    pub(super) mapped: &'a Mapped,
    /// `Codec, Type`, reported under the type.
    pub(super) types: TokenStream,
    /// Asks for the codec of the type; see [`Property::of`].
    pub(super) check: TokenStream,
}

impl<'a> Property<'a> {
    fn of(field: &'a Field, target: &Target<'_>) -> Option<Self> {
        let Role::Mapped(mapped) = &field.role else {
            return None;
        };
        let (value, place) = (&mapped.value, Range::of(&mapped.value));
        let codec = match &mapped.codec {
            Codec::Plain => target.crate_path.private_at("Plain", place),
            Codec::Json => target.crate_path.private_at("Json", place),
            Codec::With(_) => {
                let (helper, (_, generics, _)) = (codec_name(&field.ident), target.generics.split_for_impl());
                quote_spanned!(place.first=> #helper #generics)
            }
        };
        let types = quote_spanned!(place.last=> #codec, #value);
        // A type that cannot be a property's value would be reported once for each call, since the calls differ. With
        // the same question in front of them, every report is the same one, and the compiler gives it once.
        let trait_ = target.crate_path.private_at("Codec", place);
        let check = quote_spanned!(place.first=> let _ = <#codec as #trait_<#value>>::KIND;);
        Some(Self { ident: &field.ident, vis: &field.vis, mapped, types, check })
    }

    /// The name of the runtime's `Presence` of this field.
    pub(super) fn presence(&self) -> Ident {
        let name = match self.mapped.presence {
            Presence::Required => "Required",
            Presence::Optional => "Optional",
            Presence::Defaulted => "Defaulted",
        };
        Ident::new(name, generated())
    }

    fn patch_field(&self) -> PatchField<'a> {
        PatchField { ident: self.ident, vis: self.vis, value: &self.mapped.value }
    }
}

fn codec_name(field: &Ident) -> Ident {
    format_ident!("__With_{}", field.unraw(), span = generated())
}

/// The codec made of a user's module.
fn with_codec(target: &Target<'_>, property: &Property<'_>) -> TokenStream {
    let Codec::With(module) = &property.mapped.codec else {
        return TokenStream::new();
    };
    let (p, value, helper) = (&target.p, &property.mapped.value, codec_name(property.ident));
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    let declaration = if target.generics.params.is_empty() {
        quote_spanned!(generated()=> struct #helper;)
    } else {
        let (bare, phantom) = (target.generics.params.iter().map(Target::bare_parameter), target.phantom());
        quote_spanned!(generated()=> struct #helper<#(#bare),*>(#phantom);)
    };
    let place = Range::of(module);
    let to = quote_spanned!(place.last=> #module::to_botmatic);
    let from = quote_spanned!(place.last=> #module::from_botmatic);
    quote_spanned! {generated()=>
        #[allow(dead_code)]
        #declaration

        #[automatically_derived]
        impl #impl_generics #p::Codec<#value> for #helper #ty_generics #where_clause {
            const KIND: #p::PropertyKind = {
                let __to: fn(&#value) -> _ = #to;
                #p::kind_of(__to)
            };

            fn encode(__value: &#value) -> #p::Result<#p::Value, #p::ValueError> {
                #p::encode_with(__value, #to)
            }

            fn decode(__value: &#p::Value) -> #p::Result<#value, #p::ValueError> {
                #p::decode_with(__value, #from)
            }
        }
    }
}

fn mapping_impl(target: &Target<'_>, mapping: &Mapping, properties: &[Property<'_>]) -> TokenStream {
    let (ident, patch, p) = (target.ident, &target.patch, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    let declared = properties.iter().map(|Property { mapped, types, check, .. }| {
        let (name, place) = (&mapped.property, Range::of(&mapped.value));
        quote_spanned!(place.first=> { #check #p::Property::of::<#types>(#name) })
    });
    let email = match properties.iter().find(|property| property.mapped.email) {
        Some(Property { mapped: Mapped { property, .. }, .. }) => {
            quote_spanned!(generated()=> #p::Some(#property))
        }
        None => quote_spanned!(generated()=> #p::None),
    };
    let external_id = mapping.fields.iter().filter(|field| matches!(field.role, Role::Id)).map(|field| {
        let (id, trait_) = (&field.ident, id_value(target, &field.ty));
        quote_spanned!(generated()=> #trait_::to_external_id(&self.#id))
    });
    let count = properties.len();
    let write = properties.iter().map(|Property { ident, mapped, types, .. }| {
        let (name, place) = (&mapped.property, Range::of(&mapped.value));
        let method = match mapped.presence {
            Presence::Required | Presence::Defaulted => Ident::new("required", generated()),
            Presence::Optional => Ident::new("optional", generated()),
        };
        quote_spanned!(place.first=> __writer.#method::<#types>(#name, &self.#ident)?;)
    });
    let mut reading = properties.iter();
    let read = mapping.fields.iter().map(|field| match &field.role {
        Role::Id | Role::Skipped => unmapped(target, field),
        Role::Mapped(mapped) => {
            let (name, types) = (&mapped.property, reading.next().map(|property| &property.types));
            let (ident, place) = (&field.ident, Range::of(&field.ty));
            let method = match mapped.presence {
                Presence::Required => Ident::new("required", generated()),
                Presence::Optional => Ident::new("optional", generated()),
                Presence::Defaulted => Ident::new("or_default", generated()),
            };
            quote_spanned!(place.first=> #ident: __reader.#method::<#types>(#name)?,)
        }
    });
    let canonical = properties.iter().map(|property| {
        let (name, place) = (&property.mapped.property, Range::of(&property.mapped.value));
        let (types, presence) = (&property.types, property.presence());
        quote_spanned!(place.first=> __fields.field::<#types>(#name, #p::Presence::#presence)?;)
    });
    let checks: Vec<_> = properties.iter().map(|property| &property.check).collect();
    quote_spanned! {generated()=>
        #[automatically_derived]
        impl #impl_generics #p::ContactMapping for #ident #ty_generics #where_clause {
            type Patch = #patch #ty_generics;

            const PROPERTIES: &'static [#p::Property] = &[#(#declared),*];

            const EMAIL: #p::Option<&'static ::core::primitive::str> = #email;

            fn external_id(&self) -> #p::Option<#p::ExternalId> {
                #(#external_id)*
            }

            fn to_properties(&self) -> #p::Result<#p::Properties, #p::MappingError> {
                #(#checks)*
                let mut __writer = #p::Writer::with_capacity(#count);
                #(#write)*
                #p::Ok(__writer.finish())
            }

            fn from_properties(__properties: &#p::Properties) -> #p::Result<Self, #p::MappingError> {
                #(#checks)*
                let mut __reader = #p::Reader::new(__properties);
                #p::Ok(Self { #(#read)* })
            }

            fn canonical(__properties: #p::Properties) -> #p::Result<#p::Properties, #p::MappingError> {
                #(#checks)*
                let mut __fields = #p::Canonical::new(__properties, #count);
                #(#canonical)*
                #p::Ok(__fields.finish())
            }
        }
    }
}

/// What a field that is no property holds in a contact that is read.
pub(super) fn unmapped(target: &Target<'_>, field: &Field) -> TokenStream {
    let (ident, ty, place) = (&field.ident, &field.ty, Range::of(&field.ty));
    if matches!(field.role, Role::Id) {
        let trait_ = id_value(target, ty);
        return quote_spanned!(generated()=> #ident: #trait_::unassigned(),);
    }
    let default = target.crate_path.private_at("Default", place);
    quote_spanned!(place.first=> #ident: <#ty as #default>::default(),)
}

/// `<Type as IdValue>`, reported under the type.
fn id_value(target: &Target<'_>, ty: &Type) -> TokenStream {
    let place = Range::of(ty);
    let trait_ = target.crate_path.private_at("IdValue", place);
    quote_spanned!(at(place.last)=> <#ty as #trait_>)
}

fn mapping_fallback(target: &Target<'_>) -> TokenStream {
    let (ident, patch, p) = (target.ident, &target.patch, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    quote_spanned! {generated()=>
        #[automatically_derived]
        impl #impl_generics #p::ContactMapping for #ident #ty_generics #where_clause {
            type Patch = #patch #ty_generics;

            const PROPERTIES: &'static [#p::Property] = &[];

            const EMAIL: #p::Option<&'static ::core::primitive::str> = #p::None;

            fn external_id(&self) -> #p::Option<#p::ExternalId> {
                #p::unreachable_after_error()
            }

            fn to_properties(&self) -> #p::Result<#p::Properties, #p::MappingError> {
                #p::unreachable_after_error()
            }

            fn from_properties(_: &#p::Properties) -> #p::Result<Self, #p::MappingError> {
                #p::unreachable_after_error()
            }
        }
    }
}
