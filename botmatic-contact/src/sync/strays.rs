//! Creates of which nobody knows whether they took place, and after which somebody was created again or deleted: if they
//! did, there is a contact too many, which the other side tells of within a quarter of an hour. After that, and where there
//! is little to know somebody by, it may be another person: nobody is deleted on a suspicion.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::side::Side;
use super::traces::is_recent;
use super::{Engine, already_paired};
use crate::consumer::ExternalApiConsumer;
use crate::contact::Properties;
use crate::error::{Error, Result};
use crate::key_store::{
    Claim, Entry, Half, Intent, Journal, Known, Write, intent_from_bytes, intent_to_bytes,
};
use crate::outcome::Outcome;

/// How many are looked at in one go.
const PAGE: usize = 100;

/// The change that remembers a create whose outcome is unknown. Of those for the same contact with the same values one is
/// enough.
pub(super) fn remember(intent: &Intent) -> Result<Write> {
    let undated = Intent { at: Timestamp::UNIX_EPOCH, ..intent.clone() };
    let key = Sha256::digest(intent_to_bytes(&undated)?).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Write::Put(Journal::Strays, Entry { key, value: intent_to_bytes(intent)? }))
}

impl<I: ExternalApiConsumer> Engine<'_, I> {
    /// The create of which somebody unknown comes who is on this side, and holds what is sought. It may have more than one
    /// stray, so it is remembered until none can come any more.
    pub(super) async fn stray(
        &self,
        claim: &Claim,
        side: Side,
        is_sought: impl Fn(&Properties) -> bool + Send,
    ) -> Result<Option<Intent>> {
        let store = &self.context.key_store;
        let now = self.context.clock.now();
        let mut after: Option<String> = None;
        loop {
            let page = store.entries(self.installation, Journal::Strays, after.as_deref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(None) };
            after = Some(last.key.clone());
            for Entry { key, value } in page {
                let intent = intent_from_bytes(&value)?;
                if !is_recent(intent.at, now) {
                    self.commit(claim, vec![Write::Remove(Journal::Strays, key)]).await?;
                } else if Side::of(&intent.half) != side && is_sought(&intent.properties) {
                    return Ok(Some(intent));
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
            self.remove_twin(claim, twin).await?;
        }
        Ok(outcome)
    }

    /// Deletes somebody whom we created, and who is on that side twice now or was deleted on the other.
    pub(super) async fn remove_twin(&self, claim: &Claim, twin: &Half) -> Result<()> {
        self.delete(twin).await?;
        let tombstone = Write::Tombstone { half: twin.clone(), at: self.context.clock.now() };
        self.commit(claim, vec![tombstone]).await
    }
}
