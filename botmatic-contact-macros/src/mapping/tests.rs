//! The derive as a whole: each rule by its message and by what it underlines, and reviewed expansions.

use expect_test::expect_file;
use proc_macro2::TokenStream;
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

/// What is underlined and said about one field beside an id.
fn in_field(field: &str) -> Vec<(String, String)> {
    reported(&format!("struct Candidate {{ #[contact(id)] key: u64, {field} }}"))
}

#[track_caller]
fn assert_reported(reported: &[(String, String)], expected: &[(&str, &str)]) {
    let reported: Vec<_> = reported.iter().map(|(place, text)| (place.as_str(), text.as_str())).collect();
    assert_eq!(reported, expected);
}

const OPTIONS: &str = "expected `id`, `email`, `json`, `display`, `with`, `default`, `read_only`, `write_only`, `owner`, `skip`";

#[test]
fn only_structs_with_named_fields_are_contacts() {
    let needs = "`ContactMapping` needs a struct with named fields: write `struct Candidate { #[contact(id)] id: u64, … }`";
    for (source, place, problem) in [
        ("struct Candidate(u64);", "(u64)", "the fields of a tuple struct have no names"),
        ("struct Candidate;", "Candidate", "this struct has no fields"),
        ("enum Candidate { A }", "enum", "this is an enum"),
        ("union Candidate { a: u8 }", "union", "this is a union"),
    ] {
        assert_reported(&reported(source), &[(place, &format!("{problem}; {needs}"))]);
    }
}

#[test]
fn a_contact_has_exactly_one_id() {
    assert_reported(
        &reported("struct Candidate { name: String }"),
        &[(
            "Candidate",
            "`Candidate` has no external id; mark the field that holds it with `#[contact(id)]`",
        )],
    );
    let again = "a contact has one external id, and `key` is marked already; keep one `id`";
    assert_reported(
        &in_field("#[contact(id)] other: u64, #[contact(id)] third: u64"),
        &[("id", again), ("id", again), ("id", "`key` is marked as the external id here")],
    );
}

#[test]
fn a_contact_has_at_most_one_email() {
    assert_reported(
        &in_field(r#"#[contact("a", email)] a: String, #[contact("b", email)] b: String"#),
        &[
            ("email", "contacts are found by one property, and `a` is marked already; keep one `email`"),
            ("email", "`a` is marked as the `email` here"),
        ],
    );
}

#[test]
fn options_that_exclude_each_other() {
    let skip = "a skipped field is not a property, so `skip` stands alone; write `#[contact(skip)]`";
    let id = "the external id is not a property, so `id` stands alone; write `#[contact(id)]`";
    for (field, place, message) in [
        (
            r#"#[contact("a", email, json)] a: String"#,
            "json",
            "the `email` property is plain text, so it cannot be `json`; keep one of the two",
        ),
        (
            r#"#[contact("a", json, with = m)] a: School"#,
            "json",
            "`json` and `with` both say how the value is written; keep one of the two",
        ),
        (
            "#[contact(display, with = m)] a: Colour",
            "display",
            "`display` and `with` both say how the value is written; keep one of the two",
        ),
        (
            "#[contact(display, json)] a: Colour",
            "json",
            "`json` and `display` both say how the value is written; keep one of the two",
        ),
        (
            "#[contact(read_only, write_only)] a: Option<u8>",
            "write_only",
            "`read_only` and `write_only` exclude each other; keep one, or leave both out for a property that goes both ways",
        ),
        (
            "#[contact(email, write_only)] a: String",
            "write_only",
            "a person is recognised by the `email` on both sides, so it goes both ways; leave `write_only` out",
        ),
        (
            "#[contact(read_only)] a: u8",
            "read_only",
            "a contact that comes from Botmatic has no value for what is `read_only`; make the field an `Option`, or add `default`",
        ),
        ("#[contact(skip, read_only)] a: String", "skip", skip),
        ("#[contact(skip, owner = external)] a: String", "skip", skip),
        (
            "#[contact(owner)] a: String",
            "owner",
            "`owner` is one of the two sides; write `owner = botmatic` or `owner = external`",
        ),
        (
            "#[contact(owner = me)] a: String",
            "owner = me",
            "`owner` is one of the two sides; write `owner = botmatic` or `owner = external`",
        ),
        (
            "#[contact(write_only, owner = botmatic)] a: Option<u8>",
            "owner",
            "where a property goes one way, nobody contradicts; keep `write_only` or `owner`",
        ),
        (r#"#[contact("a", skip)] a: String"#, "skip", skip),
        ("#[contact(skip, json)] a: String", "skip", skip),
        (
            r#"#[contact("a", default)] a: Option<u8>"#,
            "default",
            "an `Option` without its property is `None` already; leave `default` out",
        ),
    ] {
        assert_reported(&in_field(field), &[(place, message)]);
    }
    for field in [
        "#[contact(read_only, default)] a: u8",
        "#[contact(write_only)] a: u8",
        "#[contact(display, email)] a: Mail",
    ] {
        assert_reported(&in_field(field), &[]);
    }
    for field in
        [r#"#[contact("a", id)] a: u64"#, "#[contact(id, skip)] a: u64", "#[contact(id, json)] a: u64"]
    {
        assert_reported(&reported(&format!("struct Candidate {{ {field} }}")), &[("id", id)]);
    }
}

#[test]
fn options_that_do_not_exist() {
    for (field, place, message) in [
        (r#"#[contact("a", emial)] a: String"#, "emial", "unknown option `emial`; did you mean `email`?".to_owned()),
        (
            "#[contact(firstname)] a: String",
            "firstname",
            format!(
                "unknown option `firstname`; {OPTIONS}; a property's name is written as text: `#[contact(\"firstname\")]`"
            ),
        ),
        (
            r#"#[contact(name = "a")] a: String"#,
            "name",
            "unknown option `name`; the property's name has no key, write it first: `#[contact(\"property_name\")]`"
                .to_owned(),
        ),
        (r#"#[contact("a", kind = 3)] a: String"#, "kind", format!("unknown option `kind`; {OPTIONS}")),
        (
            "#[contact(crate = ::a)] a: String",
            "crate",
            "`crate = …` belongs on the struct; write it above the struct".to_owned(),
        ),
        (
            r#"#[contact("a", 3)] a: String"#,
            "3",
            "expected the property's name or an option; write `#[contact(\"property_name\")]`, or leave it out to map the field under its own name"
                .to_owned(),
        ),
    ] {
        assert_reported(&in_field(field), &[(place, &message)]);
    }
    assert_reported(
        &reported("#[contact(email)] struct Candidate { #[contact(id)] id: u64 }"),
        &[("email", "`email` belongs on a field; write it above that field")],
    );
    assert_reported(
        &reported("#[contact(crat = ::a)] struct Candidate { #[contact(id)] id: u64 }"),
        &[("crat", "unknown option `crat`; did you mean `crate`?")],
    );
}

#[test]
fn options_in_the_wrong_form() {
    for (field, place, message) in [
        (
            "#[contact(json = true)] a: A",
            "json = true",
            "`json` takes no value; write `json`, or leave it out",
        ),
        ("#[contact(skip())] a: A", "skip()", "`skip` takes no value; write `skip`, or leave it out"),
        (
            r#"#[contact(with = "legacy::date")] a: A"#,
            r#""legacy::date""#,
            "`with` takes a path, not text; write it without quotes: `with = legacy::date`",
        ),
        ("#[contact(with)] a: A", "with", "`with` needs a path; write `with = path::to::module`"),
        ("#[contact(with = 3)] a: A", "with = 3", "`with` takes a path; write `with = path::to::module`"),
        ("#[contact(json, json)] a: A", "json", "`json` is given twice; keep one"),
        (
            "#[contact] a: A",
            "#[contact]",
            "`#[contact]` says nothing; write `#[contact(\"property_name\")]`, or leave it out to map the field under its own name",
        ),
        (
            r#"#[contact = "a"] a: A"#,
            r#"#[contact = "a"]"#,
            "`#[contact]` takes its options in parentheses; write `#[contact(\"property_name\")]`, or leave it out to map the field under its own name",
        ),
    ] {
        assert_reported(&in_field(field), &[(place, message)]);
    }
}

#[test]
fn a_property_has_one_good_name_in_the_first_place() {
    for (field, place, message) in [
        (
            r#"#[contact(json, "a")] a: A"#,
            r#""a""#,
            r#"the property's name comes first; write `#[contact("a", …)]`"#,
        ),
        (r#"#[contact("a", "b")] a: A"#, r#""b""#, "a field has one property; keep one name"),
        (
            r#"#[contact("")] a: A"#,
            r#""""#,
            "a property needs a name; write one, or leave the name out to use the field's own name",
        ),
        (
            r#"#[contact(" a")] a: A"#,
            r#"" a""#,
            r#"a property's name neither starts nor ends with a space; write "a""#,
        ),
        (
            r#"#[contact("id")] a: A"#,
            r#""id""#,
            "`id` is Botmatic's own contact id and cannot be a property; write another name, or `#[contact(id)]` if this field holds the external id",
        ),
    ] {
        assert_reported(&in_field(field), &[(place, message)]);
    }
    let [(place, message)] = &in_field("id: String")[..] else { panic!() };
    assert_eq!(place, "id");
    assert!(message.starts_with("`id` is Botmatic's own contact id"));
}

#[test]
fn a_property_belongs_to_one_field() {
    assert_reported(
        &in_field(r#"name: String, #[contact("name")] first_name: String"#),
        &[
            (r#""name""#, "the property `name` belongs to another field already; write another name"),
            ("name", "`name` is mapped here"),
        ],
    );
}

#[test]
fn a_flattened_field_cannot_be_patched() {
    assert_reported(
        &in_field("#[serde(flatten)] a: A"),
        &[(
            "flatten",
            "a patch writes each property under its field's name, and a flattened field has none; leave `flatten` out, or keep the field out of the mapping with `#[contact(skip)]`",
        )],
    );
    assert_reported(&in_field("#[contact(skip)] #[serde(flatten)] a: A"), &[]);
}

#[test]
fn the_crate_path_is_absolute() {
    let relative = "`crate = …` needs an absolute path";
    for (path, message) in [
        (
            "contact",
            format!(
                "{relative}; write `::contact` for a dependency or `crate::contact` for a path in this crate"
            ),
        ),
        (
            "super::contact",
            format!(
                "{relative}, and `super` means something else in each module; write the path from the root, like `crate::path::to::botmatic_contact`"
            ),
        ),
    ] {
        let source = format!("#[contact(crate = {path})] struct Candidate {{ #[contact(id)] key: u64 }}");
        assert_reported(&reported(&source), &[(path, &message)]);
    }
    assert_reported(
        &reported(r#"#[contact(crate = "::contact")] struct Candidate { #[contact(id)] key: u64 }"#),
        &[(r#""::contact""#, "`crate` takes a path, not text; write it without quotes: `crate = ::contact`")],
    );
    for path in ["::contact", "crate::contact", "crate"] {
        let source = format!("#[contact(crate = {path})] struct Candidate {{ #[contact(id)] key: u64 }}");
        assert_reported(&reported(&source), &[]);
    }
}

#[test]
fn all_mistakes_are_reported_at_once_and_other_code_still_finds_the_impls() {
    let output = derive(tokens(
        r#"pub struct Candidate<T: Clone> {
            #[contact("id", emial)] id: u64,
            #[contact("a", json = true)] pub a: Option<T>,
            #[contact("a", with = "m")] b: String,
            #[contact(skip, email)] c: String,
        }"#,
    ));
    assert_eq!(messages(&output).len(), 8, "{:#?}", messages(&output));
    check(&output, &expect_file!["../../snapshots/mapping_after_an_error.rs"]);
}

/// A struct with every option a field can have.
const EVERYTHING: &str = r#"
    #[serde(rename_all = "camelCase")]
    pub(crate) struct Candidate {
        #[contact(id)]
        id_candidate: u64,
        #[contact("firstname")]
        pub first_name: String,
        #[contact("email", email)]
        email_address: Option<String>,
        #[contact("signup_date", with = legacy::datetime)]
        signed_up: jiff::Timestamp,
        #[contact("validation", default)]
        #[serde(rename(serialize = "valid", deserialize = "validated"))]
        validation: u8,
        #[contact("school", json)]
        #[serde(skip_serializing)]
        school: Option<School>,
        #[serde(with = "days")]
        birth_date: Option<Date>,
        #[serde(serialize_with = "as_text")]
        r#type: u8,
        #[contact(skip)]
        password_hash: String,
        #[contact(display)]
        colour: Colour,
        #[contact(read_only, default)]
        visits: u32,
        #[contact(write_only)]
        greeting: Option<String>,
    }
"#;

#[test]
fn every_field_option() {
    check(&derive(tokens(EVERYTHING)), &expect_file!["../../snapshots/mapping_every_option.rs"]);
}

#[test]
fn generics_pass_through() {
    let source = r#"
        #[contact(crate = crate::reexport)]
        struct Person<'a: 'static, Id, V: Value = u8, const N: usize = 3> where V: Clone {
            #[contact(id)]
            id: Id,
            #[contact("name", with = name)]
            #[serde(serialize_with = "short")]
            name: &'a str,
            values: [V; N],
        }
    "#;
    check(&derive(tokens(source)), &expect_file!["../../snapshots/mapping_generics.rs"]);
}

#[test]
fn the_crate_path_is_obeyed_everywhere() {
    let renamed = |source: &str| -> TokenStream {
        let output = derive(tokens(&format!("#[contact(crate = ::topspin)] {source}")));
        assert!(mentions(&output, "topspin"));
        output
    };
    assert!(!mentions(&renamed(EVERYTHING), "botmatic_contact"));
    assert!(!mentions(&renamed("struct Candidate;"), "botmatic_contact"));
    assert!(mentions(&derive(tokens(EVERYTHING)), "botmatic_contact"), "the check would see the default");
}
