//! The rules of serde's `rename_all`, for fields and for variants.
//!
//! Which attribute has them, and what is said about a rule that does not exist, is left to each macro.

/// How names are written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Rename {
    /// As they are.
    #[default]
    Not,
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    UpperSnake,
    Kebab,
    UpperKebab,
}

impl Rename {
    /// All rules, as serde calls them.
    pub(crate) const RULES: [(&str, Self); 8] = [
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
        ("PascalCase", Self::Pascal),
        ("camelCase", Self::Camel),
        ("snake_case", Self::Snake),
        ("SCREAMING_SNAKE_CASE", Self::UpperSnake),
        ("kebab-case", Self::Kebab),
        ("SCREAMING-KEBAB-CASE", Self::UpperKebab),
    ];

    /// The rule of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::RULES.iter().find(|(rule, _)| *rule == name).map(|(_, rule)| *rule)
    }

    /// The name of a field, which is in snake case to begin with.
    pub(crate) fn field(self, name: &str) -> String {
        match self {
            Self::Not | Self::Lower | Self::Snake => name.to_owned(),
            Self::Upper | Self::UpperSnake => name.to_ascii_uppercase(),
            Self::Kebab => name.replace('_', "-"),
            Self::UpperKebab => name.to_ascii_uppercase().replace('_', "-"),
            Self::Pascal => {
                name.split('_').map(|word| first_letter(word, char::to_ascii_uppercase)).collect()
            }
            Self::Camel => first_letter(&Self::Pascal.field(name), char::to_ascii_lowercase),
        }
    }

    /// The name of a variant, which is in Pascal case to begin with.
    pub(crate) fn variant(self, name: &str) -> String {
        match self {
            Self::Not | Self::Pascal => name.to_owned(),
            Self::Lower => name.to_ascii_lowercase(),
            Self::Upper => name.to_ascii_uppercase(),
            Self::Camel => first_letter(name, char::to_ascii_lowercase),
            Self::Snake | Self::UpperSnake | Self::Kebab | Self::UpperKebab => self.field(&snake(name)),
        }
    }
}

fn first_letter(word: &str, change: fn(&char) -> char) -> String {
    let mut letters = word.chars();
    letters.next().as_ref().map(change).into_iter().chain(letters).collect()
}

/// `FirstName` as `first_name`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_serde_writes_them() {
        let rules = [
            ("lowercase", "first_name", "firstname"),
            ("UPPERCASE", "FIRST_NAME", "FIRSTNAME"),
            ("PascalCase", "FirstName", "FirstName"),
            ("camelCase", "firstName", "firstName"),
            ("snake_case", "first_name", "first_name"),
            ("SCREAMING_SNAKE_CASE", "FIRST_NAME", "FIRST_NAME"),
            ("kebab-case", "first-name", "first-name"),
            ("SCREAMING-KEBAB-CASE", "FIRST-NAME", "FIRST-NAME"),
        ];
        for (name, field, variant) in rules {
            let rule = Rename::named(name).unwrap();
            assert_eq!((rule.field("first_name"), rule.variant("FirstName")), (field.into(), variant.into()));
        }
        assert_eq!(Rename::Not.field("first_name"), "first_name");
        assert_eq!(Rename::Not.variant("FirstName"), "FirstName");
        assert!(Rename::named("Snake_Case").is_none());
    }
}
