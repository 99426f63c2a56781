//! Test helper: reviewed expansions, what was reported where, and names that must not occur.

use expect_test::ExpectFile;
use proc_macro2::{TokenStream, TokenTree};

use crate::emit::Errors;
use crate::expansion::borrowed_names;

/// Tokens that know their place in `source`, so that tests can ask what an error underlines.
pub(crate) fn tokens(source: &str) -> TokenStream {
    source.parse().unwrap_or_else(|error| panic!("the test's source has no tokens: {error}\n{source}"))
}

/// Compares the output with a file under `snapshots/`; `UPDATE_EXPECT=1` writes it.
pub(crate) fn check(output: &TokenStream, file: &ExpectFile) {
    assert_eq!(borrowed_names(output), [""; 0], "names of which the user decides what they mean");
    let pretty = match syn::parse2(output.clone()) {
        Ok(parsed) => prettyplease::unparse(&parsed),
        Err(error) => panic!("the expansion is not Rust: {error}\n{output}"),
    };
    file.assert_eq(&pretty);
}

/// The messages in a macro's output.
pub(crate) fn messages(output: &TokenStream) -> Vec<String> {
    let mut messages = Vec::new();
    let mut inside = false;
    for token in output.clone() {
        match token {
            TokenTree::Ident(ident) => inside = ident == "compile_error",
            TokenTree::Group(group) if inside => {
                messages.extend(syn::parse2::<syn::LitStr>(group.stream()).map(|text| text.value()));
                inside = false;
            }
            _ => {}
        }
    }
    messages
}

/// What is underlined and what is said about it, in the order of the report.
pub(crate) fn underlined(errors: &Errors) -> Vec<(String, String)> {
    errors.iter().map(|error| (error.span().source_text().unwrap_or_default(), error.to_string())).collect()
}

/// Whether the word occurs anywhere in the tokens: as a name, in a text, in a document comment.
pub(crate) fn mentions(output: &TokenStream, word: &str) -> bool {
    output.to_string().contains(word)
}
