//! Tests for a mapping of one's own, with the feature `testing`: put it among the `dev-dependencies`' features.
//!
//! [`assert_round_trip!`](crate::assert_round_trip) writes contacts as properties and reads them again, and says which
//! field does not come back as it was:
//!
//! ```
//! use botmatic_contact::prelude::*;
//!
//! #[derive(Debug, PartialEq, ContactMapping)]
//! struct Person {
//!     #[contact(id)]
//!     id: u64,
//!     #[contact("firstname")]
//!     first_name: String,
//!     #[contact("birthdate")]
//!     born: Option<jiff::civil::Date>,
//! }
//!
//! assert_round_trip!(Person); // in a `#[test]`
//! ```
//!
//! Where not all values of a field's type come back, as when a service's own date has whole seconds, [`samples`] gives
//! the contacts to start from:
//!
//! ```
//! # use botmatic_contact::prelude::*;
//! use botmatic_contact::testing::{proptest::strategy::Strategy, samples};
//! use jiff::Timestamp;
//!
//! #[derive(Debug, PartialEq, ContactMapping)]
//! struct Member {
//!     #[contact(id)]
//!     id: u64,
//!     #[contact("since", with = seconds)]
//!     since: Timestamp,
//! }
//!
//! mod seconds {
//!     # use jiff::Timestamp;
//!     pub fn to_botmatic(moment: &Timestamp) -> i64 {
//!         moment.as_second()
//!     }
//!
//!     pub fn from_botmatic(second: i64) -> Result<Timestamp, jiff::Error> {
//!         Timestamp::from_second(second)
//!     }
//! }
//!
//! let whole = |moment: Timestamp| Timestamp::from_second(moment.as_second()).unwrap();
//! assert_round_trip!(Member, samples::<Member>().prop_map(|member| Member { since: whole(member.since), ..member }));
//! # assert!(botmatic_contact::testing::check_round_trip(samples::<Member>()).is_err());
//! ```

//! # Whether an integration keeps both sides in step
//!
//! With the feature `simulator`, too, [`Simulation`] runs an integration against a Botmatic and an external service that are
//! both in memory, under a seed that decides what people do, how long everything takes and what goes wrong: events come
//! twice and late, requests time out after they were carried out, processes end anywhere. It takes no network and no time
//! to speak of: some thousands of seeds in a minute. It is of use when
//!
//! - a mapping is new: what it makes of values takes part, and so does which properties go one way, or have an owner;
//! - a consumer is new, or makes something of errors: give it to [`Simulation::integration`];
//! - a [`KeyStore`](crate::KeyStore) is one of your own: give it to [`Simulation::key_store`].
//!
//! ```
//! use botmatic_contact::prelude::*;
//! use botmatic_contact::testing::Simulation;
//!
//! #[derive(Debug, Clone, ContactMapping)]
//! struct Person {
//!     #[contact(id)]
//!     id: u64,
//!     name: String,
//!     #[contact(email)]
//!     email: Option<String>,
//!     #[contact(owner = botmatic)]
//!     stage: Option<String>,
//! }
//!
//! // In a `#[test]`: 200 seeds, unless `SIMULATION_SEEDS` says how many.
//! Simulation::new(|person: &mut Person, number| person.id = number).check();
//! ```
//!
//! What does not hold fails the test with words like these, and with the shortest way there that was found:
//!
//! ```text
//! person 1 of 0 has two pairs
//! with: [TimedOut]
//! run it again with SIMULATION_SEED=17; this leads there:
//!       0.000 s  1 installations and 1 processes; the external service tells of creations as such
//!       0.104 s  a user creates person 1 of 0 on Botmatic
//!       0.131 s  the integration creates 1 of 0 on the external service
//!       0.131 s  fault: TimedOut
//!       …
//!      20.512 s  VIOLATION: person 1 of 0 has two pairs
//! ```
//!
//! The same seed makes the same history, as long as nothing has a clock or a random number of its own: run it again with
//! `SIMULATION_SEED=17 cargo test`, with a debugger if need be. Whatever was fixed is worth a run of some more seeds, which
//! `SIMULATION_SEEDS=20000` asks for. What has to hold, and what can go wrong, is in the table of [`simulation`].

mod draw;
mod json;
mod maker;
mod round_trip;
mod samples;
#[cfg(feature = "simulator")]
pub mod simulation;
mod strategy;

pub use draw::Draw;
pub use maker::{ByArbitrary, ByJson, ByKind, ByNothing, BySamples, BySmallJson, Maker};
pub use proptest;
pub use round_trip::{RoundTripError, check_round_trip};
#[cfg(feature = "simulator")]
pub use simulation::{AddressBook, Fault, Simulation, SimulationFailure, SimulationReport};
pub use strategy::{Draws, Sample, Samples, Unmade, samples};

pub use crate::assert_round_trip;

/// Asserts that a mapped type comes back as it was, whatever is in it: a property test of both directions, of the patch,
/// and of the canonical form. See [`testing`](crate::testing). The type has to be `PartialEq` and `Debug`.
///
/// The values of a field are, in this order: those known to be difficult for its type; for a `json` field what serde can
/// read; any that [proptest](crate::testing::proptest) makes of the type; for others what their conversion reads of such
/// properties. Where none is found, the failure says so; a strategy for the whole type is the
/// second argument then. Its contacts have no external id yet, and the default in fields that are skipped.
///
/// `PROPTEST_CASES` in the environment says how many contacts are tried: 256, unless it is set.
///
/// # Panics
/// When a contact does not come back, with the property that is to blame, and the simplest contact that shows it.
#[macro_export]
macro_rules! assert_round_trip {
    ($contact:ty $(,)?) => {
        $crate::testing::assert_held($crate::testing::check_samples::<$contact>())
    };
    ($contact:ty, $strategy:expr $(,)?) => {
        $crate::testing::assert_held::<$contact>($crate::testing::check_round_trip($strategy))
    };
}

/// [`check_round_trip`] with the [`samples`] of a type, so that a type that has none is said once.
#[doc(hidden)]
pub fn check_samples<M: Sample + PartialEq + std::fmt::Debug>() -> Result<(), RoundTripError<M>> {
    check_round_trip(samples::<M>())
}

/// Panics with what was found.
#[doc(hidden)]
#[track_caller]
pub fn assert_held<M: std::fmt::Debug>(result: Result<(), RoundTripError<M>>) {
    if let Err(error) = result {
        #[expect(clippy::panic, reason = "an assertion of a test")]
        {
            panic!("{error}");
        }
    }
}

/// What the derive says of a struct, made into its [`Sample`].
#[doc(hidden)]
#[macro_export]
macro_rules! __samples {
    // An error was reported.
    ([$($generics:tt)*] [$($of:tt)*] [$($bounds:tt)*]) => {
        #[automatically_derived]
        impl $($generics)* $crate::__private::Sample for $($of)* $($bounds)* {
            const FIELDS: ::core::primitive::usize = 0;

            fn sample(_: &mut $crate::__private::Draws<'_>) -> $crate::__private::Result<Self, $crate::__private::Unmade> {
                $crate::__private::unreachable_after_error()
            }
        }
    };
    (
        [$($generics:tt)*] [$($of:tt)*] [$($bounds:tt)*]
        { $($unmapped:tt)* }
        { $($field:ident: @$presence:ident $property:literal [$($types:tt)*])* }
    ) => {
        #[automatically_derived]
        impl $($generics)* $crate::__private::Sample for $($of)* $($bounds)* {
            const FIELDS: ::core::primitive::usize = <[&::core::primitive::str]>::len(&[$($property),*]);

            fn sample(__draws: &mut $crate::__private::Draws<'_>) -> $crate::__private::Result<Self, $crate::__private::Unmade> {
                #[allow(unused_imports, reason = "which of them count depends on the types")]
                use $crate::__private::{ByArbitrary as _, ByJson as _, ByKind as _, ByNothing as _, BySamples as _, BySmallJson as _};
                $crate::__private::Ok(Self {
                    $($unmapped)*
                    $($field: __draws.$presence($property, |__draw| {
                        (&&&&&&$crate::__private::Maker::<$($types)*>::new()).make(__draw)
                    })?,)*
                })
            }
        }
    };
}
