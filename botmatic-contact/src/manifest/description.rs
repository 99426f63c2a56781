//! What is said of a handler beside its name, and the list of all handlers in the order in which they were added.

use std::borrow::Cow;

#[cfg(feature = "schemars")]
use super::schema::Schemas;
#[cfg(not(feature = "schemars"))]
use crate::contact::Value;
use crate::table::Table;

/// What the [manifest](crate::Manifest) says of a handler: what it does, and the schemas of what it takes and answers.
/// `#[botmatic::integration]` makes one for each method; see [`Table::describe`] for tables that are made by hand.
#[derive(Debug, Clone, Default)]
pub struct Description {
    text: Option<Cow<'static, str>>,
    hidden: bool,
    #[cfg(feature = "schemars")]
    pub(super) schemas: Schemas,
}

impl Description {
    /// A description that says what the handler does. Markdown, as in documentation.
    #[must_use]
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// A handler that is left out of the manifest. It is called as ever.
    #[must_use]
    pub fn hidden() -> Self {
        Self { hidden: true, ..Self::default() }
    }

    pub(super) fn text(&self) -> Option<Cow<'static, str>> {
        self.text.clone()
    }

    pub(super) fn is_hidden(&self) -> bool {
        self.hidden
    }
}

/// Without schemas there are none.
#[cfg(not(feature = "schemars"))]
#[expect(clippy::unused_self, reason = "the same calls as with schemas")]
impl Description {
    pub(super) fn params_schema(&self) -> Option<Value> {
        None
    }

    pub(super) fn captures_schema(&self) -> Option<Value> {
        None
    }

    pub(super) fn answer_schema(&self) -> Option<Value> {
        None
    }
}

/// A handler in the order in which it was added.
pub(crate) struct Listed {
    pub(super) what: What,
    pub(super) description: Description,
}

/// What a handler answers.
pub(crate) enum What {
    Action(String),
    Pattern(String),
    Event { name: String, replaces_sync: bool },
}

impl From<What> for Listed {
    fn from(what: What) -> Self {
        Self { what, description: Description::default() }
    }
}

impl<I> Table<I> {
    /// Describes the handler that was added last, for the [manifest](crate::Manifest). Described again, the last
    /// description counts.
    ///
    /// ```
    /// use botmatic_contact::{Description, Integration, Reply, Table};
    ///
    /// struct Greeter;
    ///
    /// impl Integration for Greeter {
    ///     fn table() -> Table<Self> {
    ///         Table::new()
    ///             .action("wave", |_call| Box::pin(async { Ok(Reply::done()) }))
    ///             .describe(Description::new("Waves at whoever asks."))
    ///             .action("blink", |_call| Box::pin(async { Ok(Reply::done()) }))
    ///             .describe(Description::hidden())
    ///     }
    /// }
    ///
    /// let manifest = botmatic_contact::builder(Greeter).build()?.manifest();
    /// let [wave] = manifest.actions.as_slice() else { unreachable!() };
    /// assert_eq!((wave.name.as_str(), wave.description.as_deref()), ("wave", Some("Waves at whoever asks.")));
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    #[must_use]
    pub fn describe(mut self, description: Description) -> Self {
        if let Some(last) = self.listed.last_mut() {
            last.description = description;
        }
        self
    }
}
