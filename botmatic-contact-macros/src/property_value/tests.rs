//! The two derives as a whole: each rule by its message and by what it underlines, and a reviewed expansion.

use expect_test::expect_file;
use syn::DeriveInput;

use super::{attr, derive, derive_id, model};
use crate::emit::Errors;
use crate::snapshot::{check, mentions, messages, tokens, underlined};

/// What is underlined and said about a type.
fn reported(source: &str) -> Vec<(String, String)> {
    let mut errors = Errors::default();
    let input: DeriveInput = syn::parse2(tokens(source)).unwrap();
    let written = attr::Written::read(&input, &mut errors);
    assert_eq!(model::understand(&written, &mut errors).is_none(), !errors.is_empty());
    underlined(&errors)
}

#[track_caller]
fn assert_reported(source: &str, expected: &[(&str, &str)]) {
    let reported = reported(source);
    let reported: Vec<_> = reported.iter().map(|(place, text)| (place.as_str(), text.as_str())).collect();
    assert_eq!(reported, expected);
}

/// The texts of an enum with these attributes and variants.
fn texts(source: &str) -> Vec<String> {
    let mut errors = Errors::default();
    let input: DeriveInput = syn::parse2(tokens(source)).unwrap();
    let written = attr::Written::read(&input, &mut errors);
    match model::understand(&written, &mut errors) {
        Some(model::Model::Choices(choices)) => choices.iter().map(|(_, text)| text.value()).collect(),
        _ => panic!("{:?}", underlined(&errors)),
    }
}

#[test]
fn a_variant_is_written_under_its_own_name_unless_something_else_is_said() {
    let variants = r#"{ Active, OnLeave, #[property("former member")] Left, r#Move }"#;
    for (rule, expected) in [
        ("", ["Active", "OnLeave", "former member", "Move"]),
        (r#"#[property(rename_all = "snake_case")]"#, ["active", "on_leave", "former member", "move"]),
        (r#"#[property(rename_all = "UPPERCASE")]"#, ["ACTIVE", "ONLEAVE", "former member", "MOVE"]),
    ] {
        assert_eq!(texts(&format!("{rule} enum Status {variants}")), expected);
    }
}

#[test]
fn a_value_is_an_enum_of_texts_or_a_struct_with_one_field() {
    let several = "a property has one value, so a struct that is one has one field; write `struct Name(String);`, or keep the fields and write `#[contact(\"name\", json)]` where a contact has `Name`";
    for (source, place, message) in [
        ("struct Name;", "Name", several),
        ("struct Name(String, String);", "Name", several),
        ("struct Name { first: String, last: String }", "Name", several),
        (
            "union Name { a: u8 }",
            "union",
            "a union cannot be the value of a property; write a struct with one field",
        ),
        (
            "enum Never {}",
            "Never",
            "`Never` has no variants, so a property could not have a value; write one, like `enum Never { Active }`",
        ),
        (
            "enum Status { Active, Other(String) }",
            "(String)",
            "a variant is written as one text, so `Other` cannot hold anything; leave its fields out, or write `#[contact(\"name\", json)]` where a contact has this enum",
        ),
    ] {
        assert_reported(source, &[(place, message)]);
    }
    for source in ["struct Name(String);", "struct Name<T> { value: T }", "enum Status { Active }"] {
        assert_reported(source, &[]);
    }
}

#[test]
fn every_variant_has_a_text_of_its_own() {
    for (source, place, message) in [
        (
            r#"enum Status { Active, #[property("Active")] Busy }"#,
            r#""Active""#,
            "the text `Active` stands for `Active` already; write another one",
        ),
        (
            r#"#[property(rename_all = "lowercase")] enum Status { #[property("left")] Gone, Left }"#,
            "Left",
            "the text `left` stands for `Gone` already; write another one",
        ),
        (
            r#"enum Status { #[property("")] Active }"#,
            r#""""#,
            "a variant needs a text; write one, or leave the attribute out to use its own name",
        ),
        (r#"enum Status { #[property("a", "b")] Active }"#, r#""b""#, "a variant has one text; keep one"),
    ] {
        assert_reported(source, &[(place, message)]);
    }
}

#[test]
fn options_that_do_not_exist_or_stand_elsewhere() {
    let nothing = "`#[property(…)]` says nothing about a field; write it above the type or a variant";
    for (source, place, message) in [
        (
            r#"enum Status { #[property(rename = "on")] Active }"#,
            "rename",
            "unknown option `rename`; a variant's text has no key, write it alone: `#[property(\"text\")]`",
        ),
        (
            r#"enum Status { #[property(rename_all = "lowercase")] Active }"#,
            "rename_all",
            "`rename_all` belongs on the type; write it above the type",
        ),
        (
            r#"#[property(rename_al = "lowercase")] enum Status { Active }"#,
            "rename_al",
            "unknown option `rename_al`; did you mean `rename_all`?",
        ),
        (
            r#"#[property(rename_all = "snakecase")] enum Status { Active }"#,
            r#""snakecase""#,
            "unknown rule `snakecase`; did you mean `snake_case`?",
        ),
        (
            r#"#[property(rename_all = "?")] enum Status { Active }"#,
            r#""?""#,
            "unknown rule `?`; expected `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case`, `SCREAMING-KEBAB-CASE`",
        ),
        (
            r#"#[property(rename_all = "lowercase")] struct Name(String);"#,
            "rename_all",
            "`rename_all` is about the variants of an enum, and there are none; leave it out",
        ),
        (r#"struct Name(#[property("name")] String);"#, r#"#[property("name")]"#, nothing),
        (
            r#"#[property("name")] struct Name(String);"#,
            r#""name""#,
            "expected an option; write `#[property(rename_all = \"snake_case\")]`, or leave it out",
        ),
    ] {
        assert_reported(source, &[(place, message)]);
    }
}

#[test]
fn an_id_is_a_struct_with_one_field() {
    for (source, message) in [
        (
            "enum Id { A }",
            "an enum cannot be the id of a contact; write `struct Id(u64);`, or `String` for an id that is text",
        ),
        (
            "struct Id(u64, u64);",
            "an id is one value, so a struct that is one has one field; write `struct Id(u64);`, or `String` for an id that is text",
        ),
        ("union Id { a: u8 }", "a union cannot be the id of a contact; write a struct with one field"),
    ] {
        assert_eq!(messages(&derive_id(tokens(source))), [message]);
    }
    assert_eq!(messages(&derive_id(tokens("struct Id { number: u64 }"))), [""; 0]);
}

#[test]
fn all_mistakes_are_reported_at_once_and_other_code_still_finds_the_impl() {
    let output =
        derive(tokens(r#"#[property(crat = ::a)] enum Status { #[property("")] A, B(u8), #[property] C }"#));
    assert_eq!(messages(&output).len(), 4, "{:#?}", messages(&output));
    assert!(mentions(&output, "unreachable_after_error"));
}

#[test]
fn the_crate_path_is_obeyed_everywhere() {
    for source in ["enum Status { Active }", "struct Id<T>(T);", "struct Id;"] {
        let source = format!("#[property(crate = ::topspin)] {source}");
        for output in [derive(tokens(&source)), derive_id(tokens(&source))] {
            assert!(mentions(&output, "topspin") && !mentions(&output, "botmatic_contact"));
        }
    }
}

#[test]
fn values_and_ids() {
    let mut output = derive(tokens(
        r#"#[property(rename_all = "snake_case")] pub enum Status { Active, OnLeave, #[property("former member")] Left }"#,
    ));
    output.extend(derive(tokens("struct Wrapper<T: Clone> { value: T }")));
    output.extend(derive_id(tokens("struct CandidateId(u64);")));
    check(&output, &expect_file!["../../snapshots/property_value.rs"]);
}
