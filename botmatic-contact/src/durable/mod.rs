//! Durable acceptance: a contact event is on stable storage before it is answered with success, and is worked on until
//! it is done or set aside.
//!
//! The events of a contact stand in a *line*, and the first is worked on before the next. Who works on one has claimed
//! the line, so that it is one at a time in all processes. A *reminder* says when a line is to be looked at: whoever puts
//! an event into a line leaves one, and there is one as long as anybody stands there, also when a process is killed.
//!
//! | file | what it is about |
//! |---|---|
//! | `record` | how events, lines and reminders are written down |
//! | `queue` | the lines of an installation: who comes next, and what is left when it is done |
//! | `attempt` | one look at a line: the first event is tried, and either over or to be tried again |
//! | `accept` | a call: its event is put in line, tried, and answered |
//! | `work` | what is tried when no call does so: later, or after a restart |
//! | `set_aside` | what the handle shows of the events that were given up |

mod accept;
mod attempt;
mod queue;
mod record;
mod set_aside;
mod work;

use std::time::Duration;

pub use self::set_aside::{SetAside, SetAsideEvent};

/// How long an event is tried again if nobody says otherwise: over a weekend.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3 * 24 * 60 * 60);
