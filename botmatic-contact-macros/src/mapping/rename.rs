//! serde's `rename_all`, so that a patch and its struct write the same names.
//!
//! Part of the `model` stage. What serde does not know is left to serde to report.

use syn::LitStr;

/// serde's `rename_all` for the names of fields, which are in snake case to begin with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Rename {
    Not,
    Upper,
    Pascal,
    Camel,
    Kebab,
    UpperKebab,
}

impl Rename {
    pub(super) fn read(rule: Option<&LitStr>) -> Self {
        match rule.map(LitStr::value).as_deref() {
            Some("UPPERCASE" | "SCREAMING_SNAKE_CASE") => Self::Upper,
            Some("PascalCase") => Self::Pascal,
            Some("camelCase") => Self::Camel,
            Some("kebab-case") => Self::Kebab,
            Some("SCREAMING-KEBAB-CASE") => Self::UpperKebab,
            // `lowercase` and `snake_case` leave a field's name as it is, and serde reports what it does not know.
            _ => Self::Not,
        }
    }

    pub(super) fn apply(self, field: &str) -> String {
        match self {
            Self::Not => field.to_owned(),
            Self::Upper => field.to_ascii_uppercase(),
            Self::Kebab => field.replace('_', "-"),
            Self::UpperKebab => field.to_ascii_uppercase().replace('_', "-"),
            Self::Pascal => {
                field.split('_').map(|word| first_letter(word, char::to_ascii_uppercase)).collect()
            }
            Self::Camel => first_letter(&Self::Pascal.apply(field), char::to_ascii_lowercase),
        }
    }
}

fn first_letter(word: &str, change: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().as_ref().map(change).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_renamed_as_serde_renames_it() {
        let rules = [
            ("lowercase", "first_name"),
            ("UPPERCASE", "FIRST_NAME"),
            ("PascalCase", "FirstName"),
            ("camelCase", "firstName"),
            ("snake_case", "first_name"),
            ("SCREAMING_SNAKE_CASE", "FIRST_NAME"),
            ("kebab-case", "first-name"),
            ("SCREAMING-KEBAB-CASE", "FIRST-NAME"),
        ];
        for (rule, expected) in rules {
            let rule = LitStr::new(rule, proc_macro2::Span::call_site());
            assert_eq!(Rename::read(Some(&rule)).apply("first_name"), expected);
        }
        assert_eq!(Rename::read(None).apply("first_name"), "first_name");
    }
}
