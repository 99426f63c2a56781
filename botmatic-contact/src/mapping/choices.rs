//! Values that are one of several texts: what `derive(PropertyValue)` on an enum calls.

use std::borrow::Cow;

use super::value::ValueError;
use crate::contact::Value;

/// Writes the text of a variant.
pub fn write_choice(text: &'static str) -> Result<Value, ValueError> {
    Ok(Value::String(text.to_owned()))
}

/// Reads one of these texts: gives the variant that has its place. As with a `String`, a number or a boolean is taken
/// as its text.
pub fn read_choice<T, const N: usize>(
    value: &Value,
    texts: &[&str],
    variants: [T; N],
) -> Result<T, ValueError> {
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Number(number) => number.to_string().into(),
        Value::Bool(truth) => truth.to_string().into(),
        Value::Null | Value::Array(_) | Value::Object(_) => return Err(expected(texts)),
    };
    let chosen = texts.iter().zip(variants).find(|(known, _)| **known == text);
    chosen.map(|(_, variant)| variant).ok_or_else(|| expected(texts))
}

fn expected(texts: &[&str]) -> ValueError {
    let texts: Vec<_> = texts.iter().map(|text| format!("`{text}`")).collect();
    ValueError::expected(match &texts[..] {
        [text] => format!("the text {text}"),
        _ => format!("one of the texts {}", texts.join(", ")),
    })
}
