//! What gives handlers to a table: another table, or something that a macro made.

use crate::table::Table;

/// What gives handlers for the integration `I`: to be merged into a [`Table`], or added by
/// [`Builder::handlers`](crate::Builder::handlers).
///
/// | what | written |
/// |---|---|
/// | a function with [`action`](macro@crate::botmatic::action), [`on`](macro@crate::botmatic::on) or [`settings`](macro@crate::botmatic::settings) | its name with braces: `find_jobs {}` |
/// | a table | as it is |
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
