//! What people do on either side, and what the sides make of what they are given.

use std::sync::Arc;

use super::ledger::Word;
use super::model::Person;
use super::plan::{Side, What};
use super::world::{Key, World};
use crate::contact::{Access, Properties, Value};
use crate::id::ContactId;
use crate::mapping::{ContactMapping, ContactPatch, near};
use crate::testing::Sample;

impl<M: ContactMapping + Sample + Clone> World<M> {
    /// What a person does, if it can be done.
    pub(super) fn does(self: &Arc<Self>, what: &What) {
        let done = match what {
            What::Stock { person, properties } => self.creates(*person, Side::External, properties, false),
            What::Create { side, person, properties } => self.creates(*person, *side, properties, true),
            What::Edit { side, person, property, value } => {
                let changes = Properties::from_iter([(*property, value.clone())]);
                let at_rest = self.at_rest(*person);
                let has_heard = self.has_heard(*person, *side, property);
                let done = self.writes(*person, *side, Some(&changes));
                if done.is_some() {
                    let word = Word { side: *side, value: value.clone(), has_heard };
                    let mut state = self.state();
                    let is_sure = state.is_sure_of(*person);
                    state.ledger.edited(*person, property, word, at_rest, is_sure);
                }
                done
            }
            What::Delete { side, person } => {
                let done = self.writes(*person, *side, None);
                if done.is_some() {
                    self.state().ledger.deleted(*person);
                }
                done
            }
            What::Import { .. } | What::Crash { .. } => None,
        };
        self.note(if done.is_some() { format!("{what}") } else { format!("not possible: {what}") });
    }

    /// Whether a side holds what was said last on the other one, or nothing was.
    fn has_heard(&self, person: Person, side: Side, property: &str) -> bool {
        let Some(last) = self.state().ledger.last_word(person, property, side.other()) else { return true };
        let here = self.present(person, side).pop();
        let held = here.and_then(|id| self.held(person.installation, side, &id)).unwrap_or_default();
        near(held.get(property).unwrap_or(&Value::Null), &last)
    }

    /// Whether somebody sets a property to something that it was before.
    pub(super) fn sets_back(&self, what: &What) -> bool {
        match what {
            What::Edit { person, property, value, .. } => self.state().ledger.was(*person, property, value),
            _ => false,
        }
    }

    fn creates(
        self: &Arc<Self>,
        person: Person,
        side: Side,
        properties: &Properties,
        is_told: bool,
    ) -> Option<()> {
        let installation = person.installation;
        let is_free =
            || self.present(person, side).is_empty() && self.present(person, side.other()).len() == 1;
        if self.state().ledger.is_deleted(person) || (self.state().ledger.knows(person) && !is_free()) {
            return None;
        }
        let id = match side {
            Side::Botmatic => {
                let tidied = self.tidied(side, properties);
                let (botmatic, token) = (self.botmatic(installation)?, self.tokens.get(installation)?);
                botmatic.create_contact(token, tidied).ok()?.as_str().to_owned()
            }
            Side::External => self.enters(installation, M::from_properties(properties).ok()?)?.to_string(),
        };
        let key = Key { installation, side, id };
        self.appeared(key.clone(), properties);
        // What is not given is said to be absent.
        let not_its = if side == Side::Botmatic { Access::ReadOnly } else { Access::WriteOnly };
        let its = M::PROPERTIES.iter().filter(|property| property.access != not_its);
        let absent = its.filter(|property| properties.get(&property.name).is_none());
        let said = absent.map(|property| (property.name.clone(), Value::Null));
        let said: Properties = said.chain(properties.clone()).collect();
        self.state().ledger.created(person, side, &said);
        self.botmatic_tells();
        if side == Side::External && is_told {
            self.external_tells(key, true);
        }
        Some(())
    }

    /// Writes a contact into the book of an installation, under a new number.
    pub(super) fn enters(&self, installation: usize, mut contact: M) -> Option<u64> {
        let tidied = self.tidied(Side::External, &contact.to_properties().ok()?);
        M::Patch::from_properties(&tidied).ok()?.apply(&mut contact).ok()?;
        let mut state = self.state();
        let book = state.books.get_mut(installation)?;
        book.last_number += 1;
        let number = book.last_number;
        self.model.assign(&mut contact, number)?;
        book.contacts.insert(number, contact);
        Some(number)
    }

    /// Changes or deletes somebody on a side.
    fn writes(self: &Arc<Self>, person: Person, side: Side, changes: Option<&Properties>) -> Option<()> {
        if self.state().ledger.is_deleted(person) {
            return None;
        }
        // Of two, one goes.
        let [id] = <[String; 1]>::try_from(self.present(person, side)).ok()?;
        let installation = person.installation;
        match side {
            Side::Botmatic => {
                let (token, contact) = (self.tokens.get(installation)?, ContactId::from(id.as_str()));
                let botmatic = self.botmatic(installation)?;
                match changes {
                    Some(changes) => botmatic.update_contact(token, &contact, self.tidied(side, changes)),
                    None => botmatic.delete_contact(token, &contact),
                }
                .ok()?;
                self.botmatic_tells();
            }
            Side::External => {
                self.rewrites(installation, id.parse().ok()?, changes)?;
                let key = Key { installation, side, id };
                self.state().edited.insert(key.clone(), self.clock.elapsed());
                self.external_tells(key, false);
            }
        }
        Some(())
    }

    /// Changes or deletes an entry of a book.
    pub(super) fn rewrites(
        &self,
        installation: usize,
        number: u64,
        changes: Option<&Properties>,
    ) -> Option<()> {
        let mut state = self.state();
        let book = &mut state.books.get_mut(installation)?.contacts;
        match changes {
            Some(changes) => M::Patch::from_properties(&self.tidied(Side::External, changes))
                .ok()?
                .apply(book.get_mut(&number)?)
                .ok(),
            None => book.remove(&number).map(drop),
        }
    }

    /// What a side makes of properties. What it could not hold afterwards it leaves as it was.
    pub(super) fn tidied(&self, side: Side, properties: &Properties) -> Properties {
        if !self.tidy.contains(&side) {
            return properties.clone();
        }
        let tidy = |value: &Value| match (value.as_str().map(str::trim), side) {
            (Some(text), Side::External) => Value::from(text.to_lowercase()),
            (Some(text), Side::Botmatic) => Value::from(text.to_ascii_uppercase()),
            (None, _) => value.clone(),
        };
        let tidied: Properties =
            properties.iter().map(|(name, value)| (name.to_owned(), tidy(value))).collect();
        let is_sound = M::canonical(tidied.clone()).is_ok_and(|canonical| canonical == tidied);
        if is_sound { tidied } else { properties.clone() }
    }
}
