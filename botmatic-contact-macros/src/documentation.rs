//! What stands in the documentation of something the user wrote.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The paragraphs, each on one line.
pub(crate) fn paragraphs(attributes: &[Attribute]) -> Vec<String> {
    let texts = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let text: Vec<_> = texts.collect();
    let lines: Vec<_> = text.iter().flat_map(|text| text.split('\n')).map(str::trim).collect();
    let paragraphs = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    paragraphs.map(|lines| lines.join(" ")).collect()
}

/// Whether it is left out of the documentation: `#[doc(hidden)]`.
pub(crate) fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("doc") => {
            list.tokens.clone().into_iter().any(|token| token.to_string() == "hidden")
        }
        _ => false,
    })
}
