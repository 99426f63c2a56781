//! The two methods of a settings page, and every rule about them.
//!
//! Part of the `model` stage. What they take and return is left to the compiler, as for all handlers.

use syn::{LitStr, Type};

use super::attr::Request;
use super::model::{Handler, conditions};
use crate::emit::Errors;

/// A settings page.
pub(super) struct Page {
    pub(super) path: LitStr,
    pub(super) show: Handler,
    pub(super) save: Handler,
    /// The type of what is saved: that of the first argument of `save`, which is no longer among its parameters.
    pub(super) settings: Type,
}

/// Takes the settings page out of the handlers, or says what it lacks.
pub(super) fn take(handlers: &mut Vec<Handler>, errors: &mut Errors) -> Option<Page> {
    let is_page = |handler: &mut Handler| matches!(handler.request, Request::Settings(..));
    let (mut shows, mut saves) = (Vec::new(), Vec::new());
    for handler in handlers.extract_if(.., is_page) {
        let Request::Settings(path, save) = &handler.request else { continue };
        path_is_one(path, errors);
        if save.is_some() { saves.push(handler) } else { shows.push(handler) }
    }
    one_page(&shows, errors);
    one_page(&saves, errors);
    match (shows.into_iter().next(), saves.into_iter().next()) {
        (Some(show), Some(save)) => page(show, save, errors),
        (Some(show), None) => {
            errors.at(
                show.request.place(),
                format_args!(
                    "this settings page is shown, and nothing saves it; add `#[botmatic::settings({}, save)] async fn save(&self, settings: …)`, \
                     where the type is the one that `{}` returns",
                    show.request.place().to_token_stream(),
                    show.method,
                ),
            );
            None
        }
        (None, Some(save)) => {
            errors.at(
                save.request.place(),
                format_args!(
                    "this settings page is saved, and nothing shows it; add `#[botmatic::settings({})] async fn settings(&self) -> …`, \
                     where the type is the one that `{}` takes",
                    save.request.place().to_token_stream(),
                    save.method,
                ),
            );
            None
        }
        (None, None) => None,
    }
}

fn page(show: Handler, mut save: Handler, errors: &mut Errors) -> Option<Page> {
    let (Request::Settings(path, _), Request::Settings(other, _)) = (&show.request, &save.request) else {
        return None;
    };
    let path = path.clone();
    if path.value() != other.value() {
        errors.at(
            other,
            format_args!("the page is shown at {:?} and saved at another path; write the same", path.value()),
        );
    }
    if conditions(&show) != conditions(&save) {
        errors.at(
            &save.method,
            format_args!(
                "`{}` and `{}` are one page and need the same `#[cfg(…)]`",
                show.method, save.method
            ),
        );
    }
    if !show.returns {
        errors.at(
            &show.method,
            format_args!(
                "`{}` says what the page shows; write `-> YourSettings`, or a `Result` of it",
                show.method
            ),
        );
    }
    if save.params.is_empty() {
        errors.at(
            &save.method,
            format_args!(
                "`{name}` is given what was submitted; write `async fn {name}(&self, settings: YourSettings, …)`",
                name = save.method
            ),
        );
        return None;
    }
    let settings = save.params.remove(0).ty;
    Some(Page { path, show, save, settings })
}

fn path_is_one(path: &LitStr, errors: &mut Errors) {
    let text = path.value();
    let problem = if !text.starts_with('/') {
        "a path begins with `/`"
    } else if text.contains(['{', '}', '?', '#']) || text.contains(char::is_whitespace) {
        "a path has neither parameters, nor a query, nor spaces"
    } else {
        return;
    };
    errors.at(path, format_args!("{problem}; write one like \"/settings\""));
}

fn one_page(methods: &[Handler], errors: &mut Errors) {
    let [first, more @ ..] = methods else { return };
    for handler in more {
        errors.at(
            handler.request.place(),
            format_args!(
                "an integration has one settings page, and `{}` is a method of it already; keep one",
                first.method
            ),
        );
    }
}
