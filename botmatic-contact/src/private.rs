//! What generated code may name. Outside semver: nobody else may.

pub use std::boxed::Box;
pub use std::default::Default;
pub use std::fmt::{self, Debug};
pub use std::option::Option::{self, None, Some};
pub use std::result::Result::{self, Err, Ok};
pub use std::vec::Vec;

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

pub use serde::ser::{Serialize, SerializeMap, Serializer};

pub use crate::__describe as describe;
pub use crate::__probed as probed;
pub use crate::__samples as samples;
pub use crate::auth::{ClientType, HasClient, MakeClient};
pub use crate::call::Call;
pub use crate::contact::{Access, Owner, Properties, Property, PropertyKind, Value};
pub use crate::event;
pub use crate::handlers::Handlers;
pub use crate::id::{ExternalId, IdValue};
pub use crate::integration::Integration;
pub use crate::manifest::Description;
#[cfg(feature = "schemars")]
pub use crate::manifest::{NoSchema, SchemaOf};
pub use crate::mapping::{
    Canonical, Change, Codec, ContactMapping, ContactPatch, Conversion, Display, Json, MappingError, Plain,
    Presence, PropertyValue, Reader, ValueError, Writer, conversion, email_of, kind_of, read_choice,
    serialize_change, serialize_change_with, write_choice,
};
pub use crate::reply::{Answered, AnsweredValue};
#[cfg(feature = "settings")]
pub use crate::settings::{Field, Form, FormReader, SettingValue, SettingsForm, Shown, TextKind};
#[cfg(feature = "settings")]
pub use crate::settings_page::{AnsweredPage, save_settings, settings_page, show_settings, submitted};
pub use crate::table::Table;
#[cfg(feature = "testing")]
pub use crate::testing::{
    ByArbitrary, ByJson, ByKind, ByNothing, BySamples, BySmallJson, Draws, Maker, Sample, Unmade,
};

use crate::consumer::ExternalApiConsumer;

/// Asks for the future of a handler to be `Send`, where that can be said clearly.
pub fn assert_send<F: Future + Send>(future: F) -> F {
    future
}

/// Boxes what a handler does.
pub fn boxed<'a, T>(
    future: impl Future<Output = T> + Send + 'a,
) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    Box::pin(future)
}

/// Stands for the bodies of a derive that has reported an error.
pub fn unreachable_after_error() -> ! {
    unreachable!("this code does not compile")
}

/// Finds out whether a type is a consumer, and what its clients are: a constant of [`Unprobed`] is what remains when the
/// inherent one is not there.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<T: ExternalApiConsumer> Probe<T> {
    /// It is one.
    pub const HAS_CONSUMER: bool = true;
}

impl<T: HasClient> Probe<T> {
    /// The type of its clients.
    pub const CLIENT: Option<ClientType> = Some(ClientType::of::<T::Client>());
}

impl<T: HasClient<Client: Default>> Probe<T> {
    /// What makes one.
    pub const DEFAULT_CLIENT: Option<MakeClient> = Some(|| Arc::new(<T as HasClient>::Client::default()));
}

/// See [`Probe`]: what is so as far as is known.
pub trait Unprobed {
    /// It is no consumer.
    const HAS_CONSUMER: bool = false;
    /// It has no clients.
    const CLIENT: Option<ClientType> = None;
    /// They have no default.
    const DEFAULT_CLIENT: Option<MakeClient> = None;
}

impl<T> Unprobed for Probe<T> {}

/// The constants of an implementation of [`Integration`], for generated code.
#[doc(hidden)]
#[macro_export]
macro_rules! __probed {
    () => {
        const HAS_CONSUMER: ::core::primitive::bool = {
            use $crate::__private::Unprobed as _;
            $crate::__private::Probe::<Self>::HAS_CONSUMER
        };
        const CLIENT: $crate::__private::Option<$crate::__private::ClientType> = {
            use $crate::__private::Unprobed as _;
            $crate::__private::Probe::<Self>::CLIENT
        };
        const DEFAULT_CLIENT: $crate::__private::Option<$crate::__private::MakeClient> = {
            use $crate::__private::Unprobed as _;
            $crate::__private::Probe::<Self>::DEFAULT_CLIENT
        };
    };
}

/// Nothing is said of a handler but its schemas. A function, since the trait [`Default`] may be out of sight.
#[must_use]
pub fn undescribed() -> Description {
    Description::default()
}

/// Describes the last handler of a table, for generated code: `describe!(table, description, @params T, @answer U)`, where
/// the word says what the handler uses a type for. A type that has no schema adds none.
#[cfg(feature = "schemars")]
#[doc(hidden)]
#[macro_export]
macro_rules! __describe {
    ($table:ident, $description:expr $(, $(#[$cfg:meta])* @$what:ident $ty:ty)*) => {{
        use $crate::__private::NoSchema as _;
        let description = $description;
        $($(#[$cfg])* let description = $crate::__private::SchemaOf::<$ty>::$what(description);)*
        $crate::__private::Table::describe($table, description)
    }};
}

/// The same without schemas: no type is looked at.
#[cfg(not(feature = "schemars"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __describe {
    ($table:ident, $description:expr $(, $($schemas:tt)*)?) => {
        $crate::__private::Table::describe($table, $description)
    };
}

/// Without the feature `testing` nobody makes contacts.
#[cfg(not(feature = "testing"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __samples {
    ($($struct:tt)*) => {};
}

/// Asserts that a mapped type comes back as it was: with the feature `testing`.
#[cfg(not(feature = "testing"))]
#[macro_export]
macro_rules! assert_round_trip {
    ($($contact:tt)*) => {
        ::core::compile_error!(
            "`assert_round_trip!` needs the feature `testing` of `botmatic-contact`; write `features = [\"testing\"]` in the \
             dependency of that name, in `[dev-dependencies]` for instance"
        )
    };
}
