//! Which Rust types a field can have, and what each asks for.

use super::form::{Input, Limit, TextKind, UPLOAD_LIMIT, no_number};
use super::secret::Secret;
use super::submission::{Entry, Upload};

/// A type that a field of a settings form can have.
///
/// | type | the field |
/// |---|---|
/// | `String` | a line of text; `kind` says what else it can be |
/// | whole numbers, `f32`, `f64` | a number; without `min` and `max` the limits of the type |
/// | `bool` | a checkbox |
/// | `jiff::civil::Date` | a day |
/// | [`Secret`] | a password field that never shows its value |
/// | [`Upload`], `Vec<Upload>` | a file, or several |
/// | an enum that is a [`Choice`] | a list to choose from |
/// | `Option` of these | the same, not required |
///
/// For a type of your own, implement it in terms of one of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a settings form",
    label = "not known to settings",
    note = "a field is a `String`, a number, a `bool`, a `jiff::civil::Date`, a `Secret`, an `Upload`, an enum that \
            implements `Choice`, or an `Option` of one of these",
    note = "for another type implement `SettingValue`"
)]
pub trait SettingValue: Sized {
    /// Whether something has to be entered.
    const REQUIRED: bool = true;

    /// What can be entered.
    fn input() -> Input;

    /// What the page shows of this value.
    fn show(&self) -> Shown;

    /// Reads what was entered, which fits the input already; `None` if that is nothing. `current` is the value that was
    /// shown, for fields that keep theirs.
    ///
    /// # Errors
    /// When it cannot be read; the text is shown at the field.
    fn read(given: Given, current: Option<&Self>) -> Result<Option<Self>, String>;
}

/// What the page shows in a field. `Debug` prints no value.
#[derive(Clone, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Empty,
    /// This text, or the choice of that name.
    Text(String),
    /// A tick.
    Ticked,
    /// That there is a value which is not shown; for a file, under this name.
    Stored(String),
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "Empty",
            Self::Text(_) => "Text(…)",
            Self::Ticked => "Ticked",
            Self::Stored(_) => "Stored(…)",
        })
    }
}

/// What was entered in one field. Empty entries are left out.
#[derive(Debug, Default)]
pub struct Given {
    /// What was entered, in order: several entries only where there are several files.
    pub entries: Vec<Entry>,
    /// Whether the stored value is to be removed.
    pub remove: bool,
}

impl Given {
    /// The text that was entered; of several the last one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.entries.last().and_then(Entry::text)
    }

    fn uploads(self) -> Vec<Upload> {
        let uploads = self.entries.into_iter().filter_map(|entry| match entry {
            Entry::Upload(upload) => Some(upload),
            Entry::Text(_) => None,
        });
        uploads.collect()
    }
}

impl SettingValue for String {
    fn input() -> Input {
        Input::Text(TextKind::Line)
    }

    fn show(&self) -> Shown {
        Shown::Text(self.clone())
    }

    fn read(given: Given, _: Option<&Self>) -> Result<Option<Self>, String> {
        // Browsers send line breaks as two characters or as one, depending on how they send the form.
        Ok(given.text().map(|text| text.replace("\r\n", "\n")))
    }
}

impl SettingValue for bool {
    const REQUIRED: Self = false;

    fn input() -> Input {
        Input::Checkbox
    }

    fn show(&self) -> Shown {
        if *self { Shown::Ticked } else { Shown::Empty }
    }

    fn read(given: Given, _: Option<&Self>) -> Result<Option<Self>, String> {
        Ok(Some(!given.entries.is_empty()))
    }
}

impl SettingValue for jiff::civil::Date {
    fn input() -> Input {
        Input::Date
    }

    fn show(&self) -> Shown {
        Shown::Text(self.to_string())
    }

    fn read(given: Given, _: Option<&Self>) -> Result<Option<Self>, String> {
        Ok(given.text().and_then(|text| text.parse().ok()))
    }
}

impl SettingValue for Secret {
    fn input() -> Input {
        Input::Secret
    }

    fn show(&self) -> Shown {
        if self.is_empty() { Shown::Empty } else { Shown::Stored(String::new()) }
    }

    fn read(given: Given, current: Option<&Self>) -> Result<Option<Self>, String> {
        let current = current.filter(|secret| !secret.is_empty());
        Ok(given.text().map(Self::new).or_else(|| current.cloned()))
    }
}

impl SettingValue for Upload {
    fn input() -> Input {
        Input::Upload { several: false, accept: None, max_size: UPLOAD_LIMIT }
    }

    fn show(&self) -> Shown {
        if self.is_empty() { Shown::Empty } else { Shown::Stored(self.name.clone()) }
    }

    fn read(given: Given, current: Option<&Self>) -> Result<Option<Self>, String> {
        let current = current.filter(|upload| !upload.is_empty());
        Ok(given.uploads().pop().or_else(|| current.cloned()))
    }
}

impl SettingValue for Vec<Upload> {
    const REQUIRED: bool = false;

    fn input() -> Input {
        Input::Upload { several: true, accept: None, max_size: UPLOAD_LIMIT }
    }

    fn show(&self) -> Shown {
        if self.is_empty() {
            return Shown::Empty;
        }
        let names: Vec<_> = self.iter().map(|upload| upload.name.as_str()).collect();
        Shown::Stored(names.join(", "))
    }

    fn read(given: Given, current: Option<&Self>) -> Result<Option<Self>, String> {
        if given.remove {
            return Ok(Some(Self::new()));
        }
        let uploads = given.uploads();
        Ok(Some(if uploads.is_empty() { current.cloned().unwrap_or_default() } else { uploads }))
    }
}

impl<T: SettingValue> SettingValue for Option<T> {
    const REQUIRED: bool = false;

    fn input() -> Input {
        T::input()
    }

    fn show(&self) -> Shown {
        self.as_ref().map_or(Shown::Empty, T::show)
    }

    fn read(given: Given, current: Option<&Self>) -> Result<Option<Self>, String> {
        if given.remove {
            return Ok(Some(None));
        }
        T::read(given, current.and_then(Self::as_ref)).map(Some)
    }
}

/// An enum whose variants can be chosen from a list.
///
/// ```
/// use botmatic_contact::Choice;
///
/// #[derive(Clone, PartialEq)]
/// enum Language {
///     French,
///     English,
/// }
///
/// impl Choice for Language {
///     const CHOICES: &'static [(Self, &'static str)] =
///         &[(Self::French, "Français"), (Self::English, "English")];
/// }
/// ```
pub trait Choice: Clone + PartialEq + 'static {
    /// Every value with the text under which it is chosen; no two the same.
    const CHOICES: &'static [(Self, &'static str)];
}

impl<T: Choice> SettingValue for T {
    fn input() -> Input {
        Input::Choice(T::CHOICES.iter().map(|(_, text)| *text).collect())
    }

    fn show(&self) -> Shown {
        let chosen = T::CHOICES.iter().find(|(value, _)| value == self);
        chosen.map_or(Shown::Empty, |(_, text)| Shown::Text((*text).to_owned()))
    }

    fn read(given: Given, _: Option<&Self>) -> Result<Option<Self>, String> {
        let chosen = T::CHOICES.iter().find(|(_, text)| given.text() == Some(text));
        Ok(chosen.map(|(value, _)| value.clone()))
    }
}

macro_rules! numbers {
    ($whole:literal, $limit:path: $($number:ident)*) => {$(
        impl SettingValue for $number {
            fn input() -> Input {
                let (min, max) = ($number::MIN.into(), $number::MAX.into());
                // A number with a fraction has no limits that anybody would want to read.
                let limits = if $whole { (Some(min), Some(max)) } else { (None, None) };
                Input::Number { whole: $whole, min: limits.0, max: limits.1 }
            }

            fn show(&self) -> Shown {
                Shown::Text(self.to_string())
            }

            fn read(given: Given, _: Option<&Self>) -> Result<Option<Self>, String> {
                let Some(text) = given.text() else { return Ok(None) };
                let number = text.trim().parse().ok().filter(|number: &Self| Limit::from(*number).is_finite());
                number.map(Some).ok_or_else(|| no_number($whole))
            }
        }

        impl From<$number> for Limit {
            fn from(number: $number) -> Self {
                $limit(number.into())
            }
        }

        impl IsNumber for $number {
            type Number = Self;
        }
    )*};
}

numbers!(true, Limit::Whole: u8 u16 u32 u64 i8 i16 i32 i64);
numbers!(false, Limit::Fraction: f32 f64);

/// The types whose field has a `kind`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `kind`",
    note = "`kind` says what a `String` or an `Option<String>` holds; leave it out"
)]
pub trait IsText {}

impl IsText for String {}
impl<T: IsText> IsText for Option<T> {}

/// The types whose field has `min` and `max`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has neither `min` nor `max`",
    note = "they are for numbers; leave them out"
)]
pub trait IsNumber {
    /// The number itself.
    type Number: Into<Limit>;
}

impl<T: IsNumber> IsNumber for Option<T> {
    type Number = T::Number;
}

/// The types whose field has `accept` and `max_size`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has neither `accept` nor `max_size`",
    note = "they are for an `Upload`, an `Option<Upload>` or a `Vec<Upload>`; leave them out"
)]
pub trait IsUpload {}

impl IsUpload for Upload {}
impl IsUpload for Vec<Upload> {}
impl<T: IsUpload> IsUpload for Option<T> {}
