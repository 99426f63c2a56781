//! Creates of which nobody knows whether they took place, and after which somebody was created again or deleted: if they
//! did, there is a contact too many, which the other side tells of sooner or later.

use jiff::Timestamp;

use super::side::Side;
use super::{Engine, already_paired};
use crate::consumer::ExternalApiConsumer;
use crate::contact::Properties;
use crate::error::{Error, Result};
use crate::key_store::{
    Claim, Entry, Half, Intent, Journal, Known, TOMBSTONE, Write, intent_from_bytes, intent_to_bytes,
};
use crate::outcome::Outcome;

/// How many are looked at in one go.
const PAGE: usize = 100;

/// The create that a stray comes of, and where it stands in the journal.
pub(super) struct Stray {
    key: String,
    pub(super) intent: Intent,
}

impl Stray {
    /// The change that forgets it.
    pub(super) fn forget(self) -> Write {
        Write::Remove(Journal::Strays, self.key)
    }
}

/// The change that remembers a create whose outcome is unknown.
pub(super) fn remember(intent: &Intent) -> Result<Write> {
    let (side, id) = match &intent.half {
        Half::Contact(id) => ('c', id.as_str()),
        Half::External(id) => ('e', id.as_str()),
    };
    // By their ages.
    let key = format!("{:020}:{side}{id}", intent.at.as_millisecond());
    Ok(Write::Put(Journal::Strays, Entry { key, value: intent_to_bytes(intent)? }))
}

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// The create of which somebody unknown comes who is on this side, and holds what is sought; those that are long past are
    /// forgotten.
    pub(super) async fn stray(
        &self,
        claim: &Claim,
        side: Side,
        is_sought: impl Fn(&Properties) -> bool + Send,
    ) -> Result<Option<Stray>> {
        let store = &self.context.key_store;
        let now = self.context.clock.now();
        let mut after: Option<String> = None;
        loop {
            let page = store.entries(self.installation, Journal::Strays, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(None) };
            after = Some(last.key.clone());
            for Entry { key, value } in page {
                let intent = intent_from_bytes(&value)?;
                if is_past(intent.at, now) {
                    self.commit(claim, vec![Write::Remove(Journal::Strays, key)]).await?;
                } else if Side::of(&intent.half) != side && is_sought(&intent.properties) {
                    return Ok(Some(Stray { key, intent }));
                }
            }
        }
    }

    /// The outcome where somebody for whom `twin` was created has got another counterpart meanwhile: what an earlier
    /// attempt had created was recognised, or somebody with the same e-mail address, whom people had created there.
    pub(super) async fn resolve_twin(&self, claim: &Claim, half: &Half, twin: &Half) -> Result<Outcome> {
        let known = self.known(half).await?;
        let outcome = already_paired(&known).ok_or_else(Error::paired_otherwise)?;
        // Or somebody who holds the same has got it.
        if !matches!(self.known(twin).await?, Known::Paired(_)) {
            self.remove_twin(claim, twin, None).await?;
        }
        Ok(outcome)
    }

    /// Deletes somebody whom we created, and who is on that side twice now or was deleted on the other.
    pub(super) async fn remove_twin(&self, claim: &Claim, twin: &Half, stray: Option<Stray>) -> Result<()> {
        self.delete(twin).await?;
        let at = self.context.clock.now();
        let tombstone = Write::Tombstone { half: twin.clone(), at };
        self.commit(claim, [tombstone].into_iter().chain(stray.map(Stray::forget)).collect()).await
    }
}

fn is_past(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) > TOMBSTONE
}
