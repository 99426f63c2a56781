//! `#[botmatic::integration(…)]` and the markers on its methods, as written.
//!
//! Takes the markers off the members, whatever else is wrong, and reports what cannot be read in them. Whether a
//! method can do what its marker says is left to `model`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, LitStr, Type};

use super::block::Block;
use super::model::cfgs;
use crate::crate_path::CratePath;
use crate::emit::Errors;
use crate::marker::Marker as Kind;
use crate::options::{self, Item};
use crate::settings::{IS_ON, needs_feature};

const ACTION_USAGE: &str =
    "`#[botmatic::action(\"name\")]` or `#[botmatic::action(pattern = r\"name_(?<value>\\w+)\")]`";
const ON_USAGE: &str = "`#[botmatic::on(install)]` or, for an event of your own, `#[botmatic::on(\"name\")]`";

const SETTINGS_USAGE: &str = "`#[botmatic::settings(\"/settings\")]` on what is shown, and `#[botmatic::settings(\"/settings\", save)]` on what saves it";

const PARTS_USAGE: &str = "expected the name of a part; write `parts(jobs, replies)`, and above each of these blocks \
                           `#[botmatic::integration(part = jobs)]`";

pub(super) const FOR_ON_A_METHOD: &str =
    "`for` names the integration of a free function, and that of a method is `self`; leave it out";

/// A member and the markers that stood on it.
pub(super) struct Marked {
    /// Its position in the block.
    pub(super) member: usize,
    pub(super) markers: Vec<Marker>,
}

#[derive(Clone)]
pub(super) struct Marker {
    /// Where it is, for what is to be said about all of it.
    pub(super) place: TokenStream,
    /// What it asks for; nothing if that could not be read.
    pub(super) request: Option<Request>,
}

/// When a method is called.
#[derive(Clone)]
pub(super) enum Request {
    /// For the action of this name.
    Action(LitStr),
    /// For each action whose name matches.
    Pattern(LitStr),
    /// When this happens; `replace` is the word itself, where it is given.
    Event(Event, Option<Ident>),
    /// For the settings page at this path: to show it, or, where the word is given, to save it.
    Settings(LitStr, Option<Ident>),
}

#[derive(Clone)]
pub(super) enum Event {
    /// One of the runtime's constants; whether it exists is left to the compiler, who knows the spelling.
    Known(Ident),
    /// An event of the user's own.
    Custom(LitStr),
}

/// The options of `#[botmatic::integration(…)]`.
#[derive(Default)]
pub(super) struct Options {
    pub(super) crate_path: CratePath,
    /// Which part of an integration the block is; `Some(None)` if that could not be read.
    pub(super) part: Option<Option<Ident>>,
    /// The parts of the integration that are in other blocks.
    pub(super) parts: Vec<Part>,
}

/// A block that is listed by another.
pub(super) struct Part {
    pub(super) cfgs: Vec<Attribute>,
    pub(super) name: Ident,
}

impl Options {
    pub(super) fn read(args: TokenStream, errors: &mut Errors) -> Self {
        let (mut crate_path, mut part, mut parts) = (None, None, None);
        for item in options::items(args) {
            match item.name() {
                Some(name) if name == "crate" => {
                    let path = CratePath::read(&item, name, errors);
                    options::set_once(&mut crate_path, name, path, errors);
                }
                Some(name) if name == "part" => {
                    let one = part_name(&item, errors);
                    options::set_once(&mut part, name, one, errors);
                }
                Some(name) if name == "parts" => {
                    let all = part_names(&item, errors);
                    options::set_once(&mut parts, name, all, errors);
                }
                Some(name) => errors.at(name, options::unknown(name, &["crate", "part", "parts"])),
                None => errors.at(
                    &item,
                    "expected an option; write `#[botmatic::integration]`, or \
                     `#[botmatic::integration(crate = ::botmatic_contact)]`",
                ),
            }
        }
        Self { crate_path: crate_path.flatten().unwrap_or_default(), part, parts: parts.unwrap_or_default() }
    }
}

/// The name in `part = name`.
fn part_name(item: &Item, errors: &mut Errors) -> Option<Ident> {
    let name = match item {
        Item::Pair(_, value) => syn::parse2(value.clone()).ok(),
        _ => None,
    };
    if name.is_none() {
        errors.at(
            item,
            "a part has a name, by which the main block lists it; write `part = jobs`, and there \
             `#[botmatic::integration(parts(jobs))]`",
        );
    }
    name
}

/// The names in `parts(name, name)`.
fn part_names(item: &Item, errors: &mut Errors) -> Vec<Part> {
    let mut parts = Vec::new();
    let one = |item: &Item| {
        let part = |input: ParseStream<'_>| {
            Ok(Part { cfgs: cfgs(&input.call(Attribute::parse_outer)?), name: input.parse()? })
        };
        match part.parse2(item.to_token_stream()) {
            Ok(part) => parts.push(part),
            Err(_) => errors.at(item, PARTS_USAGE),
        }
    };
    match item {
        Item::List(_, list) => {
            let list = list.clone().into_iter().filter_map(|token| match token {
                TokenTree::Group(group) => Some(group.stream()),
                _ => None,
            });
            options::items(list.collect()).iter().for_each(one);
        }
        other => errors.at(other, PARTS_USAGE),
    }
    parts
}

/// Removes the markers from the block and reads them.
pub(super) fn take_markers(block: &mut Block, errors: &mut Errors) -> Vec<Marked> {
    let mut marked = Vec::new();
    for (member, place) in block.members.iter_mut().zip(0..) {
        let markers = take(&mut member.attributes, errors);
        if !markers.is_empty() {
            marked.push(Marked { member: place, markers });
        }
    }
    marked
}

/// Removes the markers from some attributes and reads them.
pub(super) fn take(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Vec<Marker> {
    let is_marker = |attribute: &mut Attribute| Kind::of(attribute.path()).is_some();
    let markers = attributes.extract_if(.., is_marker).filter_map(|attribute| {
        let kind = Kind::of(attribute.path())?;
        let mut items = options::of_attribute(&attribute, usage(kind), errors);
        items.retain(|item| match item.name() {
            Some(name) if name == "crate" => {
                errors.at(
                    name,
                    "`crate = …` goes for the whole block; write it in `#[botmatic::integration(crate = …)]`",
                );
                false
            }
            Some(name) if name == "for" => {
                errors.at(name, FOR_ON_A_METHOD);
                false
            }
            _ => true,
        });
        let place = attribute.into_token_stream();
        Some(Marker { request: request(kind, &items, &place, errors), place })
    });
    markers.collect()
}

/// The options of a marker that runs by itself.
pub(super) struct Alone {
    pub(super) crate_path: CratePath,
    /// The integration that is named, after the option's own name.
    pub(super) integration: Option<(Ident, Type)>,
    pub(super) marker: Marker,
}

/// Reads a marker that runs by itself.
pub(super) fn alone(kind: Kind, args: TokenStream, errors: &mut Errors) -> Alone {
    let (mut crate_path, mut integration) = (None, None);
    let mut items = options::items(args);
    let is_general = |item: &mut Item| item.name().is_some_and(|name| name == "crate" || name == "for");
    for item in items.extract_if(.., is_general) {
        match item.name() {
            Some(name) if name == "for" => {
                let ty = integration_type(&item, errors).map(|ty| (name.clone(), ty));
                options::set_once(&mut integration, name, ty, errors);
            }
            Some(name) => {
                let path = CratePath::read(&item, name, errors);
                options::set_once(&mut crate_path, name, path, errors);
            }
            None => {}
        }
    }
    let place = Ident::new("marker", Span::call_site()).into_token_stream();
    if items.is_empty() {
        errors.at(&place, format_args!("`{}` says nothing; write {}", kind.name(), usage(kind)));
    }
    let marker = Marker { request: request(kind, &items, &place, errors), place };
    Alone { crate_path: crate_path.flatten().unwrap_or_default(), integration: integration.flatten(), marker }
}

/// The type in `for = Type`.
fn integration_type(item: &Item, errors: &mut Errors) -> Option<Type> {
    let ty = match item {
        Item::Pair(_, value) => syn::parse2(value.clone()).ok(),
        _ => None,
    };
    if ty.is_none() {
        errors.at(
            item,
            "`for` names the integration of the function; write its type, as in `for = Crm` (one with a comma in it \
             gets a name by `type` first)",
        );
    }
    ty
}

fn usage(kind: Kind) -> &'static str {
    match kind {
        Kind::Action => ACTION_USAGE,
        Kind::On => ON_USAGE,
        Kind::Settings => SETTINGS_USAGE,
    }
}

/// What a marker asks for; nothing if it says nothing.
fn request(kind: Kind, items: &[Item], place: &TokenStream, errors: &mut Errors) -> Option<Request> {
    match kind {
        _ if items.is_empty() => None,
        Kind::Action => action(items, errors),
        Kind::On => on(items, place, errors),
        Kind::Settings => settings(items, place, errors),
    }
}

fn action(items: &[Item], errors: &mut Errors) -> Option<Request> {
    let before = errors.count();
    let mut request = None;
    for item in items {
        let one = match (item, item.name()) {
            (Item::Text(text), _) => Some(Request::Action(text.clone())),
            (_, Some(name)) if name == "pattern" => {
                let example = "r\"name_(?<value>\\w+)\"";
                options::expect_text(item, name, example, errors).map(Request::Pattern)
            }
            (_, Some(name)) => {
                errors.at(name, unknown_in_action(item, name));
                None
            }
            (_, None) => {
                errors
                    .at(item, format_args!("expected the action's name or a pattern; write {ACTION_USAGE}"));
                None
            }
        };
        match one {
            Some(_) if request.is_some() => errors.at(
                item,
                "a marker names one action; keep one name or pattern, and call the same function from two methods",
            ),
            Some(one) => request = Some(one),
            None => {}
        }
    }
    request.filter(|_| errors.count() == before)
}

fn unknown_in_action(item: &Item, name: &Ident) -> String {
    match (name.to_string().as_str(), item) {
        ("replace", _) => {
            "`replace` takes over the sync of a contact event, and an action has none; leave `replace` out"
                .to_owned()
        }
        ("name", _) => {
            "unknown option `name`; the action's name has no key, write `#[botmatic::action(\"name\")]`"
                .to_owned()
        }
        (word, Item::Word(_)) if options::closest(word, &["pattern"]).is_none() => {
            format!("an action's name is written as text; write `#[botmatic::action(\"{word}\")]`")
        }
        _ => options::unknown(name, &["pattern"]),
    }
}

fn on(items: &[Item], place: &TokenStream, errors: &mut Errors) -> Option<Request> {
    let before = errors.count();
    let (mut event, mut replace) = (None, None);
    for item in items {
        let one = match (item, item.name()) {
            (Item::Text(text), _) => Event::Custom(text.clone()),
            (_, Some(name)) if name == "replace" => {
                options::expect_word(item, name, errors);
                options::set_once(&mut replace, name, name.clone(), errors);
                continue;
            }
            (Item::Word(name), _) if name == "custom" => {
                errors.at(name, "an event of your own is text; write `on(\"name\")`");
                continue;
            }
            (Item::Word(name), _) if event.is_none() => Event::Known(name.clone()),
            (Item::Word(name), _) if options::closest(&name.to_string(), &["replace"]).is_some() => {
                errors.at(name, options::unknown(name, &["replace"]));
                continue;
            }
            (Item::Word(name), _) => Event::Known(name.clone()),
            (_, Some(name)) => {
                errors.at(item, format_args!("`{name}` takes no value; write {ON_USAGE}"));
                continue;
            }
            (_, None) => {
                errors.at(item, format_args!("expected the event's name; write {ON_USAGE}"));
                continue;
            }
        };
        if event.is_some() {
            errors
                .at(item, "a marker names one event; keep one, and call the same function from two methods");
        }
        event.get_or_insert(one);
    }
    match event {
        None if errors.count() == before => {
            errors.at(place, format_args!("the event is missing; write {ON_USAGE}"));
            None
        }
        event => event.filter(|_| errors.count() == before).map(|event| Request::Event(event, replace)),
    }
}

fn settings(items: &[Item], place: &TokenStream, errors: &mut Errors) -> Option<Request> {
    if !IS_ON {
        errors.at(place, needs_feature("#[botmatic::settings]"));
        return None;
    }
    let before = errors.count();
    let (mut path, mut save) = (None, None);
    for item in items {
        match (item, item.name()) {
            (Item::Text(text), _) if path.is_none() => path = Some(text.clone()),
            (Item::Text(text), _) => errors.at(text, "a settings page has one path; keep one"),
            (_, Some(name)) if name == "save" => {
                options::expect_word(item, name, errors);
                options::set_once(&mut save, name, name.clone(), errors);
            }
            (_, Some(name)) if name == "path" => errors.at(
                name,
                "unknown option `path`; the page's path has no key, write `#[botmatic::settings(\"/settings\")]`",
            ),
            (_, Some(name)) => errors.at(name, options::unknown(name, &["save"])),
            (_, None) => errors.at(item, format_args!("expected the page's path; write {SETTINGS_USAGE}")),
        }
    }
    if path.is_none() && errors.count() == before {
        errors.at(place, format_args!("the page's path is missing; write {SETTINGS_USAGE}"));
    }
    path.filter(|_| errors.count() == before).map(|path| Request::Settings(path, save))
}
