//! Decimal numbers: every digit counts, and so does how many there are after the point.

use rust_decimal::Decimal;
use serde_json::Number;

use crate::contact::{PropertyKind, Value};
use crate::mapping::value::{EXACT, PropertyValue, ValueError, text, whole};

const EXPECTED: &str = "a decimal number of at most 28 digits";

impl PropertyValue for Decimal {
    const KIND: PropertyKind = PropertyKind::Number;

    fn to_value(&self) -> Result<Value, ValueError> {
        // Zero has a sign here, which nobody reads.
        let text = if self.is_zero() { self.abs().to_string() } else { self.to_string() };
        Ok(number(&text).map_or(Value::String(text), Value::Number))
    }

    /// Never rounded: more digits than there is room for are an error.
    fn from_value(value: &Value) -> Result<Self, ValueError> {
        let decimal = match value {
            // The shortest text that is this number: nobody has seen other digits.
            Value::Number(number) => {
                let text = number.to_string();
                let exponent = text.contains(['e', 'E']);
                if exponent { Self::from_scientific(&text) } else { Self::from_str_exact(&text) }
            }
            other => Self::from_str_exact(text(other, EXPECTED)?.trim()),
        };
        decimal.map_err(|_| ValueError::expected(EXPECTED))
    }
}

/// The number that is written with exactly these digits, in Rust and in JavaScript.
fn number(text: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(text).ok()?;
    let exact = whole(&number).is_none_or(|whole| whole.abs() <= EXACT);
    // JavaScript writes `1.0` as `1`.
    let every_digit = number.to_string() == text && !(text.contains('.') && text.ends_with('0'));
    (exact && every_digit).then_some(number)
}
