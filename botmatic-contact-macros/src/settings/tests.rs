//! The derive as a whole: each rule by its message and by what it underlines, and reviewed expansions.

use expect_test::expect_file;
use syn::DeriveInput;

use super::{attr, derive, model};
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

/// What is underlined and said about one field.
fn in_field(field: &str) -> Vec<(String, String)> {
    reported(&format!("struct Settings {{ {field} }}"))
}

#[track_caller]
fn assert_reported(reported: &[(String, String)], expected: &[(&str, &str)]) {
    let reported: Vec<_> = reported.iter().map(|(place, text)| (place.as_str(), text.as_str())).collect();
    assert_eq!(reported, expected);
}

#[test]
fn only_structs_with_named_fields_are_forms() {
    let needs =
        "`SettingsForm` needs a struct with named fields: write `struct Settings { api_key: Secret, … }`";
    for (source, place, problem) in [
        ("struct Settings(u64);", "(u64)", "the fields of a tuple struct have no names"),
        ("struct Settings;", "Settings", "this struct has no fields"),
        ("enum Settings { A }", "enum", "this is an enum"),
        ("union Settings { a: u8 }", "union", "this is a union"),
    ] {
        assert_reported(&reported(source), &[(place, &format!("{problem}; {needs}"))]);
    }
    assert_reported(
        &reported("struct Settings {}"),
        &[(
            "Settings",
            "`Settings` has no fields to fill in; write `struct Settings { api_key: Secret, … }`",
        )],
    );
}

#[test]
fn options_that_do_not_exist_or_have_another_form() {
    for (field, place, message) in [
        ("#[setting(lable = \"A\")] a: u8", "lable", "unknown option `lable`; did you mean `label`?"),
        ("#[setting(\"A\")] a: u8", "\"A\"", "expected an option; write `label = \"A\"`"),
        (
            "#[setting(secret)] a: String",
            "secret",
            "unknown option `secret`; what is never shown has the type `Secret`, or `Option<Secret>`",
        ),
        (
            "#[setting(required)] a: String",
            "required",
            "unknown option `required`; a field is required unless its type is an `Option`",
        ),
        ("#[setting(label)] a: u8", "label", "`label` takes text; write `label = \"Page size\"`"),
        (
            "#[setting(label = \" \")] a: u8",
            "\" \"",
            "this text is empty; write one, or leave the option out",
        ),
        ("#[setting(min)] a: u8", "min", "`min` takes a number; write `min = 1`"),
        (
            "#[setting(max_size = )] a: u8",
            "max_size",
            "`max_size` takes a number; write `max_size = 200_000`",
        ),
        (
            "#[setting(max_size = 0)] a: Upload",
            "0",
            "no file is that small; write how many bytes there may be, as in `max_size = 200_000`",
        ),
        (
            "#[setting(accept = \"\")] a: Upload",
            "\"\"",
            "this text is empty; write one, or leave the option out",
        ),
        ("#[setting(kind)] a: String", "kind", "`kind` takes a word; write `kind = email`"),
        ("#[setting(min = 1, min = 2)] a: u8", "min", "`min` is given twice; keep one"),
        (
            "#[setting(min = 2, max = 1.5)] a: f32",
            "2",
            "no number is at least this and at most `max`; exchange the two",
        ),
        (
            "#[setting(crate = ::a)] a: u8",
            "crate",
            "`crate = …` belongs on the struct; write it above the struct",
        ),
        (
            "token: String",
            "token",
            "the input `token` is the page's own; give the field another name, and say `token` in its `label`",
        ),
    ] {
        let place_and_message = in_field(field);
        let [(underlined, said)] = &place_and_message[..] else { panic!("{field}: {place_and_message:?}") };
        assert!(underlined.starts_with(place), "{field}: {underlined}");
        assert_eq!(said, message);
    }
    assert_reported(
        &reported("#[setting(label = \"A\")] struct Settings { a: u8 }"),
        &[("label", "`label` belongs on a field; write it above that field")],
    );
    assert_eq!(in_field("#[setting(min = -5, max = LIMIT)] a: i8"), []);
}

#[test]
fn a_kind_that_follows_from_the_type_names_the_type() {
    for (kind, ty) in [
        ("password", "`Secret`"),
        ("number", "a number type, like `u32`"),
        ("checkbox", "`bool`"),
        ("date", "`jiff::civil::Date`"),
        ("file", "`Upload`"),
        ("select", "an enum that implements `Choice`"),
        ("text", "`String`, without a `kind`"),
    ] {
        let message = format!(
            "`kind` says what a `String` holds, and this follows from the type; give the field the type {ty}"
        );
        assert_reported(&in_field(&format!("#[setting(kind = {kind})] a: String")), &[(kind, &message)]);
    }
    assert_reported(
        &in_field("#[setting(kind = emial)] a: String"),
        &[("emial", "unknown kind `emial`; did you mean `email`?")],
    );
    assert_reported(
        &in_field("#[setting(kind = colour)] a: String"),
        &[("colour", "unknown kind `colour`; expected `email`, `url`, `tel`, `textarea`")],
    );
}

#[test]
fn all_mistakes_are_reported_at_once_and_the_form_is_there_all_the_same() {
    let output = derive(tokens(
        "struct Settings { #[setting(min = 2, max = 1)] a: u8, #[setting(kind = date)] b: String, token: u8 }",
    ));
    assert_eq!(messages(&output).len(), 3, "{output}");
    check(&output, &expect_file!["../../snapshots/settings_after_an_error.rs"]);
    assert!(messages(&derive(tokens("struct 1"))).len() == 1);
}

#[test]
fn every_option() {
    let output = derive(tokens(
        r#"
        #[setting(crate = crate::renamed)]
        struct Settings<T: Kind> where T: Copy {
            /// Where the CRM
            /// answers.
            ///
            /// Not shown.
            #[setting(label = "Address", kind = url)]
            address: String,
            #[setting(help = "From the CRM.")]
            api_key: Option<Secret>,
            #[setting(min = 1, max = LIMIT)]
            r#type: u32,
            #[setting(accept = ".pdf", max_size = 2 * MB)]
            files: Vec<Upload>,
            other: T,
        }
        "#,
    ));
    assert_eq!(messages(&output), [""; 0]);
    assert!(!mentions(&output, "botmatic_contact") && !mentions(&output, "Not shown"), "{output}");
    check(&output, &expect_file!["../../snapshots/settings_every_option.rs"]);
}
