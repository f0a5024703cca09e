//! A ceiling on the bytes of images in flight.

use std::sync::{Condvar, Mutex, PoisonError};

/// Lets images pass as long as their estimated bytes fit under a ceiling, in the order they asked.
///
/// Fairness matters: without it, a stream of small images would keep a large one waiting for ever.
#[derive(Debug)]
pub struct Gate {
    ceiling: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    used: u64,
    next_ticket: u64,
    now_serving: u64,
}

/// Bytes held until dropped.
#[derive(Debug)]
pub struct Permit<'a> {
    gate: &'a Gate,
    bytes: u64,
}

impl Gate {
    /// A gate that lets `ceiling` bytes through.
    pub fn new(ceiling: u64) -> Self {
        Self {
            ceiling,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Waits until `bytes` fit. A request above the ceiling waits until it is alone.
    ///
    /// A thread must not ask for a second permit while it holds one.
    pub fn acquire(&self, bytes: u64) -> Permit<'_> {
        let bytes = bytes.min(self.ceiling);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        while state.now_serving != ticket || state.used + bytes > self.ceiling {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.now_serving += 1;
        state.used += bytes;
        self.changed.notify_all();
        Permit { gate: self, bytes }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.used -= self.bytes;
        self.gate.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn the_sum_in_flight_never_exceeds_the_ceiling() {
        let gate = Gate::new(100);
        let (in_flight, most) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for worker in 0..8_u64 {
                let (gate, in_flight, most) = (&gate, &in_flight, &most);
                scope.spawn(move || {
                    for round in 0..200 {
                        let bytes = 1 + (worker * 37 + round * 11) % 60;
                        let permit = gate.acquire(bytes);
                        let now = in_flight.fetch_add(bytes, Ordering::SeqCst) + bytes;
                        most.fetch_max(now, Ordering::SeqCst);
                        std::thread::yield_now();
                        in_flight.fetch_sub(bytes, Ordering::SeqCst);
                        drop(permit);
                    }
                });
            }
        });
        assert!(most.into_inner() <= 100);
    }

    #[test]
    fn a_request_above_the_ceiling_passes_alone() {
        let gate = Gate::new(10);
        drop(gate.acquire(1_000_000));
        let _small = gate.acquire(10);
    }
}
