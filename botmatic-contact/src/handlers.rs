//! What gives handlers to a table: another table, another integration, or something that a macro made.

use std::any::type_name;
use std::sync::{Arc, OnceLock};

use crate::auth::ClientType;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::integration::Integration;
use crate::table::Table;

/// What gives handlers for the integration `I`: to be merged into a [`Table`], or added by
/// [`Builder::handlers`](crate::Builder::handlers).
///
/// | what | written |
/// |---|---|
/// | a function with [`action`](macro@crate::botmatic::action), [`on`](macro@crate::botmatic::on) or [`settings`](macro@crate::botmatic::settings) | its name with braces: `find_jobs {}` |
/// | a table | as it is |
/// | another integration, with a state of its own | its value: `Ping { … }` |
///
/// ```
/// use botmatic_contact::prelude::*;
/// use botmatic_contact::Table;
///
/// /// For every integration.
/// #[botmatic::action("ping")]
/// async fn ping() -> &'static str {
///     "pong"
/// }
///
/// struct Shop {
///     stock: u32,
/// }
///
/// /// For the shop alone, since its state is.
/// #[botmatic::action("stock")]
/// async fn stock(shop: State<Shop>) -> u32 {
///     shop.stock
/// }
///
/// # #[botmatic::integration]
/// # impl Shop {
/// #     #[botmatic::action("open")]
/// #     async fn open(&self) -> bool { true }
/// # }
/// let both = Table::new().merge(ping {}).merge(stock {});
/// let service = botmatic::builder(Shop { stock: 3 }).handlers(both).build()?;
/// # Ok::<(), botmatic_contact::Error>(())
/// ```
///
/// # Integrations in others
///
/// An integration that is added to another keeps its state: its handlers get the value that was added, as `self` and as
/// [`State`](crate::State). They share Botmatic, the key store and the clock with the other ones, and who may call is
/// decided for all: the client of their [`Auth<C>`](crate::Auth) is the one of the whole, and has to be of the same type.
/// Its settings page comes along; the sync can be replaced by the whole alone.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use botmatic_contact::prelude::*;
///
/// struct Visits(AtomicU32);
///
/// #[botmatic::action("visit")]
/// impl Visits {
///     async fn visit(&self) -> u32 {
///         self.0.fetch_add(1, Ordering::Relaxed) + 1
///     }
/// }
///
/// struct Shop;
///
/// #[botmatic::integration]
/// impl Shop {
///     #[botmatic::action("open")]
///     async fn open(&self) -> bool {
///         true
///     }
/// }
///
/// let service = botmatic::builder(Shop).handlers(Visits(AtomicU32::new(40))).build()?;
/// assert_eq!(service.manifest().actions.len(), 2);
/// # Ok::<(), botmatic_contact::Error>(())
/// ```
///
/// It cannot be a consumer of contacts: only those of the integration that is built are kept in step. Building the
/// program fails then, and says so.
///
/// ```compile_fail,E0080
/// # use botmatic_contact::prelude::*;
/// # #[derive(ContactMapping)]
/// # struct Person {
/// #     #[contact(id)]
/// #     id: u64,
/// # }
/// # struct Crm;
/// # impl ExternalApiConsumer for Crm {
/// #     type Contact = Person;
/// #     type Client = ();
/// #     async fn create_contact(&self, _: &Auth, person: Person) -> Result<ExternalId, ConsumerError> {
/// #         Ok(person.id.into())
/// #     }
/// #     async fn get_contact(&self, _: &Auth, _: &ExternalId) -> Result<Option<Person>, ConsumerError> {
/// #         Ok(None)
/// #     }
/// #     async fn get_contact_by_email(&self, _: &Auth, _: &str) -> Result<Option<Person>, ConsumerError> {
/// #         Ok(None)
/// #     }
/// #     async fn list_contacts(&self, _: &Auth, _: Page) -> Result<Vec<Person>, ConsumerError> {
/// #         Ok(Vec::new())
/// #     }
/// #     async fn update_contact(&self, _: &Auth, _: &ExternalId, _: PersonPatch) -> Result<(), ConsumerError> {
/// #         Ok(())
/// #     }
/// #     async fn delete_contact(&self, _: &Auth, _: &ExternalId) -> Result<(), ConsumerError> {
/// #         Ok(())
/// #     }
/// # }
/// # #[botmatic::integration]
/// # impl Crm {
/// #     #[botmatic::action("ping")]
/// #     async fn ping(&self) {}
/// # }
/// # struct Shop;
/// # #[botmatic::integration]
/// # impl Shop {
/// #     #[botmatic::action("open")]
/// #     async fn open(&self) {}
/// # }
/// let service = botmatic::builder(Shop).handlers(Crm).build()?; // `Crm` implements `ExternalApiConsumer`
/// # Ok::<(), botmatic_contact::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` gives no handlers for `{I}`",
    label = "nothing that can be merged into a table of `{I}`",
    note = "the handler that a macro made of a function is written with braces, like `find_jobs {{}}`",
    note = "a function that takes `State<X>` or `Botmatic<X>` is a handler of the integration `X` alone"
)]
pub trait Handlers<I> {
    /// The handlers, as a table.
    fn into_table(self) -> Table<I>;
}

impl<I> Handlers<I> for Table<I> {
    fn into_table(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<I: Send + Sync + 'static, J: Integration> Handlers<I> for J {
    fn into_table(self) -> Table<I> {
        const {
            assert!(
                !J::HAS_CONSUMER,
                "this integration implements `ExternalApiConsumer`, and inside of another its contacts would not be kept \
                 in step: give it to `botmatic::builder`, and add the other one to it"
            );
        }
        let insider = Insider { name: type_name::<J>(), client: J::CLIENT, replaces: Vec::new() };
        J::table()
            .inside(&Arc::new(Inside { integration: Arc::new(self), context: OnceLock::new() }), insider)
    }
}

/// An integration inside of another.
pub(crate) struct Inside<J> {
    integration: Arc<J>,
    /// Made at the first call, of the context of that other.
    context: OnceLock<Arc<Context<J>>>,
}

impl<J> Inside<J> {
    /// What its handlers are called with, where the other's would be called with `outer`.
    pub(crate) fn context<I>(&self, outer: &Context<I>) -> Arc<Context<J>> {
        let context = self.context.get_or_init(|| {
            Arc::new(Context {
                integration: Arc::clone(&self.integration),
                key_store: Arc::clone(&outer.key_store),
                platform: Arc::clone(&outer.platform),
                clock: Arc::clone(&outer.clock),
                began: outer.began,
                counters: Arc::clone(&outer.counters),
                request_limit: outer.request_limit,
                order: Arc::clone(&outer.order),
                syncs: false,
                durable: outer.durable.clone(),
            })
        });
        Arc::clone(context)
    }
}

/// What an integration inside of another asks of that other.
pub(crate) struct Insider {
    name: &'static str,
    client: Option<ClientType>,
    /// The events whose sync it replaces.
    pub(crate) replaces: Vec<String>,
}

impl Insider {
    /// Refuses what the whole cannot give.
    pub(crate) fn fits(&self, whole: &str, client: ClientType, syncs: bool) -> Result<()> {
        let name = self.name;
        if let Some(own) = self.client.filter(|own| *own != client) {
            let (own, client) = (own.name(), client.name());
            return Err(Error::new(
                Kind::Configuration,
                format!(
                    "`{name}` has the client `{own}`, and it is inside of `{whole}`, whose client is `{client}`: write the \
                     same `type Client` in the `impl HasClient` of both"
                ),
            ));
        }
        match self.replaces.first() {
            Some(event) if syncs => Err(Error::new(
                Kind::Configuration,
                format!(
                    "`{name}` replaces the sync of `{event}`, and it is inside of `{whole}`, whose contacts are kept in \
                     step: leave out `replace` there, or handle the event in `{whole}`"
                ),
            )),
            _ => Ok(()),
        }
    }
}
