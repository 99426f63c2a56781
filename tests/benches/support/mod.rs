//! Comparing two ways to do the same, on a machine that has other things to do as well.
//!
//! The two take turns in short rounds, so that whatever disturbs one disturbs the other; what counts is the median of
//! the ratios of neighbouring rounds.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::time::{Duration, Instant};

/// How many pairs of rounds are measured.
const ROUNDS: usize = 101;

/// How long one round takes, about.
const ROUND: Duration = Duration::from_millis(10);

/// Measures both and prints the time of one call each, and the ratio of their speeds: above 1, `ours` is the faster.
pub(crate) fn compare(what: &str, mut by_hand: impl FnMut(), mut ours: impl FnMut()) {
    let calls = calls_per_round(&mut by_hand);
    let (mut hand_times, mut our_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (hand_time, our_time) = (time(calls, &mut by_hand), time(calls, &mut ours));
        hand_times.push(hand_time);
        our_times.push(our_time);
        ratios.push(hand_time / our_time);
    }
    let (hand_time, our_time) = (median(&mut hand_times), median(&mut our_times));
    let ratio = median(&mut ratios);
    let (low, high) = (ratios[ROUNDS / 10], ratios[ROUNDS - 1 - ROUNDS / 10]);
    println!(
        "{what:<44} by hand {hand_time:>9.0} ns   ours {our_time:>9.0} ns   speed {ratio:.2} ({low:.2} – {high:.2})"
    );
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

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
