impl Recruiting {
    fn first(&mut self) {}
    #[doc(alias = "second")]
    async fn second(&self, install: Install) {}
    const LIMIT: u8 = 3;
}
::core::compile_error! {
    "`#[botmatic::action]` says nothing; write `#[botmatic::action(\"name\")]` or `#[botmatic::action(pattern = r\"name_(?<value>\\w+)\")]`"
}
::core::compile_error! {
    "`replace` takes over the sync of a contact event, and an action has none; leave `replace` out"
}
::core::compile_error! {
    "`first` is awaited, so it must be async; write `async fn first`"
}
::core::compile_error! {
    "one integration serves many calls at the same time, so a method cannot have `&mut self`; write `&self`"
}
::core::compile_error! {
    "a marker stands on a method, and this is none; write it above an `async fn`"
}
#[allow(
    deprecated,
    unused_imports,
    unused_qualifications,
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::large_futures,
    clippy::shadow_unrelated
)]
#[automatically_derived]
impl ::botmatic_contact::__private::Integration for Recruiting {
    ::botmatic_contact::__private::probed!();
    fn table() -> ::botmatic_contact::__private::Table<Self> {
        ::botmatic_contact::__private::unreachable_after_error()
    }
}
