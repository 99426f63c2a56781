//! What an impl block means as an integration, and every rule about it.
//!
//! Holding an [`Integration`] is the permission to generate a table: it only exists when no rule was broken. Whether
//! an event exists, and whether an argument can be taken from a call, is left to the compiler.

use proc_macro2::{Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use regex_syntax::hir::{Hir, HirKind};
use syn::{Attribute, FnArg, LitStr, Meta, MetaList, ReturnType, Signature, Type};

use super::about::{self, About};
use super::attr::{Event, Marked, Marker, Options, Part, Request};
use super::block::{Block, Kind, Member};
use super::page::{self, Page};
use super::signature;
use crate::emit::Errors;
use crate::options;

/// The names in the runtime's `event.rs`, where each stands for a constant.
const EVENTS: [&str; 7] = [
    "install",
    "uninstall",
    "contact_created",
    "contact_updated",
    "contact_deleted",
    "user_reply",
    "bot_reply",
];

/// The handlers of a block, in its order, or that of a function.
pub(super) struct Integration {
    pub(super) handlers: Vec<Handler>,
    pub(super) pages: Vec<Page>,
}

impl Integration {
    /// The one of a single handler, which may be half of a settings page.
    pub(super) fn of_one(handler: Handler, errors: &mut Errors) -> Self {
        let mut handlers = vec![handler];
        let pages = page::take(&mut handlers, errors);
        Self { handlers, pages }
    }
}

/// A method that is called for something.
pub(super) struct Handler {
    pub(super) cfgs: Vec<Attribute>,
    pub(super) request: Request,
    pub(super) about: About,
    pub(super) method: Ident,
    pub(super) params: Vec<Param>,
    /// The return type, or the method's name if there is none: where to report what cannot be an answer.
    pub(super) answer: TokenStream,
    /// Whether it is called on the integration, and not by itself.
    pub(super) is_method: bool,
    /// Whether the method is written to return anything.
    pub(super) returns: bool,
}

/// An argument that is taken from the call.
pub(super) struct Param {
    pub(super) cfgs: Vec<Attribute>,
    pub(super) ty: Type,
}

/// Checks all rules and says what the block means.
pub(super) fn understand(
    block: &Block,
    marked: Vec<Marked>,
    options: &Options,
    errors: &mut Errors,
) -> Option<Integration> {
    if let Some((path, _)) = &block.header.trait_ {
        errors.at(
            path,
            "an integration's methods are its own, not those of a trait; write them in `impl YourType { … }` and \
             put `#[botmatic::integration]` there",
        );
    }
    if let Some(lifetime) = signature::borrow(&block.header.self_ty) {
        errors.at(
            lifetime,
            "an integration serves for as long as the program runs, so it cannot borrow; let it own what it needs, or \
             share it in an `Arc`",
        );
    }
    parts_make_sense(options, errors);
    if marked.is_empty() && options.parts.is_empty() {
        errors.at(
            &block.header.self_ty,
            "no method of this block is called for anything; mark at least one, like \
             `#[botmatic::action(\"name\")]` or `#[botmatic::on(install)]`",
        );
    }
    let mut handlers = Vec::new();
    for Marked { member, markers } in marked {
        if let Some(member) = block.members.get(member) {
            handlers.extend(understand_member(member, markers, errors));
        }
    }
    let pages = page::take(&mut handlers, errors);
    each_once(&handlers, errors);
    errors.is_empty().then_some(Integration { handlers, pages })
}

fn parts_make_sense(options: &Options, errors: &mut Errors) {
    for (index, Part { cfgs, name }) in options.parts.iter().enumerate() {
        let earlier = options.parts.iter().take(index);
        if earlier
            .filter(|other| conditions(&other.cfgs) == conditions(cfgs))
            .any(|other| other.name == *name)
        {
            errors.at(name, format_args!("the part `{name}` is listed already; keep one"));
        }
        if options.part.is_some() {
            errors.at(
                name,
                format_args!(
                    "a part has no parts of its own; list `{name}` where the main block lists this one"
                ),
            );
        }
    }
}

fn understand_member(member: &Member, markers: Vec<Marker>, errors: &mut Errors) -> Option<Handler> {
    let signature = match &member.kind {
        Kind::Method(signature) => Some(signature),
        Kind::Unreadable(error) => {
            errors.at_span(
                error.span(),
                "this signature cannot be read; write one like `async fn name(&self, argument: Type) -> Answer`",
            );
            None
        }
        Kind::Other => {
            for marker in &markers {
                errors.at(
                    &marker.place,
                    "a marker stands on a method, and this is none; write it above an `async fn`",
                );
            }
            None
        }
    };
    if let Some(signature) = signature {
        signature::check(signature, errors);
        signature::receiver(signature, errors);
    }
    let request = only_request(markers, errors)?;
    Some(handler(member, signature?, request, errors))
}

/// What the first marker asks for, which is the only one.
pub(super) fn only_request(markers: Vec<Marker>, errors: &mut Errors) -> Option<Request> {
    let mut markers = markers.into_iter();
    let first = markers.next()?;
    for more in markers {
        errors.at(
            &more.place,
            "one marker per method; call the same function from two methods, each with its own marker",
        );
    }
    let request = first.request?;
    request_makes_sense(&request, errors);
    Some(request)
}

pub(super) fn handler(
    member: &Member,
    signature: &Signature,
    request: Request,
    errors: &mut Errors,
) -> Handler {
    if let Request::Pattern(pattern) = &request {
        captures_are_named(pattern, signature, errors);
    }
    let params = signature.inputs.iter().filter_map(|argument| match argument {
        FnArg::Typed(argument) => Some(Param { cfgs: cfgs(&argument.attrs), ty: (*argument.ty).clone() }),
        FnArg::Receiver(_) => None,
    });
    Handler {
        cfgs: cfgs(&member.attributes),
        about: About::of(&member.attributes, signature, &request),
        request,
        method: signature.ident.clone(),
        params: params.collect(),
        answer: match &signature.output {
            ReturnType::Type(_, ty) => ty.to_token_stream(),
            ReturnType::Default => signature.ident.to_token_stream(),
        },
        is_method: matches!(signature.inputs.first(), Some(FnArg::Receiver(_))),
        returns: matches!(signature.output, ReturnType::Type(..)),
    }
}

/// The attributes that decide whether something is there at all.
pub(super) fn cfgs(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter_map(condition).collect()
}

/// A `cfg`, or of a `cfg_attr` what it has of these.
fn condition(attribute: &Attribute) -> Option<Attribute> {
    if attribute.path().is_ident("cfg") {
        return Some(attribute.clone());
    }
    let list = attribute.meta.require_list().ok().filter(|list| list.path.is_ident("cfg_attr"))?;
    let tokens: Vec<_> = list.tokens.clone().into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let mut pieces = tokens.split(is_comma).map(|piece| piece.iter().cloned().collect::<TokenStream>());
    let when = pieces.next()?;
    let is_cfg = |piece: &TokenStream| matches!(piece.clone().into_iter().next(), Some(TokenTree::Ident(name)) if name == "cfg");
    let mut kept = when;
    for cfg in pieces.filter(is_cfg) {
        kept.extend([TokenTree::from(Punct::new(',', Spacing::Alone))]);
        kept.extend(cfg);
    }
    let has_cfg = kept.clone().into_iter().any(|token| is_comma(&token));
    let list = MetaList { tokens: kept, ..list.clone() };
    has_cfg.then(|| Attribute { meta: Meta::List(list), ..attribute.clone() })
}

fn request_makes_sense(request: &Request, errors: &mut Errors) {
    match request {
        Request::Action(name) => text_is_a_name(name, "an action", errors),
        Request::Pattern(pattern) => text_is_a_pattern(pattern, errors),
        Request::Event(Event::Known(_), _) | Request::Settings(..) => {}
        Request::Event(Event::Custom(text), _) if EVENTS.contains(&text.value().as_str()) => {
            let name = text.value();
            errors.at(
                text,
                format_args!(
                    "`{name}` is an event of Botmatic's with a payload of its own, and in quotes it would be one of \
                     yours; write `on({name})`"
                ),
            );
        }
        Request::Event(Event::Custom(name), replace) => {
            text_is_a_name(name, "an event", errors);
            if let Some(replace) = replace {
                errors.at(
                    replace,
                    "`replace` takes over the sync of a contact event, and an event of your own has none; leave \
                     `replace` out",
                );
            }
        }
    }
}

fn text_is_a_name(text: &LitStr, whose: &str, errors: &mut Errors) {
    let name = text.value();
    if name.is_empty() {
        errors
            .at(text, format_args!("{whose} needs a name, and this is empty; write the name Botmatic uses"));
    } else if name.trim() != name {
        errors.at(
            text,
            format_args!("the name of {whose} neither starts nor ends with a space; write {:?}", name.trim()),
        );
    }
}

fn text_is_a_pattern(text: &LitStr, errors: &mut Errors) {
    let pattern = text.value();
    if pattern.is_empty() {
        errors.at(
            text,
            "an empty pattern says nothing about an action's name; write one like `r\"name_(?<value>\\w+)\"`",
        );
        return;
    }
    let Err(error) = regex_syntax::parse(&pattern) else {
        return;
    };
    let (problem, span) = match &error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), Some(error.span())),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), Some(error.span())),
        error => (error.to_string(), None),
    };
    let place = match span {
        Some(span) => {
            let from = span.start.column;
            let part = pattern.get(span.start.offset..span.end.offset).filter(|part| !part.is_empty());
            match part {
                Some(part) => format!(" at character {from}, `{part}`"),
                None => format!(" at character {from}"),
            }
        }
        None => String::new(),
    };
    errors.at(text, format_args!("this pattern is not a regular expression: {problem}{place}"));
}

/// A pattern has groups with names where a parameter is made of them.
fn captures_are_named(pattern: &LitStr, signature: &Signature, errors: &mut Errors) {
    let is_captures = |ty: &Type| matches!(about::param(ty), Some(("captures", _)));
    let captures = signature.inputs.iter().find_map(|argument| match argument {
        FnArg::Typed(argument) if is_captures(&argument.ty) => Some(&argument.ty),
        _ => None,
    });
    if let (Some(ty), Ok(parsed)) = (captures, regex_syntax::parse(&pattern.value()))
        && !has_named_group(&parsed)
    {
        errors.at(
            pattern,
            format_args!("the pattern has no named group for `{}`; write `(?<name>…)`", options::text(ty)),
        );
    }
}

fn has_named_group(pattern: &Hir) -> bool {
    let is_named = matches!(pattern.kind(), HirKind::Capture(group) if group.name.is_some());
    is_named || pattern.kind().subs().iter().any(has_named_group)
}

/// Nothing is asked for twice, unless the `cfg`s differ and perhaps never meet.
fn each_once(handlers: &[Handler], errors: &mut Errors) {
    for (index, handler) in handlers.iter().enumerate() {
        let same = |other: &&Handler| {
            handler.request.describe() == other.request.describe()
                && conditions(&handler.cfgs) == conditions(&other.cfgs)
        };
        if let Some(first) = handlers.iter().take(index).find(same) {
            let what = handler.request.describe();
            errors.at(
                handler.request.place(),
                format_args!(
                    "{what} is handled by `{}` already; keep one, or call one method from the other",
                    first.method
                ),
            );
            errors.at(first.request.place(), format_args!("{what} is handled here"));
        }
    }
}

/// The conditions as text, for comparison.
pub(super) fn conditions(cfgs: &[Attribute]) -> Vec<String> {
    cfgs.iter().map(|cfg| cfg.to_token_stream().to_string()).collect()
}

impl Request {
    /// In the user's words; equal for requests that would meet.
    fn describe(&self) -> String {
        match self {
            Self::Action(name) => format!("the action `{}`", name.value()),
            Self::Pattern(pattern) => format!("the pattern `{}`", pattern.value()),
            Self::Event(Event::Known(name), _) => format!("the event `{name}`"),
            Self::Event(Event::Custom(name), _) => format!("the event `{:?}`", name.value()),
            Self::Settings(path, _) => format!("the settings page `{}`", path.value()),
        }
    }

    pub(super) fn place(&self) -> &dyn ToTokens {
        match self {
            Self::Action(text)
            | Self::Pattern(text)
            | Self::Event(Event::Custom(text), _)
            | Self::Settings(text, _) => text,
            Self::Event(Event::Known(name), _) => name,
        }
    }
}
