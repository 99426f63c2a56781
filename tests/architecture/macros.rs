//! The stages of the macros: tokens are made in `expand`, and generated code names the runtime in one way.

use std::sync::LazyLock;

use regex::Regex;

use crate::regex;

type Rule = fn(path: &str, line: &str) -> Option<String>;

const RULES: [Rule; 2] = [tokens_outside_of_expand, generated_path];

/// The lines of code, with their numbers: without comments, and without the tests at the end of a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let lines = lines.take_while(|(_, line)| line.trim_end() != "#[cfg(test)]");
    lines.filter_map(|(number, line)| {
        let line = line.split(" // ").next().unwrap_or_default().trim();
        (!line.is_empty() && !line.starts_with("//")).then_some((number, line))
    })
}

/// What breaks a rule in a file, with its line.
pub(crate) fn violations(path: &str, text: &str) -> Vec<(usize, String)> {
    let found = code(text)
        .flat_map(|(number, line)| RULES.iter().filter_map(move |rule| Some((number, rule(path, line)?))));
    found.collect()
}

/// Whether a file of the macros belongs to the `expand` stage, or to the helpers of all stages.
fn makes_tokens(path: &str) -> bool {
    const HELPERS: [&str; 7] = [
        "mapping/patch.rs",
        "mapping/samples.rs",
        "mapping/serialize.rs",
        "crate_path.rs",
        "documentation.rs",
        "emit.rs",
        "span.rs",
    ];
    path.ends_with("/expand.rs") || HELPERS.contains(&path)
}

/// Tokens are made in the `expand` stage.
fn tokens_outside_of_expand(path: &str, line: &str) -> Option<String> {
    static QUOTE: LazyLock<Regex> =
        LazyLock::new(|| regex(r"\b(quote|quote_spanned|parse_quote|parse_quote_spanned)!"));
    let allowed = makes_tokens(path) || path.ends_with("/tests.rs");
    (!allowed && QUOTE.is_match(line)).then(|| "tokens are made outside of `expand`".to_owned())
}

/// Generated code names the runtime through `__private`, which is put together in one place, and `::core`.
fn generated_path(path: &str, line: &str) -> Option<String> {
    static TEXT: LazyLock<Regex> = LazyLock::new(|| regex(r#""(?:[^"\\]|\\.)*""#));
    static ABSOLUTE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:^|[\s(<,&=])::(\w+)"));
    if !makes_tokens(path) || path == "crate_path.rs" {
        return None;
    }
    let line = TEXT.replace_all(line, "");
    if line.contains("#root") || line.contains("__private") {
        return Some("the path to the runtime is put together outside of `crate_path.rs`".to_owned());
    }
    let root = ABSOLUTE.captures(&line)?.get(1)?.as_str();
    (root != "core").then(|| format!("generated code names `::{root}` and not `__private`"))
}

#[test]
fn tokens_and_paths_in_the_wrong_place_are_caught() {
    assert!(tokens_outside_of_expand("mapping/model.rs", "let tokens = quote!(a);").is_some());
    assert!(tokens_outside_of_expand("integration/attr.rs", "quote_spanned!(span=> a)").is_some());
    assert_eq!(tokens_outside_of_expand("integration/expand.rs", "quote_spanned!(span=> a)"), None);
    assert!(generated_path("mapping/expand.rs", "impl ::serde::Serialize for #ident {").is_some());
    assert!(generated_path("mapping/expand.rs", "::std::option::Option<u8>").is_some());
    assert!(generated_path("mapping/expand.rs", "#p: ::botmatic_contact::Contact").is_some());
    assert!(generated_path("mapping/expand.rs", "quote!(#root::__private::Option)").is_some());
    assert_eq!(generated_path("mapping/expand.rs", "#p::Option<::core::marker::PhantomData<u8>>"), None);
    assert_eq!(generated_path("mapping/attr.rs", r#""write `crate = ::botmatic_contact`""#), None);
}

#[test]
fn comments_and_the_tests_of_a_file_are_not_read() {
    let text = "//! a\nfn a() {} // quote!(a)\n/// b\n\nfn b() {}\n#[cfg(test)]\nmod tests {}\n";
    assert_eq!(code(text).collect::<Vec<_>>(), [(2, "fn a() {}"), (5, "fn b() {}")]);
    assert_eq!(violations("mapping/model.rs", "fn a() {}\nquote!(a)\n").len(), 1);
}
