//! The inside of an attribute as written: `"name", email, with = path::to::module`.
//!
//! All attributes of this crate share this grammar. The list is cut at its commas first and each piece is read by
//! itself, so that one mistake does not hide the next. What the options mean, and which exist, is left to the `attr`
//! of each macro.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, LitStr, Meta, Path, Token};

use crate::crate_path::CratePath;
use crate::emit::Errors;

/// One piece between two commas.
pub(crate) enum Item {
    /// `"text"`
    Text(LitStr),
    /// `name`
    Word(Ident),
    /// `name = value`
    Pair(Ident, TokenStream),
    /// `name(…)`
    List(Ident, TokenStream),
    /// Anything else, or nothing between two commas.
    Other(TokenStream),
}

impl Item {
    /// The name of an option; none for text and for what cannot be read.
    pub(crate) fn name(&self) -> Option<&Ident> {
        match self {
            Self::Word(name) | Self::Pair(name, _) | Self::List(name, _) => Some(name),
            Self::Text(_) | Self::Other(_) => None,
        }
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Text(text) => text.to_tokens(tokens),
            Self::Word(name) => name.to_tokens(tokens),
            Self::Pair(name, value) | Self::List(name, value) => {
                name.to_tokens(tokens);
                value.to_tokens(tokens);
            }
            Self::Other(other) => other.to_tokens(tokens),
        }
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            return input.parse().map(Self::Text);
        }
        let name = input.call(Ident::parse_any)?.unraw();
        if input.is_empty() {
            return Ok(Self::Word(name));
        }
        if input.parse::<Option<Token![=]>>()?.is_some() {
            return Ok(Self::Pair(name, input.parse()?));
        }
        match input.parse()? {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                Ok(Self::List(name, TokenTree::from(group).into()))
            }
            other => Err(syn::Error::new(other.span(), "expected `,`")),
        }
    }
}

/// The pieces of `tokens`.
pub(crate) fn items(tokens: TokenStream) -> Vec<Item> {
    let mut items = Vec::new();
    let mut piece = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Punct(ref punct) if punct.as_char() == ',' => {
                if piece.is_empty() {
                    piece.extend([token]);
                }
                items.push(item(std::mem::take(&mut piece)));
            }
            token => piece.extend([token]),
        }
    }
    if !piece.is_empty() {
        items.push(item(piece));
    }
    items
}

fn item(piece: TokenStream) -> Item {
    syn::parse2(piece.clone()).unwrap_or(Item::Other(piece))
}

/// The pieces of `#[name(…)]`; `usage` is what to write when the attribute has another form or says nothing.
pub(crate) fn of_attribute(attribute: &Attribute, usage: &str, errors: &mut Errors) -> Vec<Item> {
    let name = path_text(attribute.path());
    match &attribute.meta {
        Meta::List(list) => {
            let items = items(list.tokens.clone());
            if items.is_empty() {
                errors.at(attribute, format_args!("`#[{name}()]` says nothing; write {usage}"));
            }
            items
        }
        Meta::Path(_) => {
            errors.at(attribute, format_args!("`#[{name}]` says nothing; write {usage}"));
            Vec::new()
        }
        Meta::NameValue(_) => {
            errors.at(attribute, format_args!("`#[{name}]` takes its options in parentheses; write {usage}"));
            Vec::new()
        }
    }
}

/// Keeps `value` under the option `name`, once.
pub(crate) fn set_once<T>(slot: &mut Option<T>, name: &Ident, value: T, errors: &mut Errors) {
    if slot.is_some() {
        errors.at(name, format_args!("`{name}` is given twice; keep one"));
    } else {
        *slot = Some(value);
    }
}

/// Checks that an option stands alone.
pub(crate) fn expect_word(item: &Item, name: &Ident, errors: &mut Errors) {
    if !matches!(item, Item::Word(_)) {
        errors.at(item, format_args!("`{name}` takes no value; write `{name}`, or leave it out"));
    }
}

/// The path of `name = path`.
pub(crate) fn expect_path(item: &Item, name: &Ident, example: &str, errors: &mut Errors) -> Option<Path> {
    let Item::Pair(_, value) = item else {
        errors.at(item, format_args!("`{name}` needs a path; write `{name} = {example}`"));
        return None;
    };
    if let Ok(path) = syn::parse::Parser::parse2(Path::parse_mod_style, value.clone()) {
        return Some(path);
    }
    let quoted = syn::parse2::<LitStr>(value.clone()).ok();
    match quoted.map(|text| text.value()).filter(|text| syn::parse_str::<Path>(text).is_ok()) {
        Some(text) => errors.at(
            value,
            format_args!("`{name}` takes a path, not text; write it without quotes: `{name} = {text}`"),
        ),
        None => errors.at(item, format_args!("`{name}` takes a path; write `{name} = {example}`")),
    }
    None
}

/// The text of `name = "text"`.
pub(crate) fn expect_text(item: &Item, name: &Ident, example: &str, errors: &mut Errors) -> Option<LitStr> {
    let text = match item {
        Item::Pair(_, value) => syn::parse2(value.clone()).ok(),
        _ => None,
    };
    if text.is_none() {
        errors.at(item, format_args!("`{name}` takes text; write `{name} = {example}`"));
    }
    text
}

/// What to say about an option that does not exist.
pub(crate) fn unknown(name: &Ident, known: &[&str]) -> String {
    match closest(&name.to_string(), known) {
        Some(similar) => format!("unknown option `{name}`; did you mean `{similar}`?"),
        None => {
            let known: Vec<_> = known.iter().map(|known| format!("`{known}`")).collect();
            format!("unknown option `{name}`; expected {}", known.join(", "))
        }
    }
}

/// The known word that `word` was probably meant to be: at most a third of its letters are wrong.
pub(crate) fn closest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|known| (distance(word, known), *known))
        .filter(|(distance, known)| distance * 3 <= known.len().max(word.len()))
        .min()
        .map(|(_, known)| known)
}

/// How many letters have to be added, removed, replaced or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut previous = None;
    for (i, letter) in from.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, other) in to.iter().enumerate() {
            let replaced = row[j] + usize::from(letter != *other);
            let mut best = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if j > 0 && previous == Some(*other) && to[j - 1] == letter {
                best = best.min(before[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
        previous = Some(letter);
    }
    row.last().copied().unwrap_or_default()
}

/// A path as the user would write it.
pub(crate) fn path_text(path: &Path) -> String {
    text(path)
}

/// A path or a type, likewise.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    text.retain(|letter| !letter.is_whitespace());
    text
}

/// The options that an attribute of this name has above a struct: which name this crate has. Those of fields are
/// explained.
pub(crate) fn of_struct(
    attributes: &[Attribute],
    attribute: &str,
    usage: &str,
    of_fields: &[&str],
    errors: &mut Errors,
) -> CratePath {
    let mut crate_path = None;
    for attribute in attributes.iter().filter(|one| one.path().is_ident(attribute)) {
        for item in of_attribute(attribute, usage, errors) {
            match item.name() {
                Some(name) if name == "crate" => {
                    let path = CratePath::read(&item, name, errors);
                    set_once(&mut crate_path, name, path, errors);
                }
                Some(name) if of_fields.iter().any(|known| name == known) => {
                    errors.at(name, format_args!("`{name}` belongs on a field; write it above that field"));
                }
                Some(name) => errors.at(name, unknown(name, &["crate"])),
                None => errors.at(&item, format_args!("expected an option; write {usage}")),
            }
        }
    }
    crate_path.flatten().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let known = ["id", "email", "json", "with", "default", "skip"];
        assert_eq!(closest("emial", &known), Some("email"));
        assert_eq!(closest("defualt", &known), Some("default"));
        assert_eq!(closest("skipp", &known), Some("skip"));
        assert_eq!(closest("firstname", &known), None);
        assert_eq!(closest("ix", &known), None);
    }
}
