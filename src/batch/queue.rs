//! What is left to do, shared by all workers; archives add to it while they are read.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A queue that ends when it is empty and nobody can add to it any more, or when it is stopped.
#[derive(Debug)]
pub struct Queue<'a, T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    stop: &'a [&'a AtomicBool],
    most_bytes: u64,
}

#[derive(Debug)]
struct State<T> {
    listed: std::vec::IntoIter<T>,
    added: VecDeque<(T, u64)>,
    bytes: u64,
    /// Takers that may still add.
    busy: usize,
}

/// One piece of work. Until it is dropped, its taker may add to the queue.
#[derive(Debug)]
pub struct Taken<'q, 'a, T> {
    /// The work.
    pub work: Option<T>,
    queue: &'q Queue<'a, T>,
}

impl<'a, T> Queue<'a, T> {
    /// A queue of `listed` work, taken in that order, that ends early when one of `stop` is set. Work added later may
    /// keep `most_bytes` in memory before it is taken.
    pub fn new(listed: Vec<T>, stop: &'a [&'a AtomicBool], most_bytes: u64) -> Self {
        Self {
            state: Mutex::new(State {
                listed: listed.into_iter(),
                added: VecDeque::new(),
                bytes: 0,
                busy: 0,
            }),
            changed: Condvar::new(),
            stop,
            most_bytes,
        }
    }

    /// Whether the work was stopped.
    pub fn stopped(&self) -> bool {
        self.stop.iter().any(|flag| flag.load(Ordering::Relaxed))
    }

    /// The next piece of work; waits while there is none but may be soon.
    pub fn take(&self) -> Option<Taken<'_, 'a, T>> {
        let mut state = self.lock();
        while !self.stopped() {
            // Added work first: it holds bytes in memory.
            let next = match state.added.pop_front() {
                Some((work, bytes)) => {
                    state.bytes -= bytes;
                    Some(work)
                }
                None => state.listed.next(),
            };
            if next.is_some() {
                state.busy += 1;
                return Some(Taken {
                    work: next,
                    queue: self,
                });
            }
            if state.busy == 0 {
                return None;
            }
            // The flags come from elsewhere and do not wake us.
            let waited = self.changed.wait_timeout(state, Duration::from_millis(100));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        None
    }

    /// Adds work that keeps `bytes` in memory. Gives it back when that would be too much: the caller then does it itself.
    ///
    /// # Errors
    ///
    /// The work, if the queue is full.
    pub fn add(&self, work: T, bytes: u64) -> Result<(), T> {
        let mut state = self.lock();
        if bytes > 0 && state.bytes.saturating_add(bytes) > self.most_bytes {
            return Err(work);
        }
        state.bytes += bytes;
        state.added.push_back((work, bytes));
        self.changed.notify_one();
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Taken<'_, '_, T> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.busy -= 1;
        if state.busy == 0 {
            self.queue.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn work_added_late_is_done_by_someone() {
        let stop = AtomicBool::new(false);
        let flags = [&stop];
        let queue = Queue::new((0..10_u32).collect(), &flags, 3);
        let done = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while let Some(mut taken) = queue.take() {
                        let number = taken.work.take().unwrap();
                        if number < 10 {
                            for more in 0..20 {
                                if let Err(own) = queue.add(100 + number * 20 + more, 1) {
                                    done.lock().unwrap().push(own);
                                }
                            }
                        }
                        done.lock().unwrap().push(number);
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap();
        done.sort_unstable();
        assert_eq!(done, (0..10).chain(100..300).collect::<Vec<u32>>());
    }

    #[test]
    fn a_stopped_queue_gives_nothing() {
        let stop = AtomicBool::new(false);
        let flags = [&stop];
        let queue = Queue::new(vec![1, 2], &flags, 0);
        assert!(queue.take().is_some());
        stop.store(true, Ordering::Relaxed);
        assert!(queue.take().is_none());
    }
}
