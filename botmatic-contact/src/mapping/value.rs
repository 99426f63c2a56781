//! Rust types that are a property by themselves, and how each is written on Botmatic.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZero;
use std::sync::Arc;

use jiff::{Timestamp, civil};

use super::dates;
use crate::contact::{PropertyKind, Value};
use crate::error::BoxError;

/// A Rust type whose values are values of a property.
///
/// Reading undoes writing: no value changes on the way there and back. Reading is also lenient where Botmatic is
/// known to be: a number may arrive as text, since that is how its contacts often hold it.
///
/// | Rust | kind | written as |
/// |---|---|---|
/// | `String`, `Box<str>`, `Arc<str>`, `Cow<'static, str>`, `char` | text | text |
/// | `bool` | text | `true`, `false` |
/// | integers, and `NonZero` of one | number | a number; text of digits beyond ±(2⁵³ − 1), which JavaScript could not hold |
/// | `f32`, `f64` | number | a number; not-a-number and infinities are refused |
/// | `jiff::civil::Date` | date | `2024-02-29` |
/// | `jiff::civil::DateTime` | date | `2024-02-29T12:30:00` |
/// | `jiff::Timestamp` | date | `2024-02-29T12:30:00Z` |
/// | an enum that [derives it](derive@crate::PropertyValue) | text | the variant's text |
/// | a struct around one of these that derives it | as that | as that |
///
/// With the feature of the crate's name:
///
/// | Rust | kind | written as |
/// |---|---|---|
/// | `chrono::NaiveDate`, `time::Date` | date | `2024-02-29` |
/// | `chrono::NaiveDateTime`, `time::PrimitiveDateTime` | date | `2024-02-29T12:30:00` |
/// | `chrono::DateTime<Utc>`, `time::UtcDateTime` | date | `2024-02-29T12:30:00Z` |
/// | `chrono::DateTime<FixedOffset>`, `time::OffsetDateTime` | date | `2024-02-29T12:30:00+01:00` |
/// | `rust_decimal::Decimal` | number | a number where that is exact; else text, as in `1.50` |
/// | `uuid::Uuid` | text | `67e55044-10b1-426f-9247-bb680e5fe0c8` |
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a property",
    label = "not a text, a number or a date",
    note = "for an enum of texts, or a struct around one value, add `#[derive(PropertyValue)]` to it",
    note = "types of `chrono`, `time`, `uuid` and `rust_decimal` need the feature of that name",
    note = "for a structured value write `#[contact(\"name\", json)]`",
    note = "for a type with `Display` and `FromStr` write `#[contact(\"name\", display)]`, for a conversion of your own `with = module`",
    note = "for an optional field spell the type `Option<…>`; a field that stays here is `#[contact(skip)]`"
)]
pub trait PropertyValue: Sized {
    /// The kind of property that holds such values.
    const KIND: PropertyKind;

    /// The only texts that a value can be written as, for an enum; empty where there is no such list.
    const CHOICES: &'static [&'static str] = &[];

    /// The value in its one canonical form.
    ///
    /// # Errors
    /// When Botmatic has no way to hold it.
    fn to_value(&self) -> Result<Value, ValueError>;

    /// The value that was written. Never called with [`Value::Null`]: that is a cleared property.
    ///
    /// # Errors
    /// When it is not a value of this type.
    fn from_value(value: &Value) -> Result<Self, ValueError>;

    /// What [`to_value`](Self::to_value) makes of what [`from_value`](Self::from_value) reads, for types that know it
    /// without reading.
    #[doc(hidden)]
    fn canonical(value: Value) -> Result<Value, ValueError> {
        Self::from_value(&value)?.to_value()
    }
}

/// A value that is not of the type it should be, or that cannot be written. Says what was expected, never the value.
#[derive(Debug)]
pub struct ValueError {
    expected: Cow<'static, str>,
    source: Option<BoxError>,
}

impl ValueError {
    /// An error that says what was expected, as in "expected a date".
    #[must_use]
    pub fn expected(what: impl Into<Cow<'static, str>>) -> Self {
        Self { expected: what.into(), source: None }
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "expected {}", self.expected)
    }
}

impl std::error::Error for ValueError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl PropertyValue for String {
    const KIND: PropertyKind = PropertyKind::Text;

    #[inline]
    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::String(self.clone()))
    }

    #[inline]
    fn from_value(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::String(text) => Ok(text.clone()),
            other => as_text(other),
        }
    }

    fn canonical(value: Value) -> Result<Value, ValueError> {
        if value.is_string() { Ok(value) } else { Self::from_value(&value)?.to_value() }
    }
}

/// A number or a boolean is taken as its text: a platform that tidies `"75001"` into a number loses us nothing.
fn as_text(value: &Value) -> Result<String, ValueError> {
    match value {
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        _ => Err(ValueError::expected("a text")),
    }
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl PropertyValue for $text {
            const KIND: PropertyKind = PropertyKind::Text;

            fn to_value(&self) -> Result<Value, ValueError> {
                Ok(Value::String(self.as_ref().to_owned()))
            }

            fn from_value(value: &Value) -> Result<Self, ValueError> {
                String::from_value(value).map(Self::from)
            }

            fn canonical(value: Value) -> Result<Value, ValueError> {
                String::canonical(value)
            }
        }
    )*};
}

texts!(Box<str>, Arc<str>, Cow<'static, str>);

impl PropertyValue for char {
    const KIND: PropertyKind = PropertyKind::Text;

    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::String(self.to_string()))
    }

    /// Not trimmed: a space is a character too. A digit may arrive as a number.
    fn from_value(value: &Value) -> Result<Self, ValueError> {
        let text = String::from_value(value)?;
        text.parse().map_err(|_| ValueError::expected("a single character"))
    }
}

impl PropertyValue for bool {
    const KIND: PropertyKind = PropertyKind::Text;

    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::Bool(*self))
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        match value {
            Value::Bool(truth) => Ok(*truth),
            other => parsed(other, "`true` or `false`"),
        }
    }
}

/// The largest whole number up to which all whole numbers are exact where JavaScript reads them: 2⁵³ − 1.
pub(super) const EXACT: i128 = (1 << 53) - 1;

macro_rules! integers {
    ($($integer:ty: $expected:literal),* $(,)?) => {$(
        impl PropertyValue for $integer {
            const KIND: PropertyKind = PropertyKind::Number;

            fn to_value(&self) -> Result<Value, ValueError> {
                let exact = i64::try_from(*self).ok().filter(|number| i128::from(*number).abs() <= EXACT);
                Ok(exact.map_or_else(|| Value::String(self.to_string()), Value::from))
            }

            fn from_value(value: &Value) -> Result<Self, ValueError> {
                match value {
                    Value::Number(number) => whole(number)
                        .and_then(|number| Self::try_from(number).ok())
                        .ok_or_else(|| ValueError::expected($expected)),
                    other => parsed(other, $expected),
                }
            }
        }

        impl PropertyValue for NonZero<$integer> {
            const KIND: PropertyKind = PropertyKind::Number;

            fn to_value(&self) -> Result<Value, ValueError> {
                self.get().to_value()
            }

            fn from_value(value: &Value) -> Result<Self, ValueError> {
                let number = <$integer>::from_value(value)?;
                Self::new(number).ok_or(ValueError::expected(concat!($expected, ", and not 0")))
            }
        }
    )*};
}

integers! {
    u8: "a whole number from 0 to 255",
    u16: "a whole number from 0 to 65535",
    u32: "a whole number of 32 bits, not negative",
    u64: "a whole number of 64 bits, not negative",
    u128: "a whole number of 128 bits, not negative",
    usize: "a whole number, not negative",
    i8: "a whole number from -128 to 127",
    i16: "a whole number from -32768 to 32767",
    i32: "a whole number of 32 bits",
    i64: "a whole number of 64 bits",
    i128: "a whole number of 128 bits",
    isize: "a whole number",
}

/// The whole number that a JSON number is; `12.0` is one, `12.5` is not.
pub(super) fn whole(number: &serde_json::Number) -> Option<i128> {
    if let Some(number) = number.as_u64() {
        return Some(number.into());
    }
    if let Some(number) = number.as_i64() {
        return Some(number.into());
    }
    let float = number.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "in range: checked on the line before")]
    let in_range = (float.fract() == 0.0 && float.abs() <= EXACT as f64).then_some(float as i128);
    in_range
}

macro_rules! floats {
    ($($float:ty),*) => {$(
        impl PropertyValue for $float {
            const KIND: PropertyKind = PropertyKind::Number;

            fn to_value(&self) -> Result<Value, ValueError> {
                serde_json::Number::from_f64(f64::from(*self))
                    .map(Value::Number)
                    .ok_or(ValueError::expected("a finite number: Botmatic cannot hold others"))
            }

            fn from_value(value: &Value) -> Result<Self, ValueError> {
                let float: Self = match value {
                    #[expect(clippy::allow_attributes, reason = "the cast is needless for one of the two types")]
                    #[allow(clippy::cast_possible_truncation, reason = "f32 → f64 → f32 is exact")]
                    Value::Number(number) => number.as_f64().map(|float| float as Self),
                    other => Some(parsed(other, "a number")?),
                }
                .ok_or(ValueError::expected("a number"))?;
                if float.is_finite() { Ok(float) } else { Err(ValueError::expected("a finite number")) }
            }
        }
    )*};
}

floats!(f32, f64);

impl PropertyValue for civil::Date {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::String(self.to_string()))
    }

    #[inline]
    fn from_value(value: &Value) -> Result<Self, ValueError> {
        dates::date(text(value, dates::DATE)?)
    }
}

impl PropertyValue for civil::DateTime {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::String(self.to_string()))
    }

    #[inline]
    fn from_value(value: &Value) -> Result<Self, ValueError> {
        dates::date_time(text(value, dates::DATE_TIME)?)
    }
}

impl PropertyValue for Timestamp {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::String(self.to_string()))
    }

    #[inline]
    fn from_value(value: &Value) -> Result<Self, ValueError> {
        dates::timestamp(text(value, dates::MOMENT)?)
    }
}

#[inline]
pub(super) fn text<'a>(value: &'a Value, expected: &'static str) -> Result<&'a str, ValueError> {
    value.as_str().ok_or_else(|| ValueError::expected(expected))
}

pub(super) fn parsed<T>(value: &Value, expected: &'static str) -> Result<T, ValueError>
where
    T: std::str::FromStr,
{
    // Its own error may quote the value.
    text(value, expected)?.trim().parse().map_err(|_| ValueError::expected(expected))
}
