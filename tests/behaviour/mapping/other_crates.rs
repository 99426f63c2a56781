//! Types of other crates as properties: read as leniently as those of jiff, written in the same forms, lossless to the ends
//! of their ranges or refused.

use std::fmt::Debug;

use botmatic_contact::{IdValue, PropertyKind, PropertyValue, Value};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Timelike, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use time::{OffsetDateTime, PrimitiveDateTime, UtcDateTime};
use uuid::Uuid;

fn read<T: PropertyValue>(text: &str) -> T {
    T::from_value(&Value::from(text)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn written(value: &impl PropertyValue) -> Value {
    value.to_value().unwrap()
}

/// Writes a value, and reads it as it was.
fn keeps<T: PropertyValue + PartialEq + Debug>(value: &T, expected: impl Into<Value>) {
    let written = written(value);
    assert_eq!(written, expected.into());
    assert_eq!(T::from_value(&written).unwrap(), *value);
}

fn chrono_moment(year: i32, nano: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(year, 12, 31).unwrap().and_hms_nano_opt(23, 59, 59, nano).unwrap()
}

#[test]
fn dates_of_all_crates_are_written_alike() {
    for text in ["0001-01-01", "2024-02-29", "9999-12-31", "-000001-12-31", "-009999-01-01"] {
        assert_eq!(written(&read::<jiff::civil::Date>(text)), text);
        assert_eq!(written(&read::<NaiveDate>(text)), text);
        assert_eq!(written(&read::<time::Date>(text)), text);
    }
    for text in ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999999", "2024-02-29T12:30:00.05"] {
        assert_eq!(written(&read::<jiff::civil::DateTime>(text)), text);
        assert_eq!(written(&read::<NaiveDateTime>(text)), text);
        assert_eq!(written(&read::<PrimitiveDateTime>(text)), text);

        let text = format!("{text}Z");
        assert_eq!(written(&read::<DateTime<Utc>>(&text)), *text);
        assert_eq!(written(&read::<DateTime<FixedOffset>>(&text)), *text);
        assert_eq!(written(&read::<UtcDateTime>(&text)), *text);
        assert_eq!(written(&read::<OffsetDateTime>(&text)), *text);
    }
    for text in ["2024-02-29T12:30:00+01:00", "0001-01-01T00:00:00-11:30", "1880-06-01T00:00:00+00:09:21"] {
        assert_eq!(written(&read::<DateTime<FixedOffset>>(text)), text);
        assert_eq!(written(&read::<OffsetDateTime>(text)), text);
    }
}

#[test]
fn dates_of_all_crates_are_read_with_a_time_of_day_and_moments_without_an_offset() {
    for text in ["1958-10-13", "1958-10-13T00:00:00", "1958-10-13T23:59:59Z", "1958-10-13T00:30:00+01:00"] {
        assert_eq!(written(&read::<NaiveDate>(text)), "1958-10-13");
        assert_eq!(written(&read::<time::Date>(text)), "1958-10-13");
    }
    for text in ["2021-03-04T05:06:07.000Z", "2021-03-04T06:06:07+01:00", "2021-03-04 05:06:07"] {
        assert_eq!(written(&read::<DateTime<Utc>>(text)), "2021-03-04T05:06:07Z");
        assert_eq!(written(&read::<UtcDateTime>(text)), "2021-03-04T05:06:07Z");
    }
    assert_eq!(written(&read::<NaiveDateTime>("2021-03-04")), "2021-03-04T00:00:00");
    assert_eq!(written(&read::<PrimitiveDateTime>("2021-03-04")), "2021-03-04T00:00:00");
    assert_eq!(written(&read::<DateTime<FixedOffset>>("2021-03-04 05:06:07")), "2021-03-04T05:06:07Z");
    assert_eq!(written(&read::<OffsetDateTime>("2021-03-04")), "2021-03-04T00:00:00Z");
}

#[test]
fn a_year_that_is_too_short_is_none() {
    for text in ["24-2-29", "1958-10", "", "13/10/1958", "+1", "2021-02-30"] {
        let value = Value::from(text);
        assert!(
            NaiveDate::from_value(&value).is_err() && NaiveDateTime::from_value(&value).is_err(),
            "{text}"
        );
        assert!(DateTime::<Utc>::from_value(&value).is_err(), "{text}");
        assert!(time::Date::from_value(&value).is_err(), "{text}");
    }
}

#[test]
fn what_jiff_cannot_hold_is_kept_by_chrono() {
    keeps(&NaiveDate::MAX, "+262142-12-31");
    keeps(&NaiveDate::MIN, "-262143-01-01");
    keeps(&NaiveDateTime::MAX, "+262142-12-31T23:59:59.999999999");
    keeps(&NaiveDateTime::MIN, "-262143-01-01T00:00:00");
    keeps(&DateTime::<Utc>::MAX_UTC, "+262142-12-31T23:59:59.999999999Z");
    keeps(&DateTime::<Utc>::MIN_UTC, "-262143-01-01T00:00:00Z");
    let offset = FixedOffset::east_opt(-561).unwrap();
    let moment = offset.from_local_datetime(&NaiveDateTime::MIN).unwrap();
    keeps(&moment, "-262143-01-01T00:00:00-00:09:21");
    keeps(&chrono_moment(2016, 1_500_000_000), "2016-12-31T23:59:60.500");
    keeps(&chrono_moment(2016, 1_500_000_000).and_utc(), "2016-12-31T23:59:60.500Z");
}

#[test]
fn what_chrono_would_write_as_something_else_is_refused() {
    let odd = chrono_moment(2016, 0).with_second(30).unwrap().with_nanosecond(1_000_000_000).unwrap();
    assert_eq!(odd.to_value().unwrap_err().to_string(), "expected a leap second at the end of a minute");
    let edge = FixedOffset::east_opt(3600).unwrap().from_utc_datetime(&NaiveDateTime::MAX);
    assert!(edge.to_value().is_err());
}

#[test]
fn a_decimal_number_keeps_every_digit() {
    for (text, expected) in [
        ("0", json!(0)),
        ("-12", json!(-12)),
        ("12.5", json!(12.5)),
        ("0.1", json!(0.1)),
        ("9007199254740991", json!(9_007_199_254_740_991_u64)),
        ("9007199254740993", json!("9007199254740993")),
        ("1.50", json!("1.50")),
        ("1.0", json!("1.0")),
        ("0.0000001", json!("0.0000001")),
        ("0.1234567890123456789", json!("0.1234567890123456789")),
        ("79228162514264337593543950335", json!("79228162514264337593543950335")),
        ("0.0000000000000000000000000001", json!("0.0000000000000000000000000001")),
    ] {
        let decimal: Decimal = read(text);
        assert_eq!(written(&decimal), expected);
        assert_eq!(Decimal::from_value(&expected).unwrap().to_string(), text, "the scale stays too");
    }
    assert_eq!(written(&-Decimal::ZERO), 0);
    assert_eq!(Decimal::from_value(&json!(1e-7)).unwrap(), Decimal::new(1, 7));
    assert_eq!(read::<Decimal>(" 12.50 ").to_string(), "12.50");
    for value in [json!("0.00000000000000000000000000001"), json!(1e300), json!("twelve"), json!(true)] {
        assert!(Decimal::from_value(&value).is_err(), "{value}: never rounded");
    }
}

#[test]
fn a_uuid_is_a_text_and_can_be_the_external_id() {
    let text = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let uuid: Uuid = read(" 67E5504410B1426F9247BB680E5FE0C8 ");
    keeps(&uuid, text);
    assert_eq!(Uuid::KIND, PropertyKind::Text);
    assert_eq!(uuid.to_external_id().unwrap().as_str(), text);
    assert_eq!(Uuid::unassigned().to_external_id(), None);
}

#[test]
fn a_number_that_is_not_zero_is_not_read_from_zero() {
    use std::num::NonZero;

    keeps(&NonZero::<u64>::MAX, "18446744073709551615");
    let error = NonZero::<u8>::from_value(&json!(0)).unwrap_err();
    assert_eq!(error.to_string(), "expected a whole number from 0 to 255, and not 0");
}
