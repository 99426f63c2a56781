//! An import through everything that goes wrong in a year: one contact in a hundred is broken, Botmatic throttles, and
//! the importing process is killed at random moments. In the end every good contact is on Botmatic once, every broken
//! one is reported, nobody was read again who stood far before where the process was killed, and the memory in use was
//! that of a small import.
//!
//! `cargo test` imports a few thousand contacts; numbers say otherwise:
//! `cargo test --release -p botmatic-contact-tests --test import -- CONTACTS KILLS`.
//!
//! Botmatic and the external service are in this process (`world`), the integration in another one (`importer`), which
//! is this same program, started again.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that prints what it has seen, and one that cannot run should stop"
)]

mod importer;
mod world;

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::time::Instant;

use importer::{Importer, Report};
use world::World;

/// How much more memory an import of many contacts may take than one of 10 000, in kB.
const GROWTH: u64 = 10 * 1024;

/// How many pages may be read again after a kill: as many as may be begun while the oldest is not done, those that are
/// begun while it is written down that it is, those that were read ahead, and the last one that was done.
const REPEATED: u64 = 64 + 8 + 4 + 1;

/// How many people stand on a page.
const PAGE: u64 = 30;

/// The import that memory is compared with.
const FEW: u64 = 10_000;

fn main() {
    if importer::was_asked_for() {
        return importer::run();
    }
    let mut numbers = std::env::args().skip(1).map_while(|argument| argument.parse().ok());
    let (contacts, kills) = (numbers.next().unwrap_or(3_000), numbers.next().unwrap_or(3));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let many = import(contacts, kills).await;
        if contacts > FEW {
            let few = import(FEW, 0).await;
            println!("{many} kB for {contacts} contacts, {few} kB for {FEW}");
            assert!(many <= few + GROWTH, "the memory in use grows with the contacts");
        }
    });
}

/// Imports so many contacts, kills the importing process so often, and returns the most memory that it had in use.
async fn import(contacts: u64, kills: u64) -> u64 {
    let begun = Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("pairs.redb");
    let world = World::open(contacts).await;
    let mut peak = 0;
    let mut furthest = 0;

    for kill in 0..kills {
        let mut importer = Importer::start(&world, &store).await;
        // Somewhere in its part of the way: at any moment.
        let part = contacts / (kills + 1);
        let at = kill * part + RandomState::new().hash_one(kill) % part;
        importer.import().await;
        if kill + 1 < kills {
            world.has_created(at).await;
        } else {
            // So late that a process that begins at the beginning reads more again than it may.
            world.has_listed((contacts / PAGE).saturating_sub(4)).await;
        }
        let most = importer.peak();
        peak = peak.max(most);
        importer.kill().await;
        let (created, repeated) = (world.created(), repeated(&world, &mut furthest));
        println!(
            "{:>8.1?}  killed with {created} contacts on Botmatic; {repeated} pages were read again; {most} kB at most",
            begun.elapsed()
        );
    }
    let mut importer = Importer::start(&world, &store).await;
    importer.import().await;
    let report = importer.report().await;
    peak = peak.max(importer.peak());
    importer.end().await;
    let repeated = repeated(&world, &mut furthest);

    let Report { through, resumed, failures, .. } = report;
    let failed = failures.len();
    let (requests, throttled) = (world.requests(), world.throttled());
    println!(
        "{:>8.1?}  {contacts} contacts: {through} through, {failed} failed, {resumed} of them in earlier processes; \
         {repeated} pages were read again; {requests} requests, {throttled} throttled; {peak} kB at most",
        begun.elapsed()
    );
    let broken: BTreeSet<_> = (1..=contacts).filter(|id| world::is_broken(*id)).collect();
    assert_eq!(failures.into_iter().collect::<BTreeSet<_>>(), broken, "who failed is who is broken");
    assert_eq!(failed, broken.len(), "once");
    assert_eq!(through, contacts - broken.len() as u64);
    let is_long = contacts / PAGE > REPEATED + 8;
    assert!(kills == 0 || !is_long || resumed > 0, "nothing was gone on with");
    world.everybody_is_there_once();
    peak
}

/// How many pages the process that has just ended has read that were read before.
fn repeated(world: &World, furthest: &mut u64) -> u64 {
    let listed = world.take_listed();
    let repeated = listed.iter().filter(|page| **page <= *furthest).count() as u64;
    *furthest = listed.into_iter().max().unwrap_or(0).max(*furthest);
    assert!(repeated <= REPEATED, "{repeated} pages were read again");
    repeated
}
