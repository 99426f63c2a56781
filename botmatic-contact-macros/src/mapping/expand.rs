//! The tokens of a mapping: the patch struct beside the user's struct, and all impls in one `const` block.
//!
//! What is generated is data and calls; deciding what absent, cleared and set mean is left to the runtime. A type is
//! named as the user wrote it, and the calls that demand something of it are reported under it.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::{GenericParam, Generics, Type, Visibility};

use super::attr::{Owner, Written, option_of};
use super::model::{Access, Codec, Field, Mapped, Mapping, Presence, Role};
use super::{patch, samples, serialize};
use crate::crate_path::CratePath;
use crate::span::{Range, at, generated};

/// The patch struct and the impls of a valid mapping.
pub(super) fn expand(mapping: &Mapping) -> TokenStream {
    let target = Target::new(&mapping.ident, &mapping.vis, &mapping.generics, &mapping.crate_path);
    let properties: Vec<_> = mapping.fields.iter().filter_map(|field| Property::of(field, &target)).collect();
    let patched: Vec<_> =
        properties.iter().filter(|property| property.mapped.access != Access::ReadOnly).collect();
    let fields: Vec<_> = patched.iter().map(|property| property.patch_field()).collect();
    let patch = patch::declaration(&target, &fields);
    let impls = [
        properties.iter().map(|property| with_codec(&target, property)).collect(),
        patch::impls(&target, &fields, &patched),
        serialize::serialize_impl(&target, &patched),
        mapping_impl(&target, mapping, &properties),
        samples::samples(&target, mapping, &properties),
    ];
    block(&patch, &impls)
}

/// The same items with bodies that cannot run, so that code which uses the mapping reports nothing of its own.
pub(super) fn fallback(written: &Written) -> TokenStream {
    let target = Target::new(&written.ident, &written.vis, &written.generics, &written.crate_path);
    let fields: Vec<_> = written
        .shape
        .fields
        .iter()
        .filter(|field| field.contact.is_patched())
        .map(|field| PatchField {
            ident: &field.ident,
            vis: &field.vis,
            value: option_of(&field.ty).unwrap_or(&field.ty),
        })
        .collect();
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
            Codec::Display => target.crate_path.private_at("Display", place),
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

        impl #impl_generics #helper #ty_generics #where_clause {
            const fn conversion() -> impl #p::Conversion<#value> + ::core::marker::Copy {
                #p::conversion(#to, #from)
            }
        }

        #[automatically_derived]
        impl #impl_generics #p::Codec<#value> for #helper #ty_generics #where_clause {
            const KIND: #p::PropertyKind = #p::kind_of(Self::conversion());

            fn encode(__value: &#value) -> #p::Result<#p::Value, #p::ValueError> {
                #p::Conversion::encode(Self::conversion(), __value)
            }

            fn decode(__value: &#p::Value) -> #p::Result<#value, #p::ValueError> {
                #p::Conversion::decode(Self::conversion(), __value)
            }
        }
    }
}

fn mapping_impl(target: &Target<'_>, mapping: &Mapping, properties: &[Property<'_>]) -> TokenStream {
    let (ident, patch, p) = (target.ident, &target.patch, &target.p);
    let (impl_generics, ty_generics, where_clause) = target.generics.split_for_impl();
    let declared = properties.iter().map(|Property { mapped, types, check, .. }| {
        let (name, place) = (&mapped.property, Range::of(&mapped.value));
        let one_way = match mapped.access {
            Access::ReadWrite => None,
            Access::ReadOnly => Some(quote_spanned!(generated()=> .one_way(#p::Access::ReadOnly))),
            Access::WriteOnly => Some(quote_spanned!(generated()=> .one_way(#p::Access::WriteOnly))),
        };
        let owned = mapped.owner.map(|owner| match owner {
            Owner::Botmatic => quote_spanned!(generated()=> .owned(#p::Owner::Botmatic)),
            Owner::External => quote_spanned!(generated()=> .owned(#p::Owner::External)),
        });
        quote_spanned!(place.first=> { #check #p::Property::of::<#types>(#name) #one_way #owned })
    });
    let email = properties.iter().find(|property| property.mapped.email);
    // The compiler looks into a constant of a trait only where it is used.
    let checked = (email.is_some() && target.generics.params.is_empty()).then(|| {
        quote_spanned!(generated()=> const _: #p::Option<&'static ::core::primitive::str> = <#ident as #p::ContactMapping>::EMAIL;)
    });
    let email = match email {
        Some(Property { mapped: Mapped { property, value, .. }, types, check, .. }) => {
            let place = Range::of(value);
            let email_of = target.crate_path.private_at("email_of", place);
            quote_spanned!(place.first=> #p::Some({ #check #email_of::<#types>(#property) }))
        }
        None => quote_spanned!(generated()=> #p::None),
    };
    let external_id = mapping.fields.iter().filter(|field| matches!(field.role, Role::Id)).map(|field| {
        let (id, trait_) = (&field.ident, id_value(target, &field.ty));
        quote_spanned!(generated()=> #trait_::to_external_id(&self.#id))
    });
    let (kept, told): (Vec<_>, Vec<_>) =
        properties.iter().partition(|property| property.mapped.access == Access::WriteOnly);
    let to_properties = write(target, "to_properties", &told);
    let kept = (!kept.is_empty()).then(|| write(target, "write_only", &kept));
    let mut reading = properties.iter();
    let read = mapping.fields.iter().map(|field| {
        let types = matches!(field.role, Role::Mapped(_)).then(|| reading.next()).flatten();
        match (&field.role, types.map(|property| &property.types)) {
            (Role::Mapped(mapped), Some(types)) if mapped.access != Access::ReadOnly => {
                let (ident, name, place) = (&field.ident, &mapped.property, Range::of(&field.ty));
                let call = match mapped.presence {
                    Presence::Required => quote_spanned!(place.first=> required::<#types>(#name)),
                    Presence::Optional => quote_spanned!(place.first=> optional::<#types>(#name)),
                    Presence::Defaulted => {
                        let default = default_of(target, &field.ty);
                        quote_spanned!(place.first=> optional_or::<#types>(#name, #default))
                    }
                };
                quote_spanned!(place.first=> #ident: __reader.#call?,)
            }
            _ => unread(target, field),
        }
    });
    let taken = properties.iter().filter(|property| property.mapped.access != Access::ReadOnly);
    let taken_count = taken.clone().count();
    let canonical = taken.map(|property| {
        let (name, place) = (&property.mapped.property, Range::of(&property.mapped.value));
        let (types, presence) = (&property.types, property.presence());
        quote_spanned!(place.first=> __fields.field::<#types>(#name, #p::Presence::#presence);)
    });
    let checks: Vec<_> = properties.iter().map(|property| &property.check).collect();
    quote_spanned! {generated()=>
        #checked

        #[automatically_derived]
        impl #impl_generics #p::ContactMapping for #ident #ty_generics #where_clause {
            type Patch = #patch #ty_generics;

            const PROPERTIES: &'static [#p::Property] = &[#(#declared),*];

            const EMAIL: #p::Option<&'static ::core::primitive::str> = #email;

            fn external_id(&self) -> #p::Option<#p::ExternalId> {
                #(#external_id)*
            }

            #to_properties

            #kept

            fn from_properties(__properties: &#p::Properties) -> #p::Result<Self, #p::MappingError> {
                #(#checks)*
                let mut __reader = #p::Reader::new(__properties);
                #p::Ok(Self { #(#read)* })
            }

            fn canonical(__properties: #p::Properties) -> #p::Result<#p::Properties, #p::MappingError> {
                #(#checks)*
                let mut __fields = #p::Canonical::new(__properties, #taken_count);
                #(#canonical)*
                __fields.finish()
            }
        }
    }
}

/// A method that writes some of the properties.
fn write(target: &Target<'_>, method: &str, properties: &[&Property<'_>]) -> TokenStream {
    let (p, count, method) = (&target.p, properties.len(), Ident::new(method, generated()));
    let checks = properties.iter().map(|property| &property.check);
    let write = properties.iter().map(|Property { ident, mapped, types, .. }| {
        let (name, place) = (&mapped.property, Range::of(&mapped.value));
        let method = match mapped.presence {
            Presence::Required | Presence::Defaulted => Ident::new("required", generated()),
            Presence::Optional => Ident::new("optional", generated()),
        };
        quote_spanned!(place.first=> __writer.#method::<#types>(#name, &self.#ident);)
    });
    quote_spanned! {generated()=>
        fn #method(&self) -> #p::Result<#p::Properties, #p::MappingError> {
            #(#checks)*
            let mut __writer = #p::Writer::with_capacity(#count);
            #(#write)*
            __writer.finish()
        }
    }
}

/// What a field that Botmatic says nothing of holds in a contact that is read.
pub(super) fn unread(target: &Target<'_>, field: &Field) -> TokenStream {
    let (ident, ty, place) = (&field.ident, &field.ty, Range::of(&field.ty));
    if matches!(field.role, Role::Id) {
        let trait_ = id_value(target, ty);
        return quote_spanned!(generated()=> #ident: #trait_::unassigned(),);
    }
    let default = default_of(target, ty);
    quote_spanned!(place.first=> #ident: #default(),)
}

/// `<Type as IdValue>`, reported under the type.
fn id_value(target: &Target<'_>, ty: &Type) -> TokenStream {
    let place = Range::of(ty);
    let trait_ = target.crate_path.private_at("IdValue", place);
    quote_spanned!(at(place.last)=> <#ty as #trait_>)
}

/// The function that makes a type's default, reported under the type.
pub(super) fn default_of(target: &Target<'_>, ty: &Type) -> TokenStream {
    let place = Range::of(ty);
    let trait_ = target.crate_path.private_at("Default", place);
    quote_spanned!(place.first=> <#ty as #trait_>::default)
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
