//! What arrives first about a contact is worked on first, and only so much at once.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use botmatic_contact::key_store::MemoryKeyStore;
use botmatic_contact::prelude::*;
use botmatic_contact::simulator::Simulator;
use botmatic_contact::{Answer, HasClient, Table};
use futures_util::future::{FutureExt, join_all, select_all};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::DONE;
use crate::support::{AddressBook, Asked, Gates, Parts, Person, World};

/// A world in which these people are on both sides, 9001 the first, with room for so many calls.
async fn world(people: u64, concurrency: usize, backlog: usize) -> World {
    let parts = Parts::new(AddressBook::default());
    let world = World::built(parts, MemoryKeyStore::new(), |builder| {
        let table = Table::<AddressBook>::new().action("look", |call| {
            let book: AddressBook = call.integration().clone();
            Box::pin(async move {
                book.gates.pass("in", "look").await;
                Ok(Reply::done())
            })
        });
        builder.handlers(table).concurrency(concurrency).backlog(backlog)
    });
    world.install().await;
    for id in 9001..9001 + people {
        world.create_on_botmatic(&Person::named("Ada"));
        world.tell("contact_created", json!({ "id": id, "firstname": "Ada" })).await;
    }
    world.book.take_writes();
    world
}

type Delivery = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Delivers a call, as far as it comes by itself.
fn delivered(world: &World, token: &Token, body: Value) -> Delivery {
    let (service, token) = (world.service.clone(), token.clone());
    let mut delivery: Delivery =
        Box::pin(async move { service.handle(Some(token), body.to_string().as_bytes()).await });
    match (&mut delivery).now_or_never() {
        Some(answer) => Box::pin(std::future::ready(answer)),
        None => delivery,
    }
}

/// Somebody moves to a city.
fn moves(world: &World, id: u64, city: &str) -> Delivery {
    let body = json!({ "event": "contact_updated", "data": { "id": id, "city": city } });
    delivered(world, &world.token, body)
}

fn looks(world: &World) -> Delivery {
    delivered(world, &world.token, json!({ "action": "look" }))
}

fn done() -> Answer {
    Answer::Reply(DONE.as_bytes().to_vec())
}

fn city(id: u64, city: &str) -> Asked {
    Asked::Update(id, json!({ "city": city }))
}

#[tokio::test]
async fn three_quick_edits_are_written_in_order_whatever_the_store_takes() {
    // The first asks who may call, the other for the pair.
    for place in ["before installation", "before look_up"] {
        let world = world(1, 8, 8).await;
        let gate = world.store.gates.close(place);
        let first = moves(&world, 9001, "Paris");
        gate.reached().await;
        world.store.gates.clear();
        let others = [moves(&world, 9001, "London"), moves(&world, 9001, "Rome")];
        let (answers, ()) = tokio::join!(join_all([first].into_iter().chain(others)), async {
            world.let_others_run().await;
            assert_eq!(world.book.asked(), [], "{place}");
            gate.open();
        });
        assert_eq!(answers, [done(), done(), done()], "{place}");
        let in_order = [city(4001, "Paris"), city(4001, "London"), city(4001, "Rome")];
        assert_eq!(world.book.take_writes(), in_order, "{place}");
    }
}

#[tokio::test]
async fn a_delete_that_comes_after_an_edit_is_worked_on_after_it() {
    let world = world(1, 8, 8).await;
    let gate = world.store.gates.close("before installation");
    let edit = moves(&world, 9001, "Paris");
    gate.reached().await;
    world.store.gates.clear();
    let body = json!({ "event": "contact_deleted", "data": { "contact_id": 9001 } });
    let delete = delivered(&world, &world.token, body);
    gate.open();
    assert_eq!(join_all([delete, edit]).await, [done(), done()]);
    assert_eq!(world.book.take_writes(), [city(4001, "Paris"), Asked::Delete(4001)]);
}

#[tokio::test]
async fn what_the_handle_is_told_of_a_contact_is_written_in_order() {
    let world = world(1, 8, 8).await;
    let botmatic = world.botmatic().await;
    let gate = world.store.gates.close("before look_up");
    let ada = Person::named("Ada").id(4001).city("Paris");
    let scored = Person { score: Some(1.0), ..ada.clone() };
    let renamed = Person { first_name: "Ada King".to_owned(), ..scored.clone() };
    let mut first = Box::pin(botmatic.update_contact(ada));
    assert!((&mut first).now_or_never().is_none());
    gate.reached().await;
    world.store.gates.clear();
    let others = async {
        let mut others = [scored, renamed].map(|person| Box::pin(botmatic.update_contact(person)));
        assert!(others.iter_mut().all(|other| other.now_or_never().is_none()));
        gate.open();
        join_all(others).await
    };
    let (first, others) = tokio::join!(first, others);
    assert!([first].into_iter().chain(others).all(|told| told.unwrap().effect == Effect::Updated));
    assert_eq!(world.on_botmatic(&9001_u64.into())["firstname"], "Ada King");
    assert_eq!(world.requests("update contact"), 3);
    assert_eq!(world.full_pairs().await[0].snapshot.get("firstname").unwrap(), "Ada King");
}

#[tokio::test]
async fn other_contacts_and_other_installations_overtake() {
    let world = world(2, 8, 8).await;
    let other = Token::new("tok-beta");
    world.simulator.connect(&other, world.service.clone());
    assert!(world.simulator.install(&other).await.unwrap().success);
    let gate = world.book.gates.close("before update_contact");
    let first = moves(&world, 9001, "Paris");
    gate.reached().await;
    world.book.gates.clear();
    let mut second = moves(&world, 9001, "London");
    assert_eq!(moves(&world, 9002, "Rome").await, done());
    let body = json!({ "event": "contact_created", "data": { "id": 9001, "firstname": "Ada" } });
    assert!(matches!(delivered(&world, &other, body).await, Answer::Reply(_)));
    assert!((&mut second).now_or_never().is_none());
    gate.open();
    assert_eq!(join_all([first, second]).await, [done(), done()]);
}

#[tokio::test]
async fn so_many_contacts_are_worked_on_at_once_so_many_wait_and_who_comes_then_is_turned_away() {
    let world = world(4, 2, 1).await;
    let gate = world.book.gates.close("before update_contact");
    let mut waiting = Vec::new();
    for id in 9001..=9003 {
        waiting.push(moves(&world, id, "Paris"));
    }
    world.let_others_run().await;
    assert_eq!(world.book.asked(), [city(4001, "Paris"), city(4002, "Paris")]);
    assert_eq!(moves(&world, 9004, "Paris").await, Answer::TryAgain);
    assert_eq!(world.book.asked().len(), 2);

    // One of the two is done: the third has its place, and a fourth that of the third.
    gate.open();
    let (answer, _, mut waiting) = select_all(waiting).await;
    assert_eq!(answer, done());
    assert!(waiting.iter_mut().all(|one| one.now_or_never().is_none()));
    assert_eq!(world.book.asked().len(), 3);
    waiting.push(moves(&world, 9004, "Paris"));
    assert_eq!(moves(&world, 9001, "Rome").await, Answer::TryAgain);
    assert_eq!(world.book.asked().len(), 3);
    for _ in 0..3 {
        gate.open();
    }
    assert_eq!(join_all(waiting).await, [done(), done(), done()]);
    let first_come_first_served = [4001, 4002, 4003, 4004].map(|id| city(id, "Paris"));
    assert_eq!(world.book.take_writes(), first_come_first_served);
}

#[test]
fn no_room_at_all_is_a_mistake() {
    let error = botmatic::builder(Listener { gates: Gates::default(), heard: Arc::default() })
        .platform(Simulator::new())
        .concurrency(0)
        .build()
        .unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains(".concurrency("), "{error}");
}

#[tokio::test]
async fn room_may_be_without_end() {
    let world = world(1, usize::MAX, usize::MAX).await;
    assert_eq!(moves(&world, 9001, "Paris").await, done());
}

#[tokio::test]
async fn contacts_whose_turn_it_is_not_take_no_room_from_others() {
    let world = world(2, 2, 8).await;
    let gate = world.book.gates.close("before update_contact");
    let mut ada = Vec::new();
    for city in ["Paris", "London", "Rome"] {
        ada.push(moves(&world, 9001, city));
    }
    gate.reached().await;
    world.book.gates.clear();
    assert_eq!(moves(&world, 9002, "Lyon").await, done());
    gate.open();
    assert_eq!(join_all(ada).await, [done(), done(), done()]);
}

#[tokio::test]
async fn a_bot_that_asks_does_not_wait_for_a_sync_and_is_bounded_too() {
    let world = world(2, 1, 1).await;
    let gate = world.book.gates.close("before update_contact");
    let syncs = [moves(&world, 9001, "Paris"), moves(&world, 9002, "Paris")];
    assert_eq!(moves(&world, 9001, "London").await, Answer::TryAgain);
    assert_eq!(looks(&world).await, done());

    let look = world.book.gates.close("in look");
    let actions = [looks(&world), looks(&world)];
    look.reached().await;
    assert_eq!(looks(&world).await, Answer::TryAgain);
    look.open();
    look.open();
    assert_eq!(join_all(actions).await, [done(), done()]);
    gate.open();
    gate.open();
    assert_eq!(join_all(syncs).await, [done(), done()]);
}

#[tokio::test]
async fn installs_and_uninstalls_are_bounded_as_everything_else_is() {
    let world = world(1, 1, 1).await;
    let gate = world.book.gates.close("in installed");
    let install = || delivered(&world, &world.token, json!({ "event": "install" }));
    let installs = [install(), install()];
    gate.reached().await;
    assert_eq!(install().await, Answer::TryAgain);
    assert_eq!(delivered(&world, &world.token, json!({ "event": "uninstall" })).await, Answer::TryAgain);
    assert_eq!(moves(&world, 9001, "Paris").await, done());
    gate.open();
    gate.open();
    assert_eq!(join_all(installs).await, [done(), done()]);
}

#[tokio::test]
async fn who_gives_up_waiting_leaves_the_place_to_others() {
    let world = world(2, 1, 1).await;
    let gate = world.book.gates.close("before update_contact");
    let first = moves(&world, 9001, "Paris");
    // Waits for the contact, then for room.
    for id in [9001, 9002] {
        let second = moves(&world, id, "London");
        assert_eq!(moves(&world, 9002, "Rome").await, Answer::TryAgain);
        drop(second);
    }
    let last = moves(&world, 9001, "Rome");
    world.book.gates.clear();
    gate.open();
    assert_eq!(join_all([first, last]).await, [done(), done()]);
    assert_eq!(world.book.take_writes(), [city(4001, "Paris"), city(4001, "Rome")]);
    assert_eq!(moves(&world, 9002, "Lyon").await, done());
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_turn_too_long_is_asked_to_try_again() {
    let world = world(2, 1, 8).await;
    let gate = world.book.gates.close("before update_contact");
    let began = Instant::now();
    let first = moves(&world, 9001, "Paris");
    for id in [9001, 9002] {
        assert_eq!(moves(&world, id, "London").await, Answer::TryAgain);
    }
    assert_eq!(began.elapsed(), Duration::from_secs(60));
    gate.open();
    gate.open();
    assert_eq!(first.await, done());
    assert_eq!(moves(&world, 9002, "London").await, done());
}

/// An integration without a sync.
struct Listener {
    gates: Gates,
    heard: Arc<Mutex<Vec<String>>>,
}

impl HasClient for Listener {
    type Client = ();
}

#[botmatic::integration]
impl Listener {
    #[botmatic::on(contact_created)]
    async fn created(&self) {
        self.hear("created").await;
    }

    #[botmatic::on(contact_deleted)]
    async fn deleted(&self) {
        self.hear("deleted").await;
    }
}

impl Listener {
    async fn hear(&self, what: &str) {
        self.gates.pass("in", what).await;
        self.heard.lock().unwrap().push(what.to_owned());
    }
}

#[tokio::test]
async fn handlers_hear_of_one_contact_in_order_where_there_is_no_sync() {
    let listener = Listener { gates: Gates::default(), heard: Arc::default() };
    let (gate, heard) = (listener.gates.close("in created"), Arc::clone(&listener.heard));
    let service = botmatic::builder(listener).platform(Simulator::new()).accept_any_token().build().unwrap();
    let token = || Some(Token::new("tok-alpha"));
    let created = br#"{"event":"contact_created","data":{"id":9001}}"#;
    let deleted = br#"{"event":"contact_deleted","data":{"contact_id":9001}}"#;
    let open = async {
        gate.reached().await;
        gate.open();
    };
    let (first, second, ()) =
        tokio::join!(service.handle(token(), created), service.handle(token(), deleted), open);
    assert_eq!((first, second), (done(), done()));
    assert_eq!(*heard.lock().unwrap(), ["created", "deleted"]);
}
