//! The engine under seeds: what holds with all of them, and that a store or a consumer that breaks its word is found out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use botmatic_contact::key_store::{
    Claim, Entry, Half, Installation, Intent, Journal, KeyStore, Known, MemoryKeyStore, Pair, Subject, Write,
};
use botmatic_contact::prelude::*;
use botmatic_contact::testing::{AddressBook, Fault, Simulation};
use botmatic_contact::{InstallationId, Properties, Result};
use jiff::Timestamp;

/// Somebody with a property of every kind that the engine tells apart.
#[derive(Debug, Clone, ContactMapping)]
struct Person {
    #[contact(id)]
    id: u64,
    #[contact("firstname")]
    first_name: String,
    #[contact("email", email)]
    email: Option<String>,
    city: Option<String>,
    score: Option<f64>,
    #[contact(owner = botmatic)]
    stage: Option<String>,
    #[contact(owner = external)]
    company: Option<String>,
    #[contact(write_only)]
    greeting: Option<String>,
}

fn simulation() -> Simulation<Person> {
    Simulation::new(|person, number| person.id = number)
}

#[test]
fn whatever_people_do_both_sides_come_to_hold_the_same() {
    let report = simulation().seeds(0..2000).check();
    assert!(report.edits > 14_000, "{report:?}");
    assert!(report.writes * 10 <= report.edits * 11, "{report:?}");
    for fault in Fault::ALL {
        // Of two with one address one is refused, which can be told only where nothing is unsure.
        let is_tried = fault != Fault::SharedAddress;
        assert!(!is_tried || report.strikes(fault) >= 20, "{fault:?} struck {} times", report.strikes(fault));
    }
}

#[test]
fn what_was_accepted_is_done_whatever_happens() {
    let report = simulation().durable().seeds(0..300).check();
    assert!(report.edits > 2000, "{report:?}");
}

#[test]
fn of_two_with_one_address_one_is_refused() {
    let report = simulation().without_faults().fault(Fault::SharedAddress, 50).seeds(0..300).check();
    assert!(report.strikes(Fault::SharedAddress) >= 20, "{report:?}");
}

#[test]
fn where_nothing_goes_wrong_an_edit_is_written_once() {
    let report = simulation().without_faults().seeds(0..300).check();
    assert!(report.edits > 2000, "{report:?}");
    assert!(report.writes <= report.edits, "{report:?}");
}

#[tokio::test]
async fn a_simulation_holds_within_a_runtime() {
    simulation().seeds(0..100).check();
}

#[test]
fn a_failure_is_shortened_to_what_leads_there() {
    let broken = || Broken { store: MemoryKeyStore::new(), breach: Breach::DropsIntents };
    let (mut shortened, mut whole) = (0, 0);
    for seed in 0..30 {
        let simulation = simulation().key_store(broken).seeds(seed..seed + 1);
        if let Err(failure) = simulation.run() {
            shortened += failure.history.len();
            whole += simulation.history(seed).len();
        }
    }
    assert!(shortened > 0 && shortened < whole * 3 / 4, "{shortened} lines of {whole}");
}

#[test]
fn the_same_seed_makes_the_same_history() {
    for seed in 0..20 {
        let history = simulation().history(seed);
        assert!(history.len() > 3, "{history:?}");
        assert_eq!(history, simulation().history(seed));
    }
    assert_ne!(simulation().history(0), simulation().history(1));
}

/// How a store can break its word.
#[derive(Debug, Clone, Copy)]
enum Breach {
    /// The values that were agreed on are not kept.
    ForgetsSnapshots,
    /// What is about to be created is not written down.
    DropsIntents,
    /// Everybody who claims something gets it at once.
    GrantsEveryClaim,
    /// Who was deleted is forgotten.
    DropsTombstones,
    /// Pairs are kept, and nothing of what is agreed later.
    KeepsFirstSnapshot,
}

/// A store that breaks its word.
struct Broken {
    store: MemoryKeyStore,
    breach: Breach,
}

#[async_trait]
impl KeyStore for Broken {
    async fn installation(&self, id: InstallationId) -> Result<Option<Installation>> {
        self.store.installation(id).await
    }

    async fn save_installation(&self, token: &Token, now: Timestamp) -> Result<Installation> {
        self.store.save_installation(token, now).await
    }

    async fn remove_installation(&self, installation: &Installation) -> Result<bool> {
        self.store.remove_installation(installation).await
    }

    async fn look_up(&self, installation: InstallationId, half: &Half) -> Result<Known> {
        Ok(match (self.breach, self.store.look_up(installation, half).await?) {
            (Breach::DropsTombstones, Known::Deleted(_)) => Known::No,
            (_, known) => known,
        })
    }

    async fn intents(&self, installation: InstallationId) -> Result<Vec<Intent>> {
        self.store.intents(installation).await
    }

    async fn pairs(
        &self,
        installation: InstallationId,
        after: Option<&ContactId>,
        limit: usize,
    ) -> Result<Vec<Pair>> {
        self.store.pairs(installation, after, limit).await
    }

    async fn entries(
        &self,
        installation: InstallationId,
        journal: Journal,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Entry>> {
        self.store.entries(installation, journal, after, limit).await
    }

    async fn installations(&self, after: Option<InstallationId>, limit: usize) -> Result<Vec<Installation>> {
        self.store.installations(after, limit).await
    }

    async fn claim(&self, installation: InstallationId, subjects: &[Subject]) -> Result<Claim> {
        match self.breach {
            Breach::GrantsEveryClaim => Ok(Claim::new(installation, ())),
            _ => self.store.claim(installation, subjects).await,
        }
    }

    async fn commit(&self, claim: &Claim, mut writes: Vec<Write>) -> Result<()> {
        for write in &mut writes {
            if let Write::Pair(pair) | Write::NewPair(pair) = write {
                let known = self.store.look_up(claim.installation(), &pair.contact.clone().into()).await?;
                match (self.breach, known) {
                    (Breach::ForgetsSnapshots, _) => pair.snapshot = Properties::new(),
                    (Breach::KeepsFirstSnapshot, Known::Paired(before)) => {
                        pair.snapshot = before.snapshot.clone();
                    }
                    _ => {}
                }
            }
        }
        if matches!(self.breach, Breach::DropsIntents) {
            writes.retain(|write| !matches!(write, Write::Intent(_)));
        }
        self.store.commit(claim, writes).await
    }
}

#[test]
fn a_store_that_breaks_its_word_is_found_out() {
    type Simulated = fn() -> Simulation<Person>;
    // Where nothing fails, nobody may be doubled even for a moment.
    let repetitions: Simulated =
        || simulation().without_faults().fault(Fault::Duplicate, 30).fault(Fault::Haste, 50);
    // With what, and with how many seeds at most.
    let table = [
        (Breach::ForgetsSnapshots, simulation as Simulated, 400),
        (Breach::KeepsFirstSnapshot, simulation, 400),
        (Breach::DropsIntents, simulation, 400),
        (Breach::GrantsEveryClaim, repetitions, 400),
    ];
    for (breach, simulation, seeds) in table {
        let broken = move || Broken { store: MemoryKeyStore::new(), breach };
        let failure = simulation().key_store(broken).seeds(0..seeds).run();
        let failure = failure.expect_err(&format!("{breach:?}"));
        let found = failure.history.last().unwrap();
        assert!(found.contains(&failure.violation), "{failure}");
        assert!(failure.to_string().contains(&format!("SIMULATION_SEED={}", failure.seed)));
    }
}

#[test]
fn a_store_that_forgets_who_was_deleted_is_found_out() {
    let broken = || Broken { store: MemoryKeyStore::new(), breach: Breach::DropsTombstones };
    let simulation = simulation().without_faults().fault(Fault::Repeat, 20).key_store(broken);
    let failure = simulation.seeds(0..40).run().unwrap_err();
    assert!(failure.violation.contains("was deleted and has a pair"), "{failure}");
}

/// What a consumer can do wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Slip {
    /// What was not written is taken to be written.
    SwallowsErrors,
    /// A create that may have taken place is tried again.
    RepeatsCreates,
    /// Who cannot be looked for is taken not to be there.
    FindsNobody,
    /// It panics when somebody is changed.
    Panics,
    /// The same, once.
    PanicsOnce,
}

/// An integration with a handler, whose consumer may do something wrong.
struct Own {
    book: AddressBook<Person>,
    slip: Option<Slip>,
    heard: Arc<AtomicU64>,
    has_panicked: Arc<AtomicBool>,
}

/// The simulation of such an integration, and how many calls its handler got.
fn with(slip: Option<Slip>) -> (Simulation<Person>, Arc<AtomicU64>) {
    let (heard, has_panicked) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
    let counted = Arc::clone(&heard);
    let own =
        move |book| Own { book, slip, heard: Arc::clone(&counted), has_panicked: Arc::clone(&has_panicked) };
    (simulation().integration(own).seeds(0..400), heard)
}

#[botmatic::integration]
impl Own {
    #[botmatic::on(contact_created)]
    async fn created(&self, _told: ContactCreated, auth: Auth) -> Result<(), ConsumerError> {
        // What goes wrong happens to handlers, too.
        self.book.get_contact_by_email(&auth, "nobody@example.org").await?;
        self.heard.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl ExternalApiConsumer for Own {
    type Contact = Person;
    type Client = ();

    async fn create_contact(&self, auth: &Auth, person: Person) -> Result<ExternalId, ConsumerError> {
        match self.book.create_contact(auth, person.clone()).await {
            Err(error) if error.is_transient() && self.slip == Some(Slip::RepeatsCreates) => {
                self.book.create_contact(auth, person).await
            }
            created => created,
        }
    }

    async fn get_contact(&self, auth: &Auth, id: &ExternalId) -> Result<Option<Person>, ConsumerError> {
        self.book.get_contact(auth, id).await
    }

    async fn get_contact_by_email(&self, auth: &Auth, email: &str) -> Result<Option<Person>, ConsumerError> {
        let found = self.book.get_contact_by_email(auth, email).await;
        if self.slip == Some(Slip::FindsNobody) { Ok(found.unwrap_or_default()) } else { found }
    }

    async fn list_contacts(&self, auth: &Auth, page: Page) -> Result<Vec<Person>, ConsumerError> {
        self.book.list_contacts(auth, page).await
    }

    async fn update_contact(
        &self,
        auth: &Auth,
        id: &ExternalId,
        patch: PersonPatch,
    ) -> Result<(), ConsumerError> {
        let panics = match self.slip {
            Some(Slip::Panics) => true,
            Some(Slip::PanicsOnce) => !self.has_panicked.swap(true, Ordering::Relaxed),
            _ => false,
        };
        assert!(!panics, "the consumer was not ready for this");
        let updated = self.book.update_contact(auth, id, patch).await;
        if self.slip == Some(Slip::SwallowsErrors) { Ok(()) } else { updated }
    }

    async fn delete_contact(&self, auth: &Auth, id: &ExternalId) -> Result<(), ConsumerError> {
        self.book.delete_contact(auth, id).await
    }
}

#[test]
fn the_handlers_and_the_consumer_of_an_integration_take_part() {
    let (sound, heard) = with(None);
    let report = sound.check();
    assert!(heard.load(Ordering::Relaxed) > report.seeds, "{report:?}: {heard:?}");
    for (slip, found) in [
        (Slip::SwallowsErrors, "was lost"),
        (Slip::RepeatsCreates, "on the external service twice"),
        (Slip::FindsNobody, "on the external service twice"),
        (Slip::Panics, "panicked: the consumer was not ready for this"),
    ] {
        let failure = with(Some(slip)).0.run().expect_err(&format!("{slip:?}"));
        assert!(failure.violation.contains(found), "{slip:?}: {failure}");
        assert!(failure.is_repeatable, "{slip:?}: {failure}");
    }
}

#[test]
fn what_does_not_happen_again_is_shown_as_it_happened() {
    let failure = with(Some(Slip::PanicsOnce)).0.run().unwrap_err();
    assert!(!failure.is_repeatable, "{failure}");
    assert!(failure.violation.contains("panicked"), "{failure}");
    assert!(failure.history.last().unwrap().contains(&failure.violation), "{failure}");
    assert!(failure.to_string().contains(&format!("SIMULATION_SEED={}", failure.seed)), "{failure}");
}
