//! The derived mapping, both ways, beside one written by hand: over a JSON object, and over the same properties. It fails
//! where the derived one is slower.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and one that cannot run should stop"
)]

mod contacts;
#[path = "../support/mod.rs"]
mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use contacts::{ByHand, Candidate, Employee};
use support::Spread;

/// The least speed, where 1 is that of the conversion by hand.
const LEAST: f64 = 0.95;

fn main() {
    let slow = [compare_all::<Candidate>("11 fields"), compare_all::<Employee>("50 fields")].concat();
    assert!(slow.is_empty(), "slower than {LEAST} of the conversion by hand: {slow:?}");
}

/// Compares both ways with both conversions by hand; says what was too slow.
fn compare_all<M: ByHand>(size: &str) -> Vec<String> {
    M::check();
    let contact = M::sample();
    let (object, properties) = (contact.to_object(), contact.to_properties().unwrap());
    let write = || drop(black_box(black_box(&contact).to_properties().unwrap()));
    let read = || drop(black_box(M::from_properties(black_box(&properties)).unwrap()));
    let results = [
        compare(
            format!("{size} to Botmatic, by hand an object"),
            || drop(black_box(black_box(&contact).to_object())),
            write,
        ),
        compare(
            format!("{size} to Botmatic, by hand properties"),
            || drop(black_box(black_box(&contact).to_same())),
            write,
        ),
        compare(
            format!("{size} from Botmatic, by hand an object"),
            || drop(black_box(M::from_object(black_box(&object)).unwrap())),
            read,
        ),
        compare(
            format!("{size} from Botmatic, by hand properties"),
            || drop(black_box(M::from_same(black_box(&properties)).unwrap())),
            read,
        ),
    ];
    results.into_iter().flatten().collect()
}

/// How many pairs of rounds are measured.
const ROUNDS: usize = 2001;

/// How long one round takes, about: so short that most are over before something else runs.
const ROUND: Duration = Duration::from_micros(250);

/// Compares both, again if something disturbed it: what is too slow each time is returned.
fn compare(what: String, mut by_hand: impl FnMut(), mut ours: impl FnMut()) -> Option<String> {
    let is_slow = (0..3).all(|_| speed(&what, &mut by_hand, &mut ours) < LEAST);
    is_slow.then_some(what)
}

/// Measures both and prints the time of one call each, and the ratio of their speeds: above 1, `ours` is the faster.
fn speed(what: &str, by_hand: &mut impl FnMut(), ours: &mut impl FnMut()) -> f64 {
    let calls = calls_per_round(by_hand);
    let (mut hand_times, mut our_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (hand_time, our_time) = (time(calls, by_hand), time(calls, ours));
        hand_times.push(hand_time);
        our_times.push(our_time);
        ratios.push(hand_time / our_time);
    }
    let [hand_time, our_time, ratio] = [hand_times, our_times, ratios].map(Spread::of);
    let (hand_time, our_time) = (hand_time.median, our_time.median);
    println!("{what:<44} by hand {hand_time:>9.0} ns   ours {our_time:>9.0} ns   speed {ratio}");
    ratio.median
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
