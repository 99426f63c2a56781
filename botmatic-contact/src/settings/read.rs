//! Reading a submission field by field, and remembering what was wrong with it.

use std::fmt;

use super::error::SettingsError;
use super::form::Form;
use super::submission::Submission;
use super::value::{Given, SettingValue};

/// Takes the values of a form out of a submission. What is wrong is kept, so that all of it is said at once.
pub struct FormReader<'a> {
    form: &'a Form,
    submission: Submission,
    wrong: SettingsError,
}

impl<'a> FormReader<'a> {
    /// Reads a submission of this form.
    #[must_use]
    pub fn new(form: &'a Form, submission: Submission) -> Self {
        Self { form, submission, wrong: SettingsError::default() }
    }

    /// The value of a field, unless something is wrong with it. `current` is the value that was shown.
    pub fn value<T: SettingValue>(&mut self, name: &str, current: Option<&T>) -> Option<T> {
        match self.read(name, current) {
            Ok(value) => Some(value),
            Err(message) => {
                self.wrong = std::mem::take(&mut self.wrong).and(name, message);
                None
            }
        }
    }

    fn read<T: SettingValue>(&mut self, name: &str, current: Option<&T>) -> Result<T, String> {
        let mut entries = self.submission.take(name);
        entries.retain(|entry| !entry.is_empty());
        let remove = !self.submission.take(&removal(name)).is_empty();
        if let Some(field) = self.form.field(name) {
            field.input().check(&entries)?;
        }
        T::read(Given { entries, remove }, current)?.ok_or_else(|| "This is required.".to_owned())
    }

    /// What was wrong, if anything.
    ///
    /// # Errors
    /// When any field was wrong.
    pub fn finish(self) -> Result<(), SettingsError> {
        if self.wrong.is_empty() { Ok(()) } else { Err(self.wrong) }
    }
}

impl fmt::Debug for FormReader<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FormReader").field("wrong", &self.wrong).finish_non_exhaustive()
    }
}

/// The name of the checkbox that removes the stored value of a field. No field of a struct has such a name.
pub(crate) fn removal(name: &str) -> String {
    format!("{name}.remove")
}
