//! The derived mapping, both ways, beside one written by hand over a JSON object.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and one that cannot run should stop"
)]

mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use botmatic_contact::prelude::*;
use botmatic_contact::{Properties, Value};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use support::Spread;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct School {
    name: String,
    city: String,
    year: u16,
}

#[derive(Debug, Clone, PartialEq, ContactMapping)]
struct Candidate {
    #[contact(id)]
    id: u64,
    #[contact("firstname")]
    first_name: String,
    #[contact("lastname")]
    last_name: String,
    #[contact("email", email)]
    email: Option<String>,
    #[contact("phone")]
    phone: Option<String>,
    #[contact("birthdate")]
    birth_date: Option<Date>,
    #[contact("signup_date")]
    signed_up: Timestamp,
    #[contact("validation")]
    validation: u8,
    #[contact("account")]
    account: Option<String>,
    #[contact("origin")]
    origin: Option<String>,
    #[contact("school", json)]
    school: Option<School>,
}

fn candidate() -> Candidate {
    Candidate {
        id: 4001,
        first_name: "Zofia".to_owned(),
        last_name: "Ćwiklińska".to_owned(),
        email: Some("zofia@example.test".to_owned()),
        phone: Some("0048221234567".to_owned()),
        birth_date: Some("1984-02-29".parse().unwrap()),
        signed_up: "2018-02-09T12:44:26Z".parse().unwrap(),
        validation: 3,
        account: None,
        origin: Some("fair".to_owned()),
        school: Some(School { name: "Politechnika".to_owned(), city: "Łódź".to_owned(), year: 2008 }),
    }
}

/// What one writes without the framework.
fn to_object(candidate: &Candidate) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("firstname".to_owned(), json!(candidate.first_name));
    object.insert("lastname".to_owned(), json!(candidate.last_name));
    let optional = [
        ("email", &candidate.email),
        ("phone", &candidate.phone),
        ("account", &candidate.account),
        ("origin", &candidate.origin),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            object.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(birth_date) = candidate.birth_date {
        object.insert("birthdate".to_owned(), Value::String(birth_date.to_string()));
    }
    object.insert("signup_date".to_owned(), Value::String(candidate.signed_up.to_string()));
    object.insert("validation".to_owned(), json!(candidate.validation));
    if let Some(school) = &candidate.school {
        object.insert("school".to_owned(), Value::String(serde_json::to_string(school).unwrap()));
    }
    object
}

/// And back.
fn from_object(object: &Map<String, Value>) -> Option<Candidate> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    Some(Candidate {
        id: 0,
        first_name: text("firstname")?.to_owned(),
        last_name: text("lastname")?.to_owned(),
        email: text("email").map(ToOwned::to_owned),
        phone: text("phone").map(ToOwned::to_owned),
        birth_date: text("birthdate").and_then(|date| date.parse().ok()),
        signed_up: text("signup_date")?.parse().ok()?,
        validation: object.get("validation")?.as_u64()?.try_into().ok()?,
        account: text("account").map(ToOwned::to_owned),
        origin: text("origin").map(ToOwned::to_owned),
        school: text("school").and_then(|school| serde_json::from_str(school).ok()),
    })
}

fn main() {
    let candidate = candidate();
    let (object, properties) = (to_object(&candidate), candidate.to_properties().unwrap());
    let written_by_hand: Properties = object.clone().into_iter().collect();
    assert_eq!(written_by_hand, properties, "both write the same");
    assert_eq!(from_object(&object), Candidate::from_properties(&properties).ok(), "both read the same");

    compare(
        "mapping: 10 properties to Botmatic",
        || drop(black_box(to_object(black_box(&candidate)))),
        || drop(black_box(black_box(&candidate).to_properties().unwrap())),
    );
    compare(
        "mapping: 10 properties from Botmatic",
        || drop(black_box(from_object(black_box(&object)).unwrap())),
        || drop(black_box(Candidate::from_properties(black_box(&properties)).unwrap())),
    );
}

/// How many pairs of rounds are measured.
const ROUNDS: usize = 101;

/// How long one round takes, about.
const ROUND: Duration = Duration::from_millis(10);

/// Measures both and prints the time of one call each, and the ratio of their speeds: above 1, `ours` is the faster.
fn compare(what: &str, mut by_hand: impl FnMut(), mut ours: impl FnMut()) {
    let calls = calls_per_round(&mut by_hand);
    let (mut hand_times, mut our_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (hand_time, our_time) = (time(calls, &mut by_hand), time(calls, &mut ours));
        hand_times.push(hand_time);
        our_times.push(our_time);
        ratios.push(hand_time / our_time);
    }
    let [hand_time, our_time, ratio] = [hand_times, our_times, ratios].map(Spread::of);
    let (hand_time, our_time) = (hand_time.median, our_time.median);
    println!("{what:<44} by hand {hand_time:>9.0} ns   ours {our_time:>9.0} ns   speed {ratio}");
}

fn calls_per_round(call: &mut impl FnMut()) -> u32 {
    let mut calls = 1;
    loop {
        let nanoseconds = time(calls, call) * f64::from(calls);
        if nanoseconds > ROUND.as_secs_f64() * 1e9 {
            return calls;
        }
        calls *= 2;
    }
}

/// Nanoseconds per call.
fn time(calls: u32, call: &mut impl FnMut()) -> f64 {
    let started = Instant::now();
    for _ in 0..calls {
        call();
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}
