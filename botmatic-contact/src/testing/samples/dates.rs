//! Dates and moments from the first year to the last.

use jiff::{Timestamp, civil};
use proptest::prelude::{Just, prop_oneof};
use proptest::test_runner::TestRunner;

use super::Sampled;
use crate::testing::draw::one;

impl Sampled for civil::Date {
    fn edges() -> Vec<Self> {
        let of = |year, month, day| Self::new(year, month, day).ok();
        let edges = [
            of(2000, 1, 1),
            of(1, 1, 1),
            of(9999, 12, 31),
            of(2024, 2, 29),
            of(1900, 3, 1),
            of(1970, 1, 1),
            of(0, 2, 29),
            of(-1, 12, 31),
            Some(Self::MIN),
        ];
        edges.into_iter().flatten().collect()
    }

    fn random(runner: &mut TestRunner) -> Option<Self> {
        let (year, month, day) = one(&(-9999_i16..=9999, 1_i8..=12, 1_i8..=31), runner)?;
        Self::new(year, month, day).or_else(|_| Self::new(year, month, 28)).ok()
    }
}

impl Sampled for civil::DateTime {
    fn edges() -> Vec<Self> {
        let times = [civil::Time::midnight(), civil::Time::MAX, civil::time(12, 30, 0, 50_000_000)];
        let at = |date: civil::Date| times.map(|time| date.to_datetime(time));
        civil::Date::edges().into_iter().flat_map(at).collect()
    }

    fn random(runner: &mut TestRunner) -> Option<Self> {
        let date = civil::Date::random(runner)?;
        let time = (0_i8..24, 0_i8..60, 0_i8..60, prop_oneof![Just(0), 0..1_000_000_000]);
        let (hour, minute, second, nano) = one(&time, runner)?;
        Some(date.at(hour, minute, second, nano))
    }
}

impl Sampled for Timestamp {
    fn edges() -> Vec<Self> {
        let of = |moment: civil::DateTime| moment.to_zoned(jiff::tz::TimeZone::UTC).ok();
        let edges = civil::DateTime::edges().into_iter().filter_map(of).map(|moment| moment.timestamp());
        edges.chain([Self::UNIX_EPOCH, Self::MIN, Self::MAX]).collect()
    }

    fn random(runner: &mut TestRunner) -> Option<Self> {
        let seconds = Self::MIN.as_second() + 1..Self::MAX.as_second();
        let (second, nano) = one(&(seconds, prop_oneof![Just(0), 0..1_000_000_000]), runner)?;
        Self::new(second, nano).ok()
    }
}
