//! The two methods of a settings page, and every rule about them.
//!
//! Part of the `model` stage. What they take and return is left to the compiler, as for all handlers.

use syn::{LitStr, Type};

use super::about::last;
use super::attr::Request;
use super::model::{Handler, conditions};
use crate::emit::Errors;

/// A settings page, or the half of one.
pub(super) struct Page {
    pub(super) path: LitStr,
    pub(super) show: Option<Handler>,
    pub(super) save: Option<Save>,
}

/// The handler that saves.
pub(super) struct Save {
    pub(super) handler: Handler,
    /// The type of what is saved: that of its first argument, which is no longer among its parameters.
    pub(super) settings: Type,
}

/// Where both halves of a page have to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Halves {
    /// In one block, which is all there is of the integration.
    Here,
    /// Anywhere: they meet when the service is built.
    Elsewhere,
}

/// Takes the settings page out of the handlers, or says what it lacks.
pub(super) fn take(handlers: &mut Vec<Handler>, halves: Halves, errors: &mut Errors) -> Option<Page> {
    let is_page = |handler: &mut Handler| matches!(handler.request, Request::Settings(..));
    let (mut shows, mut saves) = (Vec::new(), Vec::new());
    for handler in handlers.extract_if(.., is_page) {
        let Request::Settings(path, save) = &handler.request else { continue };
        path_is_one(path, errors);
        let path = path.clone();
        if save.is_some() { saves.push((path, handler)) } else { shows.push((path, handler)) }
    }
    one_page(&shows, errors);
    one_page(&saves, errors);
    let (show, save) = (shows.into_iter().next(), saves.into_iter().next());
    match (&show, &save) {
        (Some((path, show)), Some((other, save))) => fit(path, show, other, save, errors),
        (Some((path, show)), None) if halves == Halves::Here => errors.at(
            path,
            format_args!(
                "this settings page is shown, and nothing saves it; add `#[botmatic::settings({}, save)] async fn save(&self, settings: …)`, \
                 where the type is the one that `{}` returns",
                path.token(),
                show.method,
            ),
        ),
        (None, Some((path, save))) if halves == Halves::Here => errors.at(
            path,
            format_args!(
                "this settings page is saved, and nothing shows it; add `#[botmatic::settings({})] async fn settings(&self) -> …`, \
                 where the type is the one that `{}` takes",
                path.token(),
                save.method,
            ),
        ),
        _ => {}
    }
    let path = [&show, &save].into_iter().flatten().map(|(path, _)| path.clone()).next()?;
    let show = show.map(|(_, show)| show);
    if let Some(show) = show.as_ref().filter(|show| !show.returns) {
        errors.at(
            &show.method,
            format_args!(
                "`{}` says what the page shows; write `-> YourSettings`, or a `Result` of it",
                show.method
            ),
        );
    }
    let save = save.and_then(|(_, handler)| save_half(handler, errors));
    Some(Page { path, show, save })
}

/// Whether two methods are halves of one page.
fn fit(path: &LitStr, show: &Handler, other: &LitStr, save: &Handler, errors: &mut Errors) {
    if path.value() != other.value() {
        errors.at(
            other,
            format_args!("the page is shown at {:?} and saved at another path; write the same", path.value()),
        );
    }
    if conditions(&show.cfgs) != conditions(&save.cfgs) {
        errors.at(
            &save.method,
            format_args!(
                "`{}` and `{}` are one page and need the same `#[cfg(…)]`",
                show.method, save.method
            ),
        );
    }
}

fn save_half(mut handler: Handler, errors: &mut Errors) -> Option<Save> {
    if handler.params.is_empty() {
        let (name, own) = (&handler.method, if handler.is_method { "&self, " } else { "" });
        errors.at(
            name,
            format_args!(
                "`{name}` is given what was submitted; write `async fn {name}({own}settings: YourSettings, …)`"
            ),
        );
        return None;
    }
    let settings = handler.params.remove(0).ty;
    let of_the_call = ["Auth", "Botmatic", "State", "Token"];
    if last(&settings).is_some_and(|last| of_the_call.iter().any(|name| last.ident == name)) {
        let name = &handler.method;
        errors.at(
            &settings,
            format_args!("the first argument of `{name}` is what was submitted; write it before what is taken from the call"),
        );
    }
    Some(Save { handler, settings })
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

fn one_page(methods: &[(LitStr, Handler)], errors: &mut Errors) {
    let [(_, first), more @ ..] = methods else { return };
    for (path, _) in more {
        errors.at(
            path,
            format_args!(
                "an integration has one settings page, and `{}` is a method of it already; keep one",
                first.method
            ),
        );
    }
}
