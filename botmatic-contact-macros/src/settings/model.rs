//! What a struct means as a form, and every rule about it.
//!
//! Holding a [`Form`] is the permission to generate code: it only exists when no rule was broken. Whether a type can be
//! a field, and which options it takes, is left to the compiler.

use proc_macro2::Ident;
use syn::ext::IdentExt;
use syn::{Expr, ExprLit, Generics, Lit, LitStr, Type, UnOp};

use super::attr::{Setting, Value, Written, WrittenField};
use crate::crate_path::CratePath;
use crate::emit::Errors;
use crate::options;

/// A struct whose fields are those of a form.
pub(super) struct Form<'a> {
    pub(super) ident: &'a Ident,
    pub(super) generics: &'a Generics,
    pub(super) crate_path: &'a CratePath,
    pub(super) fields: Vec<Field<'a>>,
}

pub(super) struct Field<'a> {
    pub(super) ident: &'a Ident,
    pub(super) ty: &'a Type,
    /// The name of the input: that of the field.
    pub(super) name: String,
    pub(super) label: String,
    pub(super) help: Option<String>,
    /// The word as written, and the variant that it means.
    pub(super) kind: Option<(&'a Ident, &'static str)>,
    pub(super) setting: &'a Setting,
}

/// The kinds of text, with the runtime's names for them.
const KINDS: [(&str, &str); 4] = [("email", "Email"), ("url", "Url"), ("tel", "Tel"), ("textarea", "Lines")];

/// Checks all rules and says what the struct means.
pub(super) fn understand<'a>(written: &'a Written, errors: &mut Errors) -> Option<Form<'a>> {
    let (name, fields) = (&written.ident, &written.shape.fields);
    let example = format!("struct {name} {{ api_key: Secret, … }}");
    if !written.shape.has_names("SettingsForm", &example, errors) {
        return None;
    }
    if fields.is_empty() {
        errors.at(name, format_args!("`{name}` has no fields to fill in; write `{example}`"));
    }
    let fields: Vec<_> = fields.iter().map(|field| understand_field(field, errors)).collect();
    (errors.is_empty() && !written.shape.repeats_a_name).then_some(Form {
        ident: &written.ident,
        generics: &written.generics,
        crate_path: &written.crate_path,
        fields,
    })
}

fn understand_field<'a>(field: &'a WrittenField, errors: &mut Errors) -> Field<'a> {
    let setting = &field.setting;
    let name = field.ident.unraw().to_string();
    if name == "token" {
        errors.at(
            &field.ident,
            "the input `token` is the page's own; give the field another name, and say `token` in its `label`",
        );
    }
    for text in [&setting.label, &setting.help].into_iter().flatten() {
        says_something(text, errors);
    }
    limits_in_order(setting, errors);
    if let Some((_, types)) = &setting.accept {
        says_something(types, errors);
    }
    if let Some(Value { value, .. }) = &setting.max_size
        && literal(value) == Some(0.0)
    {
        errors.at(
            value,
            "no file is that small; write how many bytes there may be, as in `max_size = 200_000`",
        );
    }
    Field {
        ident: &field.ident,
        ty: &field.ty,
        label: setting.label.as_ref().map_or_else(|| label_of(&name), LitStr::value),
        help: setting.help.as_ref().map(LitStr::value).or_else(|| field.documentation.clone()),
        kind: setting.kind.as_ref().and_then(|kind| Some((kind, kind_of(kind, errors)?))),
        name,
        setting,
    }
}

fn says_something(text: &LitStr, errors: &mut Errors) {
    if text.value().trim().is_empty() {
        errors.at(text, "this text is empty; write one, or leave the option out");
    }
}

/// `page_size` as people write it: `Page size`.
fn label_of(name: &str) -> String {
    let words = name.trim_matches('_').replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => name.to_owned(),
    }
}

/// The variant that a word means, with the natural wrong guesses recognised.
fn kind_of(kind: &Ident, errors: &mut Errors) -> Option<&'static str> {
    let word = kind.to_string();
    if let Some((_, variant)) = KINDS.iter().find(|(known, _)| *known == word) {
        return Some(variant);
    }
    let by_type = match word.as_str() {
        "password" | "secret" => "`Secret`",
        "number" | "integer" => "a number type, like `u32`",
        "checkbox" | "bool" => "`bool`",
        "date" => "`jiff::civil::Date`",
        "file" | "upload" => "`Upload`",
        "select" | "choice" | "radio" => "an enum that implements `Choice`",
        "text" => "`String`, without a `kind`",
        _ => "",
    };
    if by_type.is_empty() {
        let known = KINDS.map(|(known, _)| known);
        errors.at(kind, options::unknown(kind, &known).replacen("option", "kind", 1));
    } else {
        errors.at(
            kind,
            format_args!("`kind` says what a `String` holds, and this follows from the type; give the field the type {by_type}"),
        );
    }
    None
}

/// The smallest number is not larger than the largest, where both can be read here.
fn limits_in_order(setting: &Setting, errors: &mut Errors) {
    let number = |value: &Option<Value>| value.as_ref().and_then(|value| literal(&value.value));
    if let (Some(min), Some(max), Some(place)) = (number(&setting.min), number(&setting.max), &setting.min)
        && min > max
    {
        errors.at(&place.value, "no number is at least this and at most `max`; exchange the two");
    }
}

fn literal(value: &Expr) -> Option<f64> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => literal(&unary.expr).map(|number| -number),
        _ => None,
    }
}
