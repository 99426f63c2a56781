//! What is done of an import. Batches end in any order; they count in that of the listing.

use std::collections::VecDeque;

use super::journal::{Mark, PageRead};
use super::report::{Counts, ImportFailure, ImportReport, Tally};
use crate::error::Error;

/// The batches that were begun and those before them.
#[derive(Default)]
pub(super) struct Ledger {
    report: ImportReport,
    /// Those from the oldest one on that is not done.
    batches: VecDeque<Batch>,
    /// How many there were before these.
    before: usize,
    /// What became of everybody up to the last page that is done.
    up_to: (Counts, usize),
    mark: Option<Mark>,
    /// How many of the failures are in the journal.
    written: usize,
    done: u64,
    failed: u64,
}

struct Batch {
    /// The page whose last batch this is.
    page: Option<PageRead>,
    /// What has become of its contacts so far.
    tally: Tally,
    state: State,
}

/// How far a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Some of its contacts are under way, or wait to be sent again.
    Open,
    /// It failed as a whole, which counts when Botmatic is within reach again.
    Unreached,
    Done,
}

impl Ledger {
    /// The ledger of an import that goes on.
    pub(super) fn resumed(counts: Counts, failures: Vec<ImportFailure>) -> Self {
        let (failed, up_to) = (failures.len(), (counts, failures.len()));
        let report = ImportReport::of(counts, failures);
        Self {
            done: report.resumed,
            failed: failed as u64,
            written: failed,
            report,
            up_to,
            ..Self::default()
        }
    }

    /// How many are done in whatever way, and how many of them failed.
    pub(super) fn progress(&self) -> (u64, u64) {
        (self.done, self.failed)
    }

    /// How many an earlier run had done.
    pub(super) fn resumed_from(&self) -> u64 {
        self.report.resumed
    }

    /// How many batches are not done, or wait for one that is not.
    pub(super) fn open(&self) -> usize {
        self.batches.len()
    }

    /// A batch is begun; it gets a number.
    pub(super) fn begin(&mut self, page: Option<PageRead>) -> usize {
        self.batches.push_back(Batch { page, tally: Tally::default(), state: State::Open });
        self.before + self.batches.len() - 1
    }

    /// Something has become of contacts of a batch.
    pub(super) fn note(&mut self, number: usize, tally: Tally, state: State) {
        self.done += tally.done();
        self.failed += tally.failures.len() as u64;
        let batch = number.checked_sub(self.before).and_then(|place| self.batches.get_mut(place));
        let Some(batch) = batch else { return };
        batch.tally.add(tally);
        batch.state = state;
        if state == State::Done {
            self.count_unreached();
        }
        self.advance();
    }

    /// Ends the import before the last contact. The first reason counts.
    pub(super) fn interrupt(&mut self, why: Error) {
        self.report.interrupted.get_or_insert(why);
    }

    pub(super) fn is_interrupted(&self) -> bool {
        self.report.interrupted.is_some()
    }

    /// What is to be written into the journal, if anything has changed: the mark, which failure is the first to be
    /// written with it, and those.
    pub(super) fn news(&mut self) -> Option<(Mark, usize, &[ImportFailure])> {
        let mark = self.mark.take()?;
        let from = std::mem::replace(&mut self.written, mark.failed);
        let failures = self.report.failures.get(from..mark.failed).unwrap_or_default();
        Some((mark, from, failures))
    }

    /// Everything that can be counted is over.
    pub(super) fn close(&mut self) {
        if !self.is_interrupted() {
            self.count_unreached();
            self.advance();
        }
    }

    /// The report, also of what was done after something that was not.
    pub(super) fn report(mut self) -> ImportReport {
        for batch in self.batches {
            self.report.add(batch.tally);
        }
        self.report
    }

    /// Botmatic is within reach, so what failed as a whole did so by itself.
    fn count_unreached(&mut self) {
        for batch in self.batches.iter_mut().filter(|batch| batch.state == State::Unreached) {
            batch.state = State::Done;
        }
    }

    /// Counts what is done without a gap.
    fn advance(&mut self) {
        while self.batches.front().is_some_and(|batch| batch.state == State::Done)
            && let Some(batch) = self.batches.pop_front()
        {
            self.before += 1;
            self.report.add(batch.tally);
            if let Some(page) = batch.page {
                let now = (self.report.counts(), self.report.failures.len());
                let (counts, failed) = std::mem::replace(&mut self.up_to, now);
                // Before the first page there is nothing to pass over.
                if page.start.page.number > 1 {
                    self.mark = Some(Mark { page, counts, failed });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consumer::{ListStart, Page};

    fn page(number: u32) -> Option<PageRead> {
        let start = ListStart { page: Page { number, size: 30 }, after: None };
        Some(PageRead { start, fingerprint: number.to_string() })
    }

    fn created(created: u64) -> Tally {
        Tally { counts: Counts { created, ..Counts::default() }, failures: Vec::new() }
    }

    fn failed(id: u64) -> Tally {
        let mut tally = Tally::default();
        tally.failed(Some(id.into()), Error::platform(Some(503), "out of reach"));
        tally
    }

    /// Page, how many were created before it, how many failed before it, and how many failures are new.
    fn news(ledger: &mut Ledger) -> Option<(u32, u64, usize, usize)> {
        let (mark, from, failures) = ledger.news()?;
        assert_eq!(from + failures.len(), mark.failed);
        Some((mark.page.start.page.number, mark.counts.created, mark.failed, failures.len()))
    }

    #[test]
    fn the_mark_moves_on_without_a_gap_and_names_the_last_page_that_is_done() {
        let mut ledger = Ledger::default();
        let numbers: Vec<_> =
            [page(1), None, page(2), page(3)].into_iter().map(|end| ledger.begin(end)).collect();
        ledger.note(numbers[3], created(7), State::Done);
        assert_eq!((news(&mut ledger), ledger.open()), (None, 4));
        ledger.note(numbers[0], created(1), State::Done);
        assert_eq!(news(&mut ledger), None, "nothing stands before the first page");
        ledger.note(numbers[2], created(3), State::Done);
        assert_eq!(news(&mut ledger), None, "half of the second page is missing");
        ledger.note(numbers[1], failed(2), State::Done);
        assert_eq!(news(&mut ledger), Some((3, 4, 1, 1)), "everything up to the third page");
        assert_eq!((news(&mut ledger), ledger.open()), (None, 0), "once is enough");
        assert_eq!(ledger.report().created, 11);
    }

    #[test]
    fn what_was_out_of_reach_counts_as_done_only_if_something_else_was_not() {
        let mut ledger = Ledger::default();
        let numbers: Vec<_> = (1..=5).map(|number| ledger.begin(page(number))).collect();
        for number in &numbers[..2] {
            ledger.note(*number, failed(1), State::Unreached);
        }
        assert_eq!(ledger.open(), 5);
        ledger.note(numbers[2], created(1), State::Done);
        assert_eq!(news(&mut ledger), Some((3, 0, 2, 2)));

        let mut ledger = Ledger::default();
        let numbers: Vec<_> = (1..=4).map(|number| ledger.begin(page(number))).collect();
        ledger.note(numbers[0], created(30), State::Done);
        for number in &numbers[1..] {
            ledger.note(*number, failed(1), State::Unreached);
        }
        ledger.interrupt(Error::platform(Some(503), "out of reach"));
        ledger.close();
        assert_eq!(news(&mut ledger), None);
        let report = ledger.report();
        assert_eq!((report.created, report.failures.len()), (30, 3), "they are told all the same");
    }

    #[test]
    fn a_ledger_that_goes_on_has_what_was_done_before() {
        let mut tally = failed(9);
        let mut ledger = Ledger::resumed(created(80).counts, std::mem::take(&mut tally.failures));
        assert_eq!((ledger.progress(), ledger.resumed_from()), ((81, 1), 81));
        let numbers: Vec<_> = [page(4), page(5)].into_iter().map(|end| ledger.begin(end)).collect();
        for number in numbers {
            ledger.note(number, created(30), State::Done);
        }
        assert_eq!(news(&mut ledger), Some((5, 110, 1, 0)));
        let report = ledger.report();
        assert_eq!((report.created, report.failures.len(), report.resumed), (140, 1, 81));
    }

    #[test]
    fn a_batch_of_which_some_are_sent_again_counts_when_they_are_done() {
        let mut ledger = Ledger::default();
        let numbers: Vec<_> = (1..=3).map(|number| ledger.begin(page(number))).collect();
        ledger.note(numbers[0], created(30), State::Done);
        ledger.note(numbers[1], created(15), State::Open);
        ledger.note(numbers[2], created(30), State::Done);
        assert_eq!((news(&mut ledger), ledger.open(), ledger.progress()), (None, 2, (75, 0)));
        ledger.note(numbers[1], created(15), State::Done);
        assert_eq!((news(&mut ledger), ledger.open()), (Some((3, 60, 0, 0)), 0));

        let mut ledger = Ledger::default();
        let number = ledger.begin(page(1));
        ledger.note(number, created(15), State::Open);
        ledger.interrupt(Error::cancelled());
        assert_eq!(ledger.report().created, 15, "what was done of it is told all the same");
    }
}
