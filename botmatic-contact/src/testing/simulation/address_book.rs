//! The external service of a simulation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::line::shown;
use super::plan::Side;
use super::trouble::Trouble;
use super::world::{Key, World};
use crate::auth::Auth;
use crate::consumer::{ConsumerError, ExternalApiConsumer, Page};
use crate::id::ExternalId;
use crate::integration::Integration;
use crate::mapping::{ContactMapping, ContactPatch};
use crate::table::Table;
use crate::testing::Sample;

/// The external service of a simulation, by way of a consumer that passes everything on. A consumer that is to be tried calls
/// it where it calls its service in earnest: see [`Simulation::integration`](super::Simulation::integration).
pub struct AddressBook<M>(pub(super) Arc<World<M>>);

impl<M> Clone for AddressBook<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M> fmt::Debug for AddressBook<M> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AddressBook").finish_non_exhaustive()
    }
}

// No example for whoever forgot to implement this.
#[diagnostic::do_not_recommend]
impl<M: ContactMapping + Sample + Clone> Integration for AddressBook<M> {
    fn table() -> Table<Self> {
        Table::new()
    }
}

impl<M: ContactMapping + Sample + Clone> AddressBook<M> {
    fn installation(&self, auth: &Auth) -> Result<usize, ConsumerError> {
        self.0.installation(auth.token()).ok_or_else(|| ConsumerError::unauthorized("unknown token"))
    }

    /// Somebody is asked for: the installation, and the number.
    fn asked(&self, auth: &Auth, id: &ExternalId) -> Result<(usize, u64), ConsumerError> {
        let installation = self.installation(auth)?;
        self.0.asks(installation, Side::External, id.as_str());
        Ok((installation, number(id)?))
    }

    /// The integration wrote somebody: it is told, as of every change.
    fn written(&self, installation: usize, id: &ExternalId, what: &str, is_new: bool) {
        let id = id.as_str().to_owned();
        self.0.note(format_args!("the integration {what} {id} of {installation} on the external service"));
        self.0.state().writes += 1;
        self.0.external_tells(Key { installation, side: Side::External, id }, is_new);
    }

    /// Creates somebody. Whoever has the e-mail address of somebody else is refused, or should not have come.
    fn creates(&self, installation: usize, contact: M) -> Result<ExternalId, ConsumerError> {
        let properties = contact.to_properties()?;
        let email = M::EMAIL.and_then(|name| properties.get(name)?.as_str());
        if let Some(other) = email.and_then(|email| self.0.with_email(installation, email)) {
            if let (true, Some(id)) = (self.0.refuses_twins, other.external_id()) {
                return Err(ConsumerError::already_exists(id));
            }
            if self.0.model.person(&other.to_properties()?) != self.0.model.person(&properties) {
                self.0.violated("two people outside have one e-mail address");
            }
        }
        let number = self.0.enters(installation, contact);
        let id = ExternalId::from(number.ok_or_else(|| ConsumerError::rejected("no id"))?);
        self.written(installation, &id, "creates", true);
        let id_text = id.as_str().to_owned();
        self.0.appeared(Key { installation, side: Side::External, id: id_text }, &properties);
        Ok(id)
    }

    async fn request<T>(
        &self,
        effect: impl FnOnce() -> Result<T, ConsumerError> + Send,
    ) -> Result<T, ConsumerError> {
        self.0.request(effect).await.map_err(error)?
    }
}

fn error(trouble: Trouble) -> ConsumerError {
    match trouble {
        Trouble::Throttled => ConsumerError::throttled(Some(Duration::from_secs(1))),
        Trouble::Failed => ConsumerError::failed("503"),
        Trouble::TimedOut => ConsumerError::failed("timed out"),
    }
}

fn number(id: &ExternalId) -> Result<u64, ConsumerError> {
    id.as_str().parse().map_err(|_| ConsumerError::not_found())
}

#[diagnostic::do_not_recommend]
impl<M: ContactMapping + Sample + Clone> ExternalApiConsumer for AddressBook<M> {
    type Contact = M;
    type Client = ();

    async fn create_contact(&self, auth: &Auth, contact: M) -> Result<ExternalId, ConsumerError> {
        let installation = self.installation(auth)?;
        let service = self.clone();
        let created = self.0.creation(move || service.creates(installation, contact)).await;
        created.map_err(error)?
    }

    async fn get_contact(&self, auth: &Auth, id: &ExternalId) -> Result<Option<M>, ConsumerError> {
        let (installation, number) = self.asked(auth, id)?;
        if !self.0.is_readable {
            return Err(ConsumerError::unsupported("get_contact"));
        }
        self.request(|| {
            let key = Key { installation, side: Side::External, id: id.to_string() };
            let now = self.0.clock.elapsed();
            self.0.state().asked.insert(key, now);
            Ok(self.0.entry(installation, number))
        })
        .await
    }

    async fn get_contact_by_email(&self, auth: &Auth, email: &str) -> Result<Option<M>, ConsumerError> {
        let installation = self.installation(auth)?;
        self.request(|| Ok(self.0.with_email(installation, email))).await
    }

    async fn list_contacts(&self, auth: &Auth, page: Page) -> Result<Vec<M>, ConsumerError> {
        let installation = self.installation(auth)?;
        if !self.0.state().is_unsure() && !self.0.state().importing.contains(&installation) {
            self.0.violated("everybody is listed though nobody is sought");
        }
        let (offset, size) = (usize::try_from(page.offset())?, usize::try_from(page.size)?);
        self.request(|| {
            let state = self.0.state();
            let book = state.books.get(installation).into_iter().flat_map(|book| book.contacts.values());
            Ok(book.skip(offset).take(size).cloned().collect())
        })
        .await
    }

    async fn update_contact(
        &self,
        auth: &Auth,
        id: &ExternalId,
        patch: M::Patch,
    ) -> Result<(), ConsumerError> {
        let (installation, number) = self.asked(auth, id)?;
        let changes = patch.to_properties()?;
        let key = Key { installation, side: Side::External, id: id.to_string() };
        let updated = self.request(|| {
            let held = self.0.entry(installation, number).ok_or_else(ConsumerError::not_found)?;
            let mut before = held.to_properties()?;
            before.extend(held.write_only()?);
            let written = self.0.rewrites(installation, number, Some(&changes));
            written.ok_or_else(ConsumerError::not_found)?;
            self.written(installation, id, &format!("sets {} of", shown(&changes)), false);
            self.0.crosses(&key, &changes);
            self.0.sets(&key, &before, &changes);
            Ok(())
        });
        let updated = updated.await;
        if updated.is_err() {
            self.0.fails(&key, &changes);
        }
        updated
    }

    async fn delete_contact(&self, auth: &Auth, id: &ExternalId) -> Result<(), ConsumerError> {
        let (installation, number) = self.asked(auth, id)?;
        self.request(|| {
            self.0.rewrites(installation, number, None).ok_or_else(ConsumerError::not_found)?;
            self.written(installation, id, "deletes", false);
            Ok(())
        })
        .await
    }
}
