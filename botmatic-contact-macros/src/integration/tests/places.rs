//! Handlers outside of the one block: functions, whole blocks, and parts.

use super::*;

#[test]
fn a_function_and_a_struct_of_its_name() {
    let output = alone(
        Marker::Action,
        tokens("\"find_jobs\""),
        tokens(
            r#"
            /// Finds jobs.
            #[cfg(feature = "jobs")]
            #[tracing::instrument(skip_all)]
            pub(crate) async fn find_jobs(state: State<Recruiting>, Params(query): Params<JobQuery>) -> Result<Jobs, AppError> {
                state.jobs(query).await
            }
            "#,
        ),
    );
    assert_eq!(messages(&output), [""; 0]);
    check(&output, &expect_file!["../../../snapshots/integration_function.rs"]);
}

/// The messages about an item that has a marker and is in no block.
fn about_item(args: &str, item: &str) -> Vec<String> {
    messages(&alone(Marker::Action, tokens(args), tokens(item)))
}

#[test]
fn a_function_is_a_handler_of_the_integration_whose_state_it_takes() {
    let integration = |signature: &str| {
        let output = alone(Marker::On, tokens("install"), tokens(&format!("{signature} {{}}"))).to_string();
        let header = output.split("# [automatically_derived]").nth(1).unwrap();
        header.split(" for ").next().unwrap().replace(' ', "")
    };
    let handlers = "::botmatic_contact::__private::Handlers";
    let client = "::botmatic_contact::__private::HasClient<Client=";
    let every = "impl<__AnyIntegration:::core::marker::Send+::core::marker::Sync+'static";
    for (parameters, expected) in [
        ("", format!("{every}>{handlers}<__AnyIntegration>")),
        ("install: Install, shop: State<Shop<u8>>", format!("impl{handlers}<Shop<u8>>")),
        ("b: botmatic_contact::Botmatic<Shop>, s: State<Other>", format!("impl{handlers}<Shop>")),
        ("a: Auth<Account>, s: State<Shop>", format!("impl{handlers}<Shop>")),
        ("a: Option<Auth<Account>>", format!("{every}+{client}Account>>{handlers}<__AnyIntegration>")),
        ("a: Auth", format!("{every}+{client}()>>{handlers}<__AnyIntegration>")),
    ] {
        assert_eq!(integration(&format!("async fn heard({parameters})")), expected, "{parameters}");
    }
}

#[test]
fn what_a_marker_stands_on_outside_of_a_block() {
    for (item, expected) in [
        ("async fn find(&self) {}", "on a method only works inside"),
        ("async fn find(jobs: Jobs<Self>) {}", "on a method only works inside"),
        ("const LIMIT: u8 = 3;", "or on an `impl` with one `async fn`; write"),
        ("struct Jobs {}", "or on an `impl` with one `async fn`; write"),
    ] {
        let [message] = &about_item("\"a\"", item)[..] else { panic!("{item}") };
        assert!(message.contains(expected), "{item}: {message}");
    }
    assert_eq!(about_item("\"a\"", "async fn find(x:) {}").len(), 1);
    for (args, item, message) in [
        ("\"a\"", "fn find() {}", "`find` is awaited, so it must be async; write `async fn find`"),
        (
            "\"a\"",
            "async fn find<T>(x: Params<T>) {}",
            "nobody could choose the generics of `find`; write concrete types",
        ),
        (
            "\"a\"",
            "#[botmatic::on(install)] async fn find() {}",
            "one marker per method; call the same function from two methods, each with its own marker",
        ),
        (
            "",
            "async fn find() {}",
            "`#[botmatic::action]` says nothing; write `#[botmatic::action(\"name\")]` or `#[botmatic::action(pattern = r\"name_(?<value>\\w+)\")]`",
        ),
        (
            "\"a\", crate = here",
            "async fn find() {}",
            "`crate = …` needs an absolute path; write `::here` for a dependency or `crate::here` for a path in this crate",
        ),
        (
            "\"a\"",
            "impl Jobs { async fn a(&self) {} fn b(&self) {} async fn c(&self) {} }",
            "`#[botmatic::action]` above an `impl` makes a handler of its only `async fn`, and `c` is another one beside `a`; put `#[botmatic::integration]` above the `impl`, and `#[botmatic::action(\"name\")]` above each method that is a handler",
        ),
        (
            "\"a\"",
            "impl Jobs { fn b(&self) {} }",
            "`#[botmatic::action]` above an `impl` makes a handler of its only `async fn`, and this block has none; write one, like `async fn name(&self) { … }`",
        ),
        (
            "\"a\"",
            "impl Jobs { #[botmatic::action(\"b\")] async fn a(&self) {} }",
            "one marker per method; call the same function from two methods, each with its own marker",
        ),
        (
            "\"a\"",
            "impl Jobs { async fn a() {} }",
            "`a` is called on the integration, so it needs `&self`; write `async fn a(&self, …)`",
        ),
    ] {
        assert_eq!(about_item(args, item), [message], "{item}");
    }
    assert_reported(
        &in_marker("action(\"a\", crate = ::topspin)"),
        &[(
            "crate",
            "`crate = …` goes for the whole block; write it in `#[botmatic::integration(crate = …)]`",
        )],
    );
}

#[test]
fn after_an_error_the_struct_of_a_function_is_there_all_the_same() {
    let output = alone(Marker::Action, TokenStream::new(), tokens("pub async fn find() {}")).to_string();
    assert!(output.contains("pub struct find { }") && output.contains("unreachable_after_error"), "{output}");
}

#[test]
fn a_block_with_one_method_is_the_block_whose_method_is_marked() {
    let whole = alone(
        Marker::Action,
        tokens("\"ping\""),
        tokens("impl<T: Send> Ping<T> { async fn ping(&self) -> u8 { 3 } fn other() {} }"),
    );
    let marked = expand(
        "impl<T: Send> Ping<T> { #[botmatic::action(\"ping\")] async fn ping(&self) -> u8 { 3 } fn other() {} }",
    );
    assert_eq!(whole.to_string(), marked.to_string());
}

/// What is underlined and said about the options of a block with a handler.
fn in_options(args: &str) -> Vec<(String, String)> {
    let mut errors = Errors::default();
    let options = Options::read(tokens(args), &mut errors);
    let mut block =
        Block::read(tokens("impl Jobs { #[botmatic::on(install)] async fn installed(&self) {} }")).unwrap();
    let marked = attr::take_markers(&mut block, &mut errors);
    let understood = model::understand(&block, marked, &options, &mut errors);
    assert_eq!(understood.is_none(), !errors.is_empty());
    underlined(&errors)
}

#[test]
fn parts_are_listed_by_name_and_each_once() {
    for args in ["part = jobs", "parts(jobs, replies)", "parts(#[cfg(a)] jobs, #[cfg(not(a))] jobs)"] {
        assert_eq!(in_options(args), []);
    }
    let named = "a part has a name, by which the main block lists it; write `part = jobs`, and there `#[botmatic::integration(parts(jobs))]`";
    let listed = "expected the name of a part; write `parts(jobs, replies)`, and above each of these blocks `#[botmatic::integration(part = jobs)]`";
    for (args, place, message) in [
        ("part", "part", named),
        ("part = \"jobs\"", "part = \"jobs\"", named),
        ("part(jobs)", "part(jobs)", named),
        ("parts", "parts", listed),
        ("parts = jobs", "parts = jobs", listed),
        ("parts(\"jobs\")", "\"jobs\"", listed),
        ("parts(jobs::more)", "jobs::more", listed),
        ("parts(jobs, replies, jobs)", "jobs", "the part `jobs` is listed already; keep one"),
        ("part = a, part = b", "part", "`part` is given twice; keep one"),
        (
            "part = jobs, parts(more)",
            "more",
            "a part has no parts of its own; list `more` where the main block lists this one",
        ),
        ("prat = jobs", "prat", "unknown option `prat`; did you mean `part`?"),
    ] {
        assert_reported(&in_options(args), &[(place, message)]);
    }
}

#[test]
fn a_part_is_a_function_and_the_main_block_calls_it() {
    let block = "#[cfg(a)] impl<T: Send> Jobs<T> where T: Clone { #[botmatic::on(install)] async fn installed(&self) {} }";
    let part = integration(tokens("part = jobs"), tokens(block)).to_string();
    let expected = "impl < T : Send > Jobs < T > where T : Clone { # [doc (hidden)] pub (crate) fn jobs () -> :: botmatic_contact :: __private :: Table < Self > {";
    assert!(part.contains(expected) && !part.contains("Integration"), "{part}");
    let main = integration(tokens("parts(jobs, #[cfg(b)] more)"), tokens("impl Jobs {}")).to_string();
    assert!(main.contains(":: Table :: merge (__table , Self :: jobs ())"), "{main}");
    let more = "# [cfg (b)] let __table = :: botmatic_contact :: __private :: Table :: merge (__table , Self :: more ())";
    assert!(main.contains(more), "{main}");
    let wrong = integration(tokens("part = jobs"), tokens("impl Jobs {}")).to_string();
    assert!(wrong.contains("pub (crate) fn jobs ()") && wrong.contains("unreachable_after_error"), "{wrong}");
    let unnamed = integration(tokens("part"), tokens("impl Jobs {}")).to_string();
    assert!(!unnamed.contains("unreachable_after_error"), "{unnamed}");
}

#[test]
fn half_a_settings_page_may_stand_alone() {
    let half = |args: &str| integration(tokens(args), tokens(&format!("impl Jobs {{ {SHOW} }}")));
    for args in ["part = page", "parts(page)", ""] {
        assert_eq!(messages(&half(args)), [""; 0]);
    }
    let show =
        alone(Marker::Settings, tokens("\"/s\""), tokens("async fn show() -> Settings {}")).to_string();
    assert!(show.contains("__private :: show_settings (__table , \"/s\""), "{show}");
    let save = "async fn save(entered: Settings, state: State<Jobs>) {}";
    let save = alone(Marker::Settings, tokens("\"/s\", save"), tokens(save)).to_string();
    assert!(save.contains("__private :: save_settings :: < _ , Settings > (__table , \"/s\""), "{save}");
    assert!(save.contains("save (__settings , __p0)"), "{save}");
    for (args, item, message) in [
        (
            "\"/s\"",
            "async fn show() {}",
            "`show` says what the page shows; write `-> YourSettings`, or a `Result` of it",
        ),
        (
            "\"/s\", save",
            "async fn save() {}",
            "`save` is given what was submitted; write `async fn save(settings: YourSettings, …)`",
        ),
        (
            "\"/s\", save",
            "async fn save(jobs: State<Jobs>, entered: Settings) {}",
            "the first argument of `save` is what was submitted; write it before what is taken from the call",
        ),
        ("\"s\"", "async fn show() -> Settings {}", "a path begins with `/`; write one like \"/settings\""),
    ] {
        assert_eq!(messages(&alone(Marker::Settings, tokens(args), tokens(item))), [message]);
    }
}

#[test]
fn the_integration_of_a_function_is_named_or_shown_by_a_parameter() {
    let of = |args: &str, params: &str| {
        alone(Marker::Action, tokens(args), tokens(&format!("async fn find({params}) {{}}"))).to_string()
    };
    let crm = "impl :: botmatic_contact :: __private :: Handlers < Crm > for find";
    for params in [
        "crm: State<Crm>",
        "crm: Result<State<Crm>, Rejection>",
        "crm: Option<Botmatic<Crm>>",
        "#[cfg(a)] auth: Auth<Account>, crm: State<Crm>",
        "crm: Result<Option<botmatic_contact::State<Crm>>, Rejection>",
    ] {
        assert!(of("\"find\"", params).contains(crm), "{params}");
    }
    let named = of("\"find\", for = Crm", "#[cfg(a)] other: Mine, #[cfg(b)] auth: Auth<Account>");
    assert!(named.contains(crm) && !named.contains("HasClient"), "{named}");
    let unknown = of("\"find\"", "other: Mine");
    assert!(unknown.contains("Handlers < __AnyIntegration > for find"), "{unknown}");
}

#[test]
fn what_decides_of_the_integration_has_no_condition() {
    let message = "this parameter says of which integration `find` is a handler, which no `#[cfg(…)]` can change; name the integration, as in `for = Crm` beside the name, or write two functions, each with its own `#[cfg(…)]`";
    for param in ["crm: State<Crm>", "auth: Option<Auth<Account>>", "auth: Auth"] {
        let function = format!("async fn find(#[cfg(a)] {param}) {{}}");
        assert_eq!(messages(&alone(Marker::Action, tokens("\"find\""), tokens(&function))), [message]);
    }
}

#[test]
fn the_integration_is_named_once_as_a_type_and_for_a_function() {
    let function = "async fn find() {}";
    let ty = "`for` names the integration of the function; write its type, as in `for = Crm` (one with a comma in it gets a name by `type` first)";
    let own = "`for` names the integration of a free function, and that of a method is `self`; leave it out";
    for (args, item, message) in [
        ("\"find\", for", function, ty),
        ("\"find\", for(Crm)", function, ty),
        ("\"find\", for = \"Crm\"", function, ty),
        ("\"find\", for = Crm, for = Crm", function, "`for` is given twice; keep one"),
        ("\"find\", for = Crm", "impl Crm { async fn find(&self) {} }", own),
    ] {
        assert_eq!(messages(&alone(Marker::Action, tokens(args), tokens(item))), [message]);
    }
    assert_reported(&in_marker("action(\"find\", for = Crm)"), &[("for", own)]);
}

#[test]
fn alternatives_of_the_only_method_have_a_condition_each() {
    let of =
        |methods: &str| alone(Marker::Action, tokens("\"a\""), tokens(&format!("impl A {{ {methods} }}")));
    let two = of("#[cfg(a)] async fn f(&self) {} #[cfg(not(a))] async fn f(&self, token: Token) {}");
    assert_eq!(messages(&two), [""; 0]);
    let two = two.to_string();
    for entry in ["# [cfg (a)] let __table = ", "# [cfg (not (a))] let __table = "] {
        assert!(two.contains(entry), "{two}");
    }
    for methods in [
        "#[cfg(a)] async fn f(&self) {} async fn g(&self) {}",
        "#[cfg(a)] async fn f(&self) {} #[cfg(a)] async fn g(&self) {}",
    ] {
        assert!(messages(&of(methods))[0].contains("`g` is another one beside `f`"), "{methods}");
    }
}

#[test]
fn the_conditions_in_a_cfg_attr_go_for_the_handler() {
    let block = "impl Jobs { #[cfg_attr(feature = \"x\", cfg(a), inline, cfg(b))] #[cfg_attr(a, inline)] #[botmatic::action(\"a\")] async fn a(&self) {} }";
    let output = integration(TokenStream::new(), tokens(block)).to_string();
    let entry = "__table = :: botmatic_contact :: __private :: Table :: < Self > :: new () ; # [cfg_attr (feature = \"x\" , cfg (a) , cfg (b))] let __table";
    assert!(output.contains(entry), "{output}");
}

#[test]
fn an_event_of_ones_own_is_no_constant() {
    assert_reported(
        &in_marker("on(custom)"),
        &[("custom", "an event of your own is text; write `on(\"name\")`")],
    );
}

#[test]
fn a_handler_returns() {
    assert_reported(
        &in_member("#[botmatic::action(\"a\")] async fn a(&self) -> ! { loop {} }"),
        &[("!", "`a` would never answer; write what it answers, or leave the type out")],
    );
}

#[test]
fn captures_are_taken_from_named_groups() {
    for pattern in [r"num_(\d+)", "num"] {
        for ty in ["Captures<Number>", "Result<Captures<Number>, Rejection>"] {
            let method =
                format!("#[botmatic::action(pattern = r\"{pattern}\")] async fn a(&self, n: {ty}) {{}}");
            let message =
                format!("the pattern has no named group for `{}`; write `(?<name>…)`", ty.replace(' ', ""));
            assert_reported(&in_member(&method), &[(&format!("r\"{pattern}\""), &message)]);
        }
    }
    for member in [
        r#"#[botmatic::action(pattern = r"(a|(b(?<n>\d+))*)")] async fn a(&self, n: Captures<Number>) {}"#,
        r#"#[botmatic::action(pattern = r"num_(\d+)")] async fn a(&self) {}"#,
    ] {
        assert_eq!(in_member(member), []);
    }
}
