//! Places where an operation waits until a test lets it through, so that a test decides what happens in between.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;

/// After how long something that should happen at once is taken not to happen at all. Nothing waits for this in a test
/// that passes.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// The gates by the name of their place, as in `before create_contact` or `after create_contact`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gates(Arc<Mutex<HashMap<String, Gate>>>);

/// One gate.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    reached: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gates {
    /// Closes a gate.
    pub(crate) fn close(&self, place: &str) -> Gate {
        let gate = Gate { reached: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) };
        self.0.lock().unwrap().insert(place.to_owned(), gate.clone());
        gate
    }

    /// Takes all gates away, so that whoever comes from now on passes.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    /// Waits at a gate, if there is one.
    pub(crate) async fn pass(&self, when: &str, operation: &str) {
        let gate = self.0.lock().unwrap().get(&format!("{when} {operation}")).cloned();
        if let Some(gate) = gate {
            gate.reached.add_permits(1);
            gate.open.acquire().await.unwrap().forget();
        }
    }
}

impl Gate {
    /// Waits until somebody stands at the gate.
    pub(crate) async fn reached(&self) {
        let reached = tokio::time::timeout(PATIENCE, self.reached.acquire()).await;
        reached.expect("nobody has come to the gate").unwrap().forget();
    }

    /// Lets one through.
    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }
}
