//! What a type means as the value of a property or as an id, and every rule about it.
//!
//! Whether what a struct holds can be such a value is left to the compiler.

use proc_macro2::{Ident, Span};
use syn::LitStr;
use syn::ext::IdentExt;

use super::attr::{Newtype, Shape, Written, WrittenVariant};
use crate::emit::Errors;
use crate::options;
use crate::rename::Rename;
use crate::span;

/// A type that can be the value of a property; it only exists when no rule was broken.
pub(super) enum Model<'a> {
    /// What the struct holds is the value.
    Newtype(&'a Newtype),
    /// Each variant is a text.
    Choices(Vec<(&'a Ident, LitStr)>),
}

/// Checks all rules and says what the type means as a value.
pub(super) fn understand<'a>(written: &'a Written, errors: &mut Errors) -> Option<Model<'a>> {
    let rename = rename(written, errors);
    let name = &written.ident;
    let model = match &written.shape {
        Shape::Newtype(newtype) => Model::Newtype(newtype),
        Shape::Enum(place, variants) => {
            if variants.is_empty() {
                errors.at_span(
                    *place,
                    format_args!(
                        "`{name}` has no variants, so a property could not have a value; write one, like `enum {name} {{ Active }}`"
                    ),
                );
            }
            Model::Choices(choices(variants, rename, errors))
        }
        Shape::Struct(place) => {
            errors.at_span(
                *place,
                format_args!(
                    "a property has one value, so a struct that is one has one field; write `struct {name}(String);`, or keep the fields and write `#[contact(\"name\", json)]` where a contact has `{name}`"
                ),
            );
            return None;
        }
        Shape::Union(place) => {
            not_a_union(*place, "the value of a property", errors);
            return None;
        }
    };
    errors.is_empty().then_some(model)
}

/// Checks all rules and says what holds the id.
pub(super) fn understand_id<'a>(written: &'a Written, errors: &mut Errors) -> Option<&'a Newtype> {
    rename(written, errors);
    let name = &written.ident;
    let (place, problem) = match &written.shape {
        Shape::Newtype(newtype) => return errors.is_empty().then_some(newtype),
        Shape::Struct(place) => (*place, "an id is one value, so a struct that is one has one field"),
        Shape::Enum(place, _) => (*place, "an enum cannot be the id of a contact"),
        Shape::Union(place) => {
            not_a_union(*place, "the id of a contact", errors);
            return None;
        }
    };
    errors.at_span(
        place,
        format_args!("{problem}; write `struct {name}(u64);`, or `String` for an id that is text"),
    );
    None
}

fn not_a_union(place: Span, what: &str, errors: &mut Errors) {
    errors.at_span(place, format_args!("a union cannot be {what}; write a struct with one field"));
}

/// How variants without a text of their own are written.
fn rename(written: &Written, errors: &mut Errors) -> Rename {
    let Some((name, rule)) = &written.rename_all else {
        return Rename::default();
    };
    if !matches!(written.shape, Shape::Enum(..)) {
        errors.at(name, "`rename_all` is about the variants of an enum, and there are none; leave it out");
    }
    let text = rule.value();
    let Some(rename) = Rename::named(&text) else {
        let rules = Rename::RULES.map(|(rule, _)| rule);
        let advice = match options::closest(&text, &rules) {
            Some(similar) => format!("did you mean `{similar}`?"),
            None => format!("expected {}", rules.map(|rule| format!("`{rule}`")).join(", ")),
        };
        errors.at(rule, format_args!("unknown rule `{text}`; {advice}"));
        return Rename::default();
    };
    rename
}

/// The texts of the variants: each has one, and no two the same.
fn choices<'a>(
    variants: &'a [WrittenVariant],
    rename: Rename,
    errors: &mut Errors,
) -> Vec<(&'a Ident, LitStr)> {
    let mut choices: Vec<(&Ident, LitStr)> = Vec::new();
    for WrittenVariant { ident, text, fields } in variants {
        if let Some(fields) = fields {
            errors.at(
                fields,
                format_args!(
                    "a variant is written as one text, so `{ident}` cannot hold anything; leave its fields out, or write `#[contact(\"name\", json)]` where a contact has this enum"
                ),
            );
        }
        let text = text.clone().unwrap_or_else(|| {
            LitStr::new(&rename.variant(&ident.unraw().to_string()), span::at(ident.span()))
        });
        let value = text.value();
        if value.is_empty() {
            errors.at(
                &text,
                "a variant needs a text; write one, or leave the attribute out to use its own name",
            );
        } else if let Some((other, _)) = choices.iter().find(|(_, known)| known.value() == value) {
            errors.at(
                &text,
                format_args!("the text `{value}` stands for `{other}` already; write another one"),
            );
        }
        choices.push((ident, text));
    }
    choices
}
