//! What stands in the documentation of something the user wrote.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote_spanned};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::span::generated;

/// All of it as an expression, with its lines and what is indented in it. What is an expression already, as
/// `include_str!(…)` is, is left to the compiler.
pub(crate) fn text(attributes: &[Attribute]) -> Option<TokenStream> {
    let written: Vec<_> = attributes.iter().filter_map(written).collect();
    let lines: Vec<_> = written.iter().filter_map(|value| literal(value)).collect();
    let lines = lines.iter().flat_map(|text| text.split('\n')).filter(|line| !line.trim().is_empty());
    let indent = lines.map(|line| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(0);

    let (mut parts, mut text) = (Vec::new(), String::new());
    for value in written {
        match literal(value) {
            Some(lines) => {
                for line in lines.split('\n') {
                    text.push_str(line.get(indent..).unwrap_or_default().trim_end());
                    text.push('\n');
                }
            }
            None => {
                parts.extend([std::mem::take(&mut text).into_token_stream(), value.to_token_stream()]);
                text.push('\n');
            }
        }
    }
    let text = text.trim_end();
    if parts.is_empty() {
        let text = text.trim_start_matches('\n');
        return (!text.is_empty()).then(|| text.to_token_stream());
    }
    Some(quote_spanned!(generated()=> ::core::concat!(#(#parts,)* #text)))
}

fn written(attribute: &Attribute) -> Option<&Expr> {
    match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => Some(&meta.value),
        _ => None,
    }
}

fn literal(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// The paragraphs, each on one line.
pub(crate) fn paragraphs(attributes: &[Attribute]) -> Vec<String> {
    let text: Vec<_> = attributes.iter().filter_map(written).filter_map(literal).collect();
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

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::{ItemStruct, parse_quote};

    use super::*;

    fn text_of(item: &ItemStruct) -> String {
        text(&item.attrs).map(|text| text.to_string()).unwrap_or_default()
    }

    #[test]
    fn lists_and_code_keep_their_lines_and_their_indentation() {
        let item = parse_quote! {
            ///
            /// Books a seat:
            ///
            /// - one
            ///   or two
            ///
            ///     code
            ///
            struct Seat;
        };
        let expected = "Books a seat:\n\n- one\n  or two\n\n    code";
        assert_eq!(text_of(&item), quote!(#expected).to_string());
        assert_eq!(
            text_of(&parse_quote!(
                struct Undocumented;
            )),
            ""
        );
        assert_eq!(
            text_of(&parse_quote!(
                #[doc = "```\nif a {\n    b\n}\n```"]
                struct Raw;
            )),
            quote!("```\nif a {\n    b\n}\n```").to_string()
        );
    }

    #[test]
    fn an_expression_is_left_to_the_compiler() {
        let item = parse_quote! {
            /// Books a seat.
            #[doc = include_str!("seat.md")]
            /// That is all.
            struct Seat;
        };
        let expected = quote!(::core::concat!("Books a seat.\n", include_str!("seat.md"), "\nThat is all."));
        assert_eq!(text_of(&item), expected.to_string());
    }
}
