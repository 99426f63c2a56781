//! What an import reads: from the beginning, or from the last page on that an earlier one had done, if that still stands
//! where it stood.

use std::task::{Context, Poll};

use futures_util::stream::{BoxStream, StreamExt};

use super::journal::PageRead;
use crate::consumer::{ConsumerError, ListStart};
use crate::mapping::ContactMapping;
use crate::sync::requests::Listed;

/// The pages of a listing.
pub(super) type Pages<'a, C> = BoxStream<'a, Listed<C>>;

/// A listing that is read.
pub(super) struct Listing<'a, C> {
    list: Box<dyn FnMut(ListStart) -> Pages<'a, C> + Send + 'a>,
    pages: Pages<'a, C>,
    /// The page that stands first if nothing has moved since it was read.
    expected: Option<PageRead>,
    is_over: bool,
}

/// What comes of reading on.
pub(super) enum Read<C> {
    Page(Vec<C>, PageRead),
    /// Something has moved: somebody may stand before what was passed over who did not before.
    Moved,
    End,
}

impl<'a, C: ContactMapping> Listing<'a, C> {
    /// Goes on with a page that was read before, or begins at the beginning.
    pub(super) fn new(
        mut list: impl FnMut(ListStart) -> Pages<'a, C> + Send + 'a,
        expected: Option<PageRead>,
    ) -> Self {
        let start = expected.as_ref().map(|page| page.start.clone()).unwrap_or_default();
        Self { pages: list(start), list: Box::new(list), expected, is_over: false }
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Reads no further.
    pub(super) fn end(&mut self) {
        self.is_over = true;
    }

    /// Reads the next page.
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Result<Read<C>, ConsumerError>> {
        self.pages.poll_next_unpin(context).map(|read| {
            let page = read.transpose()?.map(|(start, contacts)| (PageRead::new(start, &contacts), contacts));
            if let Some(expected) = self.expected.take()
                && page.as_ref().map(|(page, _)| page) != Some(&expected)
            {
                self.pages = (self.list)(ListStart::default());
                return Ok(Read::Moved);
            }
            Ok(match page {
                Some((page, contacts)) => Read::Page(contacts, page),
                None => {
                    self.end();
                    Read::End
                }
            })
        })
    }
}
