//! What has to hold, whenever a pair is saved and when all is said and done.

use std::collections::BTreeSet;

use super::model::Person;
use super::plan::Side;
use super::world::{Key, World};
use crate::contact::{Owner, Properties, Value};
use crate::id::ContactId;
use crate::key_store::Pair;
use crate::mapping::{ContactMapping, respells};
use crate::testing::Sample;
use crate::token::InstallationId;

/// How much is written at most for each thing that people do, or of which one does not know what was done.
const WRITES_PER_CAUSE: u64 = 2;

impl<M: ContactMapping + Sample + Clone> World<M> {
    /// Looks at a pair that is saved.
    pub(super) fn paired(&self, installation: InstallationId, pair: &Pair) {
        let Some(installation) = self.installation_of(installation) else { return };
        let key = |side, id: &str| Key { installation, side, id: id.to_owned() };
        let contact = self.person(&key(Side::Botmatic, pair.contact.as_str()));
        let external = self.person(&key(Side::External, pair.external.as_str()));
        if contact.is_none() || contact != external {
            self.violated(format!("{} and {} are not the same person", pair.contact, pair.external));
        }
    }

    /// A pair has been saved.
    pub(super) fn has_paired(&self, installation: InstallationId, contact: &ContactId) {
        let Some(installation) = self.installation_of(installation) else { return };
        let key = Key { installation, side: Side::Botmatic, id: contact.as_str().to_owned() };
        let person = self.person(&key);
        self.state().paired.extend(person);
    }

    /// What the external service was given and tells nobody of.
    fn given(&self, installation: usize, pair: &Pair) -> Properties {
        let contact = pair.external.as_str().parse().ok().and_then(|number| self.entry(installation, number));
        contact.and_then(|contact| contact.write_only().ok()).unwrap_or_default()
    }

    /// The side whose word counts where both spoke at once. Of those who met
    /// one may have had nothing to say; and an external service that cannot be asked may be given something by whoever has
    /// not heard of its word yet.
    fn owner(&self, person: Person, name: &str) -> Option<Side> {
        let owner = M::PROPERTIES.iter().find(|property| property.name == name)?.owner?;
        match owner {
            _ if self.met.contains(&person) => None,
            Owner::Botmatic => Some(Side::Botmatic),
            Owner::External => self.is_readable.then_some(Side::External),
        }
    }

    /// Looks at everything, when all is said and done.
    pub(super) fn judge(&self, pairs: &[Vec<Pair>]) -> Result<(), String> {
        let (writes, edits, unsure) = {
            let state = self.state();
            (state.writes, state.ledger.edits, state.unsure)
        };
        if writes > WRITES_PER_CAUSE * (edits + unsure) {
            return Err(format!("{writes} writes came of {edits} edits"));
        }
        let living: BTreeSet<_> = self.state().ledger.living().collect();
        let mut known = BTreeSet::new();
        for (installation, pairs) in pairs.iter().enumerate() {
            for pair in pairs {
                let key = Key { installation, side: Side::Botmatic, id: pair.contact.as_str().to_owned() };
                let person = self.person(&key).ok_or_else(|| format!("{} is nobody", pair.contact))?;
                if !known.insert(person) {
                    return Err(format!("{person} has two pairs"));
                }
                if !living.contains(&person) {
                    return Err(format!("{person} was deleted and has a pair"));
                }
                let on_botmatic = self.held(installation, Side::Botmatic, pair.contact.as_str());
                let outside = self.held(installation, Side::External, pair.external.as_str());
                let (Some(on_botmatic), Some(outside)) = (on_botmatic, outside) else {
                    return Err(format!("{person} has a pair and is not on both sides"));
                };
                // Those who met may have been spelt otherwise.
                let is_respelt = !self.tidy.is_empty() || self.met.contains(&person);
                let agree =
                    if is_respelt { respells::<M>(&on_botmatic, &outside) } else { on_botmatic == outside };
                if !agree {
                    let held = different(&on_botmatic, &outside);
                    return Err(format!("the two sides hold different things of {person}: {held}"));
                }
                let mut everything = outside;
                everything.extend(self.given(installation, pair));
                let owner = |name: &str| self.owner(person, name);
                // Where a link was cut short, Botmatic's spelling of what that wrote passes for a word of its own.
                let is_linked =
                    unsure > 0 && self.met.contains(&person) && self.tidy.contains(&Side::Botmatic);
                if let Some((name, words)) = self.state().ledger.lost(person, &everything, owner, is_linked) {
                    let held = everything.get(name).unwrap_or(&Value::Null);
                    let words = words.join(" or ");
                    return Err(format!(
                        "what was said last of `{name}` of {person} was lost: {words} is {held} now"
                    ));
                }
            }
        }
        let has_to_be = |person: &&Person| !known.contains(person) && !self.sharing.contains(person);
        if let Some(person) = living.iter().find(has_to_be) {
            return Err(format!("{person} has no pair"));
        }
        for (installation, token) in self.tokens.iter().enumerate() {
            let of_here = |people: &BTreeSet<Person>| {
                people.iter().filter(|person| person.installation == installation).count()
            };
            let (living, paired) = (of_here(&living), of_here(&known));
            let sides = [
                self.botmatic(installation).map_or(0, |botmatic| botmatic.contacts(token).len()),
                self.state().books.get(installation).map_or(0, |book| book.contacts.len()),
            ];
            if sides != [living, paired] {
                return Err(format!(
                    "of {living} people of installation {installation}, {} are on Botmatic and {} on the external service",
                    sides[0], sides[1]
                ));
            }
        }
        Ok(())
    }
}

/// What two sides hold where it differs: on Botmatic, and on the external service.
fn different(on_botmatic: &Properties, outside: &Properties) -> String {
    let names: BTreeSet<_> = on_botmatic.iter().chain(outside.iter()).map(|(name, _)| name).collect();
    let held = names
        .into_iter()
        .map(|name| (name, [on_botmatic, outside].map(|side| side.get(name).unwrap_or(&Value::Null))));
    let different = held.filter(|(_, [one, other])| one != other);
    let shown =
        different.map(|(name, [one, other])| format!("`{name}` is {one} on Botmatic and {other} outside"));
    shown.collect::<Vec<_>>().join(", ")
}
