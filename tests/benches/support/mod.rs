//! Comparing two ways to do the same, on a machine that has other things to do as well.
//!
//! The two take turns in short rounds, so that whatever disturbs one disturbs the other; what counts is the median of
//! the ratios of neighbouring rounds.

use std::fmt;

/// What was measured several times.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    /// One in ten was less.
    pub(crate) low: f64,
    pub(crate) median: f64,
    /// One in ten was more.
    pub(crate) high: f64,
}

impl Spread {
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let tenth = values.len() / 10;
        Self { low: values[tenth], median: values[values.len() / 2], high: values[values.len() - 1 - tenth] }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:.2} ({:.2} – {:.2})", self.median, self.low, self.high)
    }
}
