//! Values of the types that are properties by themselves: the difficult ones, and any.

mod dates;
mod other_crates;

use std::borrow::Cow;
use std::num::NonZero;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::{any, prop_oneof};
use proptest::strategy::Strategy;
use proptest::test_runner::TestRunner;

use super::draw::{arbitrary, one};

/// A type whose difficult values are known.
pub trait Sampled: Sized {
    /// The values that somebody is known to have changed, the simplest first. Never empty.
    fn edges() -> Vec<Self>;

    /// Any other value.
    fn random(runner: &mut TestRunner) -> Option<Self>;
}

/// Text that others like to mistake for something else.
const TEXTS: [&str; 43] = [
    "",
    " ",
    "a",
    "0",
    "007",
    "01234",
    "75001",
    "0612345678",
    "33612345678",
    "12 ",
    " 12",
    "1e5",
    "1.50",
    "-0",
    "+1",
    "1e400",
    "9007199254740993",
    "12345678901234567890",
    "NaN",
    "null",
    "true",
    "false",
    "undefined",
    "{}",
    "[]",
    "{\"a\":1}",
    "\"12\"",
    "[1,2",
    "2024-02-29",
    "line\nbreak\r\n\t",
    "\u{0}",
    "e\u{301}\u{e9}",
    "שלום עולם",
    "مرحبا",
    "\u{202e}reversed\u{202c}",
    "👩‍👩‍👧‍👦",
    "\u{feff}bom",
    "\u{a0}\u{2028}\u{2029}",
    "ﬁ",
    "İ",
    "\\u0041",
    "%00",
    "<b>&amp;</b>",
];

impl Sampled for String {
    fn edges() -> Vec<Self> {
        TEXTS.map(str::to_owned).into()
    }

    fn random(runner: &mut TestRunner) -> Option<Self> {
        let letters = vec(any::<char>(), 0..32).prop_map(Self::from_iter);
        one(&prop_oneof![any::<u64>().prop_map(|digits| digits.to_string()), letters], runner)
    }
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl Sampled for $text {
            fn edges() -> Vec<Self> {
                String::edges().into_iter().map(Self::from).collect()
            }

            fn random(runner: &mut TestRunner) -> Option<Self> {
                String::random(runner).map(Self::from)
            }
        }
    )*};
}

texts!(Box<str>, Arc<str>, Cow<'static, str>);

impl Sampled for char {
    fn edges() -> Vec<Self> {
        vec!['a', '0', ' ', '\n', '\u{a0}', '\u{0}', '\u{301}', '\u{202e}', Self::MAX]
    }

    fn random(runner: &mut TestRunner) -> Option<Self> {
        arbitrary(runner)
    }
}

impl Sampled for bool {
    fn edges() -> Vec<Self> {
        vec![false, true]
    }

    fn random(runner: &mut TestRunner) -> Option<Self> {
        arbitrary(runner)
    }
}

/// Numbers at which somebody's type of number ends.
fn numbers() -> impl Iterator<Item = i128> {
    let ends = [7, 8, 15, 16, 31, 32, 53, 63, 64].map(|bits| 1_i128 << bits);
    let around = ends.into_iter().flat_map(|end| [end - 1, end, end + 1, -end - 1, -end, 1 - end]);
    [0, 1, -1].into_iter().chain(around)
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Sampled for $integer {
            fn edges() -> Vec<Self> {
                numbers().filter_map(|number| Self::try_from(number).ok()).chain([Self::MIN, Self::MAX]).collect()
            }

            fn random(runner: &mut TestRunner) -> Option<Self> {
                arbitrary(runner)
            }
        }

        impl Sampled for NonZero<$integer> {
            fn edges() -> Vec<Self> {
                <$integer>::edges().into_iter().filter_map(Self::new).collect()
            }

            fn random(runner: &mut TestRunner) -> Option<Self> {
                arbitrary(runner).and_then(Self::new)
            }
        }
    )*};
}

integers!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

macro_rules! floats {
    ($($float:ident),*) => {$(
        impl Sampled for $float {
            fn edges() -> Vec<Self> {
                use std::$float::consts::PI;

                let smallest = Self::from_bits(1);
                let edges = [0.0, 1.0, -1.5, 0.1, PI, 1e-7, 1e21, Self::MAX, Self::EPSILON, smallest];
                [edges, edges.map(|float| -float)].concat()
            }

            fn random(runner: &mut TestRunner) -> Option<Self> {
                one(&any::<Self>().prop_filter("no number", |float| float.is_finite()), runner)
            }
        }
    )*};
}

floats!(f32, f64);
