//! What differs from the agreed snapshot, and what is agreed afterwards.

use crate::contact::{Properties, Value};

/// What `statement` says that the snapshot does not hold already. What the statement does not mention does not differ;
/// clearing what is absent is no difference.
pub(super) fn difference(snapshot: &Properties, statement: &Properties) -> Properties {
    let differs = |(name, value): &(&str, &Value)| snapshot.get(name).unwrap_or(&Value::Null) != *value;
    statement.iter().filter(differs).map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

/// The snapshot after the changes were made.
pub(super) fn agreed(mut snapshot: Properties, changes: Properties) -> Properties {
    for (name, value) in changes {
        if value.is_null() {
            snapshot.remove(&name);
        } else {
            snapshot.set(name, value);
        }
    }
    snapshot
}

/// What a statement sets, without what it clears.
pub(super) fn set_only(statement: Properties) -> Properties {
    agreed(Properties::with_capacity(statement.len()), statement)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties<const N: usize>(entries: [(&'static str, Value); N]) -> Properties {
        Properties::from_iter(entries)
    }

    #[test]
    fn absent_cleared_and_set_against_absent_same_and_other() {
        let (absent, null, one, two) = (None, Some(Value::Null), Some(Value::from(1)), Some(Value::from(2)));
        let table = [
            // snapshot, statement, difference, agreed
            (&absent, &absent, &absent, &absent),
            (&absent, &null, &absent, &absent),
            (&absent, &one, &one, &one),
            (&one, &absent, &absent, &one),
            (&one, &null, &null, &absent),
            (&one, &one, &absent, &one),
            (&one, &two, &two, &two),
        ];
        let make = |value: &Option<Value>| -> Properties {
            value.iter().map(|value| ("p", value.clone())).collect()
        };
        for (snapshot, statement, changes, after) in table {
            let found = difference(&make(snapshot), &make(statement));
            assert_eq!(found, make(changes), "{snapshot:?} {statement:?}");
            assert_eq!(agreed(make(snapshot), found), make(after), "{snapshot:?} {statement:?}");
        }
    }

    #[test]
    fn a_difference_of_type_is_a_difference() {
        let snapshot = properties([("zip", Value::from("01234"))]);
        assert_eq!(difference(&snapshot, &properties([("zip", Value::from(1234))])).len(), 1);
    }

    #[test]
    fn set_only_leaves_out_what_is_cleared() {
        let statement = properties([("a", Value::Null), ("b", Value::from(""))]);
        assert_eq!(set_only(statement), properties([("b", Value::from(""))]));
    }
}
