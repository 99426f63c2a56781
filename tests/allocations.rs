//! That the derived mapping allocates nothing that a conversion by hand does not. The only test of its binary: what is
//! counted is the whole process.

#![cfg(test)]

#[path = "benches/mapping/contacts.rs"]
mod contacts;

use std::alloc::System;
use std::hint::black_box;

use contacts::{ByHand, Candidate, Employee};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How often something allocates, or asks for more room. The least of several counts: another thread may have had a part.
fn allocations<T>(work: impl Fn() -> T) -> usize {
    let count = || {
        let region = Region::new(ALLOCATOR);
        let made = black_box(work());
        let change = region.change();
        drop(made);
        change.allocations + change.reallocations
    };
    (0..10).map(|_| count()).min().unwrap()
}

fn no_more_than_by_hand<M: ByHand>() {
    M::check();
    let contact = M::sample();
    let (object, properties) = (contact.to_object(), contact.to_properties().unwrap());
    let by_hand = [
        allocations(|| contact.to_same()),
        allocations(|| M::from_same(&properties)),
        allocations(|| contact.to_object()),
        allocations(|| M::from_object(&object)),
    ];
    let write = allocations(|| contact.to_properties());
    let read = allocations(|| M::from_properties(&properties));
    assert!(write > 0 && read > 0, "allocations are counted");
    assert!(write <= by_hand[0] && write <= by_hand[2], "{write} to Botmatic, by hand {by_hand:?}");
    assert!(read <= by_hand[1] && read <= by_hand[3], "{read} from Botmatic, by hand {by_hand:?}");
}

#[test]
fn a_derived_mapping_allocates_no_more_than_one_written_by_hand() {
    no_more_than_by_hand::<Candidate>();
    no_more_than_by_hand::<Employee>();
}
