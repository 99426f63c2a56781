//! `#[setting(…)]` as written, and the documentation of a field.
//!
//! Reports what cannot be read: an option that does not exist, one in the wrong form, one given twice. Whether the
//! options make sense together is left to `model`, and whether they fit the type of the field to the compiler.

use proc_macro2::Ident;
use syn::{DeriveInput, Expr, Field, Generics, LitStr, Type};

use crate::crate_path::CratePath;
use crate::documentation;
use crate::emit::Errors;
use crate::options::{self, Item};
use crate::shape::Shape;

const FIELD_OPTIONS: [&str; 7] = ["label", "help", "kind", "min", "max", "accept", "max_size"];
const FIELD_USAGE: &str = "`#[setting(label = \"…\")]`, or leave it out to call the field by its own name";
const STRUCT_USAGE: &str = "`#[setting(crate = ::botmatic_contact)]`, or leave it out";

/// A type with its attributes, before any rule.
pub(super) struct Written {
    pub(super) ident: Ident,
    pub(super) generics: Generics,
    pub(super) crate_path: CratePath,
    pub(super) shape: Shape<WrittenField>,
}

/// A field with its attributes.
pub(super) struct WrittenField {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    /// The first paragraph of its documentation.
    pub(super) documentation: Option<String>,
    pub(super) setting: Setting,
}

/// The options of `#[setting(…)]` on a field.
#[derive(Default)]
pub(super) struct Setting {
    pub(super) label: Option<LitStr>,
    pub(super) help: Option<LitStr>,
    pub(super) kind: Option<Ident>,
    pub(super) min: Option<Value>,
    pub(super) max: Option<Value>,
    pub(super) accept: Option<(Ident, LitStr)>,
    pub(super) max_size: Option<Value>,
}

/// An option whose value is an expression, with its name.
pub(super) struct Value {
    pub(super) name: Ident,
    pub(super) value: Expr,
}

impl Written {
    pub(super) fn read(input: &DeriveInput, errors: &mut Errors) -> Self {
        Self {
            ident: input.ident.clone(),
            generics: input.generics.clone(),
            crate_path: options::of_struct(&input.attrs, "setting", STRUCT_USAGE, &FIELD_OPTIONS, errors),
            shape: Shape::read(input, |name, field| WrittenField::read(name, field, errors)),
        }
    }
}

impl WrittenField {
    fn read(name: &Ident, field: &Field, errors: &mut Errors) -> Self {
        let mut setting = Setting::default();
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("setting")) {
            for item in options::of_attribute(attribute, FIELD_USAGE, errors) {
                setting.item(&item, errors);
            }
        }
        Self {
            ident: name.clone(),
            ty: field.ty.clone(),
            documentation: documentation::paragraphs(&field.attrs).into_iter().next(),
            setting,
        }
    }
}

impl Setting {
    fn item(&mut self, item: &Item, errors: &mut Errors) {
        let Some(name) = item.name() else {
            let what = match item {
                Item::Text(text) => format!("write `label = {:?}`", text.value()),
                _ => format!("write {FIELD_USAGE}"),
            };
            errors.at(item, format_args!("expected an option; {what}"));
            return;
        };
        match name.to_string().as_str() {
            "label" => set_text(&mut self.label, item, name, "\"Page size\"", errors),
            "help" => set_text(&mut self.help, item, name, "\"How many at once\"", errors),
            "kind" => match word(item) {
                Some(kind) => options::set_once(&mut self.kind, name, kind, errors),
                None => errors.at(item, "`kind` takes a word; write `kind = email`"),
            },
            "min" => set_value(&mut self.min, item, name, "1", errors),
            "max" => set_value(&mut self.max, item, name, "100", errors),
            "max_size" => set_value(&mut self.max_size, item, name, "200_000", errors),
            "accept" => {
                if let Some(text) = options::expect_text(item, name, "\".pdf, image/*\"", errors) {
                    options::set_once(&mut self.accept, name, (name.clone(), text), errors);
                }
            }
            _ => errors.at(name, unknown(name)),
        }
    }
}

/// What to say about an option that does not exist, with the natural wrong guesses recognised.
fn unknown(name: &Ident) -> String {
    match name.to_string().as_str() {
        "crate" => "`crate = …` belongs on the struct; write it above the struct".to_owned(),
        "secret" => "unknown option `secret`; what is never shown has the type `Secret`, or `Option<Secret>`"
            .to_owned(),
        "required" | "optional" => {
            format!("unknown option `{name}`; a field is required unless its type is an `Option`")
        }
        _ => options::unknown(name, &FIELD_OPTIONS),
    }
}

fn set_text(slot: &mut Option<LitStr>, item: &Item, name: &Ident, example: &str, errors: &mut Errors) {
    if let Some(text) = options::expect_text(item, name, example, errors) {
        options::set_once(slot, name, text, errors);
    }
}

fn set_value(slot: &mut Option<Value>, item: &Item, name: &Ident, example: &str, errors: &mut Errors) {
    let value = match item {
        Item::Pair(_, value) => syn::parse2(value.clone()).ok(),
        _ => None,
    };
    match value {
        Some(value) => options::set_once(slot, name, Value { name: name.clone(), value }, errors),
        None => errors.at(item, format_args!("`{name}` takes a number; write `{name} = {example}`")),
    }
}

/// The word of `name = word`.
fn word(item: &Item) -> Option<Ident> {
    match item {
        Item::Pair(_, value) => syn::parse2(value.clone()).ok(),
        _ => None,
    }
}
