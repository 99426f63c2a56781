//! `#[property(…)]` as written, on a type and on the variants of an enum.
//!
//! Reports what cannot be read: an option that does not exist, one in the wrong form, one given twice. What the type
//! means is left to `model`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Data, DeriveInput, Field, Fields, Generics, Index, LitStr, Member, Type, Variant};

use crate::crate_path::CratePath;
use crate::emit::Errors;
use crate::options::{self, Item};

const TYPE_OPTIONS: [&str; 2] = ["rename_all", "crate"];
const TYPE_USAGE: &str = "`#[property(rename_all = \"snake_case\")]`, or leave it out";
const VARIANT_USAGE: &str =
    "`#[property(\"text\")]`, or leave it out to write the variant under its own name";

/// A type with its attributes, before any rule.
pub(super) struct Written {
    pub(super) ident: Ident,
    pub(super) generics: Generics,
    pub(super) crate_path: CratePath,
    pub(super) rename_all: Option<(Ident, LitStr)>,
    pub(super) shape: Shape,
}

/// What kind of type it is, with the token that shows it.
pub(super) enum Shape {
    Newtype(Box<Newtype>),
    /// A struct with no field, or with several.
    Struct(Span),
    Enum(Span, Vec<WrittenVariant>),
    Union(Span),
}

/// The one field of a struct.
pub(super) struct Newtype {
    pub(super) member: Member,
    pub(super) ty: Type,
}

/// A variant with its attributes.
pub(super) struct WrittenVariant {
    pub(super) ident: Ident,
    pub(super) text: Option<LitStr>,
    /// What it holds, if it holds anything.
    pub(super) fields: Option<TokenStream>,
}

impl Written {
    pub(super) fn read(input: &DeriveInput, errors: &mut Errors) -> Self {
        let (mut crate_path, mut rename_all) = (None, None);
        for item in items(&input.attrs, TYPE_USAGE, errors) {
            match item.name() {
                Some(name) if name == "crate" => {
                    let path = CratePath::read(&item, name, errors);
                    options::set_once(&mut crate_path, name, path, errors);
                }
                Some(name) if name == "rename_all" => {
                    if let Some(text) = options::expect_text(&item, name, "\"snake_case\"", errors) {
                        options::set_once(&mut rename_all, name, (name.clone(), text), errors);
                    }
                }
                Some(name) => errors.at(name, options::unknown(name, &TYPE_OPTIONS)),
                None => errors.at(&item, format_args!("expected an option; write {TYPE_USAGE}")),
            }
        }
        Self {
            ident: input.ident.clone(),
            generics: input.generics.clone(),
            crate_path: crate_path.flatten().unwrap_or_default(),
            rename_all,
            shape: Shape::read(input, errors),
        }
    }
}

impl Shape {
    fn read(input: &DeriveInput, errors: &mut Errors) -> Self {
        match &input.data {
            Data::Struct(data) => {
                data.fields.iter().for_each(|field| no_options(field, errors));
                let mut fields = data.fields.iter();
                match (fields.next(), fields.next()) {
                    (Some(field), None) => Self::Newtype(Box::new(Newtype {
                        member: field.ident.clone().map_or(Member::Unnamed(Index::from(0)), Member::Named),
                        ty: field.ty.clone(),
                    })),
                    _ => Self::Struct(input.ident.span()),
                }
            }
            Data::Enum(data) => Self::Enum(
                input.ident.span(),
                data.variants.iter().map(|variant| WrittenVariant::read(variant, errors)).collect(),
            ),
            Data::Union(data) => Self::Union(data.union_token.span),
        }
    }
}

impl WrittenVariant {
    fn read(variant: &Variant, errors: &mut Errors) -> Self {
        variant.fields.iter().for_each(|field| no_options(field, errors));
        let mut text = None;
        for item in items(&variant.attrs, VARIANT_USAGE, errors) {
            match (&item, item.name()) {
                (Item::Text(_), _) if text.is_some() => {
                    errors.at(&item, "a variant has one text; keep one");
                }
                (Item::Text(written), _) => text = Some(written.clone()),
                (_, Some(name)) => errors.at(name, unknown(name)),
                (_, None) => errors.at(&item, format_args!("expected a text; write {VARIANT_USAGE}")),
            }
        }
        let fields = (!matches!(variant.fields, Fields::Unit)).then(|| variant.fields.to_token_stream());
        Self { ident: variant.ident.clone(), text, fields }
    }
}

/// What to say about an option of a variant, which has none.
fn unknown(name: &Ident) -> String {
    if TYPE_OPTIONS.iter().any(|known| name == known) {
        format!("`{name}` belongs on the type; write it above the type")
    } else {
        format!(
            "unknown option `{name}`; a variant's text has no key, write it alone: `#[property(\"text\")]`"
        )
    }
}

fn items(attributes: &[Attribute], usage: &str, errors: &mut Errors) -> Vec<Item> {
    let ours = attributes.iter().filter(|attribute| attribute.path().is_ident("property"));
    ours.flat_map(|attribute| options::of_attribute(attribute, usage, errors)).collect()
}

fn no_options(field: &Field, errors: &mut Errors) {
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("property")) {
        errors.at(
            attribute,
            "`#[property(…)]` says nothing about a field; write it above the type or a variant",
        );
    }
}
