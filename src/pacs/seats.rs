//! How many associations there may be at once. A connection that has not asked for one takes no seat.

use std::sync::atomic::{AtomicU64, Ordering};

/// Seats for associations.
#[derive(Debug)]
pub struct Seats {
    free: AtomicU64,
}

impl Seats {
    /// So many seats, all free.
    pub fn new(count: u64) -> Self {
        Self {
            free: AtomicU64::new(count),
        }
    }

    /// A seat until it is dropped, if one is free.
    pub fn take(&self) -> Option<Seat<'_>> {
        let one_less = |free: u64| free.checked_sub(1);
        let taken = self.free.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less);
        taken.is_ok().then(|| Seat(self))
    }
}

/// A seat that is taken.
#[derive(Debug)]
pub struct Seat<'a>(&'a Seats);

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.0.free.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::Seats;

    #[test]
    fn a_seat_is_free_again_when_its_holder_leaves() {
        let seats = Seats::new(2);
        let first = seats.take().unwrap();
        let second = seats.take();
        assert!(second.is_some() && seats.take().is_none());
        drop(first);
        assert!(seats.take().is_some());
    }
}
