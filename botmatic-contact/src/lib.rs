//! Keep contacts in step between Botmatic, a chatbot platform, and any external service.
//!
//! - [`ContactMapping`](derive@ContactMapping) maps a struct of yours to a contact on Botmatic, both ways.
//! - [`ExternalApiConsumer`] is your service's API, in your own terms.
//! - [`botmatic::integration`] turns the methods of an `impl` into handlers of events and actions.
//! - [`botmatic::builder`] puts them together; the [`Service`] it builds receives Botmatic's calls and keeps contacts in
//!   step; a [`Botmatic`] handle does so for what happens on your side.
//! - [`KeyStore`] is where the pairs live.
//!
//! Most of what one needs every day is in the [`prelude`].
//!
//! Who knows the JavaScript library finds what differs in [`from_js_contact`].
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `server` | yes | [`Service::router`] and [`Service::serve`], with axum |
//! | `api` | yes | [`BotmaticApi`], with reqwest |
//! | `tls` | yes | HTTPS towards Botmatic |
//! | `redb` | | [`RedbKeyStore`](key_store::RedbKeyStore): pairs in one file |
//! | `redis`, `postgres` | | [`RedisKeyStore`](key_store::RedisKeyStore), [`PostgresKeyStore`](key_store::PostgresKeyStore): pairs that several processes share |
//! | `token-source` | | [`TokenSource`]: obtains a token for the external service and sends it along |
//! | `settings` | | the settings page: [`SettingsForm`](derive@SettingsForm), [`botmatic::settings`] |
//! | `chrono`, `time`, `uuid`, `rust_decimal` | | the types of the crate of that name as properties: see [`PropertyValue`] |
//! | `schemars` | | JSON Schemas in the [manifest]: of what handlers take and answer |
//! | `testing` | | [`testing`]: property tests of a mapping of one's own, with [`assert_round_trip!`]; with `simulator` also [`testing::simulation`] |
//! | `simulator` | | [`simulator`]: Botmatic on this machine |

#![cfg_attr(docsrs, feature(doc_cfg))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod agenda;
#[cfg(feature = "api")]
mod api;
mod auth;
mod builder;
mod call;
mod clock;
mod consumer;
mod contact;
mod context;
mod durable;
mod error;
pub mod event;
mod extract;
mod failure;
mod handle;
mod handlers;
mod id;
mod integration;
pub mod key_store;
mod kind;
pub mod manifest;
mod mapping;
mod optional;
mod order;
mod outcome;
mod pattern;
mod platform;
pub mod prelude;
mod reply;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "settings")]
pub mod settings;
#[cfg(feature = "settings")]
mod settings_halves;
#[cfg(feature = "settings")]
mod settings_page;
#[cfg(feature = "simulator")]
pub mod simulator;
mod sync;
mod table;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
#[cfg(feature = "token-source")]
mod token_source;
mod wire;

#[cfg(feature = "api")]
pub use crate::api::{BotmaticApi, BotmaticApiBuilder};
pub use crate::auth::{Auth, Authorizer, HasClient};
pub use crate::builder::{AnyToken, Builder, InstalledTokens, NoKeyStore, OwnAuthorizer, builder};
pub use crate::call::{Action, Call, Pattern};
pub use crate::clock::{Clock, SystemClock};
pub use crate::consumer::{ConsumerError, ExternalApiConsumer, ListStart, PAGE_SIZE, Page};
pub use crate::contact::{Access, Contact, Owner, Properties, Property, PropertyKind, Value};
pub use crate::durable::{SetAside, SetAsideEvent};
pub use crate::error::{Error, Result};
pub use crate::extract::{Captures, FromCall, Message, Params, Rejection, State, Synced};
pub use crate::handle::Botmatic;
pub use crate::handlers::Handlers;
pub use crate::id::{BotId, ContactId, ExternalId, IdValue};
pub use crate::integration::{Answer, Integration, Service};
pub use crate::key_store::KeyStore;
pub use crate::kind::{AboutContact, HasCaptures, HasData, HasPayload};
pub use crate::manifest::{Description, Manifest};
pub use crate::mapping::{Change, ContactMapping, ContactPatch, MappingError, PropertyValue, ValueError};
pub use crate::optional::OptionalFromCall;
pub use crate::outcome::{Effect, Outcome, SyncCounts};
pub use crate::platform::Platform;
pub use crate::reply::{AsReply, ByValue, Fallible, IntoReply, Reply};
#[cfg(feature = "server")]
pub use crate::server::asked_to_end;
#[cfg(feature = "settings")]
pub use crate::settings::{Choice, Secret, SettingsError, SettingsForm, Upload};
#[cfg(feature = "settings")]
pub use crate::settings_page::{SettingsFuture, SettingsPage};
pub use crate::sync::{Import, ImportFailure, ImportProgress, ImportReport, ImportRun};
pub use crate::sync::{PlannedChange, Reconcile, ReconcileFailure, ReconcilePlan, ReconcileReport, WhenGone};
pub use crate::table::{HandlerFuture, Table};
pub use crate::token::{InstallationId, Token};
#[cfg(feature = "token-source")]
pub use crate::token_source::{AccessToken, TokenError, TokenSource, TokenSourceBuilder};

#[doc = include_str!("../docs/contact_mapping.md")]
pub use botmatic_contact_macros::ContactMapping;

/// Makes an enum, or a struct around one value, the value of a property: implements
/// [`PropertyValue`](trait@PropertyValue).
///
/// ```
/// use botmatic_contact::prelude::*;
/// use botmatic_contact::{Properties, PropertyKind};
///
/// #[derive(Debug, PartialEq, PropertyValue)]
/// #[property(rename_all = "snake_case")]
/// enum Status {
///     Active,
///     OnLeave,
///     #[property("former member")]
///     Left,
/// }
///
/// /// In minor units.
/// #[derive(PropertyValue)]
/// struct Cents(i64);
///
/// #[derive(ContactMapping)]
/// struct Member {
///     #[contact(id)]
///     id: u64,
///     status: Option<Status>,
///     balance: Cents,
/// }
///
/// assert_eq!(Status::CHOICES, ["active", "on_leave", "former member"]);
/// assert_eq!(Cents::KIND, PropertyKind::Number);
///
/// let mut properties = Properties::from_iter([("status", "on_leave"), ("balance", "250")]);
/// let member = Member::from_properties(&properties)?;
/// assert_eq!((member.status, member.balance.0), (Some(Status::OnLeave), 250));
///
/// properties.set("status", "retired");
/// let error = Member::from_properties(&properties).err().map(|error| error.to_string());
/// let expected = "property `status`: expected one of the texts `active`, `on_leave`, `former member`";
/// assert_eq!(error.as_deref(), Some(expected));
/// # Ok::<(), botmatic_contact::MappingError>(())
/// ```
///
/// An enum is a text, and none of its variants holds anything. A struct has one field, with a name or without, and is
/// written as that is; what it is generic over has to be a [`PropertyValue`](trait@PropertyValue) then.
///
/// | option | where | meaning |
/// |---|---|---|
/// | none | on a variant | its text is its own name |
/// | `"text"` | on a variant | its text |
/// | `rename_all = "…"` | on an enum | how the names of variants are written, by serde's rules: `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case`, `SCREAMING-KEBAB-CASE` |
/// | `crate = ::path` | on the type | under which name this crate is known |
pub use botmatic_contact_macros::PropertyValue;

/// Makes a struct around one value the id of a contact: implements [`IdValue`](trait@IdValue).
///
/// ```
/// use botmatic_contact::prelude::*;
///
/// #[derive(IdValue)]
/// struct CandidateId(u64);
///
/// #[derive(ContactMapping)]
/// struct Candidate {
///     #[contact(id)]
///     id: CandidateId,
///     firstname: String,
/// }
///
/// let ada = Candidate { id: CandidateId(4001), firstname: "Ada".to_owned() };
/// assert_eq!(ada.external_id(), Some(4001_u64.into()));
/// ```
///
/// The struct has one field, with a name or without, that is an [`IdValue`](trait@IdValue) itself: a text, a whole number, a
/// `Uuid`, or an `Option` of one.
/// `#[property(crate = ::path)]` on it says under which name this crate is known.
pub use botmatic_contact_macros::IdValue;

/// Makes the settings page of an integration of a struct: its form, what is shown in it, and the typed save. With the
/// feature `settings`.
///
/// ```
/// use botmatic_contact::prelude::*;
/// use botmatic_contact::{Choice, Integration};
///
/// #[derive(Clone, SettingsForm)]
/// struct Settings {
///     /// Where the CRM answers.
///     #[setting(label = "Address of the CRM", kind = url)]
///     address: String,
///     /// From the page *Access* of the CRM.
///     #[setting(label = "API key")]
///     api_key: Secret,
///     #[setting(min = 1, max = 100)]
///     page_size: Option<u32>,
///     newsletter: bool,
///     language: Language,
///     #[setting(accept = "image/png, image/jpeg", max_size = 200_000)]
///     logo: Option<Upload>,
/// }
///
/// #[derive(Clone, PartialEq)]
/// enum Language {
///     French,
///     English,
/// }
///
/// impl Choice for Language {
///     const CHOICES: &'static [(Self, &'static str)] =
///         &[(Self::French, "Français"), (Self::English, "English")];
/// }
///
/// let form = Settings::form();
/// let [address, _, page_size, ..] = form.fields() else { unreachable!() };
/// assert_eq!((address.label_text(), address.help_text()), ("Address of the CRM", Some("Where the CRM answers.")));
/// assert_eq!((page_size.label_text(), page_size.is_required()), ("Page size", false));
/// ```
///
/// What can be entered follows from the type of a field, see [`SettingValue`](settings::SettingValue): there is a field
/// for text, numbers, days, yes or no, one of several, files, and secrets. A field that is neither an `Option`, nor a
/// `bool`, nor a list is required. A [`Secret`] and an [`Upload`] that are left empty keep what was shown, and where they
/// are optional the page has a box to remove them.
///
/// | option of a field | meaning |
/// |---|---|
/// | `label = "…"` | what stands above it; without this its name, as words |
/// | `help = "…"` | a sentence below it; without this the first paragraph of its documentation |
/// | `kind = …` | which text: `email`, `url`, `tel`, or `textarea` for several lines |
/// | `min = …`, `max = …` | the smallest and the largest number |
/// | `accept = "…"` | which files: extensions and media types, as in `.pdf, image/*` |
/// | `max_size = …` | how many bytes its files may have together; without this a million |
///
/// On the struct, `#[setting(crate = ::path)]` says under which name this crate is known.
pub use botmatic_contact_macros::SettingsForm;

/// The attributes, and what else is written with `botmatic::` before it. The prelude brings it.
pub mod botmatic {
    /// Answers an action of a bot.
    ///
    /// | option | which actions |
    /// |---|---|
    /// | `"name"` | the one of that name |
    /// | `pattern = r"…"` | every one whose whole name matches the regular expression; its named groups are [`Captures`](crate::Captures) |
    ///
    /// An exact name comes before every pattern; of several patterns that match, the one that stands last. So write the
    /// general pattern first and its special cases below. [`build`](crate::Builder::build) reports in the log which
    /// patterns have names in common, and refuses one of which nothing remains: see
    /// [`Table::pattern`](crate::Table::pattern).
    ///
    /// ```
    /// use botmatic_contact::prelude::*;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Add {
    ///     amount: u32,
    /// }
    ///
    /// struct Counter;
    ///
    /// #[botmatic::integration]
    /// impl Counter {
    ///     #[botmatic::action(pattern = r"add_(?<amount>\d+)")]
    ///     async fn add(&self, Captures(add): Captures<Add>, who: ContactId) -> String {
    ///         format!("{} more for {who}", add.amount)
    ///     }
    /// }
    /// ```
    ///
    /// # Where a handler can stand
    ///
    /// The same goes for [`on`](macro@on) and [`settings`](macro@settings).
    ///
    /// | the attribute stands on | the integration is | what comes of it |
    /// |---|---|---|
    /// | a method with `&self`, inside [`integration`](macro@integration) | `self` | one of the handlers of the block |
    /// | a free `async fn` | named by `for = X`, or by a parameter [`State<X>`](crate::State) or [`Botmatic<X>`](crate::Botmatic), or whichever it is added to | [`Handlers`](crate::Handlers), written `find_jobs {}` |
    /// | an `impl` with one `async fn`, or with alternatives of it under different `#[cfg(…)]` | `self` | an [`Integration`](crate::Integration) with one handler |
    ///
    /// A function is added to an integration where its [table](crate::Table::merge) or its
    /// [service](crate::Builder::handlers) is made. It stays a function that can be called; beside it there is a struct
    /// of its name, as visible as it is and imported with it, whose value is written with braces; so no other type of that
    /// name can be in the module. Forgotten, it is found by the compiler: "struct `find_jobs` is never constructed". Not
    /// so if it is a `pub` function of a library, which somebody else could add.
    ///
    /// A function of which neither `for` nor a parameter says the integration can be added to every one. `State<X>` is
    /// recognised as it is written, also in an `Option` or a `Result`; where it has another name, or a parameter of your
    /// own can be taken from the calls of one integration alone, write `for`. A function has no generics: nobody could
    /// choose them. Write concrete types, or a block, whose generics are passed on.
    ///
    /// A type has one block of this kind or one [`integration`](macro@integration), since each is an
    /// [`Integration`](crate::Integration); with another the compiler reports conflicting implementations (E0119). For
    /// several blocks there are [parts](macro@integration#several-blocks).
    ///
    /// In an `impl` that has no attribute itself, a marker has no effect and says so. On a function without `self` there
    /// it cannot know where it stands; the compiler says then that a struct and an implementation are not supported in
    /// an `impl`. In both cases put [`integration`](macro@integration) above the `impl`, and write `&self`.
    ///
    /// ```
    /// use botmatic_contact::prelude::*;
    ///
    /// struct Library {
    ///     books: Vec<&'static str>,
    /// }
    ///
    /// #[botmatic::action("books")]
    /// impl Library {
    ///     async fn books(&self) -> Vec<&'static str> {
    ///         self.books.clone()
    ///     }
    /// }
    ///
    /// #[botmatic::action("has")]
    /// async fn has(library: State<Library>, Params(title): Params<String>) -> bool {
    ///     library.books.contains(&&*title)
    /// }
    ///
    /// #[botmatic::on(user_reply)]
    /// async fn heard(reply: UserReply) {
    ///     println!("{} letters were heard", reply.text.chars().count());
    /// }
    ///
    /// let library = Library { books: vec!["Emma"] };
    /// let service = botmatic::builder(library).handlers(has {}).handlers(heard {}).build()?;
    /// assert_eq!(service.manifest().actions.len(), 2);
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    ///
    /// Outside of a block there are two more options:
    ///
    /// | option | meaning |
    /// |---|---|
    /// | `for = X` | the integration of a free function |
    /// | `crate = ::path` | under which name this crate is known |
    ///
    /// ```
    /// use botmatic_contact::prelude::*;
    ///
    /// struct Library {
    ///     books: Vec<&'static str>,
    /// }
    ///
    /// type Shared = State<Library>;
    ///
    /// #[botmatic::action("books", for = Library)]
    /// async fn books(library: Shared) -> usize {
    ///     library.books.len()
    /// }
    /// #
    /// # #[botmatic::integration]
    /// # impl Library {
    /// #     #[botmatic::action("open")]
    /// #     async fn open(&self) {}
    /// # }
    /// let service = botmatic::builder(Library { books: vec!["Emma"] }).handlers(books {}).build()?;
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    pub use botmatic_contact_macros::action;

    /// Turns the marked methods of an `impl` into handlers: implements [`Integration`](crate::Integration).
    ///
    /// A handler is an `async fn` with `&self` and any parameters that implement [`FromCall`](crate::FromCall), in any
    /// order. The methods stay as they are and can be called as ever. A `#[cfg]` on a method, or on a parameter, goes for
    /// its handler too; the generics of the `impl` are passed on.
    ///
    /// Handlers can also be free functions, and other integrations can be added: see [`action`](macro@action) and
    /// [`Handlers`](crate::Handlers).
    ///
    /// | option | meaning |
    /// |---|---|
    /// | `parts(jobs, replies)` | the other blocks of the integration; each may have a `#[cfg(…)]` before its name |
    /// | `part = jobs` | this is one of them, in the same module or another |
    /// | `crate = ::path` | under which name this crate is known |
    ///
    #[doc = include_str!("../docs/handlers.md")]
    ///
    /// # Several blocks
    ///
    /// A type with many handlers can have several blocks. One is the main block and lists the others by name; its
    /// handlers count as added first, and the parts in the order of the list. A part is an associated function
    /// that gives a [`Table<Self>`](crate::Table), seen in the whole crate: the compiler suggests the right spelling of
    /// one that does not exist, and warns of one that is not listed ("associated function `jobs` is never used"). So no
    /// method of the type can have the name of a part (E0592 otherwise). What two blocks answer both is found when the
    /// service is built.
    ///
    /// ```
    /// use botmatic_contact::prelude::*;
    ///
    /// struct Agency;
    ///
    /// #[botmatic::integration(parts(jobs))]
    /// impl Agency {
    ///     #[botmatic::on(user_reply)]
    ///     async fn heard(&self, _reply: UserReply) {}
    /// }
    ///
    /// // In a module of its own, maybe.
    /// #[botmatic::integration(part = jobs)]
    /// impl Agency {
    ///     #[botmatic::action("find_jobs")]
    ///     async fn find_jobs(&self) -> [&'static str; 2] {
    ///         ["cook", "pilot"]
    ///     }
    /// }
    ///
    /// let manifest = botmatic::builder(Agency).build()?.manifest();
    /// assert_eq!((manifest.events.len(), manifest.actions.len()), (1, 1));
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    pub use botmatic_contact_macros::integration;

    /// Hears of an event. It stands where [`action`](macro@action) can stand, and means the same there.
    ///
    /// | option | what it hears of |
    /// |---|---|
    /// | `install` | one of the events in [`event`](crate::event), by its name |
    /// | `"name"` | any other event; its payload is [`Custom`](crate::event::Custom) |
    /// | `contact_created, replace` | the same, and takes the place of the sync: for the three events of contacts |
    ///
    /// Without `replace`, the handlers of contact events run after the sync and can see its outcome with
    /// [`Synced`](crate::Synced).
    ///
    /// ```
    /// use botmatic_contact::prelude::*;
    ///
    /// struct Audit;
    ///
    /// #[botmatic::integration]
    /// impl Audit {
    ///     #[botmatic::on(install)]
    ///     async fn installed(&self, install: Install) -> Result<(), std::io::Error> {
    ///         println!("installation {}", install.token.installation());
    ///         Ok(())
    ///     }
    ///
    ///     #[botmatic::on("campaign_ended")]
    ///     async fn campaign_ended(&self, Params(name): Params<String>) {
    ///         println!("{name} is over");
    ///     }
    ///
    ///     #[botmatic::on(contact_deleted, replace)]
    ///     async fn deleted(&self, deleted: ContactDeleted) {
    ///         println!("{} is gone, and stays on the external service", deleted.contact_id);
    ///     }
    /// }
    /// ```
    pub use botmatic_contact_macros::on;

    /// Shows or saves the settings page. It stands where [`action`](macro@action) can stand, and needs the feature
    /// `settings`.
    ///
    /// | option | what the method is for |
    /// |---|---|
    /// | `"/path"` | it gives the current settings, of a type that derives [`SettingsForm`](derive@crate::SettingsForm) |
    /// | `"/path", save` | it takes what was submitted, as its first argument, of the same type |
    ///
    /// Botmatic shows the page of an integration in a frame. Both methods can have any parameters that are about the
    /// installation: [`Auth`](crate::Auth), [`Token`](crate::Token), [`Botmatic`](crate::Botmatic),
    /// [`State`](crate::State). Both can return a `Result`; the page shows the error, at a field where it is a
    /// [`SettingsError`](crate::SettingsError) that names one.
    ///
    /// The page serves those whose token Botmatic confirms, at each load and at each save. The authorizer has no say in
    /// that; it is asked who the client is. Settings are made after the installation: who needs them for an import runs
    /// it when they are saved.
    ///
    /// Botmatic loads the page with the token in the query, and has the form posted by a message, so there is no button
    /// on it. To try it by hand:
    ///
    /// ```sh
    /// curl 'http://localhost:3456/settings?token=TOKEN'
    /// curl http://localhost:3456/settings --json '{"token": "TOKEN", "page_size": "30"}'
    /// ```
    ///
    /// The two halves of a page can stand in different places: in blocks or parts, on functions, in an integration that
    /// is added. They meet by their path when the service is built, which fails where one is missing or is of another
    /// type. Each half can have alternatives under different `#[cfg(…)]`.
    ///
    /// What is entered is checked before it is saved; for what was left empty to be kept, the first method is called once
    /// more before the second. The page needs nothing from elsewhere, runs no script but its own,
    /// speaks to nobody but Botmatic, and is not shown in other frames: see
    /// [`settings_origin`](crate::Builder::settings_origin).
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use std::sync::{Mutex, PoisonError};
    ///
    /// use botmatic_contact::prelude::*;
    /// use botmatic_contact::InstallationId;
    ///
    /// #[derive(Clone, SettingsForm)]
    /// struct Settings {
    ///     api_key: Option<Secret>,
    ///     /// How many people are asked for at once.
    ///     #[setting(max = 100)]
    ///     page_size: u32,
    /// }
    ///
    /// #[derive(Default)]
    /// struct Crm {
    ///     settings: Mutex<HashMap<InstallationId, Settings>>,
    /// }
    ///
    /// #[botmatic::integration]
    /// impl Crm {
    ///     #[botmatic::settings("/settings")]
    ///     async fn settings(&self, token: Token) -> Settings {
    ///         let settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
    ///         let known = settings.get(&token.installation()).cloned();
    ///         known.unwrap_or(Settings { api_key: None, page_size: 30 })
    ///     }
    ///
    ///     #[botmatic::settings("/settings", save)]
    ///     async fn save(&self, settings: Settings, token: Token) -> Result<(), SettingsError> {
    ///         if settings.api_key.as_ref().is_some_and(|key| key.expose().len() != 32) {
    ///             return Err(SettingsError::field("api_key", "A key has 32 letters and digits."));
    ///         }
    ///         self.settings.lock().unwrap_or_else(PoisonError::into_inner).insert(token.installation(), settings);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let service = botmatic::builder(Crm::default()).build()?;
    /// assert_eq!(service.settings_path(), Some("/settings"));
    /// # Ok::<(), botmatic_contact::Error>(())
    /// ```
    pub use botmatic_contact_macros::settings;

    pub use crate::builder::builder;
}

#[doc = include_str!("../docs/from_js_contact.md")]
pub mod from_js_contact {}

#[cfg(all(
    doctest,
    feature = "redb",
    feature = "api",
    feature = "server",
    feature = "testing",
    feature = "simulator"
))]
#[doc = include_str!("../../README.md")]
struct Readme;
