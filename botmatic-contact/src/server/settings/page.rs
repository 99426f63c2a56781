//! The page itself. Its template, style and script are files of their own; every value in it is escaped by the
//! template.

use std::sync::LazyLock;

use askama::Template;
use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::settings::{Field, Form, Input, Shown, TextKind, removal, too_large};
use crate::token::Token;
use crate::wire::settings as wire;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page.
pub(super) struct Html(pub(super) String);

#[derive(Template)]
#[template(path = "settings.html")]
struct Page<'a> {
    style: &'static str,
    script: &'static str,
    /// What is shown instead of the form.
    problem: Option<&'a str>,
    origins: String,
    fields: Vec<View<'a>>,
    token_name: &'static str,
    token: &'a str,
}

/// One field, as the template wants it.
struct View<'a> {
    name: &'static str,
    label: &'a str,
    help: Option<&'static str>,
    required: bool,
    /// The ids of what explains it.
    described: Option<String>,
    control: Control<'a>,
    /// What is shown where a value is stored that is not shown.
    stored: Option<&'a str>,
    /// The name of the checkbox that removes it.
    removal: Option<String>,
}

impl View<'_> {
    /// Whether the field keeps its value when it is left empty.
    fn is_kept(&self) -> bool {
        matches!(self.control, Control::Secret | Control::Upload { .. })
    }
}

enum Control<'a> {
    Line { kind: &'static str, value: &'a str, min: String, max: String },
    Lines { value: &'a str },
    Checkbox { ticked: bool },
    Secret,
    Choice { choices: &'a [&'static str], chosen: &'a str },
    Upload { several: bool, accept: &'static str, max_size: u64, too_large: String },
}

/// The page with the form, filled in.
pub(super) fn form(form: &Form, shown: &[Shown], token: &Token, origins: &[String]) -> Option<Html> {
    let fields = form.fields().iter().zip(shown).map(|(field, shown)| view(field, shown));
    let page = Page {
        style: STYLE,
        script: SCRIPT,
        problem: None,
        origins: origins.join(" "),
        fields: fields.collect(),
        token_name: wire::TOKEN,
        token: token.expose(),
    };
    page.render().ok().map(Html)
}

/// The page when there is nothing to fill in.
pub(super) fn problem(message: &str) -> Option<Html> {
    let page = Page {
        style: STYLE,
        script: "",
        problem: Some(message),
        origins: String::new(),
        fields: Vec::new(),
        token_name: wire::TOKEN,
        token: "",
    };
    page.render().ok().map(Html)
}

/// What the browser lets the page do: run this script, have this style, post to where it came from, and be shown inside
/// Botmatic.
pub(super) fn policy(origins: &[String]) -> HeaderValue {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
        format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors",
            hash(SCRIPT),
            hash(STYLE),
        )
    });
    let policy = HeaderValue::from_str(&format!("{} {}", *POLICY, origins.join(" ")));
    // The origins were checked when the service was built.
    policy.unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"))
}

fn view<'a>(field: &'a Field, shown: &'a Shown) -> View<'a> {
    let name = field.name();
    let mut view = View {
        name,
        label: field.label_text(),
        help: field.help_text(),
        required: field.is_required(),
        described: None,
        control: control(field.input(), shown),
        stored: match shown {
            Shown::Stored(name) => Some(name.as_str()),
            Shown::Empty | Shown::Text(_) | Shown::Ticked => None,
        },
        removal: None,
    };
    let stored = view.is_kept().then(|| format!("stored-{name}"));
    let help = view.help.map(|_| format!("help-{name}"));
    let described: Vec<_> = stored.into_iter().chain(help).collect();
    view.described = Some(described.join(" ")).filter(|ids| !ids.is_empty());
    view.removal = (view.is_kept() && !view.required).then(|| removal(name));
    view
}

fn control<'a>(input: &'a Input, shown: &'a Shown) -> Control<'a> {
    let value = match shown {
        Shown::Text(text) => text.as_str(),
        Shown::Empty | Shown::Ticked | Shown::Stored(_) => "",
    };
    let line = |kind| Control::Line { kind, value, min: String::new(), max: String::new() };
    match input {
        Input::Text(TextKind::Lines) => Control::Lines { value },
        Input::Text(TextKind::Line) => line("text"),
        Input::Text(TextKind::Email) => line("email"),
        Input::Text(TextKind::Url) => line("url"),
        Input::Text(TextKind::Tel) => line("tel"),
        Input::Date => line("date"),
        Input::Number { whole: _, min, max } => {
            let [min, max] = [min, max].map(|limit| limit.map(|limit| limit.to_string()).unwrap_or_default());
            Control::Line { kind: "number", value, min, max }
        }
        Input::Checkbox => Control::Checkbox { ticked: *shown == Shown::Ticked },
        Input::Secret => Control::Secret,
        Input::Choice(choices) => Control::Choice { choices, chosen: value },
        Input::Upload { several, accept, max_size } => Control::Upload {
            several: *several,
            accept: accept.unwrap_or_default(),
            max_size: *max_size,
            too_large: too_large(*max_size),
        },
    }
}
