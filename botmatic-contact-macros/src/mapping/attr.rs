//! `#[contact(…)]` and `#[serde(…)]` as written.
//!
//! Reports what cannot be read: an option that does not exist, one in the wrong form, one given twice. Whether the
//! options make sense together is left to `model`. Of serde's attributes it takes what decides how a field is
//! written, and stays silent about mistakes in them, since serde's own derive reports those.

use proc_macro2::Ident;
use syn::parse::ParseStream;
use syn::{
    Attribute, DeriveInput, ExprPath, Field, Generics, Lifetime, LitStr, Path, Type, Visibility,
    WherePredicate,
};

use crate::crate_path::CratePath;
use crate::emit::Errors;
use crate::options::{self, Item};
use crate::shape::Shape;
use crate::span::generated;

const FIELD_OPTIONS: [&str; 10] =
    ["id", "email", "json", "display", "with", "default", "read_only", "write_only", "owner", "skip"];
const FIELD_USAGE: &str =
    "`#[contact(\"property_name\")]`, or leave it out to map the field under its own name";
const STRUCT_USAGE: &str = "`#[contact(crate = ::botmatic_contact)]`, or leave it out";

/// A type with its attributes, before any rule.
pub(super) struct Written {
    pub(super) ident: Ident,
    pub(super) vis: Visibility,
    pub(super) generics: Generics,
    /// Its lifetimes that may be shorter than the program.
    pub(super) borrowed: Vec<Lifetime>,
    pub(super) crate_path: CratePath,
    /// serde's `rename_all`, as written.
    pub(super) rename_all: Option<LitStr>,
    pub(super) shape: Shape<WrittenField>,
}

/// A field with its attributes.
pub(super) struct WrittenField {
    pub(super) ident: Ident,
    pub(super) vis: Visibility,
    pub(super) ty: Type,
    pub(super) contact: Contact,
    pub(super) serde: Serde,
}

/// The options of `#[contact(…)]` on a field; each keeps the word it was written with.
#[derive(Default)]
pub(super) struct Contact {
    pub(super) name: Option<LitStr>,
    pub(super) id: Option<Ident>,
    pub(super) email: Option<Ident>,
    pub(super) json: Option<Ident>,
    pub(super) display: Option<Ident>,
    pub(super) with: Option<(Ident, Option<Path>)>,
    pub(super) default: Option<Ident>,
    pub(super) read_only: Option<Ident>,
    pub(super) write_only: Option<Ident>,
    /// Nothing where no side was named.
    pub(super) owner: Option<(Ident, Option<Owner>)>,
    pub(super) skip: Option<Ident>,
}

/// The side whose word on a property counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Botmatic,
    External,
}

/// What serde's attributes say about writing a field.
#[derive(Default)]
pub(super) struct Serde {
    pub(super) rename: Option<LitStr>,
    pub(super) skip: bool,
    pub(super) flatten: Option<Ident>,
    pub(super) serialize: Option<SerializeWith>,
}

/// A function of the user's that writes a field.
pub(super) enum SerializeWith {
    /// `with = "module"`
    Module(ExprPath),
    /// `serialize_with = "function"`
    Function(ExprPath),
}

impl Written {
    pub(super) fn read(input: &DeriveInput, errors: &mut Errors) -> Self {
        let mut generics = input.generics.clone();
        let borrowed = borrowed(&generics);
        // They are refused later; what stands for the impls until then compiles.
        for param in generics.lifetimes_mut().filter(|param| borrowed.contains(&param.lifetime)) {
            param.bounds.push(Lifetime::new("'static", generated()));
        }
        Self {
            ident: input.ident.clone(),
            vis: input.vis.clone(),
            generics,
            borrowed,
            crate_path: options::of_struct(&input.attrs, "contact", STRUCT_USAGE, &FIELD_OPTIONS, errors),
            rename_all: rename_all(&input.attrs),
            shape: Shape::read(input, |name, field| WrittenField::read(name, field, errors)),
        }
    }
}

impl WrittenField {
    fn read(name: &Ident, field: &Field, errors: &mut Errors) -> Self {
        Self {
            ident: name.clone(),
            vis: field.vis.clone(),
            ty: field.ty.clone(),
            contact: Contact::read(&field.attrs, errors),
            serde: Serde::read(&field.attrs),
        }
    }
}

impl Owner {
    fn read(item: &Item, errors: &mut Errors) -> Option<Self> {
        let side = match item {
            Item::Pair(_, value) => syn::parse2::<Ident>(value.clone()).ok(),
            _ => None,
        };
        match side.map(|side| side.to_string()).as_deref() {
            Some("botmatic") => Some(Self::Botmatic),
            Some("external") => Some(Self::External),
            _ => {
                errors.at(
                    item,
                    "`owner` is one of the two sides; write `owner = botmatic` or `owner = external`",
                );
                None
            }
        }
    }
}

impl Contact {
    fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut contact = Self::default();
        let mut first = true;
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("contact")) {
            for item in options::of_attribute(attribute, FIELD_USAGE, errors) {
                contact.item(&item, first, errors);
                first = false;
            }
        }
        contact
    }

    /// Whether a patch has the field.
    pub(super) fn is_patched(&self) -> bool {
        self.id.is_none() && self.skip.is_none() && self.read_only.is_none()
    }

    fn item(&mut self, item: &Item, first: bool, errors: &mut Errors) {
        let Some(name) = item.name() else {
            match item {
                Item::Text(text) => self.property(text, first, errors),
                _ => errors
                    .at(item, format_args!("expected the property's name or an option; write {FIELD_USAGE}")),
            }
            return;
        };
        let word = match name.to_string().as_str() {
            "id" => &mut self.id,
            "email" => &mut self.email,
            "json" => &mut self.json,
            "display" => &mut self.display,
            "default" => &mut self.default,
            "read_only" => &mut self.read_only,
            "write_only" => &mut self.write_only,
            "skip" => &mut self.skip,
            "with" => {
                let path = options::expect_path(item, name, "path::to::module", errors);
                options::set_once(&mut self.with, name, (name.clone(), path), errors);
                return;
            }
            "owner" => {
                options::set_once(&mut self.owner, name, (name.clone(), Owner::read(item, errors)), errors);
                return;
            }
            _ => {
                errors.at(name, unknown(item, name));
                return;
            }
        };
        options::expect_word(item, name, errors);
        options::set_once(word, name, name.clone(), errors);
    }

    fn property(&mut self, text: &LitStr, first: bool, errors: &mut Errors) {
        if self.name.is_some() {
            errors.at(text, "a field has one property; keep one name");
        } else if first {
            self.name = Some(text.clone());
        } else {
            errors.at(
                text,
                format_args!("the property's name comes first; write `#[contact({:?}, …)]`", text.value()),
            );
            self.name = Some(text.clone());
        }
    }
}

/// What to say about an option that does not exist, with the natural wrong guesses recognised.
fn unknown(item: &Item, name: &Ident) -> String {
    match (name.to_string().as_str(), item) {
        ("crate", _) => "`crate = …` belongs on the struct; write it above the struct".to_owned(),
        ("name" | "rename" | "property", _) => format!(
            "unknown option `{name}`; the property's name has no key, write it first: `#[contact(\"property_name\")]`"
        ),
        (word, Item::Word(_)) if options::closest(word, &FIELD_OPTIONS).is_none() => format!(
            "{}; a property's name is written as text: `#[contact(\"{name}\")]`",
            options::unknown(name, &FIELD_OPTIONS)
        ),
        _ => options::unknown(name, &FIELD_OPTIONS),
    }
}

/// serde's `rename_all`, where it says how to write.
fn rename_all(attributes: &[Attribute]) -> Option<LitStr> {
    let mut rule = None;
    for item in serde_items(attributes) {
        if item.name().is_some_and(|name| name == "rename_all") {
            rule = serialized(&item).or(rule);
        }
    }
    rule
}

impl Serde {
    fn read(attributes: &[Attribute]) -> Self {
        let mut serde = Self::default();
        for item in serde_items(attributes) {
            let Some(name) = item.name() else { continue };
            match name.to_string().as_str() {
                "rename" => serde.rename = serialized(&item).or(serde.rename),
                "skip" | "skip_serializing" => serde.skip = true,
                "flatten" => serde.flatten = Some(name.clone()),
                "with" => serde.serialize = function(&item).map(SerializeWith::Module).or(serde.serialize),
                "serialize_with" => {
                    serde.serialize = function(&item).map(SerializeWith::Function).or(serde.serialize);
                }
                _ => {}
            }
        }
        serde
    }
}

fn serde_items(attributes: &[Attribute]) -> impl Iterator<Item = Item> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
        .filter_map(|attribute| attribute.meta.require_list().ok())
        .flat_map(|list| options::items(list.tokens.clone()))
}

/// The text of `option = "text"` or of `option(serialize = "text")`.
fn serialized(item: &Item) -> Option<LitStr> {
    match item {
        Item::Pair(_, value) => syn::parse2(value.clone()).ok(),
        Item::List(_, list) => {
            let inside = syn::parse::Parser::parse2(
                |input: ParseStream<'_>| {
                    let content;
                    syn::parenthesized!(content in input);
                    content.parse()
                },
                list.clone(),
            );
            options::items(inside.ok()?)
                .iter()
                .filter(|item| item.name().is_some_and(|name| name == "serialize"))
                .find_map(serialized)
        }
        _ => None,
    }
}

/// The path in `option = "path"`.
fn function(item: &Item) -> Option<ExprPath> {
    serialized(item)?.parse().ok()
}

/// `Option<T>` as written, which is all a macro can know: the `T`.
pub(super) fn option_of(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Group(group) => option_of(&group.elem),
        Type::Paren(paren) => option_of(&paren.elem),
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last().filter(|segment| segment.ident == "Option")?;
            let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return None;
            };
            match (arguments.args.first(), arguments.args.len()) {
                (Some(syn::GenericArgument::Type(inner)), 1) => Some(inner),
                _ => None,
            }
        }
        _ => None,
    }
}

fn borrowed(generics: &Generics) -> Vec<Lifetime> {
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let bounds = predicates.filter_map(|predicate| match predicate {
        WherePredicate::Lifetime(predicate) => Some((&predicate.lifetime, &predicate.bounds)),
        _ => None,
    });
    let bounds = bounds.chain(generics.lifetimes().map(|param| (&param.lifetime, &param.bounds)));
    let lasting: Vec<_> = bounds
        .filter(|(_, bounds)| bounds.iter().any(|bound| bound.ident == "static"))
        .map(|(lifetime, _)| lifetime)
        .collect();
    let lifetimes = generics.lifetimes().map(|param| &param.lifetime);
    lifetimes.filter(|lifetime| !lasting.contains(lifetime)).cloned().collect()
}
