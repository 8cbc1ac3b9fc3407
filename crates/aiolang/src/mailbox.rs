//! What other threads leave for whoever is inside of an isolate, found without a lock while there is nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Items that any thread puts in and that are taken out all at once.
pub(crate) struct Mailbox<T> {
    full: AtomicBool,
    items: Mutex<Vec<T>>,
}

impl<T> Default for Mailbox<T> {
    fn default() -> Mailbox<T> {
        Mailbox { full: AtomicBool::new(false), items: Mutex::default() }
    }
}

impl<T> Mailbox<T> {
    fn items(&self) -> MutexGuard<'_, Vec<T>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an item in.
    pub fn put(&self, item: T) {
        self.items().push(item);
        self.full.store(true, Ordering::Release);
    }

    /// Whether there is anything. What was put in at this very moment may be missed.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.full.load(Ordering::Acquire)
    }

    /// Takes all items; what is put in at this very moment may be left to the next time.
    pub fn take(&self) -> Vec<T> {
        if self.full.swap(false, Ordering::AcqRel) { std::mem::take(&mut *self.items()) } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn nothing_is_lost_between_threads() {
        let mailbox = Arc::new(Mailbox::default());
        let putters: Vec<_> = (0..4)
            .map(|n| {
                let mailbox = Arc::clone(&mailbox);
                std::thread::spawn(move || (0..1000).for_each(|i| mailbox.put(n * 1000 + i)))
            })
            .collect();
        let mut all = Vec::new();
        while all.len() < 4000 {
            all.extend(mailbox.take());
            std::thread::yield_now();
        }
        for thread in putters {
            thread.join().expect("no thread panics");
        }
        all.sort_unstable();
        assert_eq!(all, (0..4000).collect::<Vec<_>>());
        // The last item may have been taken before its putter said that there is one.
        assert!(mailbox.take().is_empty());
        assert!(!mailbox.is_full());
    }
}
