//! What can be wrong with one value, and where.

use std::fmt;

use super::value::ValueError;
use crate::error::{Error, Kind};

/// A property whose value does not fit the field it is mapped to. The message names the property and what was
/// expected, never the value: that is personal data.
#[derive(Debug)]
pub struct MappingError(Box<Inner>);

/// In a box, so that the result of each field stays small.
#[derive(Debug)]
struct Inner {
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
        Self::new(property, Problem::Missing)
    }

    pub(super) fn not_nullable(property: &str) -> Self {
        Self::new(property, Problem::NotNullable)
    }

    pub(super) fn value(property: &str, error: ValueError) -> Self {
        Self::new(property, Problem::Value(error))
    }

    #[cold]
    fn new(property: &str, problem: Problem) -> Self {
        Self(Box::new(Inner { property: property.to_owned(), problem }))
    }

    /// The name of the property on Botmatic.
    #[must_use]
    pub fn property(&self) -> &str {
        &self.0.property
    }
}

impl fmt::Display for MappingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { property, problem } = &*self.0;
        match problem {
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
        match &self.0.problem {
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
