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

/// Takes the settings page out of the handlers: several where their `cfg`s differ, and perhaps never meet. Whether both
/// halves of one are there is found when the service is built, since one may come from elsewhere.
pub(super) fn take(handlers: &mut Vec<Handler>, errors: &mut Errors) -> Vec<Page> {
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
    let mut pages = Vec::new();
    for (path, show) in shows {
        let is_other_half = |(_, save): &mut (_, Handler)| conditions(&save.cfgs) == conditions(&show.cfgs);
        let save = saves.extract_if(.., is_other_half).next();
        says_something(&show, errors);
        if let Some((other, _)) = &save
            && path.value() != other.value()
        {
            errors.at(
                other,
                format_args!(
                    "the page is shown at {:?} and saved at another path; write the same",
                    path.value()
                ),
            );
        }
        let save = save.and_then(|(_, save)| save_half(save, errors));
        pages.push(Page { path, show: Some(show), save });
    }
    for (path, save) in saves {
        pages.push(Page { path, show: None, save: save_half(save, errors) });
    }
    pages
}

fn says_something(show: &Handler, errors: &mut Errors) {
    if !show.returns {
        errors.at(
            &show.method,
            format_args!(
                "`{}` says what the page shows; write `-> YourSettings`, or a `Result` of it",
                show.method
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
    for (index, (path, handler)) in methods.iter().enumerate() {
        let mut earlier = methods.iter().take(index);
        if let Some((_, first)) =
            earlier.find(|(_, first)| conditions(&first.cfgs) == conditions(&handler.cfgs))
        {
            errors.at(
                path,
                format_args!(
                    "an integration has one settings page, and `{}` is a method of it already; keep one",
                    first.method
                ),
            );
        }
    }
}
