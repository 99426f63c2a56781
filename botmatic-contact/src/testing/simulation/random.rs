//! Numbers that follow from a seed, the same on every machine.

/// A stream of numbers: `SplitMix64`.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// One of the streams of a seed.
    pub(super) const fn of(seed: u64, stream: u64) -> Self {
        let mut random = Self(seed ^ stream.wrapping_mul(0xD605_BBB5_8C8A_BC23));
        random.next();
        random
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if there is none.
    pub(super) const fn below(&mut self, end: u64) -> u64 {
        ((self.next() as u128 * end as u128) >> 64) as u64
    }

    /// A place in a list of that length.
    pub(super) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    pub(super) fn one_of<T: Copy>(&mut self, values: &[T]) -> Option<T> {
        values.get(self.index(values.len())).copied()
    }

    /// Whether something that happens so many times in a hundred happens now.
    pub(super) const fn percent(&mut self, rate: u8) -> bool {
        self.below(100) < rate as u64
    }
}
