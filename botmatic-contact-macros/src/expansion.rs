//! Test helper: what holds of every expansion, whatever was expanded. Its names mean the same wherever it is put, and it
//! is small.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// The crates that generated code may name, unless the user names another.
const ROOTS: [&str; 2] = ["core", "botmatic_contact"];

/// What comes from a trait, and is only there where the trait is, or ends in a panic.
const METHODS: [&str; 17] = [
    "as_mut",
    "as_ref",
    "clone",
    "cloned",
    "collect",
    "default",
    "eq",
    "expect",
    "from",
    "into",
    "into_iter",
    "parse",
    "to_owned",
    "to_string",
    "try_from",
    "try_into",
    "unwrap",
];

/// The names of which the user decides what they mean, though the macro wrote them: neither below an absolute path, nor
/// names of our own, nor what the user wrote.
pub(crate) fn borrowed_names(output: &TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    walk(output.clone(), &mut found);
    found
}

fn walk(tokens: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        let before = |distance: usize| index.checked_sub(distance).and_then(|index| tokens.get(index));
        match token {
            TokenTree::Group(group) => {
                // An attribute: of the compiler's, whose names nobody can take.
                let is_attribute =
                    group.delimiter() == Delimiter::Bracket && before(1).is_some_and(|token| is(token, '#'));
                if !is_attribute {
                    walk(group.stream(), found);
                }
            }
            TokenTree::Ident(ident) if !is_users(ident) => {
                let name = ident.to_string();
                let after_colons = before(1).is_some_and(|token| is(token, ':'))
                    && before(2).is_some_and(|token| is(token, ':'));
                let fine = if after_colons {
                    before(3).is_some_and(ends_a_segment) || ROOTS.contains(&name.as_str())
                } else if before(1).is_some_and(|token| is(token, '.')) {
                    !METHODS.contains(&name.as_str())
                } else {
                    is_keyword(&name)
                        || name.starts_with("__")
                        || before(1).is_some_and(|token| names_nothing(token) || declares(token))
                };
                if !fine {
                    found.push(name);
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn is(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

/// Whether a path goes on behind this token.
fn ends_a_segment(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(ident) => {
            let name = ident.to_string();
            !is_keyword(&name) || ["Self", "crate", "self", "super"].contains(&name.as_str())
        }
        _ => is(token, '>'),
    }
}

fn is_keyword(name: &str) -> bool {
    syn::parse_str::<Ident>(name).is_err()
}

/// Whether what follows this token is a lifetime, or a word for a macro of our own, like `@answer`.
fn names_nothing(token: &TokenTree) -> bool {
    is(token, '\'') || is(token, '@')
}

/// Whether the name behind this token is that of an item in an impl.
fn declares(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(ident) if ["const", "fn", "type"].contains(&ident.to_string().as_str()))
}

/// Whether the user wrote this, maybe as text, or it is made of what stands there: `CandidatePatch` of `Candidate`.
fn is_users(ident: &Ident) -> bool {
    let name = ident.to_string();
    ident.span().source_text().is_some_and(|written| match written.strip_prefix('"') {
        Some(text) => text.contains(&name),
        None => !written.is_empty() && name.starts_with(&written),
    })
}

/// The lines of an expansion.
fn lines(output: &TokenStream) -> usize {
    let file = syn::parse2(output.clone()).unwrap_or_else(|error| panic!("not Rust: {error}\n{output}"));
    prettyplease::unparse(&file).lines().count()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;
    use crate::snapshot::tokens;
    use crate::{integration, mapping, settings};

    #[test]
    fn a_name_that_the_user_may_have_taken_is_found() {
        let found = |tokens: TokenStream| borrowed_names(&tokens);
        assert_eq!(
            found(quote!(
                fn a(__a: &::core::primitive::bool) -> Option<u8> {
                    Some(1)
                }
            )),
            ["Option", "u8", "Some"]
        );
        assert_eq!(found(quote!(impl Default for Self {})), ["Default"]);
        assert_eq!(found(quote!(let value = __a.clone().unwrap();)), ["value", "clone", "unwrap"]);
        assert_eq!(found(quote!(::std::vec::Vec::new())), ["std"]);
        assert_eq!(found(quote!(std::vec::Vec::new())), ["std"]);
        assert_eq!(found(quote!(impl ::serde::Serialize for Self {})), ["serde"]);
        assert_eq!(found(quote!(::core::result::Result<Self, Error>)), ["Error"]);
        assert_eq!(found(quote!(vec![__a])), ["vec"]);
        assert_eq!(
            found(quote!(
                #[inline]
                fn a<'a>(&'a self) {
                    ::botmatic_contact::__private::Ok(self.b.c())?
                }
            )),
            [""; 0]
        );
        let written = tokens("fn a() -> Option<u8> { None }");
        assert_eq!(found(written), [""; 0]);
    }

    /// How many lines the last of several equal things adds.
    fn added(expand: impl Fn(&str) -> TokenStream, thing: impl Fn(usize) -> String) -> usize {
        let of = |count| lines(&expand(&(0..count).map(&thing).collect::<String>()));
        of(3) - of(2)
    }

    #[test]
    fn an_expansion_is_small() {
        let block = |methods: &str| {
            integration::integration(TokenStream::new(), tokens(&format!("impl Recruiting {{ {methods} }}")))
        };
        let method = |attribute: &str, name: usize| {
            format!(
                r#"#[botmatic::{attribute}] async fn handler_{name}(
                    &self, Params(query): Params<JobQuery>, who: ContactId, auth: Auth<Account>, botmatic: Botmatic<Self>
                ) -> Result<Jobs, AppError> {{}}"#
            )
        };
        let own = lines(&tokens(&format!("impl Recruiting {{ {} }}", method("x", 0)))) - 3;
        let handler = added(block, |index| method(&format!("action(\"a{index}\")"), index)) - own;
        assert!(handler <= 40, "{handler} lines for a handler with four parameters");

        let contact = |fields: &str| {
            mapping::derive(tokens(&format!("struct Candidate {{ #[contact(id)] key: u64, {fields} }}")))
        };
        let field = added(contact, |index| format!("field_{index}: Option<String>,"));
        assert!(field <= 67, "{field} lines for a field");

        let form = |fields: &str| settings::derive(tokens(&format!("struct Settings {{ {fields} }}")));
        let setting = added(form, |index| format!("setting_{index}: String,"));
        assert!(setting <= 30, "{setting} lines for a setting");
    }
}
