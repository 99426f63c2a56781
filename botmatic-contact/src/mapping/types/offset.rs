//! Moments that keep their offset from UTC.

use jiff::civil;
use jiff::tz::Offset;

use crate::mapping::dates;
use crate::mapping::value::ValueError;

/// A moment as it is written; without an offset it is UTC.
pub(super) fn moment(text: &str) -> Result<(civil::DateTime, Offset), ValueError> {
    let (civil, offset) = dates::pieces(text).ok_or(ValueError::expected(dates::MOMENT))?;
    Ok((civil, offset.unwrap_or(Offset::UTC)))
}

/// An offset as it stands behind a time: `Z`, `+01:00`, or with seconds, which old local times have.
pub(super) fn suffix(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let all = seconds.abs();
    let (hours, minutes, rest) = (all / 3600, all / 60 % 60, all % 60);
    match (all, rest) {
        (0, _) => "Z".to_owned(),
        (_, 0) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}:{minutes:02}:{rest:02}"),
    }
}

/// A moment without its offset, and the offset; without one it is UTC.
#[cfg(feature = "chrono")]
pub(super) fn split(text: &str) -> Option<(&str, Offset)> {
    let time = text.find('T')?;
    let end = text[time..].find(['Z', '+', '-']).map_or(text.len(), |at| time + at);
    let (local, offset) = text.split_at(end);
    Some((local, moment(&format!("2000-01-01T00:00:00{offset}")).ok()?.1))
}
