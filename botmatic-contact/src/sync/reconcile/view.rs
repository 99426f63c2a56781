//! All that a plan is made of. Nothing in here writes, and the engine does not come out of it: whoever has a view and
//! nothing else can only look.

use std::hash::{DefaultHasher, Hash, Hasher};

use futures_util::stream::{BoxStream, StreamExt};
use jiff::Timestamp;

use super::super::Engine;
use super::super::requests::Listed;
use crate::consumer::{ConsumerError, ExternalApiConsumer, ListStart};
use crate::error::Result;
use crate::id::{ContactId, ExternalId};
use crate::key_store::{Half, Known, Pair};
use crate::mapping::ContactMapping;

/// How many pairs are read at once.
const PAIRS: usize = 1_000;

/// What there is on the external service and in the key store, to be looked at.
pub(super) struct ReadOnly<'a, I: ExternalApiConsumer>(Engine<'a, I>);

impl<'a, I: ExternalApiConsumer> ReadOnly<'a, I> {
    pub(super) fn new(engine: Engine<'a, I>) -> Self {
        Self(engine)
    }

    /// All contacts of the external service, from the first page on.
    pub(super) fn list(&self) -> Listing<'_, I::Contact> {
        Listing {
            pages: self.0.consumer().list_patiently(self.0.auth, ListStart::default()).boxed(),
            seen: Vec::new(),
        }
    }

    /// A contact of the external service, if it has it.
    pub(super) async fn contact(&self, id: &ExternalId) -> Result<Option<I::Contact>, ConsumerError> {
        self.0.external_now(id).await
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.context.clock.now()
    }

    pub(super) async fn known(&self, half: &Half) -> Result<Known> {
        self.0.known(half).await
    }

    /// The pairs that come after one, some of them; none after the last.
    pub(super) async fn pairs(&self, after: Option<&ContactId>) -> Result<Vec<Pair>> {
        self.0.context.key_store.pairs(self.0.installation, after, PAIRS).await
    }
}

/// A listing that has not come to its end.
pub(super) struct Listing<'a, M> {
    pages: BoxStream<'a, Listed<M>>,
    /// Whom it has shown, as digests of their ids: of a million people 8 MB.
    seen: Vec<u64>,
}

/// How a listing goes on.
pub(super) enum Step<'a, M> {
    Page(Vec<M>, Listing<'a, M>),
    End(CompleteListing),
}

/// Who was on the external service when it was listed from the first page to the last. There is no other way to one: a
/// listing that fails is used up.
pub(super) struct CompleteListing(Vec<u64>);

impl<'a, M: ContactMapping> Listing<'a, M> {
    /// The next page, or the end.
    pub(super) async fn next(mut self) -> Result<Step<'a, M>> {
        let Some(page) = self.pages.next().await else {
            self.seen.sort_unstable();
            self.seen.dedup();
            return Ok(Step::End(CompleteListing(self.seen)));
        };
        let (_, page) = page?;
        self.seen.extend(page.iter().filter_map(M::external_id).map(|id| digest(&id)));
        Ok(Step::Page(page, self))
    }

    /// Reads it to its end.
    pub(super) async fn complete(self) -> Result<CompleteListing> {
        let mut listing = self;
        loop {
            listing = match listing.next().await? {
                Step::Page(_, rest) => rest,
                Step::End(complete) => return Ok(complete),
            };
        }
    }
}

impl CompleteListing {
    /// How many there were.
    pub(super) fn contacts(&self) -> u64 {
        self.0.len() as u64
    }

    /// Whether it came to its end without showing somebody.
    pub(super) fn lacks(&self, id: &ExternalId) -> bool {
        self.0.binary_search(&digest(id)).is_err()
    }
}

/// Where two ids have the same digest, one that is gone counts as there; never the other way round.
fn digest(id: &ExternalId) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
