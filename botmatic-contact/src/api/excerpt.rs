//! What Botmatic said, as far as an error may repeat it: without the token, and without what the contacts hold that
//! were sent, however they are escaped.

use percent_encoding::percent_decode_str;

use crate::contact::{Properties, Value};
use crate::token::Token;

/// How many characters of an answer an error shows.
const LENGTH: usize = 200;

/// How many bytes of an answer are looked at.
const WINDOW: usize = 8 << 10;

/// An answer may be escaped text within escaped text, to this depth.
const LAYERS: usize = 3;

/// The beginning of what was said.
pub(super) fn excerpt(said: &[u8], token: Option<&Token>, contacts: &[&Properties]) -> String {
    let said = String::from_utf8_lossy(&said[..said.len().min(WINDOW)]);
    let mut said = plain(&said);
    if let Some(token) = token {
        said = without(said, &plain(token.expose()), |_, _| true);
    }
    let mut values = Vec::new();
    for (_, value) in contacts.iter().flat_map(|contact| contact.iter()) {
        gather(value, &mut values);
    }
    // A single letter or digit tells of nobody.
    values.retain(|value| value.chars().nth(1).is_some());
    values.sort_unstable_by_key(|value| std::cmp::Reverse(value.len()));
    values.dedup();
    for value in values {
        said = without(said, &value, is_word);
    }
    said.trim().chars().take(LENGTH).collect()
}

/// The texts and numbers in a value.
fn gather(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(plain(text.trim())),
        Value::Number(number) => into.push(number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| gather(value, into)),
        Value::Object(values) => values.values().for_each(|value| gather(value, into)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Whether what stands between these two is a word of its own.
fn is_word(before: &str, after: &str) -> bool {
    !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
}

/// The text with something in it replaced, in small letters or capitals, where its surroundings allow it.
fn without(text: String, secret: &str, allowed: fn(&str, &str) -> bool) -> String {
    if secret.is_empty() {
        return text;
    }
    let (lower, secret) = (text.to_ascii_lowercase(), secret.to_ascii_lowercase());
    let mut cleaned = String::with_capacity(text.len());
    let mut done = 0;
    for (start, found) in lower.match_indices(&secret) {
        let end = start + found.len();
        if allowed(&lower[..start], &lower[end..]) {
            cleaned.push_str(&text[done..start]);
            cleaned.push('…');
            done = end;
        }
    }
    if done == 0 { text } else { cleaned + &text[done..] }
}

/// The text without escapes: those of addresses and forms, of JSON and of HTML; white space is one space.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..LAYERS {
        let decoded = decoded(&percent_decode_str(&text).decode_utf8_lossy());
        if decoded == text {
            break;
        }
        text = decoded;
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '+' && !character.is_whitespace() {
            plain.push(character);
        } else if !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain
}

/// The text without one layer of the escapes of JSON and HTML.
fn decoded(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '&']) {
        let (before, escape) = rest.split_at(at);
        decoded.push_str(before);
        let (character, length) = json_escape(escape).or_else(|| html_escape(escape)).unwrap_or_else(|| {
            let literal = if escape.starts_with('&') { '&' } else { '\\' };
            (literal, 1)
        });
        decoded.push(character);
        rest = &escape[length..];
    }
    decoded + rest
}

/// The character that a text begins with in an escape of JSON, and the escape's length.
fn json_escape(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok();
    if let Some(first) = unit(text) {
        let second = text.get(6..).and_then(unit);
        let mut characters = char::decode_utf16([first].into_iter().chain(second));
        let character = characters.next()?.unwrap_or(char::REPLACEMENT_CHARACTER);
        return Some((character, if character.len_utf16() == 2 { 12 } else { 6 }));
    }
    let character = match text.strip_prefix('\\')?.chars().next()? {
        'b' | 'f' | 'n' | 'r' | 't' => ' ',
        same @ ('"' | '\\' | '/') => same,
        _ => return None,
    };
    Some((character, 2))
}

/// The same of HTML.
fn html_escape(text: &str) -> Option<(char, usize)> {
    let (name, _) = text.get(..text.len().min(10)).unwrap_or(text).strip_prefix('&')?.split_once(';')?;
    let character = match (name, name.strip_prefix('#')) {
        ("amp", _) => '&',
        ("lt", _) => '<',
        ("gt", _) => '>',
        ("quot", _) => '"',
        ("apos", _) => '\'',
        (_, Some(number)) => char::from_u32(match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        })?,
        _ => return None,
    };
    Some((character, name.len() + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_left_out_however_it_is_escaped() {
        let token = Token::new("tök/\"4 2\"&<+%41\\n");
        for said in [
            "tök/\"4 2\"&<+%41\\n",
            "t%C3%B6k%2F%224%202%22%26%3C%2B%2541%5Cn",
            "t%c3%b6k%2f%224+2%22%26%3c%2b%2541%5cn",
            r#"t\u00f6k/\"4 2\"&<+%41\\n"#,
            r#"t\u00F6k\/\u00224 2\u0022\u0026\u003c\u002b%41\\n"#,
            "t&#246;k/&quot;4 2&quot;&amp;&lt;+%41\\n",
            "t&#xF6;k&#x2f;&#34;4 2&#34;&#38;&#60;+%41\\n",
            r#"t\\u00f6k/\\\"4 2\\\"&<+%41\\\\n"#,
            "TöK/\"4 2\"&<+%41\\n",
        ] {
            let shown = excerpt(format!("before{said}after").as_bytes(), Some(&token), &[]);
            assert_eq!(shown, "before…after", "{said}");
        }
    }

    #[test]
    fn what_contacts_hold_is_left_out_where_it_is_a_word() {
        let contact: Properties = serde_json::from_str(
            r#"{"a":"Ada","b":"ada@example.test","c":33612345678,"d":["Zoë 🙂"],"e":"x","f":true,"g":"",
                "h":"4 Main  Street\n\tLyon"}"#,
        )
        .unwrap();
        for (said, shown) in [
            ("Ada (ADA@example.test) is taken", "… (…) is taken"),
            ("Adam and Canada stay", "Adam and Canada stay"),
            ("33612345678, not 133612345678", "…, not 133612345678"),
            (r#"{"error":"Zo\u00eb \ud83d\ude42 = x, true"}"#, r#"{"error":"… = x, true"}"#),
            ("ada%40example.test", "…"),
            (r#"{"at":"4 Main  Street\n\tLyon"}"#, r#"{"at":"…"}"#),
            ("no 4 Main Street<br>, no\n4 Main\r\nStreet Lyon", "no 4 Main Street<br>, no …"),
            (
                "caf\u{e9} \\ud83d alone \\ & &nothing; &#xFFFFFFFF;",
                "café \u{fffd} alone \\ & &nothing; &#xFFFFFFFF;",
            ),
        ] {
            assert_eq!(excerpt(said.as_bytes(), None, &[&contact]), shown);
        }
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        let said = "a\r\n b".repeat(1 << 20);
        let shown = excerpt(said.as_bytes(), Some(&Token::new("")), &[]);
        assert_eq!(shown.chars().count(), LENGTH);
        assert!(shown.starts_with("a ba ba b"));
        assert_eq!(excerpt(&[0xff, b'x'], None, &[]), "\u{fffd}x");
    }
}
