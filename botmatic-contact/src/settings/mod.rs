//! What a settings page consists of: the form as data, what was submitted, and what was wrong with it.
//!
//! Nothing here knows HTML or HTTP. [`SettingsForm`] is derived for a struct; a [`Form`] describes
//! its fields, [`Shown`] what a page shows of their values, and a [`FormReader`] takes new values from a [`Submission`].

mod error;
mod form;
mod read;
mod secret;
mod submission;
mod value;

pub use self::error::SettingsError;
pub(crate) use self::form::too_large;
pub use self::form::{Field, Form, Input, Limit, TextKind};
pub use self::read::FormReader;
pub(crate) use self::read::removal;
pub use self::secret::Secret;
pub use self::submission::{Entry, Submission, Upload};
pub use self::value::{Choice, Given, IsNumber, IsText, IsUpload, SettingValue, Shown};

/// A struct that the settings page of an integration is made of: `#[derive(SettingsForm)]` implements it.
///
/// The derive is explained [there](derive@crate::SettingsForm). This is what it writes:
///
/// ```
/// use botmatic_contact::prelude::*;
/// use botmatic_contact::settings::{Field, Form, FormReader, SettingValue, Shown};
///
/// struct Settings {
///     api_key: Secret,
///     page_size: Option<u32>,
/// }
///
/// impl SettingsForm for Settings {
///     fn form() -> Form {
///         Form::new([
///             Field::new::<Secret>("api_key").label("API key"),
///             Field::new::<Option<u32>>("page_size").label("Page size").max::<Option<u32>>(100),
///         ])
///     }
///
///     fn show(&self) -> Vec<Shown> {
///         Vec::from([self.api_key.show(), self.page_size.show()])
///     }
///
///     fn read(reader: &mut FormReader<'_>, current: Option<&Self>) -> Option<Self> {
///         let api_key = reader.value("api_key", current.map(|current| &current.api_key));
///         let page_size = reader.value("page_size", current.map(|current| &current.page_size));
///         Some(Self { api_key: api_key?, page_size: page_size? })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no form of settings",
    note = "put `#[derive(SettingsForm)]` on the struct that the settings page shows and saves"
)]
pub trait SettingsForm: Sized + Send + Sync + 'static {
    /// The fields, in the order of the page.
    fn form() -> Form;

    /// What the page shows, field by field in the order of the form.
    fn show(&self) -> Vec<Shown>;

    /// Reads all fields, so that everything that is wrong is said at once. `current` is what was shown: an empty secret
    /// or upload keeps its value.
    fn read(reader: &mut FormReader<'_>, current: Option<&Self>) -> Option<Self>;
}
