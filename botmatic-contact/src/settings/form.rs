//! The description of a form: its fields, and what may be entered in each.

use std::fmt;

use super::submission::Entry;
use super::value::{IsNumber, IsText, IsUpload, SettingValue};

/// The largest upload where nothing else is said, in bytes.
pub(super) const UPLOAD_LIMIT: u64 = 1_000_000;

/// The fields of a settings page, in their order.
#[derive(Debug, Clone)]
pub struct Form {
    fields: Vec<Field>,
}

impl Form {
    /// A form of these fields.
    pub fn new(fields: impl Into<Vec<Field>>) -> Self {
        Self { fields: fields.into() }
    }

    /// The fields, in their order.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// What keeps a field from ever being filled, if that is so: its name, and what to do.
    pub(crate) fn flaw(&self) -> Option<(&'static str, String)> {
        self.fields.iter().find_map(|field| Some((field.name, field.input.flaw()?)))
    }

    /// Whether a field keeps its value when nothing is entered, so that the current values have to be known.
    pub(crate) fn keeps(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.input, Input::Secret | Input::Upload { .. }))
    }

    /// How many bytes all uploads may have together.
    pub(crate) fn upload_limit(&self) -> u64 {
        let sizes = self.fields.iter().map(|field| match field.input {
            Input::Upload { max_size, .. } => max_size,
            _ => 0,
        });
        sizes.fold(0, u64::saturating_add)
    }
}

/// One field of a form.
#[derive(Debug, Clone)]
pub struct Field {
    name: &'static str,
    label: String,
    help: Option<&'static str>,
    required: bool,
    input: Input,
}

impl Field {
    /// A field for values of a type. Its name is that of the input; its label is the name until another is given.
    #[must_use]
    pub fn new<T: SettingValue>(name: &'static str) -> Self {
        Self { name, label: name.to_owned(), help: None, required: T::REQUIRED, input: T::input() }
    }

    /// What stands above the field.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// A sentence that explains the field.
    #[must_use]
    pub fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    /// Which kind of text it is.
    #[must_use]
    pub fn kind<T: IsText>(mut self, kind: TextKind) -> Self {
        self.input = Input::Text(kind);
        self
    }

    /// The smallest number.
    #[must_use]
    pub fn min<T: IsNumber>(mut self, limit: T::Number) -> Self {
        if let Input::Number { min, .. } = &mut self.input {
            *min = Some(limit.into());
        }
        self
    }

    /// The largest number.
    #[must_use]
    pub fn max<T: IsNumber>(mut self, limit: T::Number) -> Self {
        if let Input::Number { max, .. } = &mut self.input {
            *max = Some(limit.into());
        }
        self
    }

    /// Which files are accepted: extensions and media types with commas between them, as in `.pdf, image/*`.
    #[must_use]
    pub fn accept<T: IsUpload>(mut self, types: &'static str) -> Self {
        if let Input::Upload { accept, .. } = &mut self.input {
            *accept = Some(types);
        }
        self
    }

    /// How many bytes the files of this field may have together. Without this a million.
    #[must_use]
    pub fn max_size<T: IsUpload>(mut self, bytes: u64) -> Self {
        if let Input::Upload { max_size, .. } = &mut self.input {
            *max_size = bytes;
        }
        self
    }

    /// The name of the input, which is that of the field in the struct.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What stands above the field.
    #[must_use]
    pub fn label_text(&self) -> &str {
        &self.label
    }

    /// The sentence that explains the field.
    #[must_use]
    pub fn help_text(&self) -> Option<&'static str> {
        self.help
    }

    /// Whether it has to be filled.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// What can be entered.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }
}

/// What can be entered in a field.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Input {
    /// A text.
    Text(TextKind),
    /// A number.
    Number {
        /// Whether it has no fraction.
        whole: bool,
        /// The smallest.
        min: Option<Limit>,
        /// The largest.
        max: Option<Limit>,
    },
    /// A day.
    Date,
    /// Yes or no.
    Checkbox,
    /// A text that is never shown.
    Secret,
    /// One of these.
    Choice(Vec<&'static str>),
    /// A file.
    Upload {
        /// Whether there may be several.
        several: bool,
        /// Extensions and media types with commas between them.
        accept: Option<&'static str>,
        /// How many bytes all of them may have together.
        max_size: u64,
    },
}

/// What kind of text a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextKind {
    /// One line.
    Line,
    /// Several lines.
    Lines,
    /// An e-mail address.
    Email,
    /// An address on the web, with `http` or `https`.
    Url,
    /// A telephone number.
    Tel,
}

/// The smallest or largest number that is taken.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub enum Limit {
    /// Of whole numbers.
    Whole(i128),
    /// Of numbers with a fraction.
    Fraction(f64),
}

impl Limit {
    fn parse(text: &str, whole: bool) -> Option<Self> {
        if whole {
            return text.parse().ok().map(Self::Whole);
        }
        text.parse().ok().map(Self::Fraction).filter(|number| number.is_finite())
    }

    pub(super) fn is_finite(self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Fraction(number) => number.is_finite(),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => number.fmt(formatter),
            Self::Fraction(number) => number.fmt(formatter),
        }
    }
}

impl Input {
    /// What is wrong with what can be entered, whatever is entered.
    fn flaw(&self) -> Option<String> {
        match self {
            Self::Number { min: Some(min), max: Some(max), .. } if min > max => {
                Some(format!("no number is at least {min} and at most {max}: exchange the two"))
            }
            Self::Choice(choices) => {
                let mut rest = choices.iter();
                while let Some(choice) = rest.next() {
                    if choice.trim().is_empty() {
                        return Some("one of its choices is empty: give it a text".to_owned());
                    }
                    if rest.as_slice().contains(choice) {
                        return Some(format!("`{choice}` stands for two choices: give each its own text"));
                    }
                }
                choices.is_empty().then(|| "there is nothing to choose: give it choices".to_owned())
            }
            Self::Upload { max_size: 0, .. } => {
                Some("its files may have no byte: give it a larger `max_size`".to_owned())
            }
            Self::Upload { accept: Some(accept), .. } => {
                let wrong = accept.split(',').map(str::trim).find(|entry| !is_accepted_type(entry))?;
                Some(format!("`{wrong}` is neither an extension like `.pdf` nor a media type like `image/*`"))
            }
            _ => None,
        }
    }

    /// Whether these entries can be taken; if not, what the page says. No message repeats an entry.
    pub(crate) fn check(&self, entries: &[Entry]) -> Result<(), String> {
        match self {
            Self::Upload { several, accept, max_size } => {
                return check_uploads(entries, *several, *accept, *max_size);
            }
            _ if entries.iter().any(|entry| matches!(entry, Entry::Upload(_))) => {
                return Err("This is no field for files.".to_owned());
            }
            _ => {}
        }
        let Some(text) = entries.last().and_then(Entry::text) else { return Ok(()) };
        match self {
            Self::Text(kind) => check_text(*kind, text),
            Self::Number { whole, min, max } => check_number(text, *whole, *min, *max),
            Self::Date if text.parse::<jiff::civil::Date>().is_err() => {
                Err("This is not a date like 2026-01-31.".to_owned())
            }
            Self::Choice(choices) if !choices.contains(&text) => Err("Choose one of the list.".to_owned()),
            _ => Ok(()),
        }
    }
}

/// Whether browsers know what an entry of `accept` means.
fn is_accepted_type(entry: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && !word.contains(|letter: char| letter.is_whitespace() || letter == '/')
    };
    match (entry.strip_prefix('.'), entry.split_once('/')) {
        (Some(extension), _) => is_word(extension),
        (None, Some((kind, rest))) => is_word(kind) && is_word(rest),
        (None, None) => false,
    }
}

fn check_text(kind: TextKind, text: &str) -> Result<(), String> {
    let fits = match kind {
        TextKind::Email => text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains(char::is_whitespace)
        }),
        TextKind::Url => {
            let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
            rest.is_some_and(|rest| {
                !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace)
            })
        }
        TextKind::Line | TextKind::Lines | TextKind::Tel => true,
    };
    match kind {
        _ if fits => Ok(()),
        TextKind::Email => Err("This is not an e-mail address.".to_owned()),
        _ => Err("This is not an address like https://example.com.".to_owned()),
    }
}

fn check_number(text: &str, whole: bool, min: Option<Limit>, max: Option<Limit>) -> Result<(), String> {
    let Some(number) = Limit::parse(text.trim(), whole) else {
        return Err(no_number(whole));
    };
    match (min, max) {
        (Some(min), _) if number < min => Err(format!("At least {min}.")),
        (_, Some(max)) if number > max => Err(format!("At most {max}.")),
        _ => Ok(()),
    }
}

/// What is said of a text that is no number, or none that the field's type can hold.
pub(super) fn no_number(whole: bool) -> String {
    if whole { "This is not a whole number." } else { "This is not a number." }.to_owned()
}

fn check_uploads(
    entries: &[Entry],
    several: bool,
    accept: Option<&str>,
    max_size: u64,
) -> Result<(), String> {
    if entries.len() > 1 && !several {
        return Err("Choose one file.".to_owned());
    }
    let mut total = 0_u64;
    for entry in entries {
        let Entry::Upload(upload) = entry else { return Err("Choose a file.".to_owned()) };
        total = total.saturating_add(upload.size());
        if let Some(accept) = accept.filter(|accept| !upload.is_one_of(accept)) {
            return Err(format!("Only files of these types: {accept}."));
        }
    }
    if total > max_size { Err(too_large(max_size)) } else { Ok(()) }
}

/// What is said of files that have more bytes than this.
pub(crate) fn too_large(limit: u64) -> String {
    match limit {
        0..1_000 => format!("At most {limit} bytes."),
        1_000..1_000_000 => format!("At most {} kB.", limit / 1_000),
        _ => format!("At most {}.{} MB.", limit / 1_000_000, limit / 100_000 % 10),
    }
}
