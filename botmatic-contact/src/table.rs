//! From the name of an action or event to the handler that answers it.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;

use regex::Regex;

use crate::call::{Action, Call, Captured, Pattern, Request};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::event::{ContactEvent, Event};
use crate::extract::Rejection;
use crate::handlers::{Handlers, Inside, Insider};
use crate::manifest::{Listed, What};
use crate::pattern;
use crate::reply::Reply;
#[cfg(feature = "settings")]
use crate::settings_halves::Halves;
#[cfg(feature = "settings")]
use crate::settings_page::Page;

/// What a handler returns: the answer, or why the call did not fit.
pub type HandlerFuture<'a> = Pin<Box<dyn Future<Output = Result<Reply, Rejection>> + Send + 'a>>;

/// Where something was added to a table.
pub(crate) type At = &'static Location<'static>;

type Handler<I> = Box<dyn for<'a> Fn(&'a Arc<Context<I>>, &'a Request) -> HandlerFuture<'a> + Send + Sync>;

/// The handlers of an integration by name. `#[botmatic::integration]` makes one; it can also be made by hand:
///
/// ```
/// use botmatic_contact::prelude::*;
/// use botmatic_contact::{Integration, Reply, Table, event};
///
/// struct Greeter;
///
/// impl Integration for Greeter {
///     fn table() -> Table<Self> {
///         Table::new()
///             .action("greet", |call| Box::pin(async move {
///                 let Params(name) = call.extract::<Params<String>>().await?;
///                 Ok(Reply::data(&format!("Hello, {name}")).unwrap_or_else(|error| Reply::failure(&error.to_string())))
///             }))
///             .on(event::bot_reply, |_call| Box::pin(async { Ok(Reply::done()) }))
///     }
/// }
/// ```
pub struct Table<I> {
    actions: HashMap<String, (Handler<I>, At)>,
    patterns: Vec<(String, Handler<I>)>,
    events: HashMap<String, Entry<I>>,
    #[cfg(feature = "settings")]
    pub(crate) halves: Halves<I>,
    /// What has two handlers.
    repeated: Vec<String>,
    /// The integrations whose handlers were added.
    pub(crate) insiders: Vec<Insider>,
    /// All handlers, in the order in which they were added.
    pub(crate) listed: Vec<Listed>,
}

pub(crate) struct Entry<I> {
    pub(crate) handler: Handler<I>,
    /// Whether it takes the place of the sync.
    pub(crate) replaces: bool,
    at: At,
}

fn erased<I, K>(
    handler: impl for<'a> Fn(Call<'a, I, K>) -> HandlerFuture<'a> + Send + Sync + 'static,
) -> Handler<I>
where
    I: 'static,
    K: 'static,
{
    Box::new(move |context, request| handler(Call::new(context, request)))
}

impl<I: 'static> Table<I> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self {
            actions: HashMap::new(),
            patterns: Vec::new(),
            events: HashMap::new(),
            #[cfg(feature = "settings")]
            halves: Halves::default(),
            repeated: Vec::new(),
            insiders: Vec::new(),
            listed: Vec::new(),
        }
    }

    /// Adds the handler of an action.
    #[must_use]
    #[track_caller]
    pub fn action(
        mut self,
        name: impl Into<String>,
        handler: impl for<'a> Fn(Call<'a, I, Action>) -> HandlerFuture<'a> + Send + Sync + 'static,
    ) -> Self {
        let name = name.into();
        self.listed.push(What::Action(name.clone()).into());
        self.named(name, (erased(handler), Location::caller()))
    }

    fn named(mut self, name: String, handler: (Handler<I>, At)) -> Self {
        let what = format!("the action `{name}`");
        let at = handler.1;
        if let Some((_, first)) = self.actions.insert(name, handler) {
            self.repeated.push(twice(&what, first, at));
        }
        self
    }

    /// Adds the handler of all actions whose whole name matches a pattern: a regular expression in the syntax of
    /// [`regex`](https://docs.rs/regex), anchored at both ends, with its alternatives and comments.
    ///
    /// An action with exactly that name comes first; of several patterns that match, the one added last. So a general
    /// pattern stands before those of special cases. When the service is built, patterns that have names in common are
    /// reported in the log, each two with such a name: as information where the later one is a special case, else as a
    /// warning. A pattern is refused if a single one that was added later matches
    /// all of its names: nobody would ever ask it.
    #[must_use]
    pub fn pattern(
        mut self,
        pattern: impl Into<String>,
        handler: impl for<'a> Fn(Call<'a, I, Pattern>) -> HandlerFuture<'a> + Send + Sync + 'static,
    ) -> Self {
        let pattern = pattern.into();
        self.listed.push(What::Pattern(pattern.clone()).into());
        self.patterns.push((pattern, erased(handler)));
        self
    }

    /// Adds the handler of an event. That of a contact event runs after the sync.
    #[must_use]
    #[track_caller]
    pub fn on<P: 'static>(
        mut self,
        event: Event<P>,
        handler: impl for<'a> Fn(Call<'a, I, P>) -> HandlerFuture<'a> + Send + Sync + 'static,
    ) -> Self {
        self.listed.push(What::Event { name: event.name().to_owned(), replaces_sync: false }.into());
        self.event(event.name(), Entry { handler: erased(handler), replaces: false, at: Location::caller() })
    }

    /// Adds the handler of a contact event that takes the place of the sync.
    #[must_use]
    #[track_caller]
    pub fn replace<P: ContactEvent + 'static>(
        mut self,
        event: Event<P>,
        handler: impl for<'a> Fn(Call<'a, I, P>) -> HandlerFuture<'a> + Send + Sync + 'static,
    ) -> Self {
        self.listed.push(What::Event { name: event.name().to_owned(), replaces_sync: true }.into());
        self.event(event.name(), Entry { handler: erased(handler), replaces: true, at: Location::caller() })
    }

    fn event(mut self, name: &str, entry: Entry<I>) -> Self {
        let at = entry.at;
        if let Some(first) = self.events.insert(name.to_owned(), entry) {
            self.repeated.push(twice(&format!("the event `{name}`"), first.at, at));
        }
        self
    }

    /// Adds all handlers of something else.
    #[must_use]
    pub fn merge(mut self, other: impl Handlers<I>) -> Self {
        let other = other.into_table();
        for (name, handler) in other.actions {
            self = self.named(name, handler);
        }
        for (name, entry) in other.events {
            self = self.event(&name, entry);
        }
        self.patterns.extend(other.patterns);
        #[cfg(feature = "settings")]
        self.halves.extend(other.halves);
        self.repeated.extend(other.repeated);
        self.insiders.extend(other.insiders);
        self.listed.extend(other.listed);
        self
    }

    /// Makes the patterns ready and looks for what cannot be meant.
    pub(crate) fn check(self) -> Result<CheckedTable<I>> {
        if !self.repeated.is_empty() {
            let message = format!("{}: keep one", self.repeated.join("; "));
            return Err(Error::new(Kind::Configuration, message));
        }
        #[cfg(feature = "settings")]
        let page = self.halves.page()?;
        let (patterns, handlers): (Vec<_>, Vec<_>) = self.patterns.into_iter().unzip();
        let regexes = patterns.iter().map(|one| pattern::whole(one)).collect::<Result<Vec<_>>>()?;
        let patterns: Vec<_> = patterns.into_iter().zip(regexes).collect();
        pattern::compare(&patterns)?;
        let regexes = patterns.into_iter().map(|(_, regex)| regex);
        let patterns = regexes.zip(handlers).rev().collect();
        Ok(CheckedTable {
            actions: self.actions.into_iter().map(|(name, (handler, _))| (name, handler)).collect(),
            patterns,
            events: self.events,
            #[cfg(feature = "settings")]
            page,
            listed: self.listed,
        })
    }
}

impl<J: Send + Sync + 'static> Table<J> {
    /// The same handlers for another integration, where they go on with their own.
    pub(crate) fn inside<I: 'static>(mut self, own: &Arc<Inside<J>>, mut insider: Insider) -> Table<I> {
        let replaced = self.events.iter().filter(|(_, entry)| entry.replaces);
        insider.replaces = replaced.map(|(name, _)| name.clone()).collect();
        self.insiders.push(insider);
        let actions =
            self.actions.into_iter().map(|(name, (handler, at))| (name, (inside(handler, own), at)));
        let patterns = self.patterns.into_iter().map(|(pattern, handler)| (pattern, inside(handler, own)));
        let events = self.events.into_iter().map(|(name, Entry { handler, replaces, at })| {
            (name, Entry { handler: inside(handler, own), replaces, at })
        });
        Table {
            actions: actions.collect(),
            patterns: patterns.collect(),
            events: events.collect(),
            #[cfg(feature = "settings")]
            halves: self.halves.inside(own),
            repeated: self.repeated,
            insiders: self.insiders,
            listed: self.listed,
        }
    }
}

fn inside<I: 'static, J: Send + Sync + 'static>(handler: Handler<J>, own: &Arc<Inside<J>>) -> Handler<I> {
    let (handler, own) = (Arc::new(handler), Arc::clone(own));
    Box::new(move |context, request| {
        let (handler, context) = (Arc::clone(&handler), own.context(context));
        Box::pin(async move { handler(&context, request).await })
    })
}

/// What is to be said where something has two handlers.
pub(crate) fn twice(what: &str, first: At, second: At) -> String {
    if first == second {
        format!("{what} has two handlers, both at {first}")
    } else {
        format!("{what} has two handlers, at {first} and at {second}")
    }
}

impl<I: 'static> Default for Table<I> {
    fn default() -> Self {
        Self::new()
    }
}

impl<I> fmt::Debug for Table<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let patterns: Vec<_> = self.patterns.iter().map(|(pattern, _)| pattern).collect();
        formatter
            .debug_struct("Table")
            .field("actions", &self.actions.keys())
            .field("patterns", &patterns)
            .field("events", &self.events.keys())
            .finish()
    }
}

/// A table that was checked.
pub(crate) struct CheckedTable<I> {
    actions: HashMap<String, Handler<I>>,
    /// The last one added comes first.
    patterns: Vec<(Regex, Handler<I>)>,
    events: HashMap<String, Entry<I>>,
    #[cfg(feature = "settings")]
    pub(crate) page: Option<Page<I>>,
    /// In the order in which they were added.
    pub(crate) listed: Vec<Listed>,
}

impl<I> CheckedTable<I> {
    /// The handler of an action, with the named groups if a pattern found it.
    pub(crate) fn action(&self, name: &str) -> Option<(&Handler<I>, Captured)> {
        if let Some(handler) = self.actions.get(name) {
            return Some((handler, Vec::new()));
        }
        self.patterns.iter().find_map(|(regex, handler)| {
            let captures = regex.captures(name)?;
            let named = regex
                .capture_names()
                .flatten()
                .filter_map(|group| Some((group.to_owned(), captures.name(group)?.as_str().to_owned())));
            Some((handler, named.collect()))
        })
    }

    /// The expressions of the patterns, in the order in which they were added.
    pub(crate) fn regexes(&self) -> impl Iterator<Item = &Regex> {
        self.patterns.iter().rev().map(|(regex, _)| regex)
    }

    /// The handler of an event.
    pub(crate) fn event(&self, name: &str) -> Option<&Entry<I>> {
        self.events.get(name)
    }
}
