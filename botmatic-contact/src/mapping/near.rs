//! Values that are one value, spelt in two ways: services tidy what they are given.

use crate::contact::Value;

/// The fewest digits of a text that may be a telephone number.
const PHONE: usize = 6;

/// Whether a service may have made one of these of the other: letter case and surrounding or repeated spaces do not count,
/// nor how a number is written, nor the punctuation of what looks like a telephone number, nor whether nothing is an empty
/// text or no text.
pub(crate) fn near(one: &Value, other: &Value) -> bool {
    if one == other {
        return true;
    }
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        _ => folded(one).is_some_and(|one| Some(one) == folded(other)),
    }
}

/// What is left of a text when its spelling is taken away; nothing of what is no text.
pub(crate) fn folded(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) if is_phone(text) => Some(text.chars().filter(char::is_ascii_digit).collect()),
        Value::String(text) => {
            let words: Vec<_> = text.split_whitespace().map(str::to_lowercase).collect();
            Some(words.join(" "))
        }
        _ => None,
    }
}

/// Whether a text looks like a telephone number, and not like a decimal or a negative one.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_part = |sign: char| sign.is_ascii_digit() || sign.is_whitespace() || "+-./()".contains(sign);
    let is_decimal = text.contains('.') && text.parse::<f64>().is_ok();
    digits >= PHONE && text.chars().all(is_part) && !is_decimal && !text.starts_with('-')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spelling_is_no_difference_and_everything_else_is() {
        let near_ones = [
            (json!(" Ada  Lovelace "), json!("ada lovelace")),
            (json!("06 12-34.56"), json!("06123456")),
            (json!("+33 (0)6 12 34"), json!("33061234")),
            (json!("Élodie"), json!("élodie")),
            (json!("İ"), json!("i\u{307}")),
            (json!("  "), json!(null)),
            (json!(""), json!(null)),
            (json!(1), json!(1.0)),
        ];
        for (one, other) in near_ones {
            assert!(near(&one, &other) && near(&other, &one), "{one} {other}");
        }
        let other_ones = [
            (json!("Ada"), json!("Ida")),
            (json!("+"), json!("-")),
            (json!("?"), json!(null)),
            (json!("1"), json!(1)),
            (json!(0), json!(null)),
            (json!(true), json!("true")),
            (json!("01"), json!("1")),
            (json!("C"), json!("C++")),
            (json!("Jean Paul"), json!("JeanPaul")),
            (json!("a_b@example.org"), json!("ab@example.org")),
            (json!("[1,23]"), json!("[12,3]")),
            (json!("1.50"), json!("15.0")),
            (json!("1234567.50"), json!("12345675.0")),
            (json!("-1234567"), json!("1234567")),
        ];
        for (one, other) in other_ones {
            assert!(!near(&one, &other) && !near(&other, &one), "{one} {other}");
        }
    }
}
