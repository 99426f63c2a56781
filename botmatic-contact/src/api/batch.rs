//! Many items in batches, and a result for each.

use std::num::NonZeroUsize;

use futures_util::future::BoxFuture;

use crate::error::{Error, Result};

/// Sends items in batches of at most `size`, in order. `send` is given a batch and returns a result for each of its
/// items, or one error for all of them. A batch that was refused and that `divisible` says may have been because of one
/// of its items is sent again in halves: nothing of it was done, so nothing is done twice, and who is in order goes
/// through.
pub(crate) async fn in_batches<'a, T: Sync, R: Send>(
    items: &'a [T],
    size: NonZeroUsize,
    divisible: impl Fn(&Error) -> bool + Send,
    send: impl Fn(&'a [T]) -> BoxFuture<'a, Result<Vec<Result<R>>>> + Send,
) -> Vec<Result<R>> {
    let mut results = Vec::with_capacity(items.len());
    let mut batches: Vec<_> = items.chunks(size.get()).rev().collect();
    while let Some(batch) = batches.pop() {
        match send(batch).await {
            Ok(one_each) => results.extend(one_each),
            Err(error) if batch.len() > 1 && divisible(&error) => {
                let (first, second) = batch.split_at(batch.len() / 2);
                batches.extend([second, first]);
            }
            Err(error) => {
                results.extend((1..batch.len()).map(|_| Err(error.clone_message())));
                results.push(Err(error));
            }
        }
    }
    results
}
