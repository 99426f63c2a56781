//! A world to test in: the real engine and the simulator, with an address book in memory on the other side, and with
//! places in between where a test can look, wait, and make things go wrong.

mod address_book;
mod clock;
mod gate;
mod line;
mod person;
pub(crate) mod servers;
mod store;
mod world;

pub(crate) use address_book::{AddressBook, Asked, Overloaded};
pub(crate) use clock::TokiosClock;
pub(crate) use gate::Gates;
pub(crate) use line::Line;
pub(crate) use person::{Person, PersonPatch};
pub(crate) use store::Store;
pub(crate) use world::{Parts, World, WorldBuilder};
