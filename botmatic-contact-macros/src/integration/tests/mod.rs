//! The attribute as a whole: each rule by its message and by what it underlines, and reviewed expansions.

mod places;

use expect_test::expect_file;
use proc_macro2::TokenStream;

use super::attr::Options;
use super::block::Block;
use super::{alone, attr, integration, model};
use crate::emit::Errors;
use crate::marker::Marker;
use crate::snapshot::{check, mentions, messages, tokens, underlined};

/// What is underlined and said about an impl block.
fn reported(source: &str) -> Vec<(String, String)> {
    let mut errors = Errors::default();
    let mut block = Block::read(tokens(source)).unwrap();
    let marked = attr::take_markers(&mut block, &mut errors);
    let understood = model::understand(&block, marked, &Options::default(), &mut errors);
    assert_eq!(understood.is_none(), !errors.is_empty());
    underlined(&errors)
}

/// What is underlined and said about one member beside a good one.
fn in_member(member: &str) -> Vec<(String, String)> {
    reported(&format!("impl Recruiting {{ #[botmatic::on(uninstall)] async fn gone(&self) {{}} {member} }}"))
}

fn in_marker(marker: &str) -> Vec<(String, String)> {
    in_member(&format!("#[botmatic::{marker}] async fn method(&self) {{}}"))
}

fn in_signature(signature: &str) -> Vec<(String, String)> {
    in_member(&format!("#[botmatic::action(\"method\")] {signature} {{}}"))
}

#[track_caller]
fn assert_reported(reported: &[(String, String)], expected: &[(&str, &str)]) {
    let reported: Vec<_> = reported.iter().map(|(place, text)| (place.as_str(), text.as_str())).collect();
    assert_eq!(reported, expected);
}

fn expand(source: &str) -> TokenStream {
    integration(TokenStream::new(), tokens(source))
}

#[test]
fn the_block_is_an_inherent_impl_with_a_marked_method() {
    assert_reported(
        &reported("impl Service for Recruiting { #[botmatic::on(install)] async fn installed(&self) {} }"),
        &[(
            "Service",
            "an integration's methods are its own, not those of a trait; write them in `impl YourType { … }` and put `#[botmatic::integration]` there",
        )],
    );
    assert_reported(
        &reported("impl Recruiting { async fn installed(&self) {} }"),
        &[(
            "Recruiting",
            "no method of this block is called for anything; mark at least one, like `#[botmatic::action(\"name\")]` or `#[botmatic::on(install)]`",
        )],
    );
    for ty in ["Recruiting<'a>", "Recruiting<'_, 'static>", "Recruiting<(Key, &'a str)>"] {
        let block = format!("impl<'a> {ty} {{ #[botmatic::on(install)] async fn installed(&self) {{}} }}");
        let [(place, message)] = &reported(&block)[..] else { panic!("{ty}") };
        assert!(["'a", "'_"].contains(&place.as_str()), "{place}");
        assert!(message.starts_with("an integration serves for as long as the program runs"), "{message}");
    }
    let block = "impl Recruiting<&'static str> { #[botmatic::on(install)] async fn installed(&self) {} }";
    assert_reported(&reported(block), &[]);
    let output = expand("struct Recruiting { key: u64 }");
    assert!(output.to_string().starts_with("struct Recruiting { key : u64 }"), "{output}");
    assert_eq!(
        messages(&output),
        ["expected `impl`; `#[botmatic::integration]` stands on `impl YourType { … }`"]
    );
    let output = expand("async fn find_jobs();");
    assert_eq!(messages(&output).len(), 1);
}

#[test]
fn an_option_of_the_attribute_that_does_not_exist() {
    let block = "impl Recruiting { #[botmatic::on(install)] async fn installed(&self) {} }";
    for (args, message) in [
        ("crat = ::a", "unknown option `crat`; did you mean `crate`?"),
        (
            "\"name\"",
            "expected an option; write `#[botmatic::integration]`, or `#[botmatic::integration(crate = ::botmatic_contact)]`",
        ),
        (
            "crate = a",
            "`crate = …` needs an absolute path; write `::a` for a dependency or `crate::a` for a path in this crate",
        ),
        ("crate = ::a, crate = ::b", "`crate` is given twice; keep one"),
    ] {
        let mut errors = Errors::default();
        Options::read(tokens(args), &mut errors);
        assert_eq!(
            underlined(&errors).into_iter().map(|(_, message)| message).collect::<Vec<_>>(),
            [message]
        );
        assert_eq!(messages(&integration(tokens(args), tokens(block))), [message]);
    }
}

#[test]
fn a_marker_says_what_the_method_is_called_for() {
    let action =
        "`#[botmatic::action(\"name\")]` or `#[botmatic::action(pattern = r\"name_(?<value>\\w+)\")]`";
    let on = "`#[botmatic::on(install)]` or, for an event of your own, `#[botmatic::on(\"name\")]`";
    for (marker, place, message) in [
        ("action", "#[botmatic::action]", format!("`#[botmatic::action]` says nothing; write {action}")),
        ("action()", "#[botmatic::action()]", format!("`#[botmatic::action()]` says nothing; write {action}")),
        (
            "action = \"a\"",
            "#[botmatic::action = \"a\"]",
            format!("`#[botmatic::action]` takes its options in parentheses; write {action}"),
        ),
        (
            "action(find_jobs)",
            "find_jobs",
            "an action's name is written as text; write `#[botmatic::action(\"find_jobs\")]`".to_owned(),
        ),
        (
            "action(name = \"a\")",
            "name",
            "unknown option `name`; the action's name has no key, write `#[botmatic::action(\"name\")]`".to_owned(),
        ),
        ("action(patern = \"a\")", "patern", "unknown option `patern`; did you mean `pattern`?".to_owned()),
        ("action(3)", "3", format!("expected the action's name or a pattern; write {action}")),
        (
            "action(pattern)",
            "pattern",
            "`pattern` takes text; write `pattern = r\"name_(?<value>\\w+)\"`".to_owned(),
        ),
        (
            "action(\"a\", \"b\")",
            "\"b\"",
            "a marker names one action; keep one name or pattern, and call the same function from two methods"
                .to_owned(),
        ),
        (
            "action(\"a\", replace)",
            "replace",
            "`replace` takes over the sync of a contact event, and an action has none; leave `replace` out".to_owned(),
        ),
        (
            "action(\"\")",
            "\"\"",
            "an action needs a name, and this is empty; write the name Botmatic uses".to_owned(),
        ),
        (
            "action(\" a \")",
            "\" a \"",
            "the name of an action neither starts nor ends with a space; write \"a\"".to_owned(),
        ),
        ("on", "#[botmatic::on]", format!("`#[botmatic::on]` says nothing; write {on}")),
        ("on(replace)", "#[botmatic::on(replace)]", format!("the event is missing; write {on}")),
        (
            "on(install, uninstall)",
            "uninstall",
            "a marker names one event; keep one, and call the same function from two methods".to_owned(),
        ),
        ("on(install = 3)", "install = 3", format!("`install` takes no value; write {on}")),
        ("on(event::install)", "event::install", format!("expected the event's name; write {on}")),
        ("on(contact_created, repalce)", "repalce", "unknown option `repalce`; did you mean `replace`?".to_owned()),
        (
            "on(contact_created, replace = true)",
            "replace = true",
            "`replace` takes no value; write `replace`, or leave it out".to_owned(),
        ),
        (
            "on(\"\")",
            "\"\"",
            "an event needs a name, and this is empty; write the name Botmatic uses".to_owned(),
        ),
        (
            "on(\"contact_created\", replace)",
            "\"contact_created\"",
            "`contact_created` is an event of Botmatic's with a payload of its own, and in quotes it would be one of yours; write `on(contact_created)`"
                .to_owned(),
        ),
        (
            "on(\"mine\", replace)",
            "replace",
            "`replace` takes over the sync of a contact event, and an event of your own has none; leave `replace` out"
                .to_owned(),
        ),
    ] {
        assert_reported(&in_marker(marker), &[(place, &message)]);
    }
}

#[test]
fn a_pattern_is_a_regular_expression() {
    assert_reported(
        &in_marker(r#"action(pattern = r"set_(\w+")"#),
        &[(r#"r"set_(\w+""#, "this pattern is not a regular expression: unclosed group at character 5, `(`")],
    );
    assert_reported(
        &in_marker(r#"action(pattern = r"\p{Nonsense}")"#),
        &[(
            r#"r"\p{Nonsense}""#,
            r"this pattern is not a regular expression: Unicode property not found at character 1, `\p{Nonsense}`",
        )],
    );
    assert_reported(
        &in_marker(r#"action(pattern = "")"#),
        &[(
            r#""""#,
            "an empty pattern says nothing about an action's name; write one like `r\"name_(?<value>\\w+)\"`",
        )],
    );
}

#[test]
fn a_method_has_one_marker_and_a_marker_has_a_method() {
    assert_reported(
        &in_member("#[botmatic::on(install)] #[botmatic::action(\"a\")] async fn both(&self) {}"),
        &[(
            "#[botmatic::action(\"a\")]",
            "one marker per method; call the same function from two methods, each with its own marker",
        )],
    );
    let not_a_method = "a marker stands on a method, and this is none; write it above an `async fn`";
    for member in ["const A: u8 = { 3 };", "type A = u8;", "call!();", "call! { async fn inside() {} }"] {
        assert_reported(
            &in_member(&format!("#[botmatic::on(install)] {member}")),
            &[("#[botmatic::on(install)]", not_a_method)],
        );
    }
}

#[test]
fn a_method_is_called_with_a_plain_reference() {
    for (signature, place, message) in [
        (
            "async fn method(query: Query)",
            "method",
            "`method` is called on the integration, so it needs `&self`; write `async fn method(&self, …)`",
        ),
        (
            "async fn method(&mut self)",
            "&mut self",
            "one integration serves many calls at the same time, so a method cannot have `&mut self`; write `&self`",
        ),
        (
            "async fn method(self)",
            "self",
            "one integration serves many calls, so a method cannot use it up with `self`; write `&self`",
        ),
        (
            "async fn method(self: Arc<Self>)",
            "self: Arc<Self>",
            "a method is called with a plain reference to the integration, not with a `self` of another type; write `&self`",
        ),
        (
            "async fn method(&'a self)",
            "&'a self",
            "a method borrows the integration for one call, which needs no named lifetime; write `&self`",
        ),
    ] {
        assert_reported(&in_signature(signature), &[(place, message)]);
    }
}

#[test]
fn a_method_has_a_signature_that_a_table_can_call() {
    for (signature, place, message) in [
        ("fn method(&self)", "fn", "`method` is awaited, so it must be async; write `async fn method`"),
        (
            "async fn method<T>(&self)",
            "<T>",
            "nobody could choose the generics of `method`; write concrete types",
        ),
        (
            "async fn method(&self, query: Params<impl Query>)",
            "impl Query",
            "an argument of `method` is taken from the call by its type, which `impl Trait` does not name; write the concrete type",
        ),
        (
            "async fn method(&self, text: &'a str)",
            "'a",
            "a named lifetime in `method` would have to be known before the call; leave it out, write `'_`, or use an owned type",
        ),
        (
            "async fn method(&self) -> Cow<'a, str>",
            "'a",
            "a named lifetime in `method` would have to be known before the call; leave it out, write `'_`, or use an owned type",
        ),
        (
            "async unsafe fn method(&self)",
            "unsafe",
            "nobody could uphold what an unsafe `method` asks of its caller; leave `unsafe` out",
        ),
        (
            "async extern \"C\" fn method(&self)",
            "extern \"C\"",
            "`method` is called from Rust; leave `extern` out",
        ),
        ("const async fn method(&self)", "const", "`method` runs when Botmatic calls; leave `const` out"),
        (
            "async fn method(&self, args: ...)",
            "...",
            "`method` cannot take `...`; write each argument with its type",
        ),
    ] {
        assert_reported(&in_signature(signature), &[(place, message)]);
    }
    assert_reported(&in_signature("async fn method(&self, a: &'static str, b: Text<'_>, (x, _): Pair)"), &[]);
}

#[test]
fn nothing_is_handled_twice_unless_the_cfgs_differ() {
    for (marker, place, what) in [
        ("action(\"a\")", "\"a\"", "the action `a`"),
        ("action(pattern = \"a+\")", "\"a+\"", "the pattern `a+`"),
        ("on(install)", "install", "the event `install`"),
        ("on(\"mine\")", "\"mine\"", "the event `\"mine\"`"),
    ] {
        let two = |first: &str, second: &str| {
            in_member(&format!(
                "{first} #[botmatic::{marker}] async fn one(&self) {{}} {second} #[botmatic::{marker}] async fn two(&self) {{}}"
            ))
        };
        let twice =
            format!("{what} is handled by `one` already; keep one, or call one method from the other");
        let here = format!("{what} is handled here");
        assert_reported(&two("", ""), &[(place, &twice), (place, &here)]);
        assert_reported(&two("#[cfg(unix)]", "#[cfg(unix)]"), &[(place, &twice), (place, &here)]);
        assert_reported(&two("#[cfg(unix)]", "#[cfg(not(unix))]"), &[]);
    }
}

#[test]
fn all_mistakes_are_reported_at_once_and_the_block_stays() {
    let output = expand(
        r#"impl Recruiting {
            #[botmatic::action]
            fn first(&mut self) {}

            #[botmatic::on(install)]
            #[doc(alias = "second")]
            async fn second(&self, install: Install) {}

            #[botmatic::action("x", replace)]
            const LIMIT: u8 = 3;
        }"#,
    );
    assert_eq!(messages(&output).len(), 5, "{:#?}", messages(&output));
    assert!(!mentions(&output, "botmatic :: action"));
    check(&output, &expect_file!["../../../snapshots/integration_after_an_error.rs"]);
}

/// A block with everything that it can have.
const EVERYTHING: &str = r#"
    #[cfg(feature = "recruiting")]
    #[allow(clippy::unused_self)]
    impl<S: Store, const N: usize> Recruiting<S, N>
    where
        S::Key: Clone,
    {
        const LIMIT: Limit = Limit { jobs: 3 };

        pub fn new() -> Self {
            Self::default()
        }

        #[botmatic::on(install)]
        async fn installed(&self, install: Install) -> Result<(), AppError> {
            Ok(())
        }

        #[botmatic::on("seat_taken")]
        async fn seat_taken(&self) {}

        /// Takes the sync over.
        #[botmatic::on(contact_created, replace)]
        async fn created(&self, mut contact: ContactCreated, #[cfg(audit)] log: Log) -> anyhow::Result<Reply> {
            self.create(contact).await
        }

        #[cfg(feature = "jobs")]
        #[botmatic::action("find_jobs")]
        #[tracing::instrument(skip_all)]
        pub(crate) async fn find_jobs(&self, Params(query): Params<JobQuery>) -> Jobs {
            self.jobs(query).await
        }

        #[botmatic::action(pattern = r"set_(?<property>\w+)_(?<value>.+)")]
        async fn set(&self, Captures(c): Captures<Set>, who: ContactId, botmatic: Botmatic<Self>) -> Result<(), AppError> {
            Ok(())
        }

        generated! { more methods }
    }
"#;

#[test]
fn every_kind_of_handler() {
    check(&expand(EVERYTHING), &expect_file!["../../../snapshots/integration_every_handler.rs"]);
}

#[test]
fn an_unfinished_body_changes_nothing() {
    let source = |body: &str| {
        format!(
            r#"impl Recruiting {{
                #[botmatic::action("find_jobs")]
                async fn find_jobs(&self, query: Params<JobQuery>) -> Result<Jobs, AppError> {{ {body} }}

                #[botmatic::on(install)]
                async fn installed(&self) {{}}
            }}"#
        )
    };
    let unfinished = expand(&source("let jobs = self.")).to_string();
    assert_eq!(unfinished, expand(&source("rest")).to_string().replace("rest", "let jobs = self ."));
    assert!(!unfinished.contains("compile_error"));
    expect_file!["../../../snapshots/integration_unfinished_body.txt"].assert_eq(&unfinished);
}

#[test]
fn an_unreadable_signature_is_reported_only_where_it_matters() {
    let output = expand(
        "impl Recruiting { async fn a(&self, x:) {} #[botmatic::on(install)] async fn installed(&self) {} }",
    );
    assert_eq!(messages(&output), Vec::<String>::new());
    let output =
        expand("impl Recruiting { #[botmatic::on(install)] async fn installed(&self, x:) {} fn b() {} }");
    assert_eq!(
        messages(&output),
        ["this signature cannot be read; write one like `async fn name(&self, argument: Type) -> Answer`"]
    );
    assert!(
        output
            .to_string()
            .starts_with("impl Recruiting { async fn installed (& self , x :) { } fn b () { } }")
    );
}

#[test]
fn only_the_full_path_is_a_marker() {
    let output = expand(
        "impl Recruiting {
            #[botmatic::on(install)] async fn installed(&self) {}
            #[on(uninstall)] async fn a(&self) {}
            #[::botmatic::on(uninstall)] async fn b(&self) {}
            #[cfg_attr(unix, botmatic::on(uninstall))] async fn c(&self) {}
        }",
    )
    .to_string();
    for kept in ["# [on (uninstall)]", "# [:: botmatic :: on (uninstall)]", "botmatic :: on (uninstall))]"] {
        assert!(output.contains(kept), "{kept} in {output}");
    }
    assert!(!output.contains("botmatic :: on (install)"));
}

#[test]
fn the_crate_path_is_obeyed_everywhere() {
    let renamed = |source: &str| {
        let output = integration(tokens("crate = ::topspin"), tokens(source));
        assert!(mentions(&output, "topspin"));
        output
    };
    assert!(!mentions(&renamed(EVERYTHING), "botmatic_contact"));
    assert!(!mentions(&renamed("impl Recruiting {}"), "botmatic_contact"));
    let args = "\"a\", crate = ::topspin";
    for item in [
        "async fn ping(auth: Auth<A>) {}",
        "async fn find(jobs: State<Jobs>) {}",
        "fn wrong() {}",
        "impl Jobs {}",
    ] {
        let output = alone(Marker::Action, tokens(args), tokens(item));
        assert!(mentions(&output, "topspin") && !mentions(&output, "botmatic_contact"), "{output}");
    }
    assert!(mentions(&expand(EVERYTHING), "botmatic_contact"), "the check would see the default");
}

/// What is underlined and said about the methods of a settings page.
fn in_page(members: &str) -> Vec<(String, String)> {
    reported(&format!("impl Recruiting {{ {members} }}"))
}

const SHOW: &str = "#[botmatic::settings(\"/s\")] async fn show(&self) -> Settings {}";
const SAVE: &str = "#[botmatic::settings(\"/s\", save)] async fn save(&self, settings: Settings) {}";

#[test]
fn a_settings_page_is_one_pair_of_methods() {
    assert_eq!(in_page(&format!("{SHOW} {SAVE}")), []);
    assert_eq!(in_page(SHOW), [], "the other half may be elsewhere");
    let conditional = format!("#[cfg(a)] {SHOW} #[cfg(a)] {SAVE} #[cfg(not(a))] {SHOW} #[cfg(b)] {SAVE}");
    assert_eq!(in_page(&conditional), []);
    let one = "an integration has one settings page, and `show` is a method of it already; keep one";
    let other = "#[botmatic::settings(\"/t\")] async fn other(&self) -> Settings {}";
    assert_reported(&in_page(&format!("{SHOW} {other} {SAVE}")), &[("\"/t\"", one)]);
    assert_reported(
        &in_page(&format!("{SHOW} {}", SAVE.replace("/s", "/t"))),
        &[("\"/t\"", "the page is shown at \"/s\" and saved at another path; write the same")],
    );
}

#[test]
fn what_the_methods_of_a_settings_page_take_and_return() {
    assert_reported(
        &in_page(&format!("{SAVE} {}", SHOW.replace(" -> Settings", ""))),
        &[("show", "`show` says what the page shows; write `-> YourSettings`, or a `Result` of it")],
    );
    assert_reported(
        &in_page(&format!("{SHOW} {}", SAVE.replace(", settings: Settings", ""))),
        &[(
            "save",
            "`save` is given what was submitted; write `async fn save(&self, settings: YourSettings, …)`",
        )],
    );
    for (marker, place, message) in [
        ("settings(\"s\")", "\"s\"", "a path begins with `/`; write one like \"/settings\""),
        (
            "settings(\"/{s}\")",
            "\"/{s}\"",
            "a path has neither parameters, nor a query, nor spaces; write one like \"/settings\"",
        ),
        ("settings(\"/s\", saev)", "saev", "unknown option `saev`; did you mean `save`?"),
        ("settings(\"/s\", save = 1)", "save", "`save` takes no value; write `save`, or leave it out"),
        ("settings(\"/s\", \"/t\")", "\"/t\"", "a settings page has one path; keep one"),
        (
            "settings(path = \"/s\")",
            "path",
            "unknown option `path`; the page's path has no key, write `#[botmatic::settings(\"/settings\")]`",
        ),
        (
            "settings(save)",
            "#[botmatic::settings(save)]",
            "the page's path is missing; write `#[botmatic::settings(\"/settings\")]` on what is shown, and `#[botmatic::settings(\"/settings\", save)]` on what saves it",
        ),
    ] {
        let found = in_marker(marker);
        assert!(
            found.iter().any(|(at, said)| at.starts_with(place) && said == message),
            "{marker}: {found:?}"
        );
    }
}

#[test]
fn a_settings_page_has_one_entry_in_the_table() {
    let output = expand(
        r#"
        impl Recruiting {
            #[botmatic::settings("/settings")]
            #[cfg(feature = "page")]
            async fn settings(&self, auth: Auth<Account>) -> Result<Settings, AppError> {}

            #[botmatic::settings("/settings", save)]
            #[cfg(feature = "page")]
            async fn save(&self, Settings { key, .. }: Settings, #[cfg(audit)] log: Log, token: Token) {}
        }
        "#,
    );
    assert_eq!(messages(&output), [""; 0]);
    check(&output, &expect_file!["../../../snapshots/integration_settings.rs"]);
}
