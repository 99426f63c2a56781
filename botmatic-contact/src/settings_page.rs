//! The settings page of an integration: from a token to what is shown, and from a submission to the save.
//!
//! No HTTP and no HTML here: the server carries it, and makes a page of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::call::{Call, Request};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::integration::{Integration, Service, served_path};
use crate::reply::Answered;
use crate::settings::{Form, SettingsError, SettingsForm, Shown, Submission};
use crate::settings_halves::{Render, Save, Show};
use crate::table::{CheckedTable, Table};
use crate::token::Token;

/// The kind of a call that comes from the settings page.
#[derive(Debug)]
pub enum SettingsPage {}

/// What the methods of a settings page return: what was asked for, or what the page is to say instead.
pub type SettingsFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, SettingsError>> + Send + 'a>>;

/// A page in the table of an integration, whatever the type of its settings.
pub(crate) struct Page<I> {
    pub(crate) path: String,
    pub(crate) form: Arc<Form>,
    /// Where Botmatic's own pages are.
    pub(crate) origins: Vec<String>,
    pub(crate) render: Box<Render<I>>,
    pub(crate) show: Show,
    pub(crate) save: Box<Save<I>>,
}

impl<I: Send + Sync + 'static> Table<I> {
    /// Serves a settings page at a path: `render` gives the current settings, `save` takes what was submitted.
    ///
    /// ```
    /// use std::sync::{Mutex, PoisonError};
    ///
    /// use botmatic_contact::prelude::*;
    /// use botmatic_contact::{Integration, Table};
    ///
    /// #[derive(Clone, SettingsForm)]
    /// struct Settings {
    ///     greeting: String,
    /// }
    ///
    /// struct Greeter(Mutex<Settings>);
    ///
    /// impl Integration for Greeter {
    ///     fn table() -> Table<Self> {
    ///         Table::<Self>::new().settings(
    ///             "/settings",
    ///             |call| Box::pin(async move {
    ///                 let settings = call.integration().0.lock().unwrap_or_else(PoisonError::into_inner);
    ///                 Ok(settings.clone())
    ///             }),
    ///             |call, settings: Settings| Box::pin(async move {
    ///                 *call.integration().0.lock().unwrap_or_else(PoisonError::into_inner) = settings;
    ///                 Ok(())
    ///             }),
    ///         )
    ///     }
    /// }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn settings<T: SettingsForm>(
        self,
        path: impl Into<String>,
        render: impl for<'a> Fn(Call<'a, I, SettingsPage>) -> SettingsFuture<'a, T> + Send + Sync + 'static,
        save: impl for<'a> Fn(Call<'a, I, SettingsPage>, T) -> SettingsFuture<'a, ()> + Send + Sync + 'static,
    ) -> Self {
        let path = path.into();
        self.show_settings(path.clone(), render).save_settings(path, save)
    }
}

impl<I> CheckedTable<I> {
    /// The same with a settings page that knows where it is shown, unless it cannot be shown there.
    pub(crate) fn placed(
        mut self,
        endpoint: &str,
        health: &str,
        origins: impl FnOnce() -> Result<Vec<String>>,
    ) -> Result<Self> {
        let Some(page) = &mut self.page else { return Ok(self) };
        page.path = served_path("settings page's path", &page.path)?;
        let taken = match page.path.as_str() {
            // A server of our own does not look at the letter case of the endpoint.
            path if path.eq_ignore_ascii_case(endpoint) => Some("endpoint"),
            path if path == health => Some("health route"),
            _ => None,
        };
        if let Some(what) = taken {
            let message = format!(
                "the settings page's path `{}` is the {what} too: give one of them another path",
                page.path
            );
            return Err(Error::new(Kind::Configuration, message));
        }
        if let Some((field, flaw)) = page.form.flaw() {
            let message = format!("the setting `{field}` can never be filled in: {flaw}");
            return Err(Error::new(Kind::Configuration, message));
        }
        page.origins = origins()?.iter().map(|origin| checked_origin(origin)).collect::<Result<_>>()?;
        Ok(self)
    }
}

/// An origin as browsers write it. It ends up in a header, so that no other characters may be in it.
fn checked_origin(origin: &str) -> Result<String> {
    let written = origin.strip_suffix('/').unwrap_or(origin).to_ascii_lowercase();
    let (host, default_port) = match written.split_once("://") {
        Some(("https", host)) => (host, ":443"),
        Some(("http", host)) => (host, ":80"),
        _ => ("", ""),
    };
    let is_host = |letter: char| letter.is_ascii_alphanumeric() || "-.:[]".contains(letter);
    if host.is_empty() || host.starts_with(':') || !host.chars().all(is_host) {
        let message = format!(
            "`{origin}` is no origin of Botmatic's pages: write scheme and host, as in `https://app.botmatic.ai`"
        );
        return Err(Error::new(Kind::Configuration, message));
    }
    Ok(written.strip_suffix(default_port).unwrap_or(&written).to_owned())
}

/// A call of the settings page, by an installation that Botmatic confirms.
pub(crate) struct Visit<I> {
    context: Arc<Context<I>>,
    request: Request,
}

impl<I: Integration> Service<I> {
    /// The path at which the settings page is served, if the integration has one.
    #[must_use]
    pub fn settings_path(&self) -> Option<&str> {
        self.settings_page().map(|page| page.path.as_str())
    }

    /// Who visits the page, if Botmatic confirms the token. The authorizer has no say.
    pub(crate) async fn visit(&self, token: Option<Token>) -> Option<Visit<I>> {
        let (context, request) = self.confirmed_request(token).await?;
        Some(Visit { context, request })
    }
}

impl<I: Integration> Page<I> {
    /// What the page shows to this visitor.
    pub(crate) async fn show(&self, visit: &Visit<I>) -> Result<Vec<Shown>, SettingsError> {
        let settings = (self.render)(&visit.context, &visit.request).await;
        let shown = settings.map(|settings| (self.show)(&*settings));
        if let Err(error) = &shown {
            tracing::warn!(installation = %visit.request.token.installation(), ?error, "settings not shown");
        }
        shown
    }

    /// Saves what this visitor submitted.
    pub(crate) async fn save(&self, visit: &Visit<I>, submission: Submission) -> Result<(), SettingsError> {
        let saved = self.read_and_save(visit, submission).await;
        let installation = visit.request.token.installation();
        match &saved {
            Ok(()) => tracing::info!(%installation, "settings saved"),
            Err(error) => tracing::debug!(%installation, ?error, "settings not saved"),
        }
        saved
    }

    async fn read_and_save(&self, visit: &Visit<I>, submission: Submission) -> Result<(), SettingsError> {
        let Visit { context, request } = visit;
        let current = if self.form.keeps() { Some((self.render)(context, request).await?) } else { None };
        (self.save)(context, request, submission, current).await
    }
}

/// [`Table::settings`], for generated code: a function that is not there without its feature says so by itself.
#[must_use]
#[track_caller]
pub fn settings_page<I: Send + Sync + 'static, T: SettingsForm>(
    table: Table<I>,
    path: &str,
    render: impl for<'a> Fn(Call<'a, I, SettingsPage>) -> SettingsFuture<'a, T> + Send + Sync + 'static,
    save: impl for<'a> Fn(Call<'a, I, SettingsPage>, T) -> SettingsFuture<'a, ()> + Send + Sync + 'static,
) -> Table<I> {
    table.settings(path, render, save)
}

/// [`Table::show_settings`], likewise.
#[must_use]
#[track_caller]
pub fn show_settings<I: Send + Sync + 'static, T: SettingsForm>(
    table: Table<I>,
    path: &str,
    render: impl for<'a> Fn(Call<'a, I, SettingsPage>) -> SettingsFuture<'a, T> + Send + Sync + 'static,
) -> Table<I> {
    table.show_settings(path, render)
}

/// [`Table::save_settings`], likewise.
#[must_use]
#[track_caller]
pub fn save_settings<I: Send + Sync + 'static, T: SettingsForm>(
    table: Table<I>,
    path: &str,
    save: impl for<'a> Fn(Call<'a, I, SettingsPage>, T) -> SettingsFuture<'a, ()> + Send + Sync + 'static,
) -> Table<I> {
    table.save_settings(path, save)
}

/// Settings that can be made of what was submitted to a page that shows `T`: those that it shows.
#[diagnostic::on_unimplemented(
    message = "the settings page shows `{T}`, and would save `{Self}`",
    label = "not what the page shows",
    note = "the first argument of the method that saves is what was submitted: write `settings: {T}`, and whatever else it \
            takes behind that"
)]
pub trait Submitted<T> {
    /// The same.
    fn submitted(settings: T) -> Self;
}

impl<T> Submitted<T> for T {
    fn submitted(settings: T) -> Self {
        settings
    }
}

/// What a method that saves is given, where another type can be reported.
pub fn submitted<T, S: Submitted<T>>(settings: T) -> S {
    S::submitted(settings)
}

/// What a method of the page can fail with, said where it can be explained.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a settings page",
    label = "neither an error nor a text",
    note = "the page shows what it says: implement `std::error::Error` for it, or return a `SettingsError`, which can name \
            the field"
)]
pub trait PageFailure: Into<SettingsError> {}

#[diagnostic::do_not_recommend]
impl<E: Into<SettingsError>> PageFailure for E {}

/// What a method that saves gives back, said where it can be explained.
#[diagnostic::on_unimplemented(
    message = "a method that saves settings has nothing to give back, and this returns `{Self}`",
    label = "nobody would read this",
    note = "leave the type out, or write `-> Result<(), YourError>`"
)]
pub trait Nothing {}

impl Nothing for () {}

impl<T, E> Answered<Result<T, E>> {
    /// What a method gives that shows the page and can fail.
    pub fn __shown(self) -> Result<T, SettingsError>
    where
        E: PageFailure,
    {
        self.0.map_err(Into::into)
    }

    /// Whether a method saved that can fail.
    pub fn __saved(self) -> Result<(), SettingsError>
    where
        T: Nothing,
        E: PageFailure,
    {
        self.0.map(|_| ()).map_err(Into::into)
    }
}

/// See [`Answered`].
pub trait AnsweredPage<T> {
    /// What any other method gives that shows the page.
    fn __shown(self) -> Result<T, SettingsError>;

    /// Any other method has saved.
    fn __saved(self) -> Result<(), SettingsError>
    where
        T: Nothing;
}

impl<T> AnsweredPage<T> for Answered<T> {
    fn __shown(self) -> Result<T, SettingsError> {
        Ok(self.0)
    }

    fn __saved(self) -> Result<(), SettingsError>
    where
        T: Nothing,
    {
        Ok(())
    }
}
