//! The story, step by step. Each step does one thing, waits until both sides have come to rest, and looks at both:
//! at what they hold, and at how often each was written to. More writes than needed are as wrong as fewer.

use std::time::{Instant, SystemTime};

use botmatic_contact::prelude::*;
use botmatic_contact::{PAGE_SIZE, Properties, Value};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::compare;
use crate::person::Person;
use crate::service::BoxError;
use crate::world::{Side, World, Writes};

/// What was done, to be printed at the end.
pub(crate) struct Line {
    pub(crate) what: &'static str,
    pub(crate) how_many: usize,
    pub(crate) writes: Writes,
    pub(crate) milliseconds: u128,
}

/// The storyteller.
pub(crate) struct Story<'a> {
    world: &'a mut World,
    lines: Vec<Line>,
    /// Sets the people of this run apart from those of earlier ones on the same store.
    run: String,
}

const NONE: Side = Side { creates: 0, batches: 0, updates: 0, deletes: 0 };
const CREATED: Side = Side { creates: 1, ..NONE };
const UPDATED: Side = Side { updates: 1, ..NONE };
const DELETED: Side = Side { deletes: 1, ..NONE };

impl<'a> Story<'a> {
    pub(crate) fn new(world: &'a mut World) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { world, lines: Vec::new(), run: format!("{:x}", now.as_micros()) }
    }

    /// Tells all of it.
    pub(crate) async fn tell(mut self, people: &[Person]) -> Result<Vec<Line>, BoxError> {
        self.install().await?;
        self.import(people.len()).await?;
        self.on_botmatic().await?;
        self.on_the_address_book().await?;
        self.bots().await?;
        self.restart().await?;

        let started = Instant::now();
        let compared = compare::both_sides(self.world, people).await?;
        self.note("compared contact by contact", compared, Writes::default(), started);
        Ok(self.lines)
    }

    async fn install(&mut self) -> Result<(), BoxError> {
        // A store that was used before has things to tell first: what a killed process left undone.
        self.world.settled().await?;
        let (started, before) = (Instant::now(), self.world.writes());
        let said = self.world.botmatic.install(&self.world.token).await?;
        check(said.success, "the integration refused to be installed")?;
        let properties = self.world.botmatic.properties(&self.world.token);
        check(properties == Person::PROPERTIES, "the properties were not created")?;
        self.world.settled().await?;
        self.finish("installed, with properties", properties.len(), before, Writes::default(), started)
    }

    async fn import(&mut self, people: usize) -> Result<(), BoxError> {
        let known = self.world.pairs().await?.len();
        let in_book = self.world.book.people().await?.len();
        let missing = in_book - known;
        let (started, before) = (Instant::now(), self.world.writes());
        let style = ProgressStyle::with_template("  {bar:40} {pos}/{len} contacts")?;
        let bar = ProgressBar::new(in_book as u64).with_style(style);
        let botmatic = self.world.service()?.botmatic(&self.world.token).await?;
        let report = botmatic.import_all().on_progress(|progress| bar.set_position(progress.done)).await?;
        bar.finish_and_clear();
        self.world.settled().await?;

        check(report.is_complete(), "the import is not complete")?;
        // What an import that was killed had created counts in the report of the one that goes on with it.
        check(report.created >= missing as u64, "the import did not create those that were missing")?;
        check(self.world.pairs().await?.len() == in_book, "not everybody has one pair")?;
        check(report.updated == 0, "the import changed contacts that were in step")?;
        let writes = self.world.writes();
        let batches = writes.botmatic.batches - before.botmatic.batches;
        let pages = in_book.div_ceil(PAGE_SIZE as usize) as u64;
        check(
            if known == 0 { batches == pages } else { batches <= pages },
            "the import took more requests than pages",
        )?;
        compare::both_sides(self.world, &[]).await?;
        check(people <= in_book, "somebody is missing in the address book")?;
        let expected = Writes { botmatic: Side { batches, ..NONE }, book: NONE };
        self.finish("imported into Botmatic", missing, before, expected, started)
    }

    /// A contact is created, changed, partly cleared and deleted by a person at Botmatic.
    async fn on_botmatic(&mut self) -> Result<(), BoxError> {
        let email = format!("zofia.{}@example.test", self.run);
        let properties = Properties::from_iter([
            ("first_name", Value::from("Zofia")),
            ("last_name", Value::from("Ćwiklińska")),
            ("email", Value::from(email.as_str())),
            ("phone", Value::from("0048221234567")),
            ("birthday", Value::from("1984-02-29")),
        ]);
        let (started, before) = (Instant::now(), self.world.writes());
        let id = self.world.botmatic.create_contact(&self.world.token, properties)?;
        self.world.settled().await?;
        let person = self.person_of(&id).await?.ok_or("the contact did not reach the address book")?;
        check(person.email.as_deref() == Some(&*email), "the contact arrived with another address")?;
        self.in_step(&id, &person)?;
        let book = |side| Writes { botmatic: NONE, book: side };
        self.finish("created on Botmatic", 1, before, book(CREATED), started)?;

        let edits = [
            ("changed on Botmatic", "first_name", Value::from("Zosia")),
            ("cleared on Botmatic", "phone", Value::Null),
        ];
        for (what, property, value) in edits {
            let (started, before) = (Instant::now(), self.world.writes());
            let changes = Properties::from_iter([(property, value.clone())]);
            self.world.botmatic.update_contact(&self.world.token, &id, changes)?;
            self.world.settled().await?;
            let person = self.person_of(&id).await?.ok_or("the person is gone")?;
            let arrived = person.to_properties()?.get(property).cloned().unwrap_or(Value::Null);
            check(arrived == value, "the edit did not reach the address book")?;
            self.in_step(&id, &person)?;
            self.finish(what, 1, before, book(UPDATED), started)?;
        }

        let (started, before) = (Instant::now(), self.world.writes());
        self.world.botmatic.delete_contact(&self.world.token, &id)?;
        self.world.settled().await?;
        check(self.world.book.person(person.id).await?.is_none(), "the person was not deleted")?;
        self.finish("deleted on Botmatic", 1, before, book(DELETED), started)
    }

    /// The same by somebody at the address book.
    async fn on_the_address_book(&mut self) -> Result<(), BoxError> {
        let url = format!("{}/people", self.world.book_url());
        let http = self.world.http.clone();
        // Writes of the person at the address book count as well, once each.
        let both = |side| Writes { botmatic: side, book: side };

        let (started, before) = (Instant::now(), self.world.writes());
        let person = json!({
            "first_name": "Ngozi", "last_name": "Ọkọnkwọ", "district": 0, "nickname": "01234",
            "offices": [{ "city": "Lagos", "zip": "00321", "suite": 7 }],
        });
        let created: Person = http.post(&url).json(&person).send().await?.error_for_status()?.json().await?;
        self.world.settled().await?;
        let id = self.contact_of(&created.id).await?.ok_or("the person did not reach Botmatic")?;
        self.in_step(&id, &created)?;
        self.finish("created on the address book", 1, before, both(CREATED), started)?;

        let url = format!("{url}/{}", created.id);
        let edits = [
            ("changed on the address book", "last_name", Value::from("Ọkọnkwọ-Müller")),
            ("cleared on the address book", "nickname", Value::Null),
        ];
        for (what, member, value) in edits {
            let (started, before) = (Instant::now(), self.world.writes());
            let answer = http.patch(&url).json(&json!({ member: value })).send().await?.error_for_status()?;
            let person: Person = answer.json().await?;
            self.world.settled().await?;
            self.in_step(&id, &person)?;
            self.finish(what, 1, before, both(UPDATED), started)?;
        }

        let (started, before) = (Instant::now(), self.world.writes());
        http.delete(&url).send().await?.error_for_status()?;
        self.world.settled().await?;
        check(self.world.botmatic.contact(&self.world.token, &id).is_none(), "the contact was not deleted")?;
        self.finish("deleted on the address book", 1, before, both(DELETED), started)
    }

    /// A user says something, and bots ask for something.
    async fn bots(&mut self) -> Result<(), BoxError> {
        let email = format!("bot.{}@example.test", self.run);
        let properties = [("first_name", "Bo"), ("last_name", "Tester"), ("email", &*email)]
            .map(|(name, value)| (name, Value::from(value)));
        let id = self.world.botmatic.create_contact(&self.world.token, Properties::from_iter(properties))?;
        self.world.settled().await?;

        let (started, before) = (Instant::now(), self.world.writes());
        let said = self.world.botmatic.user_reply(&self.world.token, &id, &7_u64.into(), "hello").await?;
        let heard = self.world.service()?.integration().heard();
        check(said.success && heard == 1, "the user was not heard")?;
        self.finish("replies of users heard", heard, before, Writes::default(), started)?;

        let (started, before) = (Instant::now(), self.world.writes());
        let query = json!({ "contact_id": id, "email": email });
        let said = self.world.botmatic.action(&self.world.token, "find_person", query).await?;
        let found: Option<Person> = serde_json::from_value(said.data)?;
        check(found.is_some_and(|person| person.last_name == "Tester"), "the bot was not told who it is")?;
        let about = json!({ "contact_id": id });
        let said = self.world.botmatic.action(&self.world.token, "set_nickname_Bobo", about).await?;
        check(said.success, "the bot could not set the nickname")?;
        self.world.settled().await?;
        let person = self.person_of(&id).await?.ok_or("the person is gone")?;
        check(person.nickname.as_deref() == Some("Bobo"), "the nickname did not reach the address book")?;
        let expected = Writes { botmatic: UPDATED, book: UPDATED };
        self.finish("actions of bots answered", 2, before, expected, started)
    }

    /// The integration ends and starts again on the same store; nothing is done twice.
    async fn restart(&mut self) -> Result<(), BoxError> {
        let (started, before) = (Instant::now(), self.world.writes());
        self.world.restart_integration().await?;
        let botmatic = self.world.service()?.botmatic(&self.world.token).await?;
        let report = botmatic.import_all().await?;
        drop(botmatic);
        self.world.settled().await?;
        check(report.is_complete(), "the import after the restart is not complete")?;
        check(report.created == 0 && report.updated == 0, "the import after the restart wrote something")?;
        let unchanged = usize::try_from(report.unchanged)?;
        self.finish("restarted; found as before", unchanged, before, Writes::default(), started)
    }

    async fn person_of(&self, id: &ContactId) -> Result<Option<Person>, BoxError> {
        let pair = self.world.pairs().await?.into_iter().find(|pair| pair.contact == *id);
        match pair {
            Some(pair) => self.world.book.person(pair.external.as_str()).await,
            None => Ok(None),
        }
    }

    async fn contact_of(&self, id: &str) -> Result<Option<ContactId>, BoxError> {
        let pair = self.world.pairs().await?.into_iter().find(|pair| pair.external.as_str() == id);
        Ok(pair.map(|pair| pair.contact))
    }

    fn in_step(&self, id: &ContactId, person: &Person) -> Result<(), BoxError> {
        let contact = self.world.botmatic.contact(&self.world.token, id).ok_or("the contact is gone")?;
        let differing = compare::differences(&contact.properties, person)?;
        check(differing.is_empty(), &format!("the two sides differ in {differing:?}"))
    }

    /// Checks how often each side was written to, and notes the step.
    fn finish(
        &mut self,
        what: &'static str,
        how_many: usize,
        before: Writes,
        expected: Writes,
        started: Instant,
    ) -> Result<(), BoxError> {
        let now = self.world.writes();
        let writes =
            Writes { botmatic: now.botmatic.since(before.botmatic), book: now.book.since(before.book) };
        check(writes == expected, &format!("{what}: expected {expected:?}, counted {writes:?}"))?;
        self.note(what, how_many, writes, started);
        Ok(())
    }

    fn note(&mut self, what: &'static str, how_many: usize, writes: Writes, started: Instant) {
        println!("  ✓ {what} ({how_many})");
        self.lines.push(Line { what, how_many, writes, milliseconds: started.elapsed().as_millis() });
    }
}

fn check(holds: bool, otherwise: &str) -> Result<(), BoxError> {
    if holds { Ok(()) } else { Err(otherwise.into()) }
}
