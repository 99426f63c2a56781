//! Values that are one value, spelt in two ways: services tidy what they are given.

use crate::contact::Value;

/// Whether a service may have made one of these of the other: spaces, punctuation and letter case do not count, nor how a
/// number is written, nor whether nothing is an empty text or no text.
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
        Value::String(text) => {
            let small = text.chars().flat_map(char::to_lowercase);
            let folded: String = small.filter(|character| character.is_alphanumeric()).collect();
            // A text of signs alone is what it says.
            Some(if folded.is_empty() { text.trim().to_owned() } else { folded })
        }
        _ => None,
    }
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
            (json!("+33 (0)6"), json!("3306")),
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
        ];
        for (one, other) in other_ones {
            assert!(!near(&one, &other) && !near(&other, &one), "{one} {other}");
        }
    }
}
