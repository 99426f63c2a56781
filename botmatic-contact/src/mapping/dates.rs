//! Dates and moments in ISO 8601, read a little more leniently than they are written: platforms add a time of day to
//! a date, and leave it out of a moment.
//!
//! jiff quotes the text it could not read, so its errors are not passed on.

use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, civil};

use super::value::ValueError;

/// What is expected of a date.
pub(super) const DATE: &str = "a date as in `2024-02-29`";

/// What is expected of a date and time.
pub(super) const DATE_TIME: &str = "a date and time as in `2024-02-29T12:30:00`";

/// What is expected of a moment.
pub(super) const MOMENT: &str = "a moment as in `2024-02-29T12:30:00Z`";

/// A date; of a moment, its date as it is written.
#[inline]
pub(super) fn date(text: &str) -> Result<civil::Date, ValueError> {
    let moment = || pieces(text).map(|(civil, _)| civil.date());
    text.parse().ok().or_else(moment).ok_or_else(|| ValueError::expected(DATE))
}

/// A date and time; of a moment, both as they are written; of a date, its midnight.
#[inline]
pub(super) fn date_time(text: &str) -> Result<civil::DateTime, ValueError> {
    let moment = || pieces(text).map(|(civil, _)| civil);
    text.parse().ok().or_else(moment).ok_or_else(|| ValueError::expected(DATE_TIME))
}

/// A moment; a date and time without an offset is taken as UTC.
#[inline]
pub(super) fn timestamp(text: &str) -> Result<Timestamp, ValueError> {
    let civil = || {
        let civil: civil::DateTime = text.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    };
    text.parse().ok().or_else(civil).ok_or_else(|| ValueError::expected(MOMENT))
}

/// A date, its time if it has one, and its offset if it has one, all as they are written.
pub(super) fn pieces(text: &str) -> Option<(civil::DateTime, Option<Offset>)> {
    let pieces = DateTimeParser::new().parse_pieces(text).ok()?;
    let time = pieces.time().unwrap_or_else(civil::Time::midnight);
    Some((pieces.date().to_datetime(time), pieces.offset().map(|offset| offset.to_numeric_offset())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_from_a_date_and_from_a_moment() {
        let expected = civil::date(1958, 10, 13);
        for text in ["1958-10-13", "1958-10-13T00:00:00", "1958-10-13T23:59:59Z", "1958-10-13T00:30:00+01:00"]
        {
            assert_eq!(date(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_moment_without_an_offset_is_utc() {
        let expected: Timestamp = "2021-03-04T05:06:07Z".parse().unwrap();
        for text in ["2021-03-04T05:06:07.000Z", "2021-03-04T06:06:07+01:00", "2021-03-04 05:06:07"] {
            assert_eq!(timestamp(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused_without_being_repeated() {
        for text in ["", "tomorrow", "2021-02-30", "13/10/1958", "12"] {
            let error = date(text).unwrap_err().to_string();
            assert_eq!(error, "expected a date as in `2024-02-29`");
            assert!(date_time(text).is_err() && timestamp(text).is_err(), "{text}");
        }
    }
}
