//! One value, chosen by a number, so that the same number always means the same value.

use proptest::arbitrary::{Arbitrary, any};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// How often a value is looked for.
const ATTEMPTS: u64 = 1000;

/// A number that stands for a value: small ones for the values that are known to be difficult, the simplest first, and
/// the others for any.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    number: u64,
    attempt: u64,
}

impl Draw {
    pub(super) const fn new(number: u64) -> Self {
        Self { number, attempt: 0 }
    }

    /// Looks for a value until there is one that can be had.
    pub(super) fn until<T>(self, value: impl FnMut(Self) -> Option<T>) -> Option<T> {
        (0..ATTEMPTS).map(|attempt| Self { attempt, ..self }).find_map(value)
    }

    /// The difficult value that the number stands for.
    pub(super) fn edge<T>(self, mut edges: Vec<T>) -> Option<T> {
        let index =
            usize::try_from(self.number).ok().filter(|index| self.attempt == 0 && *index < edges.len());
        index.map(|index| edges.swap_remove(index))
    }

    /// One of the only values that there are.
    pub(super) fn one_of<T>(self, values: &[T]) -> Option<&T> {
        let chosen = self.number.wrapping_add(self.attempt).checked_rem(values.len().try_into().ok()?)?;
        values.get(usize::try_from(chosen).ok()?)
    }

    /// Whether the number stands for the simplest value.
    pub(super) const fn is_simplest(self) -> bool {
        self.number == 0 && self.attempt == 0
    }

    /// Any value of a type.
    pub(super) fn arbitrary<T: Arbitrary>(self) -> Option<T> {
        let mut tree = any::<T>().new_tree(&mut self.runner()).ok()?;
        while self.is_simplest() && tree.simplify() {}
        Some(tree.current())
    }

    /// Where the number stands for any value, what that is made of.
    pub(super) fn runner(self) -> TestRunner {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&self.number.to_le_bytes());
        seed[8..16].copy_from_slice(&self.attempt.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, rng)
    }
}

/// A value of a strategy.
pub(super) fn one<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> Option<S::Value> {
    strategy.new_tree(runner).ok().map(|tree| tree.current())
}

/// Any value of a type.
pub(super) fn arbitrary<T: Arbitrary>(runner: &mut TestRunner) -> Option<T> {
    one(&any::<T>(), runner)
}
