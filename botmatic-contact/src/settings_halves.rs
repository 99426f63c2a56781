//! The two halves of a settings page, which may come from different places: what is shown, and what saves it.
//!
//! They meet by path and by the type of the settings when a service is built. How the page works is left to
//! `settings_page`.

use std::any::{Any, TypeId, type_name};
use std::panic::Location;
use std::sync::Arc;

use crate::call::{Call, Request};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::handlers::Inside;
use crate::settings::{Form, FormReader, SettingsError, SettingsForm, Shown, Submission};
use crate::settings_page::{Page, SettingsFuture, SettingsPage};
use crate::table::{At, Table, twice};

/// Settings whose type has been forgotten.
pub(crate) type AnySettings = Box<dyn Any + Send>;

pub(crate) type Render<I> =
    dyn for<'a> Fn(&'a Arc<Context<I>>, &'a Request) -> SettingsFuture<'a, AnySettings> + Send + Sync;
pub(crate) type Save<I> = dyn for<'a> Fn(&'a Arc<Context<I>>, &'a Request, Submission, Option<AnySettings>) -> SettingsFuture<'a, ()>
    + Send
    + Sync;

/// What is shown of settings.
pub(crate) type Show = fn(&dyn Any) -> Vec<Shown>;

/// One of the handlers of a page.
struct Half<H: ?Sized> {
    path: String,
    /// The type of the settings.
    ty: TypeId,
    type_name: &'static str,
    at: At,
    handler: Box<H>,
}

impl<H: ?Sized> Half<H> {
    fn new<T: SettingsForm>(path: String, at: At, handler: Box<H>) -> Self {
        Self { path, ty: TypeId::of::<T>(), type_name: type_name::<T>(), at, handler }
    }

    fn with<G: ?Sized>(self, change: impl FnOnce(Box<H>) -> Box<G>) -> Half<G> {
        let Self { path, ty, type_name, at, handler } = self;
        Half { path, ty, type_name, at, handler: change(handler) }
    }
}

/// All halves in a table.
pub(crate) struct Halves<I> {
    shown: Vec<(Half<Render<I>>, Show)>,
    saved: Vec<(Half<Save<I>>, Arc<Form>)>,
}

impl<I> Default for Halves<I> {
    fn default() -> Self {
        Self { shown: Vec::new(), saved: Vec::new() }
    }
}

impl<I: Send + Sync + 'static> Table<I> {
    /// The first half of a settings page: `render` gives the current settings. The other one is
    /// [`save_settings`](Self::save_settings) at the same path and of the same type; it can be in another table that is
    /// merged with this one. Both at once are [`settings`](Self::settings), which has an example.
    #[must_use]
    #[track_caller]
    pub fn show_settings<T: SettingsForm>(
        mut self,
        path: impl Into<String>,
        render: impl for<'a> Fn(Call<'a, I, SettingsPage>) -> SettingsFuture<'a, T> + Send + Sync + 'static,
    ) -> Self {
        let render: Box<Render<I>> = Box::new(move |context, request| {
            let settings = render(Call::new(context, request));
            Box::pin(async move { Ok(Box::new(settings.await?) as AnySettings) })
        });
        let show: Show = |settings| settings.downcast_ref().map(T::show).unwrap_or_default();
        self.halves.shown.push((Half::new::<T>(path.into(), Location::caller(), render), show));
        self
    }

    /// The second half of a settings page: `save` takes what was submitted. See
    /// [`show_settings`](Self::show_settings).
    #[must_use]
    #[track_caller]
    pub fn save_settings<T: SettingsForm>(
        mut self,
        path: impl Into<String>,
        save: impl for<'a> Fn(Call<'a, I, SettingsPage>, T) -> SettingsFuture<'a, ()> + Send + Sync + 'static,
    ) -> Self {
        let form = Arc::new(T::form());
        let with_form = Arc::new((Arc::clone(&form), save));
        let save: Box<Save<I>> = Box::new(move |context, request, submission, current| {
            let (call, with_form) = (Call::new(context, request), Arc::clone(&with_form));
            Box::pin(async move {
                let (form, save) = &*with_form;
                let mut reader = FormReader::new(form, submission);
                let settings =
                    T::read(&mut reader, current.as_ref().and_then(|current| current.downcast_ref()));
                drop(current);
                reader.finish()?;
                match settings {
                    Some(settings) => save(call, settings).await,
                    None => Err(SettingsError::message("What was entered cannot be read.")),
                }
            })
        });
        self.halves.saved.push((Half::new::<T>(path.into(), Location::caller(), save), form));
        self
    }
}

impl<I> Halves<I> {
    /// Adds those of another table.
    pub(crate) fn extend(&mut self, other: Self) {
        self.shown.extend(other.shown);
        self.saved.extend(other.saved);
    }

    /// The page, of which there is one at most, if its halves fit together.
    pub(crate) fn page(mut self) -> Result<Option<Page<I>>> {
        self.only()?;
        let (show, save) = match (self.shown.pop(), self.saved.pop()) {
            (None, None) => return Ok(None),
            (Some(show), Some(save)) => (show, save),
            (Some((Half { path, at, .. }, _)), None) => {
                return Err(refused(format!(
                    "the settings page `{path}` is shown, by the handler at {at}, and nothing saves it: add one with \
                     `#[botmatic::settings({path:?}, save)]`"
                )));
            }
            (None, Some((Half { path, at, .. }, _))) => {
                return Err(refused(format!(
                    "the settings page `{path}` is saved, by the handler at {at}, and nothing shows it: add one with \
                     `#[botmatic::settings({path:?})]`"
                )));
            }
        };
        let ((render, show), (save, form)) = (show, save);
        if render.ty != save.ty {
            return Err(refused(format!(
                "the settings page `{}` shows `{}`, by the handler at {}, and saves `{}`, by the one at {}: write the \
                 same type",
                save.path, render.type_name, render.at, save.type_name, save.at
            )));
        }
        Ok(Some(Page {
            path: save.path,
            form,
            origins: Vec::new(),
            render: render.handler,
            show,
            save: save.handler,
        }))
    }

    /// Whether there is only one path, with only one half of each kind.
    fn only(&self) -> Result<()> {
        let shown = self.shown.iter().map(|(half, _)| (&half.path, half.at));
        let saved = self.saved.iter().map(|(half, _)| (&half.path, half.at));
        let (shown, saved): (Vec<_>, Vec<_>) = (shown.collect(), saved.collect());
        if let [(first, _), ..] = [&shown[..], &saved[..]].concat()[..] {
            for (other, _) in shown.iter().chain(&saved) {
                if *other != first {
                    return Err(refused(format!("`{first}` and `{other}` are two settings pages: keep one")));
                }
            }
        }
        for (what, halves) in [("what shows", shown), ("what saves", saved)] {
            if let [(path, first), (_, second), ..] = halves[..] {
                let what = format!("{what} the settings page `{path}`");
                return Err(refused(format!("{}: keep one", twice(&what, first, second))));
            }
        }
        Ok(())
    }
}

impl<J: Send + Sync + 'static> Halves<J> {
    /// The same halves for another integration, where they go on with their own.
    pub(crate) fn inside<I: 'static>(self, own: &Arc<Inside<J>>) -> Halves<I> {
        let shown = self.shown.into_iter();
        let saved = self.saved.into_iter();
        Halves {
            shown: shown.map(|(half, show)| (half.with(|render| render_inside(render, own)), show)).collect(),
            saved: saved.map(|(half, form)| (half.with(|save| save_inside(save, own)), form)).collect(),
        }
    }
}

fn render_inside<I: 'static, J: Send + Sync + 'static>(
    render: Box<Render<J>>,
    own: &Arc<Inside<J>>,
) -> Box<Render<I>> {
    let (render, own) = (Arc::new(render), Arc::clone(own));
    Box::new(move |context, request| {
        let (render, context) = (Arc::clone(&render), own.context(context));
        Box::pin(async move { render(&context, request).await })
    })
}

fn save_inside<I: 'static, J: Send + Sync + 'static>(
    save: Box<Save<J>>,
    own: &Arc<Inside<J>>,
) -> Box<Save<I>> {
    let (save, own) = (Arc::new(save), Arc::clone(own));
    Box::new(move |context, request, submission, current| {
        let (save, context) = (Arc::clone(&save), own.context(context));
        Box::pin(async move { save(&context, request, submission, current).await })
    })
}

fn refused(message: String) -> Error {
    Error::new(Kind::Configuration, message)
}
