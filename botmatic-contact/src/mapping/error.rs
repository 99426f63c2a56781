//! What can be wrong with one value, and where.

use std::fmt;

use super::value::ValueError;
use crate::error::{Error, Kind};

/// A property whose value does not fit the field it is mapped to. The message names the property and what was
/// expected, never the value: that is personal data.
#[derive(Debug)]
pub struct MappingError {
    property: String,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Missing,
    NotNullable,
    Value(ValueError),
}

impl MappingError {
    pub(super) fn missing(property: &str) -> Self {
        Self { property: property.to_owned(), problem: Problem::Missing }
    }

    pub(super) fn not_nullable(property: &str) -> Self {
        Self { property: property.to_owned(), problem: Problem::NotNullable }
    }

    pub(super) fn value(property: &str, error: ValueError) -> Self {
        Self { property: property.to_owned(), problem: Problem::Value(error) }
    }

    /// The name of the property on Botmatic.
    #[must_use]
    pub fn property(&self) -> &str {
        &self.property
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let property = &self.property;
        match &self.problem {
            Problem::Missing => write!(
                formatter,
                "property `{property}` is absent, but its field is required: set it, or make the field an `Option` \
                 or add `#[contact(default)]`"
            ),
            Problem::NotNullable => write!(
                formatter,
                "property `{property}` was cleared, but its field is required: set it, or make the field an `Option` \
                 or add `#[contact(default)]`"
            ),
            Problem::Value(error) => write!(formatter, "property `{property}`: {error}"),
        }
    }
}

impl std::error::Error for MappingError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            Problem::Value(error) => std::error::Error::source(error),
            Problem::Missing | Problem::NotNullable => None,
        }
    }
}

impl From<MappingError> for Error {
    fn from(error: MappingError) -> Self {
        let message = error.to_string();
        Self::new(Kind::Mapping, message).with_source(error)
    }
}
