//! Random histories of edits between two services that tell of every write, also of ours: how much is written, and after
//! how many rounds of news both are silent.

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use botmatic_contact::Properties;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::{Endpoint, Undelivered};
use futures_util::FutureExt;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use super::DONE;
use crate::support::{AddressBook, Person, PersonPatch, World};

/// How many histories.
const HISTORIES: u32 = 10_000;

/// People whom both sides know before a history begins.
const PEOPLE: usize = 2;

/// News of an edit, and news of the write that it leads to: then nobody has anything to tell any more.
const ROUNDS: u32 = 2;

/// The same where both sides were edited at once, and one of them was told what the other says.
const ROUNDS_IN_HASTE: u32 = 3;

/// What somebody does.
#[derive(Debug, Clone)]
struct Edit {
    is_outside: bool,
    person: usize,
    property: &'static str,
    value: Value,
    /// Whether they do it when all has been told that was done before.
    waits: bool,
}

#[derive(Debug, Clone)]
struct History {
    tidies: bool,
    edits: Vec<Edit>,
}

fn histories() -> impl Strategy<Value = History> {
    let text = |values: &'static [&'static str]| prop::sample::select(values).prop_map(Value::from);
    let change = prop_oneof![
        (Just("firstname"), text(&["Ada", "Augusta", "Ada King"])),
        (Just("city"), prop_oneof![text(&["London", "Paris", " St. Ives"]), Just(Value::Null)]),
        (Just("score"), prop_oneof![(0..3).prop_map(|score| json!(f64::from(score))), Just(Value::Null)]),
        (Just("email"), prop_oneof![text(&["ada@example.org", "King@example.org"]), Just(Value::Null)]),
    ];
    let edit = (any::<bool>(), 0..PEOPLE, change, prop::bool::weighted(0.7)).prop_map(
        |(is_outside, person, (property, value), waits)| Edit { is_outside, person, property, value, waits },
    );
    (any::<bool>(), prop::collection::vec(edit, 1..8)).prop_map(|(tidies, edits)| History { tidies, edits })
}

/// Keeps what Botmatic tells until somebody takes it.
#[derive(Debug, Clone, Default)]
struct Letterbox(Arc<Mutex<Vec<Vec<u8>>>>);

#[async_trait]
impl Endpoint for Letterbox {
    async fn deliver(&self, _token: &Token, body: Vec<u8>) -> Result<Vec<u8>, Undelivered> {
        self.0.lock().unwrap().push(body);
        Ok(DONE.into())
    }
}

/// Two services of which neither hears anything unless it is its turn.
struct Turns {
    world: World,
    letterbox: Letterbox,
    changes: UnboundedReceiver<u64>,
    people: Vec<ContactId>,
}

/// What came of some news.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    edits: u64,
    writes: u64,
    /// The most rounds between an edit and silence.
    rounds: u32,
}

impl Turns {
    async fn begin(tidies: bool) -> Self {
        let book = if tidies { AddressBook::default().tidy() } else { AddressBook::default() };
        let (changes, _) = book.changes();
        let world = World::of(book).await;
        let letterbox = Letterbox::default();
        world.simulator.connect(&world.token, letterbox.clone());
        let named = |number| Person::named(&format!("Person {number}"));
        let people = (0..PEOPLE).map(|number| world.create_on_botmatic(&named(number))).collect();
        let mut turns = Self { world, letterbox, changes, people };
        turns.tell_all().await;
        turns
    }

    /// One round of news: all that is there to be told now. Says whether there was anything.
    async fn tell(&mut self) -> bool {
        self.world.simulator.deliver(self.world.simulator.settled()).await;
        let events = std::mem::take(&mut *self.letterbox.0.lock().unwrap());
        let mut changes: Vec<u64> = std::iter::from_fn(|| self.changes.try_recv().ok()).collect();
        changes.dedup();
        let is_silent = events.is_empty() && changes.is_empty();
        for event in events {
            let answer = self.world.service.deliver(&self.world.token, event).await.unwrap();
            assert!(String::from_utf8(answer).unwrap().ends_with(r#""success":true}"#));
        }
        for id in changes {
            let person = self.world.book.person(id).unwrap();
            self.world.botmatic().await.update_contact(person).await.unwrap();
        }
        !is_silent
    }

    /// Tells everything until there is silence, and says after how many rounds.
    async fn tell_all(&mut self) -> u32 {
        let mut rounds = 0;
        while self.tell().await {
            rounds += 1;
            assert!(rounds < 20, "the two sides do not stop writing to each other");
        }
        rounds
    }

    /// How much was written so far.
    fn writes(&self) -> u64 {
        let outside = self.world.book.asked().iter().filter(|asked| asked.is_write()).count();
        outside as u64 + self.world.writes_on_botmatic()
    }

    /// Does what somebody does, and says whether anything has changed by it.
    async fn edit(&mut self, edit: &Edit) -> bool {
        let contact = &self.people[edit.person];
        let changes = json!({ edit.property: edit.value });
        if !edit.is_outside {
            let before = self.world.on_botmatic(contact);
            self.world.edit_on_botmatic(contact, changes);
            return self.world.on_botmatic(contact) != before;
        }
        let pairs = self.world.full_pairs().await;
        let pair = pairs.iter().find(|pair| pair.contact == *contact).unwrap();
        let id = pair.external.as_str().parse().unwrap();
        let before = self.world.book.person(id);
        let mut person = before.clone().unwrap();
        let changes: Properties = serde_json::from_value(changes).unwrap();
        PersonPatch::from_properties(&changes).unwrap().apply(&mut person).unwrap();
        self.world.book.enter(person);
        self.world.book.person(id) != before
    }

    /// Both sides hold the same, in their own spelling.
    async fn agree(&self) {
        for pair in self.world.full_pairs().await {
            let outside = self.world.book.person(pair.external.as_str().parse().unwrap()).unwrap();
            let contact = self.world.simulator.contact(&self.world.token, &pair.contact).unwrap();
            let on_botmatic = Person::from_properties(&contact.properties).unwrap();
            let spelling = |person: &Person| {
                let spelt = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
                (person.first_name.clone(), spelt(&person.email), spelt(&person.city), person.score)
            };
            assert_eq!(spelling(&outside), spelling(&on_botmatic));
        }
    }
}

async fn follow(history: &History) -> Tally {
    let mut turns = Turns::begin(history.tidies).await;
    let mut tally = Tally::default();
    let before = turns.writes();
    for edit in &history.edits {
        if edit.waits {
            tally.rounds = tally.rounds.max(turns.tell_all().await);
        }
        tally.edits += u64::from(turns.edit(edit).await);
    }
    tally.rounds = tally.rounds.max(turns.tell_all().await);
    tally.writes = turns.writes() - before;
    turns.agree().await;
    tally
}

#[test]
fn an_edit_is_written_about_once_and_then_there_is_silence() {
    let config = Config { cases: HISTORIES, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let total = Cell::new(Tally::default());
    let outcome = runner.run(&histories(), |history| {
        let tally = follow(&history).now_or_never().expect("everything is in memory");
        let mut sum = total.get();
        sum.edits += tally.edits;
        sum.writes += tally.writes;
        sum.rounds = sum.rounds.max(tally.rounds);
        total.set(sum);
        prop_assert!(tally.writes <= tally.edits, "{tally:?}");
        let is_hasty = history.edits.iter().any(|edit| !edit.waits);
        prop_assert!(tally.rounds <= if is_hasty { ROUNDS_IN_HASTE } else { ROUNDS }, "{tally:?}");
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let Tally { edits, writes, rounds } = total.get();
    println!("{HISTORIES} histories: {edits} edits, {writes} writes, silence after {rounds} rounds at most");
    assert!(writes * 10 <= edits * 11);
}
