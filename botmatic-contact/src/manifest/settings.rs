//! The settings page in a manifest: what can be entered, and never what was.

use serde::Serialize;
use serde_json::Number;

use crate::settings::{self, Form, Input, Limit, TextKind};

/// The settings page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SettingsInfo {
    /// The path at which it is served.
    pub path: String,
    /// Its fields, in the order of the page.
    pub fields: Vec<SettingInfo>,
}

/// A field of the settings page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SettingInfo {
    /// The name under which it is posted.
    pub name: String,
    /// What stands above it.
    pub label: String,
    /// The sentence that explains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Whether it has to be filled.
    pub required: bool,
    /// What can be entered: its name is the member `kind`, and its limits stand beside that.
    #[serde(flatten)]
    pub kind: SettingKind,
}

/// What can be entered in a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[non_exhaustive]
pub enum SettingKind {
    /// A line of text.
    Text,
    /// Several lines of text.
    Textarea,
    /// An e-mail address.
    Email,
    /// An address on the web.
    Url,
    /// A telephone number.
    Tel,
    /// A whole number.
    Integer {
        /// The smallest.
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<Number>,
        /// The largest.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<Number>,
    },
    /// A number.
    Number {
        /// The smallest.
        #[serde(skip_serializing_if = "Option::is_none")]
        min: Option<Number>,
        /// The largest.
        #[serde(skip_serializing_if = "Option::is_none")]
        max: Option<Number>,
    },
    /// A day, as in `2026-01-31`.
    Date,
    /// Yes or no.
    Checkbox,
    /// One of these texts.
    Choice {
        /// The texts.
        choices: Vec<&'static str>,
    },
    /// A text that is never shown again.
    Secret,
    /// A file.
    File {
        /// Whether there may be several.
        several: bool,
        /// Extensions and media types with commas between them.
        #[serde(skip_serializing_if = "Option::is_none")]
        accept: Option<&'static str>,
        /// How many bytes all of them may have together.
        max_size: u64,
    },
}

impl SettingsInfo {
    pub(super) fn new(path: &str, form: &Form) -> Self {
        Self { path: path.to_owned(), fields: form.fields().iter().map(SettingInfo::new).collect() }
    }
}

impl SettingInfo {
    fn new(field: &settings::Field) -> Self {
        Self {
            name: field.name().to_owned(),
            label: field.label_text().to_owned(),
            help: field.help_text().map(str::to_owned),
            required: field.is_required(),
            kind: SettingKind::new(field.input()),
        }
    }
}

impl SettingKind {
    fn new(input: &Input) -> Self {
        match input {
            Input::Text(TextKind::Line) => Self::Text,
            Input::Text(TextKind::Lines) => Self::Textarea,
            Input::Text(TextKind::Email) => Self::Email,
            Input::Text(TextKind::Url) => Self::Url,
            Input::Text(TextKind::Tel) => Self::Tel,
            Input::Number { whole: true, min, max } => {
                Self::Integer { min: min.and_then(number), max: max.and_then(number) }
            }
            Input::Number { whole: false, min, max } => {
                Self::Number { min: min.and_then(number), max: max.and_then(number) }
            }
            Input::Date => Self::Date,
            Input::Checkbox => Self::Checkbox,
            Input::Choice(choices) => Self::Choice { choices: choices.clone() },
            Input::Secret => Self::Secret,
            Input::Upload { several, accept, max_size } => {
                Self::File { several: *several, accept: *accept, max_size: *max_size }
            }
        }
    }
}

/// A limit that JSON can hold.
fn number(limit: Limit) -> Option<Number> {
    match limit {
        Limit::Whole(number) => Number::from_i128(number),
        Limit::Fraction(number) => Number::from_f64(number),
    }
}
