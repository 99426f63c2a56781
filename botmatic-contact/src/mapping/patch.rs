//! A change to a contact, field by field.

use super::error::MappingError;
use crate::contact::Properties;

/// What is to become of one field: three things that are never confused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// Nothing was said of it; it stays as it is.
    #[default]
    Keep,
    /// It is to be empty.
    Clear,
    /// It is to hold this value.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the field stays as it is.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// The new value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// The change without its value, for printing.
    #[doc(hidden)]
    pub const fn state(&self) -> Change<()> {
        match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(_) => Change::Set(()),
        }
    }

    #[doc(hidden)]
    pub fn apply_required(
        self,
        property: &'static str,
        field: &mut T,
        outcome: &mut Result<(), MappingError>,
    ) {
        match self {
            Self::Keep => {}
            Self::Clear => *outcome = Err(MappingError::not_nullable(property)),
            Self::Set(value) => *field = value,
        }
    }

    #[doc(hidden)]
    pub fn apply_optional(self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }

    #[doc(hidden)]
    pub fn apply_or(self, field: &mut T, default: fn() -> T) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = default(),
            Self::Set(value) => *field = value,
        }
    }
}

/// A change to a contact: of each mapped field whether it stays, is cleared, or is set. `derive(ContactMapping)` makes
/// such a type beside each struct.
///
/// A patch can be applied to the struct, or serialised: it then holds the changed fields alone, under the names that
/// serde knows them by in the struct, with `null` for cleared ones. That is what most services take in a `PATCH`.
pub trait ContactPatch: Sized + Send + Sync + 'static {
    /// The struct that this changes.
    type Contact;

    /// The change that these properties ask for. Properties that are not mapped are passed over.
    ///
    /// # Errors
    /// When a value does not fit its field, or a field that is required is cleared.
    fn from_properties(properties: &Properties) -> Result<Self, MappingError>;

    /// The change as properties, in canonical form, with [`Value::Null`](crate::Value::Null) for cleared ones.
    ///
    /// # Errors
    /// When a value cannot be written.
    fn to_properties(&self) -> Result<Properties, MappingError>;

    /// Whether nothing changes.
    fn is_empty(&self) -> bool;

    /// Makes the change to a contact.
    ///
    /// # Errors
    /// When a field that is required is to be cleared; the other fields have been changed then.
    fn apply(self, contact: &mut Self::Contact) -> Result<(), MappingError>;
}
