//! Types of other crates, each behind its feature.

#[cfg(feature = "chrono")]
mod chrono {
    use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
    use proptest::test_runner::TestRunner;

    use crate::testing::draw::one;
    use crate::testing::samples::Sampled;

    impl Sampled for NaiveDate {
        fn edges() -> Vec<Self> {
            let of = |(year, month, day)| Self::from_ymd_opt(year, month, day);
            let edges =
                [(2000, 1, 1), (1, 1, 1), (9999, 12, 31), (2024, 2, 29), (-1, 12, 31), (10_000, 1, 1)];
            edges.into_iter().filter_map(of).chain([Self::MIN, Self::MAX]).collect()
        }

        fn random(runner: &mut TestRunner) -> Option<Self> {
            Self::MIN.checked_add_signed(Duration::try_days(one(&(0_i64..190_000_000), runner)?)?)
        }
    }

    impl Sampled for NaiveDateTime {
        fn edges() -> Vec<Self> {
            let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_500_000_000);
            let last = NaiveTime::from_hms_nano_opt(23, 59, 59, 999_999_999);
            let times = [Some(NaiveTime::MIN), last, leap];
            let at = |date: NaiveDate| times.into_iter().flatten().map(move |time| date.and_time(time));
            NaiveDate::edges().into_iter().flat_map(at).collect()
        }

        fn random(runner: &mut TestRunner) -> Option<Self> {
            let (hour, minute, second, nano) =
                one(&(0_u32..24, 0_u32..60, 0_u32..60, 0_u32..1_000_000_000), runner)?;
            NaiveDate::random(runner)?.and_hms_nano_opt(hour, minute, second, nano)
        }
    }

    impl Sampled for DateTime<Utc> {
        fn edges() -> Vec<Self> {
            NaiveDateTime::edges().into_iter().map(|moment| moment.and_utc()).collect()
        }

        fn random(runner: &mut TestRunner) -> Option<Self> {
            NaiveDateTime::random(runner).map(|moment| moment.and_utc())
        }
    }

    impl Sampled for DateTime<FixedOffset> {
        fn edges() -> Vec<Self> {
            let offsets = [0, 3600, -41_400, 561].map(FixedOffset::east_opt);
            let at = |moment: NaiveDateTime| {
                offsets
                    .into_iter()
                    .flatten()
                    .filter_map(move |offset| offset.from_local_datetime(&moment).single())
            };
            let moments = NaiveDateTime::edges().into_iter().step_by(2);
            moments.flat_map(at).collect()
        }

        fn random(runner: &mut TestRunner) -> Option<Self> {
            let offset = FixedOffset::east_opt(one(&(-86_399..=86_399), runner)?)?;
            offset.from_local_datetime(&NaiveDateTime::random(runner)?).single()
        }
    }
}

#[cfg(feature = "time")]
mod time {
    use proptest::test_runner::TestRunner;
    use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};

    use crate::testing::draw::one;
    use crate::testing::samples::Sampled;

    impl Sampled for Date {
        fn edges() -> Vec<Self> {
            use Month::{December, February, January};

            let days = [(2000, January, 1), (1, January, 1), (9999, December, 31), (2024, February, 29)];
            let days = days.into_iter().chain([(0, February, 29), (-1, December, 31), (-9999, January, 1)]);
            days.filter_map(|(year, month, day)| Self::from_calendar_date(year, month, day).ok()).collect()
        }

        fn random(runner: &mut TestRunner) -> Option<Self> {
            let (year, ordinal) = one(&(-9999..=9999, 1_u16..=365), runner)?;
            Self::from_ordinal_date(year, ordinal).ok()
        }
    }

    impl Sampled for PrimitiveDateTime {
        fn edges() -> Vec<Self> {
            let at = |date: Date| [Time::MIDNIGHT, Time::MAX].map(|time| date.with_time(time));
            Date::edges().into_iter().flat_map(at).collect()
        }

        fn random(runner: &mut TestRunner) -> Option<Self> {
            let (hour, minute, second, nano) =
                one(&(0_u8..24, 0_u8..60, 0_u8..60, 0_u32..1_000_000_000), runner)?;
            Some(Date::random(runner)?.with_time(Time::from_hms_nano(hour, minute, second, nano).ok()?))
        }
    }

    impl Sampled for UtcDateTime {
        fn edges() -> Vec<Self> {
            PrimitiveDateTime::edges().into_iter().map(PrimitiveDateTime::as_utc).collect()
        }

        fn random(runner: &mut TestRunner) -> Option<Self> {
            PrimitiveDateTime::random(runner).map(PrimitiveDateTime::as_utc)
        }
    }

    impl Sampled for OffsetDateTime {
        fn edges() -> Vec<Self> {
            let offsets = [0, 3600, -41_400, 561].map(UtcOffset::from_whole_seconds);
            let at = |moment: PrimitiveDateTime| {
                offsets.into_iter().flatten().map(move |offset| moment.assume_offset(offset))
            };
            PrimitiveDateTime::edges().into_iter().flat_map(at).collect()
        }

        fn random(runner: &mut TestRunner) -> Option<Self> {
            let offset = UtcOffset::from_whole_seconds(one(&(-86_399..=86_399), runner)?).ok()?;
            Some(PrimitiveDateTime::random(runner)?.assume_offset(offset))
        }
    }
}

#[cfg(feature = "rust_decimal")]
mod rust_decimal {
    use proptest::prelude::any;
    use proptest::test_runner::TestRunner;
    use rust_decimal::Decimal;

    use crate::testing::draw::one;
    use crate::testing::samples::Sampled;

    impl Sampled for Decimal {
        fn edges() -> Vec<Self> {
            let edges = [
                (0, 0),
                (1, 0),
                (-1, 0),
                (0, 2),
                (10, 1),
                (1, 1),
                (150, 2),
                (-125, 1),
                (1, 7),
                (1, 28),
                ((1 << 53) - 1, 0),
                (1 << 53, 0),
                ((1 << 53) + 1, 0),
                (12_345_678_901_234_567_890, 19),
            ];
            let edges = edges
                .into_iter()
                .filter_map(|(digits, scale)| Self::try_from_i128_with_scale(digits, scale).ok());
            edges.chain([Self::MIN, Self::MAX, -Self::ZERO]).collect()
        }

        fn random(runner: &mut TestRunner) -> Option<Self> {
            let (digits, scale) = one(&(any::<i64>(), 0_u32..=28), runner)?;
            Self::try_new(digits, scale).ok()
        }
    }
}

#[cfg(feature = "uuid")]
mod uuid {
    use proptest::test_runner::TestRunner;
    use uuid::Uuid;

    use crate::testing::draw::arbitrary;
    use crate::testing::samples::Sampled;

    impl Sampled for Uuid {
        fn edges() -> Vec<Self> {
            vec![Self::nil(), Self::max(), Self::from_u128(1)]
        }

        fn random(runner: &mut TestRunner) -> Option<Self> {
            arbitrary(runner).map(Self::from_u128)
        }
    }
}
