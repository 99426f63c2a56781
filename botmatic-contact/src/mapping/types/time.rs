//! `time`'s dates and moments.

use jiff::civil;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};

use super::offset;
use crate::contact::{PropertyKind, Value};
use crate::mapping::dates;
use crate::mapping::value::{PropertyValue, ValueError, text};

/// What `time` cannot hold of what jiff can, or the other way round.
const IN_RANGE: &str = "a date of the years -9999 to 9999";

impl PropertyValue for Date {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::String(civil_date(*self)?.to_string()))
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        from_civil_date(dates::date(text(value, dates::DATE)?)?)
    }
}

impl PropertyValue for PrimitiveDateTime {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        Ok(Value::String(civil_date_time(*self)?.to_string()))
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        from_civil_date_time(dates::date_time(text(value, dates::DATE_TIME)?)?)
    }
}

impl PropertyValue for OffsetDateTime {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        let civil = civil_date_time(PrimitiveDateTime::new(self.date(), self.time()))?;
        Ok(Value::String(format!("{civil}{}", offset::suffix(self.offset().whole_seconds()))))
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        let (civil, offset) = offset::moment(text(value, dates::MOMENT)?)?;
        let offset = UtcOffset::from_whole_seconds(offset.seconds());
        let offset = offset.map_err(|_| ValueError::expected(dates::MOMENT))?;
        Ok(from_civil_date_time(civil)?.assume_offset(offset))
    }
}

impl PropertyValue for UtcDateTime {
    const KIND: PropertyKind = PropertyKind::Date;

    fn to_value(&self) -> Result<Value, ValueError> {
        OffsetDateTime::from(*self).to_value()
    }

    fn from_value(value: &Value) -> Result<Self, ValueError> {
        let moment = OffsetDateTime::from_value(value)?.checked_to_utc();
        moment.ok_or(ValueError::expected(IN_RANGE))
    }
}

fn civil_date(date: Date) -> Result<civil::Date, ValueError> {
    let out_of_range = || ValueError::expected(IN_RANGE);
    let year = i16::try_from(date.year()).map_err(|_| out_of_range())?;
    let (month, day) = (u8::from(date.month()), date.day());
    civil::Date::new(year, month.cast_signed(), day.cast_signed()).map_err(|_| out_of_range())
}

fn civil_date_time(moment: PrimitiveDateTime) -> Result<civil::DateTime, ValueError> {
    let (hour, minute, second, nano) = moment.as_hms_nano();
    let [hour, minute, second] = [hour, minute, second].map(u8::cast_signed);
    let time = civil::Time::new(hour, minute, second, nano.cast_signed());
    let time = time.map_err(|_| ValueError::expected(dates::DATE_TIME))?;
    Ok(civil_date(moment.date())?.to_datetime(time))
}

fn from_civil_date(date: civil::Date) -> Result<Date, ValueError> {
    let [month, day] = [date.month(), date.day()].map(i8::cast_unsigned);
    let date = month.try_into().and_then(|month| Date::from_calendar_date(date.year().into(), month, day));
    date.map_err(|_| ValueError::expected(IN_RANGE))
}

fn from_civil_date_time(moment: civil::DateTime) -> Result<PrimitiveDateTime, ValueError> {
    let [hour, minute, second] = [moment.hour(), moment.minute(), moment.second()].map(i8::cast_unsigned);
    let time = Time::from_hms_nano(hour, minute, second, moment.subsec_nanosecond().cast_unsigned());
    let time = time.map_err(|_| ValueError::expected(dates::DATE_TIME))?;
    Ok(from_civil_date(moment.date())?.with_time(time))
}
