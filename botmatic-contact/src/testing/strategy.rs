//! Whole contacts, made field by field.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::num::u64::BinarySearch;
use proptest::prelude::RngExt;
use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::{Reason, TestRunner};

use super::draw::Draw;
use crate::mapping::ContactMapping;

/// How many numbers stand for difficult values; no type has more.
const EDGES: usize = 64;

/// A contact that can be made of numbers, one for each of its mapped fields. `derive(ContactMapping)` implements it.
#[diagnostic::on_unimplemented(
    message = "no contacts of type `{Self}` can be made",
    label = "no `ContactMapping` that was derived",
    note = "add `#[derive(ContactMapping)]` to `{Self}` and mark its id with `#[contact(id)]`",
    note = "where the mapping is written by hand, say what its contacts are: `assert_round_trip!({Self}, strategy)`"
)]
pub trait Sample: ContactMapping {
    /// How many fields are mapped.
    #[doc(hidden)]
    const FIELDS: usize;

    /// The contact that the numbers stand for. Its other fields are as they are in a contact that is read.
    #[doc(hidden)]
    fn sample(draws: &mut Draws<'_>) -> Result<Self, Unmade>;
}

/// A number for each field.
#[doc(hidden)]
#[derive(Debug)]
pub struct Draws<'a>(std::slice::Iter<'a, u64>);

impl<'a> Draws<'a> {
    /// These numbers, one for each field.
    #[cfg(feature = "simulator")]
    pub(super) fn of(numbers: &'a [u64]) -> Self {
        Self(numbers.iter())
    }

    fn next(&mut self) -> u64 {
        self.0.next().copied().unwrap_or_default()
    }

    /// The value of a field.
    pub fn required<T>(
        &mut self,
        property: &'static str,
        make: impl FnOnce(Draw) -> Option<T>,
    ) -> Result<T, Unmade> {
        make(Draw::new(self.next())).ok_or(Unmade(property))
    }

    /// The value of a field that may be empty.
    pub fn optional<T>(
        &mut self,
        property: &'static str,
        make: impl FnOnce(Draw) -> Option<T>,
    ) -> Result<Option<T>, Unmade> {
        let number = self.next().checked_sub(1);
        number.map(|number| make(Draw::new(number)).ok_or(Unmade(property))).transpose()
    }
}

/// A field of which no value was found.
#[doc(hidden)]
#[derive(Debug)]
pub struct Unmade(&'static str);

impl fmt::Display for Unmade {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "property `{}`: no value was found that its field can hold; implement proptest's `Arbitrary` for the type of \
             the field, or say what the contacts are: `assert_round_trip!(Contact, strategy)`",
            self.0
        )
    }
}

/// Contacts of a type. The first ones have all difficult values that are known of each field; they shrink field by field.
#[must_use]
pub const fn samples<M: Sample + fmt::Debug>() -> Samples<M> {
    Samples { turn: AtomicUsize::new(0), contact: PhantomData }
}

/// The contacts that [`samples`] makes.
#[derive(Debug)]
pub struct Samples<M> {
    turn: AtomicUsize,
    contact: PhantomData<fn() -> M>,
}

impl<M: Sample + fmt::Debug> Strategy for Samples<M> {
    type Tree = Made<M>;
    type Value = M;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        // A test takes two contacts each time; either gets to all difficult values, of each field another one.
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) / 2;
        let rng = runner.rng();
        let numbers = (0..M::FIELDS).map(|field| match rng.random_range(0..8) {
            _ if turn < EDGES => ((turn + 7 * field) % EDGES) as u64,
            0 => 0,
            1..4 => rng.random_range(0..EDGES as u64),
            _ => rng.random(),
        });
        let numbers: Vec<_> = numbers.map(Number).collect();
        let made = Made { numbers: Box::new(numbers.new_tree(runner)?), contact: PhantomData };
        made.made().map_err(|unmade| Reason::from(unmade.to_string()))?;
        Ok(made)
    }
}

/// A number that shrinks.
#[derive(Debug)]
struct Number(u64);

impl Strategy for Number {
    type Tree = BinarySearch;
    type Value = u64;

    fn new_tree(&self, _: &mut TestRunner) -> NewTree<Self> {
        Ok(BinarySearch::new(self.0))
    }
}

/// A contact, and the numbers that it is made of.
#[doc(hidden)]
pub struct Made<M> {
    numbers: Box<dyn ValueTree<Value = Vec<u64>>>,
    contact: PhantomData<fn() -> M>,
}

impl<M> fmt::Debug for Made<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Made").field(&self.numbers.current()).finish()
    }
}

impl<M: Sample> Made<M> {
    fn made(&self) -> Result<M, Unmade> {
        M::sample(&mut Draws(self.numbers.current().iter()))
    }
}

impl<M: Sample + fmt::Debug> ValueTree for Made<M> {
    type Value = M;

    #[expect(clippy::expect_used, reason = "of the same numbers it was made before")]
    fn current(&self) -> M {
        self.made().expect("numbers that make a contact")
    }

    fn simplify(&mut self) -> bool {
        // Numbers of which nothing can be made are as good as a contact that is not simpler.
        let mut simpler = self.numbers.simplify();
        while simpler && self.made().is_err() {
            simpler = self.numbers.complicate();
        }
        simpler
    }

    fn complicate(&mut self) -> bool {
        let mut back = self.numbers.complicate();
        while back && self.made().is_err() {
            back = self.numbers.complicate();
        }
        back
    }
}
