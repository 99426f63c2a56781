//! Why settings were not saved, or cannot be shown.

use std::fmt;

use crate::error::BoxError;

/// Why settings were not saved, or cannot be shown. The page shows it: what is wrong with a field stands at the field,
/// what is wrong with none above the form. Every error type turns into one, with its message.
///
/// ```
/// use botmatic_contact::prelude::*;
///
/// async fn check(key: &Secret) -> Result<(), SettingsError> {
///     if key.expose().len() != 32 {
///         return Err(SettingsError::field("api_key", "A key has 32 letters and digits"));
///     }
///     std::fs::metadata("keys.txt")?; // shown above the form
///     Ok(())
/// }
/// ```
#[derive(Default)]
pub struct SettingsError {
    message: Option<String>,
    fields: Vec<(String, String)>,
}

impl SettingsError {
    /// What is wrong with no field in particular.
    pub fn message(message: impl Into<String>) -> Self {
        Self { message: Some(message.into()), fields: Vec::new() }
    }

    /// What is wrong with a field, by the field's name in the struct.
    pub fn field(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self::default().and(name, message)
    }

    /// The same error with one more field.
    #[must_use]
    pub fn and(mut self, name: impl Into<String>, message: impl Into<String>) -> Self {
        self.fields.push((name.into(), message.into()));
        self
    }

    /// What is wrong in general, if anything.
    #[must_use]
    pub fn general(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What is wrong with which field.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, message)| (name.as_str(), message.as_str()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.message.is_none() && self.fields.is_empty()
    }
}

/// Messages may repeat what was typed, so `Debug` shows which fields they are about and nothing else.
impl fmt::Debug for SettingsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<_> = self.fields.iter().map(|(name, _)| name).collect();
        formatter.debug_struct("SettingsError").field("fields", &fields).finish_non_exhaustive()
    }
}

impl<E: Into<BoxError>> From<E> for SettingsError {
    fn from(error: E) -> Self {
        Self::message(error.into().to_string())
    }
}
