//! chrono's dates and moments. What jiff cannot hold, years beyond ±9999 and leap seconds, is written and read by chrono.

use std::str::FromStr;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Timelike, Utc};
use jiff::civil;

use super::offset;
use crate::contact::{PropertyKind, Value};
use crate::mapping::dates;
use crate::mapping::value::{PropertyValue, ValueError, text};

impl PropertyValue for NaiveDate {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::String(civil_date(*self).map_or_else(|| self.to_string(), |date| date.to_string())))
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        let text = text(value, dates::DATE)?;
        by_chrono(text).map_or_else(|| from_civil_date(dates::date(text)?), Ok)
    }
}

impl PropertyValue for NaiveDateTime {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        written(*self).map(Value::String)
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        let text = text(value, dates::DATE_TIME)?;
        by_chrono(text).map_or_else(|| from_civil(dates::date_time(text)?), Ok)
    }
}

impl PropertyValue for DateTime<FixedOffset> {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        let local = self.naive_utc().checked_add_offset(*self.offset());
        let local = local.ok_or(ValueError::expected("a moment of a year that chrono can hold"))?;
        Ok(Value::String(written(local)? + &offset::suffix(self.offset().local_minus_utc())))
    }

    /// Without an offset it is UTC.
    fn from_value(value: &Value) -> Result<Self, ValueError> {
        let text = text(value, dates::MOMENT)?;
        let (local, offset) =
            match offset::split(text).and_then(|(local, offset)| Some((by_chrono(local)?, offset))) {
                Some(moment) => moment,
                None => {
                    let (civil, offset) = offset::moment(text)?;
                    (from_civil(civil)?, offset)
                }
            };
        let moment = FixedOffset::east_opt(offset.seconds())
            .and_then(|offset| local.and_local_timezone(offset).single());
        moment.ok_or(ValueError::expected(dates::MOMENT))
    }
}

impl PropertyValue for DateTime<Utc> {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::String(written(self.naive_utc())? + &offset::suffix(0)))
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        DateTime::<FixedOffset>::from_value(value).map(Self::from)
    }
}

fn written(moment: NaiveDateTime) -> Result<String, ValueError> {
    let leap = moment.nanosecond() >= 1_000_000_000;
    if leap && moment.second() != 59 {
        // chrono allows it, and writes it as the second after.
        return Err(ValueError::expected("a leap second at the end of a minute"));
    }
    Ok(civil(moment).map_or_else(|| format!("{moment:?}"), |moment| moment.to_string()))
}

/// What only chrono can read: years with a sign, and leap seconds. For others it is too lenient: `24-2-29` is a year of
/// the first century to it.
fn by_chrono<T: FromStr>(text: &str) -> Option<T> {
    let beyond = text.starts_with(['+', '-']) || text.contains(":60");
    if beyond { text.parse().ok() } else { None }
}

fn civil_date(date: NaiveDate) -> Option<civil::Date> {
    let [month, day] = [date.month(), date.day()].map(|number| i8::try_from(number).ok());
    civil::Date::new(i16::try_from(date.year()).ok()?, month?, day?).ok()
}

/// None of a leap second.
fn civil(moment: NaiveDateTime) -> Option<civil::DateTime> {
    let numbers = [moment.hour(), moment.minute(), moment.second()];
    let [hour, minute, second] = numbers.map(|number| i8::try_from(number).ok());
    let time = civil::Time::new(hour?, minute?, second?, moment.nanosecond().cast_signed()).ok()?;
    Some(civil_date(moment.date())?.to_datetime(time))
}

fn from_civil_date(date: civil::Date) -> Result<NaiveDate, ValueError> {
    let [month, day] = [date.month(), date.day()].map(|number| u32::from(number.cast_unsigned()));
    NaiveDate::from_ymd_opt(date.year().into(), month, day).ok_or(ValueError::expected(dates::DATE))
}

fn from_civil(moment: civil::DateTime) -> Result<NaiveDateTime, ValueError> {
    let numbers = [moment.hour(), moment.minute(), moment.second()];
    let [hour, minute, second] = numbers.map(|number| u32::from(number.cast_unsigned()));
    from_civil_date(moment.date())?
        .and_hms_nano_opt(hour, minute, second, moment.subsec_nanosecond().cast_unsigned())
        .ok_or(ValueError::expected(dates::DATE_TIME))
}
